"""What Exact says of contracts in small: their invoices are booked, wait, or were refused."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import select

from ppplanner.addons.manifest import Mark
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import DocumentState, Invoice

from .models import Kind
from .standing import Stage, Standing, standings


def contract_marks(contract_ids: Sequence[int]) -> dict[int, list[Mark]]:
    """A mark for each stage that the invoices of a contract are in, in a fixed number of queries.

    Contracts without an invoice that Exact has heard of have none.
    """
    query = select(Invoice.id, Invoice.contract_id).where(
        Invoice.contract_id.in_(contract_ids), Invoice.state == DocumentState.CONFIRMED
    )
    contracts = {key: contract_id or 0 for key, contract_id in db.session.execute(query)}
    found: defaultdict[int, dict[str, Mark]] = defaultdict(dict)
    for invoice_id, standing in (
        standings(Kind.INVOICE, list(contracts)).items() if contracts else ()
    ):
        for mark in _marks(standing):
            found[contracts[invoice_id]].setdefault(mark.key, mark)
    return {contract_id: list(marks.values()) for contract_id, marks in found.items()}


def _marks(standing: Standing) -> Iterator[Mark]:
    """One, or none before anything was sent. Why it waits or was refused is in its words."""
    reason = " ".join(map(str, standing.reasons))
    if standing.stage is Stage.BOOKED:
        yield Mark("exact_booked", "book", _said(_("Booked in Exact"), standing.number), "green")
    elif standing.stage is Stage.INCOMPLETE:
        yield Mark("exact_incomplete", "alert-circle", reason, "amber")
    elif standing.stage is Stage.REFUSED:
        yield Mark("exact_refused", "alert-circle", _said(_("Refused by Exact"), reason), "red")
    elif standing.stage is Stage.HELD:
        yield Mark("exact_held", "player-pause", _said(_("On hold for Exact"), reason), "amber")
    elif standing.moving:
        yield Mark("exact_waiting", "clock", _said(_("Waits for Exact"), reason), "amber")


def _said(what: str, detail: str) -> str:
    return _("%(what)s: %(detail)s", what=what, detail=detail) if detail else what
