"""Money that goes back to customers: at once, or asked for first and paid later (domain 9.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, func, select

from ppplanner.clock import now
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.formats import money
from ppplanner.i18n import _
from ppplanner.models import (
    CashRegister,
    Contract,
    Invoice,
    RefundRequest,
    RefundState,
    Terminal,
    Transaction,
    TransactionFamily,
    TransactionMethod,
    TransactionType,
    TypeRole,
    User,
)
from ppplanner.money import cents
from ppplanner.services.collections import deposits, transactions, types
from ppplanner.services.collections.entry import TransactionData
from ppplanner.services.iban import compact, is_iban
from ppplanner.services.invoices.balances import credit_notes
from ppplanner.services.locking import lock

#: Where a request can go from each state.
NEXT: Mapping[RefundState, frozenset[RefundState]] = {
    RefundState.OPEN: frozenset(
        {RefundState.EXPORTED, RefundState.PROCESSED, RefundState.WITHDRAWN}
    ),
    RefundState.EXPORTED: frozenset({RefundState.PROCESSED, RefundState.OPEN}),
    RefundState.PROCESSED: frozenset(),
    RefundState.WITHDRAWN: frozenset(),
}


@dataclass(frozen=True)
class Refund:
    """What goes back, in EUR above zero: of the deposit of a contract, or of what was paid on a
    contract or an invoice.
    """

    amount: Decimal
    contract: Contract | None = None
    invoice: Invoice | None = None
    deposit: bool = False
    iban: str = ""
    remark: str = ""

    @property
    def purpose(self) -> Contract | Invoice:
        """What the money had been paid for. Raises Invalid when nothing says so."""
        if self.deposit and self.invoice:
            raise Invalid(invoice_id=_("A deposit goes back on its contract, not on an invoice."))
        found = self.invoice or self.contract
        if found is None:
            raise Invalid(contract_id=_("Choose the contract or the invoice that was paid."))
        return found


@dataclass(frozen=True)
class Way:
    """How the money goes back; the moment is now when not said."""

    method: TransactionMethod
    register: CashRegister | None = None
    terminal: Terminal | None = None
    at: datetime | None = None


def refundable(
    contract: Contract | None = None, invoice: Invoice | None = None, *, deposit: bool = False
) -> Decimal:
    """The most that can go back, in EUR: what there is of a deposit, or what was paid, less what
    went back and what others have asked for.
    """
    if deposit:
        return deposits.free(contract) if contract else Decimal(0)
    limits = []
    if invoice is not None:
        documents = _documents(invoice)
        there = _paid(Transaction.invoice_id.in_(documents))
        limits.append(there - _asked(RefundRequest.invoice_id.in_(documents)))
        contract = contract or invoice.contract
    if contract is not None:
        there = _paid(Transaction.contract_id == contract.id)
        limits.append(there - deposits.promised(contract, deposit=False))
    return min(limits, default=Decimal(0))


def proposed(
    contract: Contract | None = None, invoice: Invoice | None = None, *, deposit: bool = False
) -> Decimal:
    """What a person most likely wants to give back, in EUR: the whole deposit, what was paid too
    much on an invoice, what was paid on a contract for no invoice.
    """
    most = refundable(contract, invoice, deposit=deposit)
    if deposit:
        return most
    if invoice is not None:
        owed = invoice.credited_invoice or invoice
        return max(min(-owed.balance, most), Decimal(0))
    if contract is None:
        return Decimal(0)
    loose = _paid((Transaction.contract_id == contract.id) & Transaction.invoice_id.is_(None))
    return max(min(loose, most), Decimal(0))


def ask(refund: Refund, *, by: User | None) -> RefundRequest:
    """Ask that money goes back; nothing moves yet. Raises Invalid. The caller commits."""
    purpose = refund.purpose
    _check(refund)
    request = RefundRequest(
        contract=refund.contract or (refund.invoice.contract if refund.invoice else None),
        invoice=refund.invoice,
        customer=purpose.customer,
        business_unit=purpose.business_unit,
        amount=refund.amount,
        deposit=refund.deposit,
        iban=compact(refund.iban),
        remark=refund.remark.strip(),
        requested_by=by,
        requested_at=now(),
    )
    db.session.add(request)
    db.session.flush()
    return request


def give_back(refund: Refund, way: Way, *, by: User | None) -> Transaction:
    """Register money that goes back at once. Raises Invalid. The caller commits."""
    _check(refund)
    return _pay(refund, way, by)


def process(request: RefundRequest, way: Way, *, by: User | None) -> Transaction:
    """Note that the money of a request has gone: this makes the transaction. The caller commits.

    Raises DomainError for a request that is processed or withdrawn already.
    """
    _go_on(request, RefundState.PROCESSED)
    refund = Refund(
        request.amount,
        request.contract,
        request.invoice,
        request.deposit,
        request.iban,
        request.remark,
    )
    request.transaction = _pay(refund, way, by)
    request.state = RefundState.PROCESSED
    db.session.flush()
    return request.transaction


def change(request: RefundRequest, *, iban: str, remark: str) -> RefundRequest:
    """Change where the money of an open request goes. Raises Invalid, DomainError."""
    lock(request)
    if request.state is not RefundState.OPEN:
        raise DomainError(_("Only an open request can be changed."))
    _check_iban(iban)
    request.iban, request.remark = compact(iban), remark.strip()
    db.session.flush()
    return request


def withdraw(request: RefundRequest) -> RefundRequest:
    """Nobody gets this money back after all. Raises DomainError when it is on its way, or gone."""
    _go_on(request, RefundState.WITHDRAWN)
    request.state = RefundState.WITHDRAWN
    db.session.flush()
    return request


def reopen(request: RefundRequest) -> RefundRequest:
    """The bank did not pay: let a request out of its payment file be paid anew.

    Raises DomainError when it is in none.
    """
    _go_on(request, RefundState.OPEN)
    request.state = RefundState.OPEN
    db.session.flush()
    return request


def _go_on(request: RefundRequest, state: RefundState) -> None:
    """Wait for others who work on the request, and look whether it may go to that state."""
    lock(request)
    if state in NEXT[request.state]:
        return
    if request.state is RefundState.OPEN:
        raise DomainError(_("Request %(request)s is in no payment file.", request=request))
    raise DomainError(
        {
            RefundState.PROCESSED: _("Request %(request)s has been paid.", request=request),
            RefundState.WITHDRAWN: _("Request %(request)s is withdrawn.", request=request),
            RefundState.EXPORTED: _(
                "Request %(request)s is in a payment file: take it out first.", request=request
            ),
        }[request.state]
    )


def _pay(refund: Refund, way: Way, by: User | None) -> Transaction:
    data = TransactionData(
        type=_type(refund.deposit),
        method=way.method,
        amount=refund.amount,
        at=way.at,
        contract=refund.contract,
        invoice=refund.invoice,
        register=way.register,
        terminal=way.terminal,
        iban=refund.iban,
        remark=refund.remark,
    )
    return transactions.register(data, by=by)


def _type(deposit: bool) -> TransactionType:
    return types.of_role(TypeRole.DEPOSIT_REFUND if deposit else TypeRole.REFUND)


def _check(refund: Refund) -> None:
    """Look whether it may go back; two people at once cannot give the same money back."""
    for record in (refund.purpose, refund.contract):
        if record is not None:
            lock(record)
    _check_iban(refund.iban)
    if refund.amount <= 0 or refund.amount != cents(refund.amount):
        raise Invalid(amount=_("Fill in an amount above zero, with at most 2 decimals."))
    most = refundable(refund.contract, refund.invoice, deposit=refund.deposit)
    if refund.amount > most:
        raise Invalid(amount=_too_much(refund, most))


def _too_much(refund: Refund, most: Decimal) -> str:
    if most <= 0:
        return _("There is nothing to give back.")
    if refund.deposit:
        return _("Only %(amount)s of the deposit can go back.", amount=money(most))
    return _("Only %(amount)s of what was paid can go back.", amount=money(most))


def _check_iban(iban: str) -> None:
    if iban and not is_iban(iban):
        raise Invalid(iban=_("This is not an IBAN: check its digits."))


def _documents(invoice: Invoice) -> list[int]:
    """An invoice and its credit notes: what is collected on any of them counts for all."""
    owed = invoice.credited_invoice or invoice
    return [each.id for each in (owed, *credit_notes(owed))]


def _paid(condition: ColumnElement[bool]) -> Decimal:
    """What came in, less what went back, in EUR; deposits are not the firm's money."""
    query = (
        select(func.sum(Transaction.amount))
        .join(Transaction.type)
        .where(
            condition,
            TransactionType.family.in_([TransactionFamily.PAYMENT, TransactionFamily.REFUND]),
        )
    )
    return db.session.scalar(query) or Decimal(0)


def _asked(condition: ColumnElement[bool]) -> Decimal:
    query = select(func.sum(RefundRequest.amount)).where(
        condition,
        RefundRequest.deposit.is_(False),
        RefundRequest.state.in_(deposits.WAITING),
    )
    return db.session.scalar(query) or Decimal(0)
