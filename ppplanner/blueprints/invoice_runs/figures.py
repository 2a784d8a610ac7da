"""What became of a run's items, counted for its page."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select

from ppplanner.extensions import db
from ppplanner.models import InvoiceRun, InvoiceRunItem, ItemState
from ppplanner.permissions import visible


@dataclass(frozen=True)
class Figure:
    """The items of one state: how many, and what they come to in EUR without VAT."""

    state: ItemState
    count: int
    net: Decimal


def figures_of(run: InvoiceRun) -> list[Figure]:
    """One for each state that an item of the run is in; for what waits in any case."""
    query = (
        select(InvoiceRunItem.state, func.count(), func.sum(InvoiceRunItem.net))
        .where(InvoiceRunItem.run_id == run.id, visible(InvoiceRunItem))
        .group_by(InvoiceRunItem.state)
    )
    found = {state: (count, net) for state, count, net in db.session.execute(query)}
    return [
        Figure(state, *found.get(state, (0, Decimal(0))))
        for state in ItemState
        if state in found or state is ItemState.PROPOSED
    ]
