"""Running background work with its progress, in the top bar of every page."""

from flask import Blueprint

bp = Blueprint("work", __name__, url_prefix="/work")
