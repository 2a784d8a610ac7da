"""The bookkeeper's lists: GL accounts, VAT codes, cost centres, cost carriers."""

from flask import Blueprint

bp = Blueprint("ledger", __name__, url_prefix="/ledger")
