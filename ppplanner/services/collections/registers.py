"""Cash registers: keeping them, and the cash that moves without a customer (domain 10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ppplanner.clock import now
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.formats import money
from ppplanner.i18n import _
from ppplanner.models import (
    BusinessUnit,
    CashRegister,
    MethodKind,
    Transaction,
    TransactionFamily,
    TransactionType,
    TypeRole,
    User,
)
from ppplanner.services.collections import cash, transactions, types
from ppplanner.services.collections.entry import TransactionData
from ppplanner.services.doubles import refuse_double
from ppplanner.services.locking import lock, lock_all

#: Types whose two halves `transfer` makes together.
HALVES = (TypeRole.TRANSFER_IN, TypeRole.TRANSFER_OUT)


def open_register(
    *, code: str, business_unit: BusinessUnit, user: User, name: str = ""
) -> CashRegister:
    """Begin a register. Its code, business unit and the person who answers for it stay for ever.

    Raises Invalid. The caller commits.
    """
    code = code.strip()
    if not code:
        raise Invalid(code=_("Fill in a code."))
    register = CashRegister(code=code, name=name.strip())
    refuse_double(register, "code", code)
    register.business_unit, register.user = business_unit, user
    db.session.add(register)
    db.session.flush()
    return register


def change_register(register: CashRegister, *, name: str, active: bool) -> CashRegister:
    """Rename a register, close it or open it again. Raises Invalid when cash is in it."""
    lock(register)
    there = cash.balance(register)
    if not active and there:
        raise Invalid(
            active=_("There is still %(there)s in it: empty it first.", there=money(there))
        )
    register.name, register.active = name.strip(), active
    db.session.flush()
    return register


@dataclass(frozen=True)
class Entry:
    """Cash that moves without a customer. The amount is in EUR, above zero; the type signs it."""

    amount: Decimal
    voucher: str = ""
    remark: str = ""
    #: None: now.
    at: datetime | None = None


def book(
    register: CashRegister, transaction_type: TransactionType, entry: Entry, *, by: User | None
) -> Transaction:
    """Correct what is in a register, or carry cash to the bank. Raises Invalid."""
    if transaction_type.family is not TransactionFamily.REGISTER:
        raise Invalid(type_id=_("This type is not for a cash register alone: choose another."))
    if transaction_type.role in HALVES:
        raise Invalid(type_id=_("Cash for another register is a transfer."))
    return transactions.register(_data(register, transaction_type, entry), by=by)


def transfer(
    source: CashRegister, target: CashRegister, entry: Entry, *, by: User | None
) -> tuple[Transaction, Transaction]:
    """Move cash from one register to another: it leaves and arrives at the same moment.

    Raises Invalid. The caller commits both halves together.
    """
    if source is target:
        raise Invalid(target_id=_("Choose another register."))
    lock_all(CashRegister, [source, target])
    entry = Entry(entry.amount, entry.voucher, entry.remark, entry.at or now())
    leaves = _half(source, TypeRole.TRANSFER_OUT, entry, by)
    arrives = _half(target, TypeRole.TRANSFER_IN, entry, by)
    leaves.counterpart, arrives.counterpart = arrives, leaves
    db.session.flush()
    return leaves, arrives


def _half(register: CashRegister, role: TypeRole, entry: Entry, by: User | None) -> Transaction:
    return transactions.register_own(_data(register, types.of_role(role), entry), by=by)


def _data(
    register: CashRegister, transaction_type: TransactionType, entry: Entry
) -> TransactionData:
    return TransactionData(
        type=transaction_type,
        method=types.method_of(MethodKind.CASH),
        amount=entry.amount,
        register=register,
        at=entry.at,
        voucher=entry.voucher,
        remark=entry.remark,
    )
