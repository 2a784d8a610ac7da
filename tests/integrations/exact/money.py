"""Money that moves, for tests: as people register it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import count
from typing import Any

from ppplanner.extensions import db
from ppplanner.integrations.exact.branch_settings import (
    BranchValues,
    save_branch,
    save_type_account,
    types_to_map,
)
from ppplanner.integrations.exact.models import ExactConnection
from ppplanner.models import (
    BusinessUnit,
    CashRegister,
    MethodKind,
    Terminal,
    Transaction,
    TransactionFamily,
    TypeRole,
)
from ppplanner.services.collections import registers, transactions, types
from ppplanner.services.collections.transactions import TransactionData
from tests.factories import make_contract, make_unit, make_user

_numbers = count(1)


def paid(
    role: TypeRole, amount: Decimal | int, method: MethodKind = MethodKind.BANK, **more: Any
) -> Transaction:
    """Money for a contract, a new one unless it is said."""
    if "contract" not in more:
        more["contract"] = make_contract()
    data = TransactionData(
        type=types.of_role(role), amount=Decimal(amount), method=types.method_of(method), **more
    )
    made = transactions.register_own(data, by=None)
    db.session.commit()
    return made


def cash(role: TypeRole, amount: Decimal | int, **more: Any) -> Transaction:
    """The same as cash in a register, a new one unless it is said."""
    if "register" not in more:
        more["register"] = register()
    if types.of_role(role).family is TransactionFamily.REGISTER:
        more.setdefault("contract", None)
    return paid(role, amount, MethodKind.CASH, **more)


def by_terminal(unit: BusinessUnit, role: TypeRole, amount: int, **more: Any) -> Transaction:
    """The same on a new terminal of a business unit."""
    terminal = Terminal(business_unit=unit, code=f"TERM{next(_numbers)}")
    db.session.add(terminal)
    return paid(role, amount, MethodKind.TERMINAL, terminal=terminal, **more)


def register(unit: BusinessUnit | None = None, filled: int = 0) -> CashRegister:
    """A cash register, with so many euro in it."""
    code = f"K{next(_numbers)}"
    made = registers.open_register(code=code, business_unit=unit or make_unit(), user=make_user())
    if filled:
        cash(TypeRole.CORRECTION_IN, filled, register=made)
    return made


def set_up(
    connection: ExactConnection,
    unit: BusinessUnit,
    accounts: Mapping[TypeRole, str] | None = None,
    **values: str,
) -> None:
    """Choose all that a business unit needs; `accounts` says which types differ from 580000."""
    types.make_usual_lists()
    usual = {"cash_journal": "10", "other_journal": "90", "customer_gl": "400000"}
    save_branch(connection, unit, BranchValues(**{**usual, **values}))
    for kind in types_to_map():
        code = (accounts or {}).get(TypeRole(kind.role or ""), "580000")
        save_type_account(connection, unit, kind, None, code)
    db.session.commit()
