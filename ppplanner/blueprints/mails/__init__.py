"""The mails that were caught because no mail server is set up: what customers would get."""

from flask import Blueprint

bp = Blueprint("mails", __name__, url_prefix="/mails")
