"""Security deposits: collateral that stays the customer's money (domain 9.3)."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import ColumnElement, func, select

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import (
    Contract,
    ContractStatus,
    PayMoment,
    RefundRequest,
    RefundState,
    Transaction,
    TransactionFamily,
    TransactionMethod,
    TransactionType,
)
from ppplanner.services.locking import lock

#: Asked for, and not yet paid.
WAITING = (RefundState.OPEN, RefundState.EXPORTED)
LARGEST = Decimal(1_000_000)


def held(contract: Contract) -> Decimal:
    """What the firm has of the customer as a deposit on the contract, in EUR."""
    return _sum(
        select(func.sum(Transaction.amount))
        .join(Transaction.type)
        .where(
            Transaction.contract_id == contract.id,
            TransactionType.family == TransactionFamily.DEPOSIT,
        )
    )


def promised(contract: Contract, deposit: bool = True) -> Decimal:
    """What refund requests of the contract still ask for, in EUR: of the deposit, or of what was
    paid.
    """
    return _asked_for(
        (RefundRequest.contract_id == contract.id) & (RefundRequest.deposit.is_(deposit))
    )


def _asked_for(condition: ColumnElement[bool]) -> Decimal:
    query = select(func.sum(RefundRequest.amount))
    return _sum(query.where(condition, RefundRequest.state.in_(WAITING)))


def free(contract: Contract) -> Decimal:
    """What can be given back or settled of the deposit now, in EUR."""
    return held(contract) - promised(contract)


def method_of_latest(contract: Contract) -> TransactionMethod | None:
    """How the customer paid the latest deposit on the contract; None when there is none."""
    query = (
        select(TransactionMethod)
        .join(Transaction, Transaction.method_id == TransactionMethod.id)
        .join(Transaction.type)
        .where(
            Transaction.contract_id == contract.id,
            Transaction.amount > 0,
            TransactionType.family == TransactionFamily.DEPOSIT,
        )
        .order_by(Transaction.at.desc(), Transaction.id.desc())
        .limit(1)
    )
    return db.session.scalar(query)


def expected(contract: Contract) -> Decimal:
    """The deposit that the contract asks for, in EUR: its own, else that of its resource."""
    own = contract.deposit
    if own is None and contract.resource:
        own = contract.resource.deposit
    return own or Decimal(0)


def set_terms(
    contract: Contract,
    *,
    deposit: Decimal | None,
    payment_moment: PayMoment | None,
    deposit_moment: PayMoment | None,
) -> None:
    """Keep the deposit that a person asks for, None for that of the resource, and when money is
    asked for. Raises Invalid, DomainError for a cancelled contract. The caller commits.
    """
    lock(contract)
    if contract.status is ContractStatus.CANCELLED:
        raise DomainError(_("A cancelled contract asks for no money."))
    if deposit is not None and not 0 <= deposit <= LARGEST:
        raise Invalid(deposit=_("A deposit lies between 0 and 1,000,000 euro."))
    contract.deposit = deposit
    contract.payment_moment, contract.deposit_moment = payment_moment, deposit_moment
    db.session.flush()


def _sum(query: object) -> Decimal:
    return db.session.scalar(query) or Decimal(0)  # type: ignore[call-overload]
