"""Money that goes back to customers: at once, or asked for first and paid later (domain 9.4)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

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
    TransactionMethod,
    TransactionType,
    TypeRole,
    User,
)
from ppplanner.money import cents
from ppplanner.services.collections import refund_limits, transactions, types
from ppplanner.services.collections.entry import TransactionData
from ppplanner.services.iban import compact, is_iban
from ppplanner.services.invoices.holding import hold
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


def ask(refund: Refund, *, by: User | None) -> RefundRequest:
    """Ask that money goes back; nothing moves yet. Raises Invalid. The caller commits."""
    purpose = _check(refund)
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

    Raises DomainError for a request that is processed or withdrawn already, Invalid when the money
    is not there any more. What a payment file has asked the bank to pay has gone all the same.
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
    if request.state is RefundState.OPEN:
        _refuse_gone(request, refund)
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
    """Money that an invoice has taken meanwhile goes back from that invoice, which asks for it
    again.
    """
    hold(refund.invoice, contract=refund.contract)
    invoice = refund.invoice
    if refund.contract and not invoice and not refund.deposit:
        invoice = refund_limits.holder(refund.contract, refund.amount)
    data = TransactionData(
        type=_type(refund.deposit),
        method=way.method,
        amount=refund.amount,
        at=way.at,
        contract=refund.contract,
        invoice=invoice,
        register=way.register,
        terminal=way.terminal,
        iban=refund.iban,
        remark=refund.remark,
    )
    return transactions.register(data, by=by)


def _type(deposit: bool) -> TransactionType:
    return types.of_role(TypeRole.DEPOSIT_REFUND if deposit else TypeRole.REFUND)


def _check(refund: Refund) -> Contract | Invoice:
    """Look whether it may go back, and give what it had been paid for; two people at once cannot
    give the same money back.
    """
    purpose = refund.purpose
    hold(refund.invoice, contract=refund.contract)
    _check_iban(refund.iban)
    if refund.amount <= 0 or refund.amount != cents(refund.amount):
        raise Invalid(amount=_("Fill in an amount above zero, with at most 2 decimals."))
    most = refund_limits.refundable(refund.contract, refund.invoice, deposit=refund.deposit)
    if refund.amount > most:
        raise Invalid(amount=_too_much(refund, most))
    return purpose


def _refuse_gone(request: RefundRequest, refund: Refund) -> None:
    hold(refund.invoice, contract=refund.contract)
    if gone := refund_limits.gone(request):
        raise Invalid(amount=_too_much(refund, refund.amount - gone))


def _too_much(refund: Refund, most: Decimal) -> str:
    if most <= 0:
        return _("There is nothing to give back.")
    if refund.deposit:
        return _("Only %(amount)s of the deposit can go back.", amount=money(most))
    return _("Only %(amount)s of what was paid can go back.", amount=money(most))


def _check_iban(iban: str) -> None:
    if iban and not is_iban(iban):
        raise Invalid(iban=_("This is not an IBAN: check its digits."))
