"""Trying a mail again: for the pages that list mails."""

from __future__ import annotations

from flask.typing import ResponseReturnValue

from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.htmx import go_to
from ppplanner.i18n import _
from ppplanner.jobs import enqueue_after_commit
from ppplanner.mailing.jobs import send_mails
from ppplanner.models import Mail
from ppplanner.services.mails import waiting


def try_again(mail: Mail, back: str) -> ResponseReturnValue:
    """Send one now that was refused, or that waits for its next try; the page at `back` says so."""
    form = SureForm()
    if not attempt(form, lambda: _put_on_its_way(mail)):
        return go_to(back, " ".join(map(str, form.form_errors)), "error")
    return go_to(back, _("The mail is on its way."))


def _put_on_its_way(mail: Mail) -> bool:
    waiting.try_again(mail)
    enqueue_after_commit(send_mails)
    return True
