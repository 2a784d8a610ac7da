"""The planning board: who has which resource when, and moving that about."""

from flask import Blueprint

bp = Blueprint("planning", __name__, url_prefix="/planning")
