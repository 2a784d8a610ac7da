"""What is free: asked from every page."""

from flask import Blueprint

bp = Blueprint("availability", __name__, url_prefix="/free")
