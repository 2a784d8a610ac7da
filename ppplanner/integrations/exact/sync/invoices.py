"""Invoices and credit notes: customer if needed, document, attachment, booking; each once."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, select

from ppplanner.documents.invoice_pdf import ensure_pdf
from ppplanner.errors import NotFound
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import DocumentState, Invoice

from .. import mapping, steps
from ..client import ExactClient
from ..incomplete import Incomplete
from ..models import ExactConnection, ExactOutboxEntry, ExactStep, StepState
from ..records import Document, NewDocument, SalesEntry
from ..steps import Made
from .customers import ensure_account
from .obstacles import Setup, obstacles

DOCUMENT, ATTACH, BOOK = "create_document", "attach_pdf", "book_entry"


def push(client: ExactClient, entry: ExactOutboxEntry) -> None:
    """Bring one confirmed invoice into Exact's books. Commits after each step.

    Raises ExactError, or Incomplete with all that is missing.
    """
    invoice = _confirmed(entry.record_id)
    setup = Setup.read(entry.connection, [invoice.customer_id])
    if missing := obstacles(invoice, setup):
        raise Incomplete(*missing)
    account_id = ensure_account(client, entry, invoice.customer)
    document_id = _send_pdf(client, entry, setup, account_id)
    _book(client, entry, setup, account_id, document_id)


def _confirmed(invoice_id: int) -> Invoice:
    invoice = db.session.get(Invoice, invoice_id)
    if invoice is None or invoice.is_draft:
        raise NotFound(_("There is no such confirmed invoice."))
    return invoice


def _send_pdf(
    client: ExactClient, entry: ExactOutboxEntry, setup: Setup, account_id: UUID
) -> UUID | None:
    """Make the document and attach the stored PDF, the very bytes that the customer got."""
    if not setup.settings.invoices_pdf:
        return steps.confirmed(entry, DOCUMENT)
    document_id = _make_document(client, entry, account_id)
    if steps.confirmed(entry, ATTACH) is None:
        _attach(client, entry, document_id)
    return document_id


def _make_document(client: ExactClient, entry: ExactOutboxEntry, account_id: UUID) -> UUID:
    new = mapping.document(_confirmed(entry.record_id), account_id)
    return steps.take(
        entry,
        DOCUMENT,
        look_up=lambda: _found_document(client, new, account_id),
        send=lambda: _document(client.create_document(new)),
    )


def _found_document(client: ExactClient, new: NewDocument, account_id: UUID) -> Made | None:
    found = next(client.find_documents(new.subject, account_id), None)
    return _document(found) if found else None


def _document(document: Document) -> Made:
    return Made(document.id, str(document.number or ""))


def _attach(client: ExactClient, entry: ExactOutboxEntry, document_id: UUID) -> None:
    invoice_id = entry.record_id
    db.session.commit()
    ensure_pdf(invoice_id)
    invoice = _confirmed(invoice_id)
    assert invoice.document
    content, name = invoice.document.content, mapping.file_name(invoice)

    def look_up() -> Made | None:
        found = client.find_attachments(document_id)
        return next((Made(one.id, name) for one in found if one.file_name == name), None)

    def send() -> Made:
        return Made(client.attach_file(document_id, name, content).id, name)

    steps.take(entry, ATTACH, look_up=look_up, send=send)


def _book(
    client: ExactClient,
    entry: ExactOutboxEntry,
    setup: Setup,
    account_id: UUID,
    document_id: UUID | None,
) -> None:
    new = mapping.sales_entry(
        _confirmed(entry.record_id),
        account_id=account_id,
        journal=setup.sales_journal,
        gl_accounts=setup.gl_accounts,
        vat_codes=setup.vat_codes,
        document_id=document_id,
    )

    def look_up() -> Made | None:
        found = next(client.find_sales_entries(new.journal, [new.your_ref]), None)
        return _entry(found) if found else None

    steps.take(entry, BOOK, look_up=look_up, send=lambda: _entry(client.create_sales_entry(new)))


def _entry(entry: SalesEntry) -> Made:
    return Made(entry.id, str(entry.number or ""))


def booked(invoice_ids: Sequence[int]) -> dict[int, ExactStep]:
    """The confirmed bookings of these invoices."""
    query = select(ExactStep).where(
        ExactStep.kind == "invoice",
        ExactStep.record_id.in_(invoice_ids),
        ExactStep.action == BOOK,
        ExactStep.state == StepState.CONFIRMED,
    )
    return {step.record_id: step for step in db.session.scalars(query)}


def waiting_for_the_night(connection: ExactConnection) -> list[int]:
    """The confirmed invoices of the company that Exact does not have, oldest number first."""
    is_booked = exists().where(
        ExactStep.kind == "invoice",
        ExactStep.record_id == Invoice.id,
        ExactStep.action == BOOK,
        ExactStep.state == StepState.CONFIRMED,
    )
    query = (
        select(Invoice.id)
        .where(
            Invoice.company_id == connection.company_id,
            Invoice.state == DocumentState.CONFIRMED,
            ~is_booked,
        )
        .order_by(Invoice.invoice_date, Invoice.id)
    )
    return list(db.session.scalars(query))
