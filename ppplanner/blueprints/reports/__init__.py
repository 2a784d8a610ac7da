"""Reports: what the figures of a period say."""

from flask import Blueprint

bp = Blueprint("reports", __name__, url_prefix="/reports")
