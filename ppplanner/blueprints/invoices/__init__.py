"""Invoices and credit notes: the accountant's home."""

from flask import Blueprint

bp = Blueprint("invoices", __name__, url_prefix="/invoices")
