"""Mails to colleagues: what they were told, whether it arrived, and trying again."""

from __future__ import annotations

from flask import Response, current_app, url_for
from flask.typing import ResponseReturnValue

from ppplanner.blueprints.htmx import render_page
from ppplanner.blueprints.mails import bp
from ppplanner.blueprints.mails.trying import try_again
from ppplanner.blueprints.records import find
from ppplanner.errors import NotFound
from ppplanner.i18n import _
from ppplanner.models import Mail
from ppplanner.permissions import require
from ppplanner.services.mails.notices import last_notices

#: Whoever can give people an address.
RIGHT = "users.edit"
#: The last ones stand on the page.
SHOWN = 100


@bp.get("/colleagues")
@require(RIGHT, generally=True)
def colleagues() -> Response:
    """The mails to colleagues, the newest first."""
    no_server = current_app.config["PPPLANNER"].mail_server is None
    mails = last_notices(SHOWN)
    return render_page("mails/colleagues.html", "content", mails=mails, no_server=no_server)


@bp.post("/colleagues/<int:mail_id>/again")
@require(RIGHT, generally=True)
def colleague_again(mail_id: int) -> ResponseReturnValue:
    """Try one again that was refused, or that waits for its next try."""
    mail = find(Mail, mail_id)
    if mail.invoice_id is not None:
        raise NotFound(_("This mail goes to a customer: try it again on the invoice."))
    return try_again(mail, url_for(".colleagues"))
