"""What is done with a run: make invoices of what was picked, stop it, close it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask import url_for
from flask.typing import ResponseReturnValue

from ppplanner.batches import batches
from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.htmx import finish, go_to, render_form, render_page
from ppplanner.blueprints.invoice_runs import bp
from ppplanner.blueprints.invoice_runs.access import EDIT, find_run
from ppplanner.blueprints.invoice_runs.listing import ITEMS
from ppplanner.blueprints.invoice_runs.question import MakeQuestion
from ppplanner.blueprints.lists.selection import selected_ids
from ppplanner.blueprints.start_numbers import begin_all
from ppplanner.extensions import db
from ppplanner.i18n import _, ngettext
from ppplanner.invoice_runs import work_on_run
from ppplanner.jobs import enqueue_after_commit
from ppplanner.models import InvoiceRun, InvoiceRunItem
from ppplanner.permissions import require, visible
from ppplanner.services.invoices import runs


@bp.post("/make")
@require(EDIT)
def make_selected() -> ResponseReturnValue:
    """Make invoices of the ticked items: first the question how, then, with `sure`, the deed."""
    ids = selected_ids(ITEMS)
    run = _run_of(ids)
    if run is None:
        return _nothing()
    return _make(run, ids, url_for(".make_selected"))


@bp.route("/<int:run_id>/make", methods=["GET", "POST"])
@require(EDIT)
def make_all(run_id: int) -> ResponseReturnValue:
    """The same for all that is left of a run."""
    run = find_run(run_id)
    left = runs.pickable(run).with_only_columns(InvoiceRunItem.id)
    ids = db.session.scalars(left.where(visible(InvoiceRunItem))).all()
    return _make(run, ids, url_for(".make_all", run_id=run_id))


def _run_of(ids: Sequence[int]) -> InvoiceRun | None:
    """The run that the first of these items belongs to: a list shows those of one run."""
    found = db.session.get(InvoiceRunItem, ids[0]) if ids else None
    return find_run(found.run_id) if found else None


def _make(run: InvoiceRun, ids: Sequence[int], action: str) -> ResponseReturnValue:
    question = MakeQuestion(run)
    if question.is_answered and (count := attempt(question.form, lambda: _pick(question, ids))):
        return _begun(run, count)
    nets = _nets(run, ids)
    if not nets:
        return _nothing()
    return render_form(
        "invoice_runs/make.html",
        question.form,
        "dialog",
        question=question,
        run=run,
        action=action,
        ids=",".join(map(str, ids)),
        count=len(nets),
        others=len(ids) - len(nets),
        net=sum(nets, Decimal(0)),
    )


def _nets(run: InvoiceRun, ids: Sequence[int]) -> list[Decimal]:
    """What those of the items that can still be invoiced come to, each in EUR without VAT."""
    key, query = InvoiceRunItem.id, runs.pickable(run).with_only_columns(InvoiceRunItem.net)
    return [net for part in batches(ids) for net in db.session.scalars(query.where(key.in_(part)))]


def _nothing() -> ResponseReturnValue:
    return render_page("invoice_runs/nothing.html", "dialog")


def _pick(question: MakeQuestion, ids: Sequence[int]) -> int:
    run, form = question.run, question.form
    assert form.invoice_date.data
    begin_all(question.starts, question.starting)
    count = runs.pick(run, ids, invoice_date=form.invoice_date.data, confirm=form.confirm)
    enqueue_after_commit(work_on_run, run.id)
    return count


def _begun(run: InvoiceRun, count: int) -> ResponseReturnValue:
    return finish(
        url_for(".show", run_id=run.id),
        ngettext(
            "%(num)s invoice is being made. You can close this window meanwhile.",
            "%(num)s invoices are being made. You can close this window meanwhile.",
            count,
        ),
    )


@bp.route("/<int:run_id>/stop", methods=["GET", "POST"])
@require(EDIT)
def stop(run_id: int) -> ResponseReturnValue:
    """Let a busy run go no further, after a clear question."""
    run, form = find_run(run_id), SureForm()
    if form.validate_on_submit() and attempt(form, lambda: _stop(run)):
        return go_to(url_for(".show", run_id=run_id), _("The run has stopped."))
    return render_form("invoice_runs/stop.html", form, "dialog", run=run)


def _stop(run: InvoiceRun) -> bool:
    runs.stop(run)
    return True


@bp.route("/<int:run_id>/close", methods=["GET", "POST"])
@require(EDIT)
def close(run_id: int) -> ResponseReturnValue:
    """Leave the rest of a run aside, after a clear question."""
    run, form = find_run(run_id), SureForm()
    if form.validate_on_submit() and attempt(form, lambda: _close(run)):
        return go_to(url_for(".show", run_id=run_id), _("The run is closed."))
    return render_form("invoice_runs/close.html", form, "dialog", run=run)


def _close(run: InvoiceRun) -> bool:
    runs.close(run)
    return True
