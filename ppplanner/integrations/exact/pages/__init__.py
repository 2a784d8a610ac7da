"""Exact's own pages. Each module adds its routes to the one blueprint."""

from . import administration, customers, invoices, login, mapping, overview, tiles, transactions
from .blueprint import bp

__all__ = [
    "administration",
    "bp",
    "customers",
    "invoices",
    "login",
    "mapping",
    "overview",
    "tiles",
    "transactions",
]
