"""How the list and the page of invoices speak of mails."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement

from ppplanner.addons.manifest import BulkAction
from ppplanner.blueprints.lists.filters import Filter
from ppplanner.blueprints.lists.listing import Column
from ppplanner.blueprints.markup import Badge, Colour
from ppplanner.i18n import _l
from ppplanner.models import Invoice, Mail, MailState
from ppplanner.services.mails.mailed import is_mailed, is_not_mailed, last_mails

STATES = {
    MailState.WAITING: _l("On its way"),
    MailState.SENT: _l("Sent"),
    MailState.FAILED: _l("Refused"),
}
COLOURS: dict[MailState, Colour] = {
    MailState.WAITING: "amber",
    MailState.SENT: "green",
    MailState.FAILED: "red",
}
NOT_MAILED = "none"


def mail_badge(mail: Mail) -> Badge:
    return Badge(STATES[mail.state], COLOURS[mail.state])


def _last_badges(invoices: Sequence[Invoice]) -> dict[int, Badge]:
    mails = last_mails([invoice.id for invoice in invoices])
    return {invoice_id: mail_badge(mail) for invoice_id, mail in mails.items()}


def _mailed(value: str) -> ColumnElement[bool]:
    return is_not_mailed() if value == NOT_MAILED else is_mailed(MailState(value))


COLUMN = Column("mail", _l("E-mail"), load=_last_badges, wide="xl")
FILTER = Filter(
    "mail",
    _l("E-mail"),
    choices=[
        (NOT_MAILED, _l("Not mailed")),
        *((state.value, text) for state, text in STATES.items()),
    ],
    apply=_mailed,
    any=_l("All"),
)
ACTION = BulkAction(
    "invoices",
    _l("Send by e-mail"),
    "invoices.mail_selected",
    "invoices.edit",
    icon="mail",
    dialog=True,
)
