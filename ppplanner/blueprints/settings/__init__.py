"""Settings: the organisation, prices, people and their rights, one's own account, the history."""

from flask import Blueprint

bp = Blueprint("settings", __name__, url_prefix="/settings")
