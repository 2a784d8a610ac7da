"""Contracts: who rents what, when, at what price."""

from flask import Blueprint

bp = Blueprint("contracts", __name__, url_prefix="/contracts")
