"""What became of a run's items, counted for its page."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import func, select

from ppplanner.blueprints.invoice_runs.item_words import ItemWord, told
from ppplanner.extensions import db
from ppplanner.models import Contract, ContractStatus, InvoiceRun, InvoiceRunItem, ItemState
from ppplanner.permissions import visible


@dataclass(frozen=True)
class Figure:
    """The items of which the same is told: how many, and what they come to in EUR without VAT."""

    word: ItemWord
    count: int
    net: Decimal


def figures_of(run: InvoiceRun) -> list[Figure]:
    """One for each word that is told of an item of the run; for what waits in any case."""
    word = told().label("word")
    query = (
        select(word, func.count(), func.sum(InvoiceRunItem.net))
        .where(InvoiceRunItem.run_id == run.id, visible(InvoiceRunItem))
        .group_by(word)
    )
    found = {ItemWord(each): (count, net) for each, count, net in db.session.execute(query)}
    return [
        Figure(each, *found.get(each, (0, Decimal(0))))
        for each in ItemWord
        if each in found or each is ItemWord.PROPOSED
    ]


def not_back(run: InvoiceRun) -> int:
    """How many of the contracts that wait are neither back nor invoiced again and again. The first
    screen does not count these among what is to be invoiced (`overviews.desk.to_invoice`).
    """
    query = (
        select(func.count())
        .select_from(InvoiceRunItem)
        .join(InvoiceRunItem.contract)
        .where(
            InvoiceRunItem.run_id == run.id,
            InvoiceRunItem.state == ItemState.PROPOSED,
            Contract.next_invoice_date.is_(None),
            Contract.status != ContractStatus.CHECKED_IN,
            visible(InvoiceRunItem),
        )
    )
    return db.session.scalar(query) or 0
