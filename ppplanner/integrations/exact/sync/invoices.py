"""Invoices and credit notes: customer if needed, document, attachment, booking; each once."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from ppplanner.batches import batches
from ppplanner.extensions import db
from ppplanner.i18n import N_, Message
from ppplanner.models import DocumentState, Invoice

from .. import mapping, outbox, queueing, steps
from ..client import ExactClient
from ..conditions import Choice, stands, unsettled
from ..errors import ExactRejected, OutcomeUnknown
from ..incomplete import Incomplete, OnHold
from ..items import item_of
from ..mapping import CostCodes
from ..messages import names_unknown
from ..models import ExactConnection, ExactRun, Kind, WorkState
from ..outbox import Task
from ..records import NewSalesEntry, SalesEntry
from ..settings import exact_settings
from ..standing import BOOKS
from ..steps import Made, Seen
from . import asked, costs
from .customers import changed_customers, ensure_account, unlink
from .gl_accounts import link_by_code
from .obstacles import Setup, obstacles, unlinked_accounts, wait_for_settings
from .pdfs import (
    ATTACH,
    DOCUMENT,
    PdfRefused,
    add_pdf,
    confirmed_invoice,
    remember_document,
    send_pdf,
)

log = logging.getLogger(__name__)

BOOK = BOOKS[Kind.INVOICE]

CUSTOMER_GONE = N_(
    "%(customer)s is no longer in Exact, so the link is let go. Forward again: then the customer "
    "is found there or made anew."
)
NOT_OURS = N_(
    "Exact already has %(reference)s in journal %(journal)s, as entry %(number)s, with another "
    "customer, date or amount. Compare both. If it is not this invoice, give that entry another "
    "reference in Exact, then forward again."
)
OLDER = N_(
    "Exact had %(reference)s in journal %(journal)s, as entry %(number)s, before this invoice was "
    "confirmed: the number was given out twice. Compare both. If it is the same sale, delete that "
    "entry in Exact; if it is another one, give it another reference there. Then forward again."
)
DIFFERS = N_(
    "Exact booked %(booked)s EUR, and the invoice says %(ours)s EUR. Correct the entry in Exact, "
    "and check the VAT codes in the settings of Exact."
)

#: As the books want them.
IN_ORDER = (Invoice.invoice_date, Invoice.number, Invoice.id)


def push(client: ExactClient, task: Task) -> None:
    """Bring one confirmed invoice into Exact's books; of one that is there only the PDF, if it is
    missing. Commits after each step.

    Raises ExactError, or Incomplete with all that is missing.
    """
    if steps.confirmed(task, BOOK) is not None:
        add_pdf(client, task)
        return
    invoice = confirmed_invoice(task.record_id)
    setup = _complete(client, task, invoice)
    codes = costs.codes_for(client, task, invoice)
    account_id = ensure_account(client, task, invoice.customer)
    new, gross = _booking(invoice, setup, account_id, codes), invoice.gross
    cover, since = mapping.document(invoice, account_id), invoice.confirmed_at
    if _is_there(client, task, new, gross, since):
        add_pdf(client, task)
        return
    try:
        document_id, refusal = send_pdf(client, task, setup.settings, cover)
        _book(client, task, replace(new, document_id=document_id), gross)
    except ExactRejected as error:
        if names_unknown(error.texts):
            _let_go_of_what_is_gone(client, task, account_id)
        raise
    if refusal:
        raise PdfRefused(refusal) from refusal


def _complete(client: ExactClient, task: Task, invoice: Invoice) -> Setup:
    """What is set for the booking, with what Exact has under the codes of GL accounts that nobody
    linked. Commits. Raises OnHold with all that is missing when a setting is, which is no matter
    of this invoice alone; else Incomplete.
    """
    setup = Setup.read(task.connection, [invoice.customer_id])
    unlinked = unlinked_accounts(invoice, setup)
    if unlinked and link_by_code(client, task.connection_id, unlinked):
        setup = Setup.read(task.connection, [invoice.customer_id])
    if missing := obstacles(invoice, setup):
        raise OnHold(*missing) if wait_for_settings(missing) else Incomplete(*missing)
    return setup


def _let_go_of_what_is_gone(client: ExactClient, task: Task, account_id: UUID) -> None:
    """Somebody deleted the customer, a cost item or the document in Exact: the next try goes
    without them. Commits. Raises Incomplete, unless it is the document.
    """
    document_id = steps.confirmed(task, DOCUMENT)
    db.session.commit()
    if client.account(account_id) is None:
        customer = confirmed_invoice(task.record_id).customer
        unlink(task.connection_id, customer.id)
        gone = Message(CUSTOMER_GONE, {"customer": customer.full_name})
        db.session.commit()
        raise Incomplete(gone)
    if gone_costs := costs.let_go_of_gone(client, task, confirmed_invoice(task.record_id)):
        raise Incomplete(*gone_costs)
    if document_id and client.document(document_id) is None:
        steps.forget(task, [DOCUMENT, ATTACH])
        db.session.commit()


def _booking(invoice: Invoice, setup: Setup, account_id: UUID, codes: CostCodes) -> NewSalesEntry:
    """As yet without its document."""
    return mapping.sales_entry(
        invoice,
        account_id=account_id,
        journal=setup.sales_journal,
        gl_accounts=setup.gl_accounts,
        vat_codes=setup.vat_codes,
        document_id=None,
        costs=codes,
    )


def _is_there(
    client: ExactClient,
    task: Task,
    new: NewSalesEntry,
    gross: Decimal,
    confirmed_at: datetime | None,
) -> bool:
    """Whether Exact has it already; then it is remembered, with its document. Also of one that was
    never sent as far as we know: see `ahead`. Commits. Raises Incomplete when one that is not ours
    has our number.
    """
    since = None if steps.is_noted(task, BOOK) else confirmed_at

    def recognise(found: Iterable[SalesEntry]) -> Made | None:
        ours = _ours(list(found), new, gross, since)
        if ours and ours.document_id:
            remember_document(task, ours.document_id)
        return _made(ours) if ours else None

    before = asked.found(client, asked.entry_key(new.your_ref))
    made = steps.find_out(
        task,
        BOOK,
        look_up=lambda: recognise(client.find_sales_entries([new.your_ref])),
        seen=Seen(recognise(before.items), before.at) if before else None,
        forgetful=True,
    )
    return made is not None


def _ours(
    found: Sequence[SalesEntry], new: NewSalesEntry, gross: Decimal, since: datetime | None
) -> SalesEntry | None:
    """Our booking, of those with our number: a number may have been given out twice, also for the
    same amount of the same customer; then Exact had it before `since`. The journal is not looked
    at, since the settings may have changed meanwhile. Raises Incomplete when all are somebody
    else's.
    """
    wanted = (new.customer_id, new.entry_date, gross)
    like_ours = [
        each for each in found if (each.customer_id, each.entry_date, each.amount) == wanted
    ]
    for each in like_ours:
        if not asked.is_older(each.created, since):
            return each
    if found:
        first = (like_ours or found)[0]
        what = {"reference": new.your_ref, "journal": first.journal, "number": first.number}
        raise Incomplete(Message(OLDER if like_ours else NOT_OURS, what))
    return None


def _book(client: ExactClient, task: Task, new: NewSalesEntry, gross: Decimal) -> None:
    """Exact does not have it: see `_is_there`. Commits."""

    def send() -> Made:
        made = client.create_sales_entry(new)
        if _is_another(made, new):
            raise OutcomeUnknown("POST", "salesentry/SalesEntries", "unusable_answer")
        if made.amount not in (None, gross):
            _note_difference(task, made, gross)
        return _made(made)

    steps.carry_out(task, BOOK, send)


def _is_another(made: SalesEntry, new: NewSalesEntry) -> bool:
    """Whether Exact answers with another customer's booking. Only a reference that it writes in its
    own way says nothing: looked up by ours, it would not be found, and booked again and again.
    """
    same_reference = asked.entry_key(made.your_ref) == asked.entry_key(new.your_ref)
    return not same_reference and made.customer_id != new.customer_id


def _note_difference(task: Task, made: SalesEntry, gross: Decimal) -> None:
    difference = Message(DIFFERS, {"booked": str(made.amount), "ours": str(gross)})
    log.error("invoice %s: %s", task.record_id, difference.text % difference.params)
    outbox.note_attempt(task, BOOK, "differs", [difference])


def _made(entry: SalesEntry) -> Made:
    return Made(entry.id, str(entry.number or ""))


def put_on_the_way(
    connection: ExactConnection, invoices: Iterable[Invoice], *, by: str, run: ExactRun | None
) -> int:
    """Note that these invoices have to go, and before them what changed about their customers
    (domain 14.4); how many. The caller commits.
    """
    invoices = list(invoices)
    if exact_settings.load(connection.company_id).customers_send:
        customer_ids = {invoice.customer_id for invoice in invoices}
        for batch in batches(sorted(customer_ids)):
            changed = map(item_of, changed_customers(connection, batch))
            queueing.queue_all(connection, changed, by=by, run=run)
    return queueing.queue_all(connection, map(item_of, invoices), by=by, run=run)


def put_held_on_the_way(connection: ExactConnection) -> int:
    """The same for what was on hold, after a setting changed; how many. The caller commits. What is
    being sent may be put on hold the next moment, by a worker that read the setting before.
    """
    states = [WorkState.HELD, WorkState.SENDING]
    held = unsettled(Kind.INVOICE, states, among=[connection.id])
    query = select(Invoice).where(Invoice.id.in_(held))
    invoices = db.session.scalars(query.order_by(*IN_ORDER))
    return put_on_the_way(connection, invoices, by="", run=None)


def waiting_for_the_night(connection: ExactConnection) -> list[Invoice]:
    """The confirmed invoices of the company that Exact does not have, or not with their PDF, oldest
    number first: those dated from the first day on that the settings name (before it, they may have
    been typed there).
    """
    first_day = exact_settings.load(connection.company_id).first_day or date.min
    query = (
        select(Invoice)
        .where(
            Invoice.company_id == connection.company_id,
            Invoice.state == DocumentState.CONFIRMED,
            Invoice.invoice_date >= first_day,
            ~stands(Kind.INVOICE, Invoice.id, Choice.THERE),
        )
        .order_by(*IN_ORDER)
    )
    return list(db.session.scalars(query))
