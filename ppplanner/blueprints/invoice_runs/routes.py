"""The list of invoice runs, the page of one, and what it found."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from ppplanner.blueprints.contracts.labels import PERIODICITIES
from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.htmx import (
    go_to,
    make_response,
    render_form,
    render_page,
    wants_fragment,
)
from ppplanner.blueprints.invoice_runs import bp, making  # noqa: F401 - the other routes
from ppplanner.blueprints.invoice_runs.access import EDIT, find_run, seen_runs
from ppplanner.blueprints.invoice_runs.figures import figures_of, not_back
from ppplanner.blueprints.invoice_runs.forms import RunForm
from ppplanner.blueprints.invoice_runs.item_words import WORDS, item_badge
from ppplanner.blueprints.invoice_runs.labels import is_lost, remaining, state_badge, title
from ppplanner.blueprints.invoice_runs.listing import RUNS, items_of
from ppplanner.blueprints.lists.list_page import render_list
from ppplanner.blueprints.pickers import Option, answer_picker
from ppplanner.blueprints.records import asked_id, find
from ppplanner.clock import today
from ppplanner.extensions import db
from ppplanner.formats import moment
from ppplanner.invoice_runs import work_on_run
from ppplanner.jobs import enqueue_after_commit
from ppplanner.locales import timezone
from ppplanner.models import (
    BusinessUnit,
    Invoice,
    InvoiceRun,
    InvoiceRunItem,
    Periodicity,
    User,
)
from ppplanner.permissions import require, visible
from ppplanner.services.invoices import runs
from ppplanner.services.invoices.runs import WORKING, RunData


@bp.get("/")
@require(EDIT)
def index() -> Response:
    return render_list(RUNS)


@bp.get("/pick")
@require(EDIT)
def pick() -> Response:
    """The runs that made invoices, the latest first, for the filter of the list of invoices."""
    made = InvoiceRun.items.any(InvoiceRunItem.invoice_id.is_not(None))
    query = select(InvoiceRun).join(InvoiceRun.made_by).where(seen_runs(), made)
    return answer_picker(query.order_by(InvoiceRun.id.desc()), (User.name,), _option)


def _option(run: InvoiceRun) -> Option:
    return Option(run.id, title(run), f"{run.made_by.name} · {moment(run.made_at)}")


@bp.route("/new", methods=["GET", "POST"])
@require(EDIT)
def new() -> ResponseReturnValue:
    """Begin a run, with the choices of an earlier one where the address names it."""
    form = RunForm(data=_first_choices())
    if form.validate_on_submit() and (run := attempt(form, lambda: _start(form))):
        return go_to(url_for(".show", run_id=run.id))
    return render_form("invoice_runs/new.html", form, "dialog")


def _first_choices() -> dict[str, Any]:
    on = today(timezone())
    chosen = {"until": on, "invoice_date": on, "business_unit_id": current_user.business_unit_id}
    like = asked_id("like")
    return chosen | _choices(find_run(like)) if like else chosen


def _choices(run: InvoiceRun) -> dict[str, Any]:
    return {
        "business_unit_id": run.business_unit_id,
        "until": run.until,
        "periodicity": run.periodicity,
        "only_checked_in": run.only_checked_in,
    }


def _start(form: RunForm) -> InvoiceRun:
    assert form.until.data
    assert form.invoice_date.data
    unit = find(BusinessUnit, form.unit_id) if form.unit_id else None
    data = RunData(
        until=form.until.data,
        invoice_date=form.invoice_date.data,
        business_unit=unit,
        only_checked_in=form.only_checked_in.data,
        periodicity=Periodicity(form.periodicity.data) if form.periodicity.data else None,
    )
    run = runs.start(data, by=current_user)
    enqueue_after_commit(work_on_run, run.id)
    return run


@bp.get("/<int:run_id>")
@require(EDIT)
def show(run_id: int) -> Response:
    run = find_run(run_id)
    return render_list(
        items_of(run, title(run)),
        "invoice_runs/show.html",
        state=state_badge(run.state),
        choices=_in_words(run),
        **_progress(run),
    )


def _in_words(run: InvoiceRun) -> list[str]:
    """What the run looked for, besides its day."""
    unit = run.business_unit.name if run.business_unit else None
    periodicity = PERIODICITIES[run.periodicity] if run.periodicity else None
    checked_in = RunForm(formdata=None).only_checked_in.label.text if run.only_checked_in else None
    return [str(each) for each in (unit, periodicity, checked_in) if each]


def _progress(run: InvoiceRun) -> dict[str, Any]:
    return {
        "run": run,
        "busy": run.state in WORKING,
        "lost": is_lost(run),
        "remaining": remaining(run),
        "figures": figures_of(run),
        "not_back": 0 if run.state in WORKING else not_back(run),
        "words": WORDS,
    }


@bp.get("/<int:run_id>/progress")
@require(EDIT)
def progress(run_id: int) -> ResponseReturnValue:
    """How far the run is: its page asks until its state is another one, then loads itself anew."""
    run = find_run(run_id)
    if not wants_fragment():
        return redirect(url_for(".show", run_id=run_id))
    if run.state.value != request.args.get("state"):
        return make_response("", refresh=True)
    return render_template("invoice_runs/_progress.html", **_progress(run))


@bp.get("/items/<int:item_id>")
@require(EDIT)
def item(item_id: int) -> Response:
    """What would be invoiced of one contract, and what has been."""
    found = find(InvoiceRunItem, item_id)
    find_run(found.run_id)
    invoices = (
        select(Invoice)
        .where(Invoice.contract_id == found.contract_id, visible(Invoice))
        .order_by(Invoice.invoice_date, Invoice.id)
    )
    return render_page(
        "invoice_runs/item.html",
        "dialog",
        item=found,
        badge_of_item=item_badge(found),
        why_not=runs.why_not(found),
        lines=[_read(line) for line in found.lines],
        invoices=db.session.scalars(invoices).all(),
    )


def _read(line: dict[str, Any]) -> dict[str, Any]:
    """A kept line with its amounts and days as such."""
    days = {name: _day(line[name]) for name in ("first_day", "last_day")}
    numbers = {name: Decimal(line[name]) for name in ("units", "unit_price", "discount", "net")}
    return {**line, **days, **numbers}


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None
