"""What is told of the items of a run: their state, and of an invoice whether it is a draft yet."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import ColumnElement, String, case, cast, select

from ppplanner.addons.manifest import Text
from ppplanner.blueprints.markup import Badge, Colour
from ppplanner.i18n import _l
from ppplanner.models import DocumentState, Invoice, InvoiceRunItem, ItemState


class ItemWord(StrEnum):
    """In the order in which pages show them."""

    PROPOSED = "proposed"
    DRAFTED = "drafted"
    INVOICED = "invoiced"
    DISCARDED = "discarded"
    NOTHING_LEFT = "nothing_left"
    FAILED = "failed"


WORDS: dict[ItemWord, Text] = {
    ItemWord.PROPOSED: _l("To be invoiced"),
    ItemWord.DRAFTED: _l("Draft made"),
    ItemWord.INVOICED: _l("Invoiced"),
    ItemWord.DISCARDED: _l("Draft discarded"),
    ItemWord.NOTHING_LEFT: _l("Invoiced elsewhere"),
    ItemWord.FAILED: _l("Not invoiced"),
}
COLOURS: dict[ItemWord, Colour] = {
    ItemWord.PROPOSED: "grey",
    ItemWord.DRAFTED: "amber",
    ItemWord.INVOICED: "green",
    ItemWord.DISCARDED: "grey",
    ItemWord.NOTHING_LEFT: "purple",
    ItemWord.FAILED: "red",
}


def item_word(item: InvoiceRunItem) -> ItemWord:
    """A draft is no invoice yet, and may have been thrown away since."""
    if item.state is not ItemState.INVOICED:
        return ItemWord(item.state.value)
    if item.invoice is None:
        return ItemWord.DISCARDED
    return ItemWord.DRAFTED if item.invoice.is_draft else ItemWord.INVOICED


def told() -> ColumnElement[str]:
    """The same for queries."""
    drafts = select(Invoice.id).where(Invoice.state == DocumentState.DRAFT)
    made = InvoiceRunItem.state == ItemState.INVOICED
    return case(
        (made & InvoiceRunItem.invoice_id.is_(None), ItemWord.DISCARDED.value),
        (made & InvoiceRunItem.invoice_id.in_(drafts), ItemWord.DRAFTED.value),
        else_=cast(InvoiceRunItem.state, String),
    )


def item_badge(item: InvoiceRunItem) -> Badge:
    word = item_word(item)
    return Badge(WORDS[word], COLOURS[word])
