"""Mails to colleagues: what they were told, whether it arrived, and trying again."""

from __future__ import annotations

from flask import Response, current_app, url_for
from flask.typing import ResponseReturnValue

from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.htmx import go_to, render_page
from ppplanner.blueprints.mails import bp
from ppplanner.blueprints.records import find
from ppplanner.errors import NotFound
from ppplanner.i18n import _
from ppplanner.jobs import enqueue_after_commit
from ppplanner.mailing.jobs import send_mails
from ppplanner.models import Mail
from ppplanner.permissions import require
from ppplanner.services.mails import waiting
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
    mail, form = find(Mail, mail_id), SureForm()
    if mail.invoice_id is not None:
        raise NotFound(_("This mail goes to a customer: try it again on the invoice."))
    if not attempt(form, lambda: _try_again(mail)):
        return go_to(url_for(".colleagues"), " ".join(map(str, form.form_errors)), "error")
    return go_to(url_for(".colleagues"), _("The mail is on its way."))


def _try_again(mail: Mail) -> bool:
    waiting.try_again(mail)
    enqueue_after_commit(send_mails)
    return True
