"""Exact's own pages. Each module adds its routes to the one blueprint."""

from . import customers, invoices, mapping, setup
from .blueprint import bp

__all__ = ["bp", "customers", "invoices", "mapping", "setup"]
