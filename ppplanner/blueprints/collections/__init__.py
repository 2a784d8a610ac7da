"""Collections: money that comes in and goes out, cash registers, refunds."""

from flask import Blueprint

bp = Blueprint("collections", __name__, url_prefix="/collections")
