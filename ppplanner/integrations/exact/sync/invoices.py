"""Invoices and credit notes: customer if needed, document, attachment, booking; each once."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, select

from ppplanner.documents.invoice_pdf import ensure_pdf
from ppplanner.errors import NotFound
from ppplanner.extensions import db
from ppplanner.i18n import N_, Message, _
from ppplanner.models import DocumentState, Invoice

from .. import mapping, steps
from ..client import ExactClient
from ..incomplete import Incomplete
from ..models import ExactConnection, ExactOutboxEntry, ExactStep, StepState
from ..records import Document, NewDocument, SalesEntry
from ..settings import exact_settings
from ..steps import Made
from .customers import SENDING_OFF, account_of, ensure_account
from .lists import gl_links, vat_links

DOCUMENT, ATTACH, BOOK = "create_document", "attach_pdf", "book_entry"

NO_JOURNAL = N_("Choose the sales journal in the settings of Exact.")
NO_GL_ACCOUNT = N_("Line %(position)s has no GL account.")
GL_ACCOUNT_UNMAPPED = N_(
    "GL account %(account)s has no counterpart in Exact. Create it there if need be, then choose "
    "it in the settings of Exact."
)
VAT_CODE_UNMAPPED = N_(
    "VAT code %(vat_code)s has no counterpart in Exact: choose it in the settings of Exact."
)
SENDING_INVOICES_OFF = N_("Forwarding invoices is switched off in the settings of Exact.")


def obstacles(invoice: Invoice, connection: ExactConnection) -> list[Message]:
    """What has to be set before the invoice can go: all of it, so that it is cured in one go."""
    found = _unmapped(invoice, connection)
    settings = exact_settings.load(connection.company_id)
    if not connection.sales_journal:
        found.insert(0, Message(NO_JOURNAL))
    if not settings.invoices_send:
        found.insert(0, Message(SENDING_INVOICES_OFF))
    if not settings.customers_send and account_of(connection.id, invoice.customer_id) is None:
        found.append(Message(SENDING_OFF, {"customer": invoice.customer.full_name}))
    return found


def _unmapped(invoice: Invoice, connection: ExactConnection) -> list[Message]:
    accounts = {link.gl_account_id for link in gl_links(connection)}
    codes = {link.vat_code_id for link in vat_links(connection)}
    found: dict[str, Message] = {}
    for line in invoice.lines:
        if line.gl_account is None:
            found[f"line {line.position}"] = Message(NO_GL_ACCOUNT, {"position": line.position})
        elif line.gl_account_id not in accounts:
            name = str(line.gl_account)
            found[name] = Message(GL_ACCOUNT_UNMAPPED, {"account": name})
        if line.vat_code_id not in codes:
            code = line.vat_code.code
            found[f"vat {code}"] = Message(VAT_CODE_UNMAPPED, {"vat_code": code})
    return list(found.values())


def push(client: ExactClient, entry: ExactOutboxEntry) -> None:
    """Bring one confirmed invoice into Exact's books. Commits after each step.

    Raises ExactError, or Incomplete with all that is missing.
    """
    invoice = _confirmed(entry.record_id)
    connection = entry.connection
    if missing := obstacles(invoice, connection):
        raise Incomplete(*missing)
    account_id = ensure_account(client, entry, invoice.customer)
    document_id = _send_pdf(client, entry, account_id)
    _book(client, entry, account_id, document_id)


def _confirmed(invoice_id: int) -> Invoice:
    invoice = db.session.get(Invoice, invoice_id)
    if invoice is None or invoice.is_draft:
        raise NotFound(_("There is no such confirmed invoice."))
    return invoice


def _send_pdf(client: ExactClient, entry: ExactOutboxEntry, account_id: UUID) -> UUID | None:
    """Make the document and attach the stored PDF, the very bytes that the customer got."""
    if not exact_settings.load(entry.connection.company_id).invoices_pdf:
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
    client: ExactClient, entry: ExactOutboxEntry, account_id: UUID, document_id: UUID | None
) -> None:
    connection, invoice = entry.connection, _confirmed(entry.record_id)
    new = mapping.sales_entry(
        invoice,
        account_id=account_id,
        journal=connection.sales_journal,
        gl_accounts={link.gl_account_id: link.exact_id for link in gl_links(connection)},
        vat_codes={link.vat_code_id: link.code for link in vat_links(connection)},
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
