"""Logging in and out, and the choices of the top bar."""

from flask import Blueprint

bp = Blueprint("auth", __name__)
