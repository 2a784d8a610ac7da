"""The mails that were caught because no mail server is set up: what customers would get."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, current_app

from ppplanner.permissions import allowed_generally

bp = Blueprint("mails", __name__, url_prefix="/mails")

#: The mails of all companies lie together.
RIGHT = "invoices.view"


def caught_mails() -> Path | None:
    """Where the caught mails lie; None when a mail server gets them."""
    folder: Path | None = current_app.config["PPPLANNER"].caught_mails
    return folder


@bp.app_template_global()
def may_see_caught_mails() -> bool:
    return caught_mails() is not None and allowed_generally(RIGHT)
