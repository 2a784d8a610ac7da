"""Exact's own pages. Each module adds its routes to the one blueprint."""

from . import (
    administration,
    attention,
    branches,
    costs,
    customers,
    gl_accounts,
    health,
    invoices,
    login,
    mapping,
    overview,
    runs,
    tiles,
    transactions,
)
from .blueprint import bp

__all__ = [
    "administration",
    "attention",
    "bp",
    "branches",
    "costs",
    "customers",
    "gl_accounts",
    "health",
    "invoices",
    "login",
    "mapping",
    "overview",
    "runs",
    "tiles",
    "transactions",
]
