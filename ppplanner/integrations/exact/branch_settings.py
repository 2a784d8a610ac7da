"""The settings of a business unit for its transactions: journals, description, GL accounts (mission
S42 to S47). All codes are picked from what Exact offers.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import (
    BusinessUnit,
    TransactionFamily,
    TransactionMethod,
    TransactionType,
)

from . import mapping
from .models import ExactBranch, ExactConnection, ExactListItem, ExactTypeAccount
from .sync import lists

#: Instead of a code: such transactions do not go to Exact.
STAYS = "stays"


@dataclass(frozen=True)
class BranchValues:
    """What a person chooses for a unit; an empty code: not chosen yet."""

    cash_journal: str = ""
    other_journal: str = ""
    customer_gl: str = ""
    #: With the variables of `mapping.VARIABLES`; "" means the usual one.
    description: str = ""


def branch_of(connection: ExactConnection, unit: BusinessUnit) -> ExactBranch:
    """What is set for a unit; nothing, at first, nor after it has moved to another company. Not
    stored by asking.
    """
    found = db.session.get(ExactBranch, unit.id)
    if found is not None and found.connection_id == connection.id:
        return found
    empty = {"cash_journal": "", "other_journal": "", "description": "", "customer_gl_code": ""}
    return ExactBranch(business_unit_id=unit.id, connection_id=connection.id, **empty)


def save_branch(connection: ExactConnection, unit: BusinessUnit, values: BranchValues) -> None:
    """Keep what was chosen for a unit. Raises Invalid for a code that Exact does not offer, and for
    a variable that there is not. The caller commits.
    """
    offered = {
        "cash_journal": lists.cash_journals(connection),
        "other_journal": lists.general_journals(connection),
        "customer_gl": lists.customer_accounts(connection),
    }
    chosen = {name: _pick(name, getattr(values, name), items) for name, items in offered.items()}
    _check_description(values.description)
    _let_go_of_others(connection, unit)
    branch, account = branch_of(connection, unit), chosen["customer_gl"]
    branch.cash_journal, branch.other_journal = values.cash_journal, values.other_journal
    branch.description = values.description.strip()
    branch.customer_gl_id = account.exact_id if account else None
    branch.customer_gl_code = account.code if account else ""
    db.session.add(branch)
    db.session.flush()


def _let_go_of_others(connection: ExactConnection, unit: BusinessUnit) -> None:
    """A unit that has moved to another company is set up anew: nothing of one administration holds
    in another.
    """
    found = db.session.get(ExactBranch, unit.id)
    if found is None or found.connection_id == connection.id:
        return
    for each in (found, *accounts_of_unit(unit)):
        db.session.delete(each)
    db.session.flush()


def _pick(field: str, code: str, offered: list[ExactListItem]) -> ExactListItem | None:
    if not code:
        return None
    found = next((item for item in offered if item.code == code), None)
    if found is None:
        raise Invalid(**{field: _("Choose one of the list, as Exact has it now.")})
    return found


def _check_description(template: str) -> None:
    if unknown := mapping.unknown_variables(template):
        raise Invalid(
            description=_(
                "There is no variable {%(name)s}. Use: %(names)s.",
                name=unknown[0],
                names=", ".join(f"{{{name}}}" for name in mapping.VARIABLES),
            )
        )


def accounts_of_unit(unit: BusinessUnit) -> list[ExactTypeAccount]:
    query = select(ExactTypeAccount).filter_by(business_unit_id=unit.id)
    return list(db.session.scalars(query.order_by(ExactTypeAccount.id)))


def save_type_account(
    connection: ExactConnection,
    unit: BusinessUnit,
    kind: TransactionType,
    method: TransactionMethod | None,
    choice: str,
) -> None:
    """Say on which GL account a unit books a type, of one method or of all: the code of an account,
    STAYS, or "" to take it back. Raises Invalid. The caller commits.
    """
    _let_go_of_others(connection, unit)
    account = _existing(unit, kind, method)
    if not choice:
        if account:
            db.session.delete(account)
            db.session.flush()
        return
    offered = lists.type_accounts(connection)
    item = None if choice == STAYS else _pick("account", choice, offered)
    account = account or ExactTypeAccount(business_unit_id=unit.id, type=kind, method=method)
    account.forwarded = item is not None
    account.gl_account_id = item.exact_id if item else None
    account.gl_account_code = item.code if item else ""
    db.session.add(account)
    db.session.flush()


def _existing(
    unit: BusinessUnit, kind: TransactionType, method: TransactionMethod | None
) -> ExactTypeAccount | None:
    key = {"business_unit_id": unit.id, "type_id": kind.id}
    return db.session.scalar(
        select(ExactTypeAccount).filter_by(**key, method_id=method.id if method else None)
    )


def types_to_map() -> list[TransactionType]:
    """The types in use that can go to Exact: not those that only bring balances to zero."""
    query = select(TransactionType).where(
        TransactionType.active, TransactionType.family != TransactionFamily.ADMINISTRATIVE
    )
    return list(db.session.scalars(query.order_by(TransactionType.id)))


def copy_branch(connection: ExactConnection, source: BusinessUnit, target: BusinessUnit) -> None:
    """Set up a unit like another one; what it had is replaced. The caller commits."""
    _let_go_of_others(connection, target)
    model = branch_of(connection, source)
    branch = branch_of(connection, target)
    for name in ("cash_journal", "other_journal", "description"):
        setattr(branch, name, getattr(model, name))
    branch.customer_gl_id, branch.customer_gl_code = model.customer_gl_id, model.customer_gl_code
    db.session.add(branch)
    for old in accounts_of_unit(target):
        db.session.delete(old)
    db.session.flush()
    for account in accounts_of_unit(source):
        db.session.add(
            ExactTypeAccount(
                business_unit_id=target.id,
                type_id=account.type_id,
                method_id=account.method_id,
                gl_account_id=account.gl_account_id,
                gl_account_code=account.gl_account_code,
                forwarded=account.forwarded,
            )
        )
    db.session.flush()
