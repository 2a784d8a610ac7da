"""The list of invoices, the page of one, and its PDF. Drafts change in `drafting.py`."""

from __future__ import annotations

from io import BytesIO

from flask import Response, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ppplanner.blueprints.history_lines import history_of
from ppplanner.blueprints.htmx import make_response, render_page, wants_fragment
from ppplanner.blueprints.invoices import (  # noqa: F401 - the other routes
    bp,
    confirmation,
    crediting,
    drafting,
    lines,
    mailing,
    payments,
)
from ppplanner.blueprints.invoices.labels import (
    KINDS,
    PAYMENT_WORDS,
    late_badge,
    state_badge,
    title,
    word_badge,
)
from ppplanner.blueprints.invoices.listing import INVOICES
from ppplanner.blueprints.lists.list_page import render_list
from ppplanner.blueprints.records import find
from ppplanner.documents.jobs import make_invoice_pdf
from ppplanner.errors import DomainError
from ppplanner.i18n import _
from ppplanner.jobs import enqueue
from ppplanner.models import Invoice
from ppplanner.permissions import require
from ppplanner.services.invoices.overtaken import differences
from ppplanner.services.invoices.payment_words import PaymentWord, payment_word
from ppplanner.services.invoices.requirements import obstacles_of
from ppplanner.services.invoices.written import written_communication


@bp.get("/")
@require("invoices.view")
def index() -> Response:
    return render_list(INVOICES, "invoices/index.html")


@bp.get("/<int:invoice_id>")
@require("invoices.view")
def show(invoice_id: int) -> Response:
    invoice = find(Invoice, invoice_id)
    word = payment_word(invoice)
    return render_page(
        "invoices/show.html",
        "content",
        invoice=invoice,
        title=title(invoice),
        kind=KINDS[invoice.kind],
        state=_badges(invoice, word),
        payment=PAYMENT_WORDS[word] if word else "",
        late=late_badge(invoice),
        communication=written_communication(invoice.payment_reference),
        payments=payments.payments_of(invoice),
        changed=differences(invoice),
        obstacles=obstacles_of(invoice) if invoice.lines else [],
        history=history_of(invoice),
    )


@bp.get("/<int:invoice_id>/document")
@require("invoices.view")
def document(invoice_id: int) -> ResponseReturnValue:
    """Whether the PDF is there by now: the page asks until it is, then loads itself anew."""
    invoice = find(Invoice, invoice_id)
    if not wants_fragment():
        return redirect(url_for(".show", invoice_id=invoice_id))
    if invoice.document:
        return make_response("", refresh=True)
    return render_template("invoices/_waiting.html", invoice=invoice)


@bp.get("/<int:invoice_id>/pdf")
@require("invoices.view")
def pdf(invoice_id: int) -> Response:
    """The PDF as it was made, for the browser to show."""
    invoice = find(Invoice, invoice_id)
    if invoice.is_draft:
        raise DomainError(_("A draft has no PDF yet: confirm it first."))
    if invoice.document is None:
        enqueue(make_invoice_pdf, invoice.id)
        raise DomainError(_("The PDF is being made. Try again in a moment."))
    content = BytesIO(invoice.document.content)
    name = f"{invoice.reference}.pdf"
    answer = send_file(content, "application/pdf", download_name=name, etag=invoice.document.sha256)
    answer.cache_control.private = True
    return answer


def _badges(invoice: Invoice, word: PaymentWord | None) -> Markup:
    """The states of an invoice: its own, what is told of its payment, and how late that is."""
    badges = [state_badge(invoice.state), word_badge(word), late_badge(invoice)]
    return Markup(" ").join(badge for badge in badges if badge)
