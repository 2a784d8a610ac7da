"""Exact's own pages. Each module adds its routes to the one blueprint."""

from . import (
    administration,
    attention,
    branches,
    costs,
    customers,
    forward,
    gl_accounts,
    health,
    login,
    mapping,
    overview,
    runs,
    tiles,
)
from .blueprint import bp

__all__ = [
    "administration",
    "attention",
    "bp",
    "branches",
    "costs",
    "customers",
    "forward",
    "gl_accounts",
    "health",
    "login",
    "mapping",
    "overview",
    "runs",
    "tiles",
]
