"""What may be registered: the rules of domain 9 and 10, each with a sentence for a person."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from ppplanner.clock import now
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.formats import money
from ppplanner.i18n import _, _l
from ppplanner.models import (
    Contract,
    ContractStatus,
    Direction,
    Invoice,
    MethodKind,
    Transaction,
    TransactionFamily,
    TypeRole,
)
from ppplanner.money import cents
from ppplanner.services.collections import deposits
from ppplanner.services.collections.entry import TransactionData
from ppplanner.services.iban import is_iban

PAYMENT, DEPOSIT, REFUND, REGISTER, ADMINISTRATIVE = TransactionFamily
#: EUR: more is a slip.
LARGEST = Decimal(10_000_000)
FURTHEST = timedelta(days=2 * 366)
NO_CREDIT_NOTE = _l(
    "A credit note asks for no money: choose its invoice, or give money back with a refund."
)
#: Types with which the application alone books.
OWN = (
    TypeRole.DEPOSIT_SETTLED,
    TypeRole.PAID_FROM_DEPOSIT,
    TypeRole.TRANSFER_IN,
    TypeRole.TRANSFER_OUT,
    TypeRole.WRITTEN_OFF,
    TypeRole.WRITTEN_UP,
)
#: A card pays with these.
BY_CARD = (MethodKind.TERMINAL, MethodKind.ONLINE)


def check(data: TransactionData) -> None:
    """Raise Invalid, or DomainError, for what cannot be registered."""
    _check_amount(data.amount)
    _check_moment(data)
    _check_lists(data)
    _check_place(data)
    _check_purpose(data)
    _check_deposit(data)


def refuse_own(data: TransactionData) -> None:
    """Raise Invalid for what the application alone books."""
    if data.type.role in OWN or data.type.family is ADMINISTRATIVE:
        raise Invalid(type=_("The application alone books with this type: choose another."))
    if data.method and data.method.kind is MethodKind.SETTLEMENT:
        raise Invalid(method=_("The application alone settles: choose how the money moves."))


def refuse_reversal(transaction: Transaction) -> None:
    """Raise DomainError for a transaction that cannot be undone."""
    if transaction.reverses_id:
        raise DomainError(_("This transaction undoes another: register the money anew instead."))
    if undone_by(transaction):
        raise DomainError(_("This transaction has been undone already."))
    if transaction.register and not transaction.register.active:
        raise DomainError(_("Its cash register is archived: take it into use again first."))


def may_reverse(transaction: Transaction) -> bool:
    """Whether nothing speaks against undoing it at first sight."""
    return not transaction.reverses_id and undone_by(transaction) is None


def may_change(transaction: Transaction) -> bool:
    """Whether what it says of itself can still change: until it is handed on."""
    return not transaction.locked


def undone_by(transaction: Transaction) -> Transaction | None:
    return db.session.scalar(select(Transaction).filter_by(reverses_id=transaction.id))


def check_link(transaction: Transaction, invoice: Invoice | None) -> None:
    """Raise Invalid, or DomainError, when the transaction cannot pay this invoice."""
    if transaction.counterpart_id or transaction.reverses_id or undone_by(transaction):
        raise DomainError(_("This transaction belongs to another one: its invoice stays."))
    if transaction.type.family is ADMINISTRATIVE:
        raise DomainError(_("This transaction is no money: its invoice stays."))
    if invoice is None:
        if transaction.contract is None:
            raise Invalid(invoice_id=_("This money is for an invoice: choose another one."))
        return
    _refuse_family(transaction.type.family)
    _check_invoice(invoice, transaction.contract, comes_in=transaction.amount > 0)
    if invoice.customer_id != transaction.customer_id:
        raise Invalid(invoice_id=_("This invoice is for another customer."))


def _check_amount(amount: Decimal) -> None:
    if amount != cents(amount):
        raise Invalid(amount=_("Type at most %(count)s decimals.", count=2))
    if amount <= 0:
        raise Invalid(amount=_("Fill in an amount above zero: its type says in or out."))
    if amount > LARGEST:
        raise Invalid(amount=_("That is more than 10 million euro: check the amount."))


def _check_moment(data: TransactionData) -> None:
    if data.at is None:
        return
    if data.at > now() + timedelta(minutes=5):  # clocks differ
        raise Invalid(at=_("That lies in the future: register it when it happens."))
    if data.at < now() - FURTHEST:
        raise Invalid(at=_("That is more than two years ago: check the year."))


def _check_lists(data: TransactionData) -> None:
    if not data.type.active:
        raise Invalid(type=_("This type is archived: choose another."))
    if data.type.family is ADMINISTRATIVE:
        if data.method:
            raise Invalid(method=_("No money moves here: leave the method empty."))
    elif data.method is None:
        raise Invalid(method=_("Choose how the money moves."))
    elif not data.method.active:
        raise Invalid(method=_("This method is archived: choose another."))


def _check_place(data: TransactionData) -> None:
    """Cash lies in a cash register, a terminal is somewhere: they say whose money it is."""
    kind = data.method.kind if data.method else None
    _check_register(data, is_cash=kind is MethodKind.CASH)
    if kind is MethodKind.TERMINAL and data.terminal is None:
        raise Invalid(terminal_id=_("Choose the terminal; the settings have a list of them."))
    if data.terminal and (kind is not MethodKind.TERMINAL or not data.terminal.active):
        raise Invalid(terminal_id=_("Choose a terminal in use, and only for that method."))
    if data.card_type and kind not in BY_CARD:
        raise Invalid(card_type_id=_("A card is used on a terminal or online only."))
    if data.iban and not is_iban(data.iban):
        raise Invalid(iban=_("This is not an IBAN: check its digits."))


def _check_register(data: TransactionData, is_cash: bool) -> None:
    if is_cash and data.register is None:
        raise Invalid(register_id=_("Choose the cash register that the cash goes into or out of."))
    if data.register and not is_cash:
        raise Invalid(register_id=_("Only cash is kept in a cash register."))
    if data.register and not data.register.active:
        raise Invalid(register_id=_("This cash register is archived: choose another."))
    if data.type.family is REGISTER and not is_cash:
        raise Invalid(method=_("What concerns a cash register alone is cash."))


def _check_purpose(data: TransactionData) -> None:
    """What the money is for: a contract or an invoice, except within a cash register."""
    if data.type.family is REGISTER:
        if data.contract or data.invoice or data.customer:
            raise Invalid(type=_("This type is of a cash register alone: no customer pays it."))
        return
    if data.invoice:
        _refuse_family(data.type.family)
        _check_invoice(data.invoice, data.contract, comes_in=data.signed > 0)
    elif data.type.family is DEPOSIT and data.contract is None:
        raise Invalid(contract_id=_("A deposit is taken on a contract: choose it."))
    elif data.type.family is ADMINISTRATIVE:
        raise Invalid(invoice_id=_("Choose the invoice whose balance it is."))
    elif data.contract is None:
        raise Invalid(contract_id=_("Choose the contract or the invoice that this money is for."))
    elif data.type.direction is Direction.IN and data.contract.status is ContractStatus.CANCELLED:
        raise Invalid(contract_id=_("This contract is cancelled: it asks for no money."))


def _refuse_family(family: TransactionFamily) -> None:
    if family is DEPOSIT:
        raise Invalid(
            invoice_id=_("A deposit pays no invoice: it is given back, or settled when confirming.")
        )
    if family is REGISTER:
        raise Invalid(invoice_id=_("What concerns a cash register alone pays no invoice."))


def _check_invoice(invoice: Invoice, contract: Contract | None, *, comes_in: bool) -> None:
    if invoice.is_draft:
        raise Invalid(invoice_id=_("A draft asks nobody for money yet: confirm it first."))
    if comes_in and invoice.is_credit_note:
        raise Invalid(invoice_id=NO_CREDIT_NOTE)
    if contract and invoice.contract_id != contract.id:
        raise Invalid(invoice_id=_("This invoice is not one of contract %(of)s.", of=contract))


def _check_deposit(data: TransactionData) -> None:
    """Nobody gives back more of a deposit than there is and was not promised already."""
    if data.type.family is not DEPOSIT or data.type.direction is not Direction.OUT:
        return
    assert data.contract
    if data.amount > (left := deposits.held(data.contract)):
        raise Invalid(
            amount=_(
                "Only %(amount)s of the deposit is there to be given back.", amount=money(left)
            )
        )
