"""Money that comes in and goes out: registered once, never changed, undone by its opposite."""

from __future__ import annotations

from decimal import Decimal

from ppplanner import events
from ppplanner.clock import now
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.formats import money
from ppplanner.i18n import _
from ppplanner.models import (
    BusinessUnit,
    CashRegister,
    Invoice,
    Transaction,
    TransactionFamily,
    User,
)
from ppplanner.services.collections import cash, cash_limit, cash_rounding, deposits, rules
from ppplanner.services.collections.entry import TransactionData
from ppplanner.services.collections.types import of_role
from ppplanner.services.invoices.balances import settle
from ppplanner.services.invoices.holding import hold
from ppplanner.services.locking import lock, lock_all
from ppplanner.services.running_numbers import next_running_number

__all__ = [
    "TransactionData",
    "book",
    "business_unit_of",
    "change",
    "hand_on",
    "hold_transaction",
    "register",
    "register_own",
    "reverse",
]

FIRST_NUMBER = 1


def register(data: TransactionData, by: User | None) -> Transaction:
    """Register money that moved, and bring the balance of its invoice in line. The caller commits.

    Cash that pays an invoice but for rounding to five cents gets the cents as its other half
    (`cash_rounding`). Raises Invalid for what a person can mend: an amount with a third of a cent,
    cash without a cash register, a type that the application alone books with; DomainError for a
    deposit that is not there to be given back.
    """
    rules.refuse_own(data)
    return register_own(data, by)


def register_own(data: TransactionData, by: User | None) -> Transaction:
    """The same also for what the application alone books: transfers between cash registers,
    balances that are brought to zero.
    """
    _wait_for_others(data)
    rules.check(data)
    cash_limit.check(data)
    leaves_cents = cash_rounding.leaves_cents(data)
    transaction = book(data, data.signed, by)
    if transaction.invoice:
        settle(transaction.invoice)
    if leaves_cents:
        _write_off_cents(transaction, by)
    return transaction


def _write_off_cents(payment: Transaction, by: User | None) -> None:
    """What rounding to five cents has left open, as the other half of a payment in cash."""
    assert payment.invoice
    kind = of_role(cash_rounding.role_of_rest(payment))
    rest = TransactionData(kind, abs(payment.invoice.balance), invoice=payment.invoice)
    half = register_own(rest, by)
    payment.counterpart, half.counterpart = half, payment
    db.session.flush()


def book(
    data: TransactionData, amount: Decimal, by: User | None, reverses: Transaction | None = None
) -> Transaction:
    """Make the transaction with a signed `amount`, without asking whether it may be and leaving
    balances to the caller; but no cash goes out that is not there. The caller commits.
    """
    at = data.at or now()
    if data.register:
        at = cash.admit(data.register, amount, at)
    transaction = Transaction(
        number=next_running_number(Transaction.number, FIRST_NUMBER),
        type=data.type,
        method=data.method,
        amount=amount,
        at=at,
        business_unit=reverses.business_unit if reverses else business_unit_of(data),
        contract=data.whole_contract,
        invoice=data.invoice,
        customer=data.payer,
        register=data.register,
        terminal=data.terminal,
        card_type=data.card_type,
        iban=data.iban.strip(),
        voucher=data.voucher.strip(),
        remark=data.remark.strip(),
        reverses=reverses,
        created_by=by,
    )
    db.session.add(transaction)
    db.session.flush()
    events.transaction_registered.send(transaction)
    return transaction


def business_unit_of(data: TransactionData) -> BusinessUnit:
    """Whose money it is: of the unit of the cash register, else of the terminal, else of the
    contract, else of the invoice (domain 9.5). Raises Invalid when nothing says so.
    """
    place = data.register or data.terminal or data.whole_contract or data.invoice
    if place is None:
        raise Invalid(contract_id=_("Choose the contract or the invoice that this money is for."))
    return place.business_unit


def reverse(transaction: Transaction, by: User | None) -> Transaction:
    """Undo a transaction by its opposite, and with it its other half, if it has one. The caller
    commits.

    Raises DomainError for one that is undone already, or undoes another itself; for a deposit of
    which something has been given back or used.
    """
    hold_transaction(transaction)
    rules.refuse_reversal(transaction)
    undone = _undo(transaction, by)
    half = transaction.counterpart
    if half is not None:
        other = _undo(half, by)
        db.session.flush()
        undone.counterpart, other.counterpart = other, undone
    _refuse_missing_deposit(transaction)
    for invoice in {each.invoice for each in (transaction, half) if each and each.invoice}:
        settle(invoice)
    db.session.flush()
    return undone


def change(
    transaction: Transaction, *, remark: str, voucher: str, invoice: Invoice | None
) -> Transaction:
    """Change what a transaction says of itself, and which invoice it pays. The caller commits.

    Raises DomainError once it has been handed on, Invalid for an invoice of somebody else.
    """
    hold_transaction(transaction, invoice)
    if transaction.locked:
        raise DomainError(_("This transaction has been handed on: reverse it instead."))
    transaction.remark, transaction.voucher = remark.strip(), voucher.strip()
    if invoice is not transaction.invoice:
        _link(transaction, invoice)
    db.session.flush()
    return transaction


def hand_on(transaction: Transaction) -> None:
    """Another system is about to hear of it: from now on it stays as it is, and is corrected by a
    reversal. The caller commits.
    """
    lock(transaction)
    transaction.locked = True
    db.session.flush()


def _link(transaction: Transaction, invoice: Invoice | None) -> None:
    before = transaction.invoice
    rules.check_link(transaction, invoice)
    transaction.invoice = invoice
    if transaction.contract is None and invoice is not None:
        transaction.contract = invoice.contract
    db.session.flush()
    for each in (before, invoice):
        if each is not None:
            settle(each)


def _wait_for_others(data: TransactionData) -> None:
    """Two people at once: the second sees what the first has done."""
    hold(data.invoice, contract=data.contract)
    if data.register:
        lock(data.register)


def hold_transaction(transaction: Transaction, invoice: Invoice | None = None) -> None:
    """Keep a transaction and its other half until the caller commits, with all that their amounts
    meet; and another `invoice` that it is to pay.
    """
    halves = [each for each in (transaction, transaction.counterpart) if each]
    hold(invoice, *(each.invoice for each in halves), contract=transaction.contract)
    lock_all(Transaction, halves)
    if registers := [each.register for each in halves if each.register]:
        lock_all(CashRegister, registers)


def _undo(transaction: Transaction, by: User | None) -> Transaction:
    data = TransactionData(
        type=transaction.type,
        amount=abs(transaction.amount),
        method=transaction.method,
        contract=transaction.contract,
        invoice=transaction.invoice,
        customer=transaction.customer,
        register=transaction.register,
        terminal=transaction.terminal,
        card_type=transaction.card_type,
        iban=transaction.iban,
        voucher=transaction.voucher,
        remark=_("Undoes %(transaction)s", transaction=transaction),
    )
    return book(data, -transaction.amount, by, reverses=transaction)


def _refuse_missing_deposit(transaction: Transaction) -> None:
    contract = transaction.contract
    if contract is None or transaction.type.family is not TransactionFamily.DEPOSIT:
        return
    db.session.flush()
    if (left := deposits.free(contract)) < 0:
        raise DomainError(
            _(
                "%(amount)s of this deposit has been given back, used or promised: undo that"
                " first.",
                amount=money(-left),
            )
        )
