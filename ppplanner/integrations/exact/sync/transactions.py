"""Transactions: booked one by one, in the cash journal or the general journal of their business
unit (domain 14.5).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from ppplanner.errors import NotFound
from ppplanner.extensions import db
from ppplanner.i18n import N_, Message, _
from ppplanner.models import Transaction
from ppplanner.services.collections.transactions import hand_on

from .. import mapping, steps
from ..client import ExactClient
from ..errors import ExactRejected
from ..incomplete import Incomplete, OnHold
from ..messages import names_unknown
from ..models import Kind
from ..outbox import Task
from ..records import Entry, EntryLine, NewEntry, NewEntryLine
from ..standing import BOOKS, booked
from ..steps import Made, Seen
from . import asked
from .branches import UNKNOWN_JOURNAL, Setup, journal_for, obstacles, why_it_stays
from .customers import ensure_account, unlink

BOOK = BOOKS[Kind.TRANSACTION]

CUSTOMER_GONE = N_(
    "%(customer)s is no longer in Exact, so the link is let go. Once the customer is there again, "
    "this goes by itself."
)
NOT_OURS = N_(
    "Exact already has an entry of the same day with the reference %(reference)s, number "
    "%(number)s, but with another amount. Compare both, and correct that entry in Exact."
)
OLDER = N_(
    "Exact had an entry with the reference %(reference)s, number %(number)s, before this "
    "transaction was registered: the number was given out twice. Compare both. If it is the same "
    "payment, delete that entry in Exact; if it is another one, correct its notes there. Then try "
    "Exact again."
)


def push(client: ExactClient, task: Task) -> None:
    """Bring one transaction into Exact's books. Commits.

    Raises ExactError, or OnHold with all that is missing.
    """
    if steps.confirmed(task, BOOK) is not None:
        return
    transaction = _transaction(task.record_id)
    setup = Setup.read(task.connection, [transaction])
    if (stays := why_it_stays(transaction, setup)) is not None:
        raise OnHold(stays)
    if missing := obstacles(transaction, setup):
        raise OnHold(*missing)
    account_id = _account(client, task, transaction)
    hand_on(transaction)
    new = _entry(transaction, setup, account_id, _entry_of_invoice(task, transaction))
    cash, registered_at = mapping.is_cash(transaction), transaction.created_at
    try:
        _book(client, task, new, registered_at, cash=cash)
    except ExactRejected as error:
        if names_unknown(error.texts):
            _tell_what_is_gone(client, task, new.journal, account_id)
        raise


def _transaction(transaction_id: int) -> Transaction:
    transaction = db.session.get(Transaction, transaction_id)
    if transaction is None:
        raise NotFound(_("There is no such transaction."))
    return transaction


def _account(client: ExactClient, task: Task, transaction: Transaction) -> UUID | None:
    """The customer's relation in Exact; None for what concerns a cash register alone. Commits."""
    customer = transaction.customer
    if customer is None or not mapping.is_of_customer(transaction):
        return None
    return ensure_account(client, task, customer)


def _entry(
    transaction: Transaction, setup: Setup, account_id: UUID | None, invoice_entry: int | None
) -> NewEntry:
    branch = setup.branches[transaction.business_unit_id]
    return mapping.transaction_entry(
        transaction,
        language=setup.language,
        journal=journal_for(transaction, setup),
        description=branch.description,
        customer_gl=branch.customer_gl_id,
        type_gl=setup.type_gl(transaction),
        account_id=account_id,
        invoice_entry=invoice_entry,
    )


def _entry_of_invoice(task: Task, transaction: Transaction) -> int | None:
    """The number in Exact of the invoice that it pays, if it is booked in the same books."""
    if transaction.invoice_id is None:
        return None
    step = booked(Kind.INVOICE, [transaction.invoice_id]).get(transaction.invoice_id)
    if step is None or step.connection_id != task.connection_id or not step.label.isdecimal():
        return None
    return int(step.label)


def _book(
    client: ExactClient, task: Task, new: NewEntry, registered_at: datetime, *, cash: bool
) -> None:
    """Once, even if we do not remember that it was: see `ahead`. The customer may have become
    another relation in Exact since it was sent: it is looked for with both.
    """
    line, sent_to = new.lines[-1], _sent_to(task)
    since = None if steps.is_noted(task, BOOK) else registered_at
    find = client.find_cash_lines if cash else client.find_journal_lines
    relations = {one for one in (line.account_id, sent_to) if one}
    before = asked.found(client, asked.lines_key(cash, line.day, line.account_id))
    if not relations <= {line.account_id}:
        before = None

    def send() -> Made:
        book = client.create_cash_entry if cash else client.create_journal_entry
        return _made(book(new))

    steps.take(
        task,
        BOOK,
        look_up=lambda: _ours(find(line.day, relations), line, since),
        send=send,
        seen=Seen(_ours(before.items, line, since), before.at) if before else None,
        forgetful=True,
        name=str(line.account_id or ""),
    )


def _sent_to(task: Task) -> UUID | None:
    """The relation whose booking it is, of a call whose outcome is unknown."""
    sent = steps.sent_as(task, BOOK)
    return UUID(sent) if sent else None


def _ours(lines: Iterable[EntryLine], line: NewEntryLine, since: datetime | None) -> Made | None:
    """Our booking, of those of the day and customer, by our reference in the notes; not one that
    Exact had before `since`, as a reference may have been given out twice. The accounts are not
    looked at, since the settings may have changed meanwhile. Raises Incomplete.
    """
    found = [each for each in lines if each.notes == line.notes]
    like_ours = [each for each in found if each.amount == line.amount]
    for each in like_ours:
        if not asked.is_older(each.created, since):
            return Made(each.entry_id, str(each.entry_number or ""))
    if found:
        what = {"reference": line.notes, "number": (like_ours or found)[0].entry_number}
        raise Incomplete(Message(OLDER if like_ours else NOT_OURS, what))
    return None


def _made(entry: Entry) -> Made:
    return Made(entry.id, str(entry.number or ""))


def _tell_what_is_gone(
    client: ExactClient, task: Task, journal: str, account_id: UUID | None
) -> None:
    """Somebody deleted the customer or the journal in Exact: say which. Commits. Raises OnHold for
    the customer, Incomplete for the journal.
    """
    transaction = _transaction(task.record_id)
    unit, customer = str(transaction.business_unit), transaction.customer
    db.session.commit()
    if account_id and customer and client.account(account_id) is None:
        unlink(task.connection_id, customer.id)
        gone = Message(CUSTOMER_GONE, {"customer": customer.full_name})
        db.session.commit()
        raise OnHold(gone)
    if journal not in {each.code for each in client.journals()}:
        raise Incomplete(Message(UNKNOWN_JOURNAL, {"journal": journal, "unit": unit}))
