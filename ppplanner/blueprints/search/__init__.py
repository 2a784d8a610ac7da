"""The search over everything: customers, contracts, resources, invoices and screens."""

from flask import Blueprint

bp = Blueprint("search", __name__, url_prefix="/search")
