"""The list of invoice runs, and the list of what one of them found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from flask import url_for
from markupsafe import Markup
from sqlalchemy import ColumnElement, Select, String, cast, func, select
from sqlalchemy.orm import contains_eager, joinedload

from ppplanner.addons.manifest import BulkAction, Cell
from ppplanner.blueprints.contracts.listing import LETTER
from ppplanner.blueprints.invoice_runs.access import EDIT, seen_runs
from ppplanner.blueprints.invoice_runs.item_words import WORDS, item_badge, told
from ppplanner.blueprints.invoice_runs.labels import STATES, state_badge
from ppplanner.blueprints.lists.listing import Action, Column, Filter, Listing
from ppplanner.blueprints.markup import Badge
from ppplanner.extensions import db
from ppplanner.formats import days as written_days
from ppplanner.i18n import _, _l
from ppplanner.models import (
    BusinessUnit,
    Contract,
    Customer,
    Invoice,
    InvoiceRun,
    InvoiceRunItem,
    ItemState,
    RunState,
)
from ppplanner.permissions import visible
from ppplanner.services.invoices.runs import WORKING, why_not


def _every_run() -> Select[InvoiceRun]:
    return select(InvoiceRun).where(seen_runs())


def _found(runs: Sequence[InvoiceRun]) -> Mapping[int, int]:
    """How many contracts each run found, in one query."""
    return _of_each(runs, func.count())


def _nets(runs: Sequence[InvoiceRun]) -> Mapping[int, Decimal]:
    """What they come to without VAT."""
    return _of_each(runs, func.sum(InvoiceRunItem.net))


def _of_each(runs: Sequence[InvoiceRun], figure: Any) -> Mapping[int, Any]:
    ids = [run.id for run in runs]
    query = (
        select(InvoiceRunItem.run_id, figure)
        .where(InvoiceRunItem.run_id.in_(ids), visible(InvoiceRunItem))
        .group_by(InvoiceRunItem.run_id)
    )
    return dict.fromkeys(ids, 0) | dict(db.session.execute(query).all())


RUNS = Listing(
    name="invoice_runs",
    title=_l("Invoice runs"),
    query=_every_run,
    key=InvoiceRun.id,
    columns=[
        Column("made_at", _l("Made"), show="moment", sort=InvoiceRun.made_at),
        Column("made_by", _l("By"), value=lambda row: row.made_by.name, wide="lg"),
        Column("until", _l("Until"), show="day", sort=InvoiceRun.until),
        Column(
            "unit",
            _l("Business unit"),
            value=lambda row: row.business_unit.name if row.business_unit else _("All"),
            wide="md",
        ),
        Column("found", _l("Contracts"), load=_found, show="number", align="end"),
        Column("net", _l("Without VAT"), load=_nets, show="money", align="end", wide="md"),
        Column("state", _l("State"), value=lambda row: state_badge(row.state)),
    ],
    sort="-made_at",
    open=lambda row: url_for("invoice_runs.show", run_id=row.id),
    filters=[
        Filter(
            "state",
            _l("State"),
            choices=[(state.value, text) for state, text in STATES.items()],
            apply=lambda value: InvoiceRun.state == RunState(value),
            any=_l("All"),
        )
    ],
    options=(joinedload(InvoiceRun.made_by), joinedload(InvoiceRun.business_unit)),
    new=Action(_l("New invoice run"), "invoice_runs.new", EDIT, dialog=True),
    empty=_l(
        "An invoice run finds all contracts with something to invoice, and makes their invoices in"
        " one go."
    ),
)


def _every_item() -> Select[InvoiceRunItem]:
    query = select(InvoiceRunItem).join(InvoiceRunItem.contract).join(Contract.customer)
    return query.join(InvoiceRunItem.run).where(seen_runs())


def _period(item: InvoiceRunItem) -> str:
    """From the first to the last day that the item charges; "" where it charges no days."""
    days = [line[end] for line in item.lines for end in ("first_day", "last_day") if line[end]]
    if not days:
        return ""
    return written_days(date.fromisoformat(min(days)), date.fromisoformat(max(days)))


def _outcomes(items: Sequence[InvoiceRunItem]) -> Mapping[int, Cell]:
    """What became of each; what the job has still to do is asked for again."""
    return {item.id: Cell(_outcome(item), moving=is_moving(item)) for item in items}


def is_moving(item: InvoiceRunItem) -> bool:
    """Whether the item's turn is still to come."""
    busy = item.run.state is RunState.INVOICING
    return busy and item.picked and item.state is ItemState.PROPOSED


