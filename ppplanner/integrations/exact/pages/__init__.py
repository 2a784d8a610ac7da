"""Exact's own pages. Each module adds its routes to the one blueprint."""

from . import (
    administration,
    costs,
    customers,
    gl_accounts,
    invoices,
    login,
    mapping,
    overview,
    tiles,
    transactions,
)
from .blueprint import bp

__all__ = [
    "administration",
    "bp",
    "costs",
    "customers",
    "gl_accounts",
    "invoices",
    "login",
    "mapping",
    "overview",
    "tiles",
    "transactions",
]
