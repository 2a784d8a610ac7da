"""Resources: what is rented out, and the types they are sorted by."""

from flask import Blueprint

bp = Blueprint("resources", __name__, url_prefix="/resources")
