"""Calendars to subscribe to, of resources and of pools."""

from flask import Blueprint

bp = Blueprint("calendars", __name__, url_prefix="/calendars")
