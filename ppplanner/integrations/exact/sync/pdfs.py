"""The PDF of an invoice in Exact: a document with the very file that the customer got.

The document goes before the booking, which names it. A file that Exact refuses for good keeps no
invoice out of the books (mission S39): it is booked with a document that is still empty, and the
file can follow.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from ppplanner.documents.invoice_pdf import ensure_pdf
from ppplanner.errors import NotFound
from ppplanner.extensions import db
from ppplanner.i18n import N_, Message, _
from ppplanner.models import Invoice, InvoiceDocument

from .. import bodies, mapping, steps
from ..client import ExactClient
from ..errors import AccessRefused, AppRejected, ExactRejected
from ..messages import names_unknown
from ..outbox import Task
from ..records import Document, NewDocument
from ..settings import ExactSettings, exact_settings
from ..steps import Made, Seen
from . import asked

DOCUMENT, ATTACH = "create_document", "attach_pdf"

WITHOUT_PDF = N_("Exact has booked it, but refuses its PDF. Trying again sends only the PDF.")


class PdfRefused(ExactRejected):
    """Exact has booked the invoice, and says no to its file."""

    def __init__(self, refusal: ExactRejected) -> None:
        super().__init__(refusal.status, refusal.texts, refusal.reason_header)

    @property
    def messages(self) -> list[Message]:
        return [Message(WITHOUT_PDF), *super().messages]


def confirmed_invoice(invoice_id: int) -> Invoice:
    invoice = db.session.get(Invoice, invoice_id)
    if invoice is None or invoice.is_draft:
        raise NotFound(_("There is no such confirmed invoice."))
    return invoice


def send_pdf(
    client: ExactClient, task: Task, settings: ExactSettings, cover: NewDocument
) -> tuple[UUID | None, ExactRejected | None]:
    """The document that the booking names, if PDFs go along; and why Exact refuses the file, if it
    does. Commits.
    """
    if not settings.invoices_pdf:
        return steps.confirmed(task, DOCUMENT), None
    document_id = _make_document(client, task, cover)
    try:
        _attach(client, task, document_id)
    except ExactRejected as refusal:
        if not _is_about_the_file(refusal):
            raise
        return document_id, refusal
    return document_id, None


def _is_about_the_file(refusal: ExactRejected) -> bool:
    """And not about us, or something that is gone in Exact."""
    about_us = isinstance(refusal, AccessRefused | AppRejected)
    return not about_us and not names_unknown(refusal.texts)


def add_pdf(client: ExactClient, task: Task) -> None:
    """Attach what a booked invoice still misses: its document waits for it. Commits."""
    document_id = steps.confirmed(task, DOCUMENT)
    wanted = exact_settings.load(task.connection.company_id).invoices_pdf
    if document_id is None or not wanted:
        return
    try:
        _attach(client, task, document_id)
    except (AccessRefused, AppRejected):
        raise
    except ExactRejected as refusal:
        raise PdfRefused(refusal) from refusal


def remember_document(task: Task, document_id: UUID) -> None:
    """A booking that we did not remember names this document, which may have its file or not. The
    caller commits.
    """
    if steps.confirmed(task, DOCUMENT) is None:
        steps.remember(task, DOCUMENT, Made(document_id))
        steps.doubt(task, ATTACH)


def _make_document(client: ExactClient, task: Task, new: NewDocument) -> UUID:
    subject = steps.sent_as(task, DOCUMENT) or bodies.subject(new.subject)
    seen = _seen(client, subject, new)
    if seen and seen.made and not steps.is_noted(task, DOCUMENT):
        steps.doubt(task, ATTACH)
    made = steps.take(
        task,
        DOCUMENT,
        look_up=lambda: _of(new, client.find_documents(subject, new.account_id)),
        send=lambda: _document(client.create_document(new)),
        seen=seen,
        name=bodies.subject(new.subject),
    )
    return made.id


def _seen(client: ExactClient, subject: str, new: NewDocument) -> Seen | None:
    """What the run has found ahead, if it asked."""
    found = asked.found(client, asked.document_key(subject))
    return Seen(_of(new, found.items), found.at) if found else None


def _of(new: NewDocument, documents: Iterable[Document]) -> Made | None:
    """The one that this customer has already."""
    theirs = (each for each in documents if each.account_id == new.account_id)
    return next(map(_document, theirs), None)


def _document(document: Document) -> Made:
    return Made(document.id, str(document.number or ""))


def _attach(client: ExactClient, task: Task, document_id: UUID) -> None:
    """Send the stored PDF, unless it is there."""
    if steps.confirmed(task, ATTACH) is not None:
        return
    name, content = _stored_pdf(task.record_id)

    def look_up() -> Made | None:
        found = client.find_attachments(document_id)
        return next((Made(one.id, name) for one in found if one.file_name == name), None)

    def send() -> Made:
        return Made(client.attach_file(document_id, name, content).id, name)

    steps.take(task, ATTACH, look_up=look_up, send=send)


def _stored_pdf(invoice_id: int) -> tuple[str, bytes]:
    """Its name and its bytes; it is made first, if nobody has yet. Commits."""
    columns = (Invoice.reference, InvoiceDocument.content)
    query = select(*columns).join(Invoice.document).where(Invoice.id == invoice_id)
    stored = db.session.execute(query).first()
    db.session.commit()
    if stored is None:
        ensure_pdf(invoice_id)
        stored = db.session.execute(query).one()
    reference, content = stored
    return mapping.file_name(reference), content
