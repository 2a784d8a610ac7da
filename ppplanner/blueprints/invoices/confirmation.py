"""The question before drafts get their numbers, for one and for several."""

from __future__ import annotations

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue

from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.htmx import finish, go_to, render_form, render_page
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
from ppplanner.i18n import _, ngettext
from ppplanner.models import Invoice
from ppplanner.permissions import require
from ppplanner.services.invoices.overtaken import differences, refresh_draft

#: Each gets its number one after the other, while the person waits.
MOST_AT_ONCE = 1000


@bp.route("/<int:invoice_id>/confirm", methods=["GET", "POST"])
@require("invoices.edit")
def confirm(invoice_id: int) -> ResponseReturnValue:
    """Give a draft its number, after a clear question: nobody can take it back.

    A draft that its contract has overtaken says what differs; `as_it_is` tells that the person has
    seen it.
    """
    invoice, form = find(Invoice, invoice_id), SureForm()
    if not invoice.is_draft:
        return is_confirmed(invoice)
    as_it_is = "as_it_is" in request.form
    if form.validate_on_submit() and (
        number := attempt(form, lambda: confirm_one(invoice, as_it_is=as_it_is))
    ):
        print_at_once(invoice_id)
        message = _("The invoice is confirmed as %(number)s.", number=number)
        return go_to(url_for(".show", invoice_id=invoice_id), message)
    changed = differences(invoice)
    return render_form("invoices/confirm.html", form, "dialog", invoice=invoice, changed=changed)


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
    changed = differences(invoice)
    return render_form("invoices/confirm.html", form, "dialog", invoice=invoice, changed=changed)


def _refreshed(invoice: Invoice) -> Invoice:
    refresh_draft(invoice)
    return invoice


@bp.post("/confirm")
@require("invoices.edit")
def confirm_selected() -> ResponseReturnValue:
    """Confirm the ticked drafts: first the question, then, with `sure`, the deed."""
    ids, form = selected_ids(INVOICES, most=MOST_AT_ONCE), SureForm()
    if "sure" in request.form and form.validate():
        return _confirm_all(ids)
    found = drafts_among(ids)
    return render_page(
        "invoices/confirm_selected.html",
        "dialog",
        drafts=found,
        others=len(ids) - len(found),
        gross=sum(invoice.gross for invoice in found),
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
