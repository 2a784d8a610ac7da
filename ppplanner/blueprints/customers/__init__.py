"""Customers: finding, adding and changing them, and the page of one."""

from flask import Blueprint

bp = Blueprint("customers", __name__, url_prefix="/customers")
