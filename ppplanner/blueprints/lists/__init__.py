"""How each person keeps their lists: their columns, and views that they have saved."""

from flask import Blueprint

bp = Blueprint("lists", __name__, url_prefix="/lists")