def _outcome(item: InvoiceRunItem) -> Markup:
    badge = Badge(_("Waits for its turn"), "blue") if is_moving(item) else item_badge(item)
    text = Markup("{}").format(badge)
    if note := _note(item):
        text += Markup('<small class="cell-note">{}</small>').format(note)
    return text


def _note(item: InvoiceRunItem) -> Markup | str:
    """The invoice that was made, or why there is none."""
    if item.state is not ItemState.INVOICED:
        return why_not(item)
    if item.invoice is None:
        return ""
    url = url_for("invoices.show", invoice_id=item.invoice_id)
    name = item.invoice.reference or _("Draft")
    return Markup('<a href="{}">{}</a>').format(url, name)


def _in_state(value: str) -> ColumnElement[bool]:
    return told() == value


ITEMS = Listing(
    name="invoice_run_items",
    title=_l("Invoice run"),
    query=_every_item,
    key=InvoiceRunItem.id,
    columns=[
        Column("contract", _l("Contract"), value=lambda row: row.contract, sort=Contract.number),
        Column(
            "customer",
            _l("Customer"),
            value=lambda row: row.contract.customer.name,
            sort=Customer.name,
        ),
        Column("unit", _l("Unit"), value=lambda row: row.contract.business_unit.code, wide="xxl"),
        Column("period", _l("Period"), value=_period, short=True, wide="xl"),
        Column(
            "invoiced_net",
            _l("Invoiced already"),
            show="money",
            align="end",
            wide="xl",
            sort=InvoiceRunItem.invoiced_net,
        ),
        Column("net", _l("To invoice"), show="money", align="end", sort=InvoiceRunItem.net),
        Column("outcome", _l("State"), load=_outcomes),
    ],
    sort="contract",
    open=lambda row: url_for("invoice_runs.item", item_id=row.id),
    open_dialog=True,
    label=lambda row: f"{row.contract} {row.contract.customer.name}",
    search=(LETTER + cast(Contract.number, String), Customer.name),
    search_hint=_l("Number or customer"),
    filters=[
        Filter(
            "state",
            _l("State"),
            choices=[(state.value, text) for state, text in WORDS.items()],
            apply=_in_state,
            any=_l("All"),
        )
    ],
    options=(
        contains_eager(InvoiceRunItem.run),
        contains_eager(InvoiceRunItem.contract).contains_eager(Contract.customer),
        contains_eager(InvoiceRunItem.contract)
        .joinedload(Contract.business_unit)
        .load_only(BusinessUnit.code),
        joinedload(InvoiceRunItem.invoice).load_only(Invoice.reference, Invoice.state),
    ),
    bulk_actions=[
        BulkAction(
            "invoice_run_items",
            _l("Make invoices"),
            "invoice_runs.make_selected",
            EDIT,
            icon="receipt",
            dialog=True,
        )
    ],
    empty=_l("Nothing is to be invoiced that fits. Look at the day until which you invoice."),
)


def items_of(run: InvoiceRun, title: str) -> Listing:
    """The list of what one run found; nothing can be picked while it is busy."""
    listing = replace(
        ITEMS, title=title, query=lambda: _every_item().where(InvoiceRunItem.run_id == run.id)
    )
    if run.state not in WORKING:
        return listing
    return replace(listing, bulk_actions=(), empty=_l("What is found appears here."))
