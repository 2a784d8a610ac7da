"""The question before drafts get their numbers, for one and for several."""

from __future__ import annotations

from collections.abc import Sequence

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.htmx import finish, go_to, render_form
from ppplanner.blueprints.invoices import bp
from ppplanner.blueprints.invoices.confirming import (
    confirm_each,
    confirm_one,
    drafts_among,
    print_at_once,
)
from ppplanner.blueprints.invoices.listing import INVOICES
from ppplanner.blueprints.lists.selection import selected_ids
from ppplanner.blueprints.records import find
from ppplanner.blueprints.start_numbers import begin_all, has_begun_meanwhile, starts_form
from ppplanner.i18n import _, ngettext
from ppplanner.models import Invoice
from ppplanner.permissions import require
from ppplanner.services.invoices.overtaken import differences, fingerprint, refresh_draft
from ppplanner.services.invoices.requirements import obstacles_of
from ppplanner.services.invoices.series import NewSeries, earlier_years, series_to_begin

#: Each gets its number one after the other, while the person waits.
MOST_AT_ONCE = 1000


@bp.route("/<int:invoice_id>/confirm", methods=["GET", "POST"])
@require("invoices.edit")
def confirm(invoice_id: int) -> ResponseReturnValue:
    """Give a draft its number, after a clear question: nobody can take it back.

    A draft that its contract has overtaken says what differs; `seen` tells which differences the
    person looks at. When others have come since, these are shown, and asked about, once more. What
    keeps it from being confirmed is told before anybody tries.
    """
    invoice = find(Invoice, invoice_id)
    if not invoice.is_draft:
        return is_confirmed(invoice)
    starting = series_to_begin([invoice])
    form = starts_form(starting)
    if _is_sure(form) and (number := attempt(form, lambda: _confirm(invoice, form, starting))):
        print_at_once(invoice_id)
        return go_to(url_for(".show", invoice_id=invoice_id), _confirmed_as(invoice, number))
    return _question(invoice, form, starting)


def _question(
    invoice: Invoice, form: SureForm, starting: Sequence[NewSeries] = ()
) -> ResponseReturnValue:
    """The draft with all that stands in its way; without that, the last questions."""
    changed = differences(invoice)
    return render_form(
        "invoices/confirm.html",
        form,
        "dialog",
        invoice=invoice,
        changed=changed,
        seen=fingerprint(changed),
        obstacles=obstacles_of(invoice),
        starting=starting,
        earlier=earlier_years([invoice]),
    )


def _confirmed_as(invoice: Invoice, number: str) -> str:
    if invoice.is_credit_note:
        return _("The credit note is confirmed as %(number)s.", number=number)
    return _("The invoice is confirmed as %(number)s.", number=number)


def _is_sure(form: SureForm) -> bool:
    return form.validate_on_submit() and not has_begun_meanwhile(form)


def _confirm(invoice: Invoice, form: SureForm, starting: Sequence[NewSeries]) -> str:
    begin_all(form, starting)
    return confirm_one(invoice, request.form.get("seen", ""))


@bp.post("/<int:invoice_id>/refresh")
@require("invoices.edit")
def refresh(invoice_id: int) -> ResponseReturnValue:
    """Bring a draft in line with its contract."""
    invoice, form = find(Invoice, invoice_id), SureForm()
    if not invoice.is_draft:
        return is_confirmed(invoice)
    if form.validate() and attempt(form, lambda: _refreshed(invoice)):
        message = _("The draft is up to date: look it over, then confirm it.")
        return go_to(url_for(".show", invoice_id=invoice_id), message)
    return _question(invoice, form)


def _refreshed(invoice: Invoice) -> Invoice:
    refresh_draft(invoice)
    return invoice


@bp.post("/confirm")
@require("invoices.edit")
def confirm_selected() -> ResponseReturnValue:
    """Confirm the ticked drafts: first the question, then, with `sure`, the deed."""
    ids = selected_ids(INVOICES, most=MOST_AT_ONCE)
    found = drafts_among(ids)
    starting = series_to_begin(found)
    form = starts_form(starting, answered="sure" in request.form)
    sure = "sure" in request.form and _is_sure(form)
    if sure and attempt(form, lambda: begin_all(form, starting)):
        return _confirm_all(ids)
    return render_form(
        "invoices/confirm_selected.html",
        form,
        "dialog",
        drafts=found,
        others=len(ids) - len(found),
        gross=sum(invoice.gross for invoice in found),
        starting=starting,
        earlier=earlier_years(found),
    )


def _confirm_all(ids: list[int]) -> ResponseReturnValue:
    outcome = confirm_each(ids)
    for sentence in outcome.refused:
        flash(sentence, "error")
    count = len(outcome.confirmed)
    return finish(
        url_for(".index"),
        ngettext("%(num)s invoice is confirmed.", "%(num)s invoices are confirmed.", count),
    )


def is_confirmed(invoice: Invoice) -> ResponseReturnValue:
    """A colleague was quicker: show what became of the draft."""
    message = _("This invoice is confirmed already: it is number %(number)s.", number=invoice)
    return go_to(url_for(".show", invoice_id=invoice.id), message, "info")
