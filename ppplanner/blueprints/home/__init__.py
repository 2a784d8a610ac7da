"""The first screen after logging in: what waits for this person."""

from flask import Blueprint

bp = Blueprint("home", __name__)
