"""The blueprint that the pages of invoices share."""

from flask import Blueprint

bp = Blueprint("invoices", __name__, url_prefix="/invoices")
