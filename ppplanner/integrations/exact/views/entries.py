"""The lines of the outbox in lists: what each is about, where it leads, how it fared and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from flask import render_template, url_for
from flask_babel.speaklater import LazyString
from markupsafe import Markup
from sqlalchemy import select

from ppplanner.blueprints.costs import is_used
from ppplanner.blueprints.lists.listing import Column, Filter
from ppplanner.blueprints.markup import Badge, Colour
from ppplanner.extensions import db
from ppplanner.i18n import Message, _, _l
from ppplanner.permissions import allowed

from ..conditions import lacks_pdf
from ..items import CREDIT_NOTE_RANK
from ..models import ExactOutboxEntry, Kind, WorkState
from ..standing import Stage
from .badges import STAGES

KINDS: dict[Kind, LazyString] = {
    Kind.INVOICE: _l("Invoice"),
    Kind.TRANSACTION: _l("Transaction"),
    Kind.CUSTOMER: _l("Customer"),
    Kind.COST_CENTRE: _l("Cost centre"),
    Kind.COST_CARRIER: _l("Cost carrier"),
}
STATES: dict[WorkState, tuple[LazyString, Colour]] = {
    WorkState.WAITING: (_l("waiting"), "amber"),
    WorkState.SENDING: (_l("sending"), "blue"),
    WorkState.DONE: (_l("in Exact"), "green"),
    WorkState.HELD: (_l("on hold"), "amber"),
    WorkState.REFUSED: (_l("refused"), "red"),
}
#: The page of each kind of record, and the right to open it.
PAGES: Mapping[Kind, tuple[str, Callable[[int], str]]] = {
    Kind.INVOICE: (
        "invoices.view",
        lambda key: url_for("invoices.show", invoice_id=key, _anchor="exact-invoice"),
    ),
    Kind.TRANSACTION: (
        "collections.view",
        lambda key: url_for("collections.show", transaction_id=key),
    ),
    Kind.CUSTOMER: ("customers.view", lambda key: url_for("customers.show", customer_id=key)),
    Kind.COST_CENTRE: (
        "ledger.edit",
        lambda key: url_for("ledger.cost_centres_edit", record_id=key),
    ),
    Kind.COST_CARRIER: (
        "ledger.edit",
        lambda key: url_for("ledger.cost_carriers_edit", record_id=key),
    ),
}


def kind_of(entry: ExactOutboxEntry) -> str:
    if entry.rank == CREDIT_NOTE_RANK:
        return _("Credit note")
    return str(KINDS[Kind(entry.kind)])


def state_badges(entries: Sequence[ExactOutboxEntry]) -> dict[int, Badge]:
    """The state of each, in one query."""
    ids = [entry.id for entry in entries]
    query = select(ExactOutboxEntry.id).where(ExactOutboxEntry.id.in_(ids), lacks_pdf())
    booked = set(db.session.scalars(query))
    incomplete = Badge(*STAGES[Stage.INCOMPLETE])
    return {
        each.id: incomplete if each.id in booked else Badge(*STATES[each.state]) for each in entries
    }


def page_of(entry: ExactOutboxEntry) -> str | None:
    """Where the record is; None for people who may not open it."""
    right, url = PAGES[Kind(entry.kind)]
    return url(entry.record_id) if allowed(right) else None


def reasons_of(entry: ExactOutboxEntry) -> list[Message]:
    return [Message.from_json(reason) for reason in entry.reasons]


def reason(entry: ExactOutboxEntry) -> Markup:
    """In the reader's language, with Exact's own words below."""
    reasons = reasons_of(entry)
    return Markup(render_template("exact/_reason.html", reasons=reasons, words=entry.words))


def reason_as_text(entry: ExactOutboxEntry) -> str:
    return " ".join([*map(str, reasons_of(entry)), *entry.words])


WHAT = Column(
    "title",
    _l("What"),
    value=lambda entry: entry.title,
    sort=ExactOutboxEntry.title,
)


def _is_used(kind: Kind) -> bool:
    """Of what a company group does without, there is no trace."""
    return is_used(f"{kind}s")


STATE = Column("state", _l("State"), load=state_badges)
KIND = Column("kind", _l("Kind"), value=kind_of, sort=ExactOutboxEntry.rank, wide="md")
REASON = Column("reason", _l("Reason"), value=reason, export=reason_as_text)
KIND_FILTER = Filter(
    "kind",
    _l("Kind"),
    choices=lambda: [(kind.value, text) for kind, text in KINDS.items() if _is_used(kind)],
    apply=lambda value: ExactOutboxEntry.kind == value,
    any=_l("All"),
)
