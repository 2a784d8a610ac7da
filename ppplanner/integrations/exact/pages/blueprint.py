"""The blueprint of Exact's pages, under /exact."""

from flask import Blueprint

bp = Blueprint("exact", __name__, url_prefix="/exact", template_folder="../templates")
