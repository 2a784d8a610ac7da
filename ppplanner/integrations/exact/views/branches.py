"""The settings of a business unit as people see them: what is chosen, what is missing or gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeAlias

from sqlalchemy import select

from ppplanner.blueprints.collections.labels import listed_name
from ppplanner.blueprints.markup import Badge
from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import (
    BusinessUnit,
    Contract,
    MethodKind,
    Transaction,
    TransactionType,
    TypeRole,
)
from ppplanner.services.collections import types

from ..branch_settings import branch_of, types_to_map
from ..connect import connection_of
from ..mapping import USUAL_DESCRIPTION, describe
from ..models import ExactBranch, ExactConnection, ExactListItem, ExactTypeAccount
from ..sync import lists
from ..sync.branches import accounts_of, branches_of

#: A choice with its name, or a badge for one that is missing or gone.
Shown: TypeAlias = "str | Badge"


@dataclass(frozen=True)
class MethodShown:
    """An account that holds for one method only."""

    id: int
    method: str
    account: Shown


@dataclass
class TypeShown:
    """On which account a type is booked."""

    name: str
    account: Shown
    methods: list[MethodShown] = field(default_factory=list)


@dataclass(frozen=True)
class UnitShown:
    """All that is set for a business unit."""

    unit: BusinessUnit
    cash_journal: Shown
    other_journal: Shown
    customer_gl: Shown
    description: str
    types: Sequence[TypeShown]

    @property
    def missing(self) -> int:
        """How many choices are missing, or are no longer offered by Exact."""
        own = [self.cash_journal, self.other_journal, self.customer_gl]
        of_types = [each.account for each in self.types]
        of_methods = [each.account for of_type in self.types for each in of_type.methods]
        return sum(_is_open(each) for each in (*own, *of_types, *of_methods))

    @property
    def types_chosen(self) -> int:
        return sum(not _is_open(each.account) for each in self.types)


def shown_units(connection: ExactConnection, units: Sequence[BusinessUnit]) -> list[UnitShown]:
    """What is set for some business units of a company, in a fixed number of queries."""
    offered = _Offered.read(connection)
    branches = {each.business_unit_id: each for each in branches_of(connection)}
    accounts = defaultdict(list)
    for account in accounts_of(connection):
        accounts[account.business_unit_id].append(account)
    kinds = types_to_map()
    return [
        offered.unit(
            branches.get(unit.id) or branch_of(connection, unit), unit, kinds, accounts[unit.id]
        )
        for unit in units
    ]


@dataclass(frozen=True)
class _Offered:
    """What Exact offers now, by code."""

    cash_journals: Mapping[str, str]
    other_journals: Mapping[str, str]
    customer_accounts: Mapping[str, str]
    type_accounts: Mapping[str, str]

    @classmethod
    def read(cls, connection: ExactConnection) -> _Offered:
        return cls(
            _by_code(lists.cash_journals(connection)),
            _by_code(lists.general_journals(connection)),
            _by_code(lists.customer_accounts(connection)),
            _by_code(lists.type_accounts(connection)),
        )

    def unit(
        self,
        branch: ExactBranch,
        unit: BusinessUnit,
        kinds: Sequence[TransactionType],
        accounts: Sequence[ExactTypeAccount],
    ) -> UnitShown:
        return UnitShown(
            unit,
            _shown(branch.cash_journal, self.cash_journals),
            _shown(branch.other_journal, self.other_journals),
            _shown(branch.customer_gl_code, self.customer_accounts),
            branch.description or USUAL_DESCRIPTION,
            self._types(kinds, accounts),
        )

    def _types(
        self, kinds: Sequence[TransactionType], accounts: Sequence[ExactTypeAccount]
    ) -> list[TypeShown]:
        general = {each.type_id: each for each in accounts if each.method_id is None}
        rows = {
            kind.id: TypeShown(listed_name(kind), self._account(general.get(kind.id)))
            for kind in kinds
        }
        for each in accounts:
            if each.method_id is not None and each.type_id in rows:
                shown = MethodShown(each.id, listed_name(each.method), self._account(each))
                rows[each.type_id].methods.append(shown)
        return list(rows.values())

    def _account(self, account: ExactTypeAccount | None) -> Shown:
        if account is not None and not account.forwarded:
            return Badge(_("stays here"))
        return _shown(account.gl_account_code if account else "", self.type_accounts)


def _by_code(items: Iterable[ExactListItem]) -> dict[str, str]:
    return {item.code: item.name for item in items}


def _shown(code: str, offered: Mapping[str, str]) -> Shown:
    if not code:
        return Badge(_("not chosen yet"), "amber")
    if code not in offered:
        return Badge(_("%(code)s is no longer offered by Exact", code=code), "amber")
    return f"{code} {offered[code]}"


def _is_open(shown: Shown) -> bool:
    return isinstance(shown, Badge) and shown.colour == "amber"


def example(unit: BusinessUnit, description: str) -> str:
    """What a description comes to for the last transaction of the unit, or for one made up."""
    last = (
        select(Transaction)
        .filter_by(business_unit_id=unit.id)
        .where(Transaction.customer_id.is_not(None))
        .order_by(Transaction.at.desc(), Transaction.id.desc())
        .limit(1)
    )
    link = connection_of(unit.company_id)
    shown = db.session.scalar(last) or _made_up(unit)
    return describe(description, shown, link.language if link else "")


def _made_up(unit: BusinessUnit) -> Transaction:
    """A payment as it could be; it is never kept."""
    newest = select(Contract).filter_by(business_unit_id=unit.id).order_by(Contract.id.desc())
    with db.session.no_autoflush:
        contract = db.session.scalar(newest.limit(1))
        return Transaction(
            number=123,
            amount=Decimal(100),
            at=now(),
            type=types.of_role(TypeRole.PAYMENT),
            method=types.method_of(MethodKind.BANK),
            business_unit=unit,
            contract=contract,
            customer=contract.customer if contract else None,
            voucher="",
            remark="",
        )
