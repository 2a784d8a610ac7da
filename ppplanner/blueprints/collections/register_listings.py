"""The lists of cash registers and of cash counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from flask import url_for
from sqlalchemy import ColumnElement, Select, and_, select, true
from sqlalchemy.orm import contains_eager, joinedload

from ppplanner.blueprints.collections.listing import registers_to_choose
from ppplanner.blueprints.collections.register_words import count_badge
from ppplanner.blueprints.lists.filters import DayFilter, Filter, active_filter, archived
from ppplanner.blueprints.lists.listing import Action, Column, Listing
from ppplanner.blueprints.lists.periods import STRETCHES
from ppplanner.blueprints.lists.unit_column import unit_column
from ppplanner.blueprints.markup import Badge
from ppplanner.blueprints.scope import in_chosen_unit
from ppplanner.clock import midnight
from ppplanner.i18n import _l
from ppplanner.locales import timezone
from ppplanner.models import CashCount, CashRegister, User
from ppplanner.services.collections import cash


def _registers() -> Select[CashRegister]:
    return (
        select(CashRegister)
        .join(CashRegister.business_unit)
        .join(CashRegister.user)
        .where(in_chosen_unit(CashRegister))
    )


def _counts() -> Select[CashCount]:
    query = select(CashCount).join(CashCount.register)
    return query.where(in_chosen_unit(CashRegister))


def _balances(rows: Sequence[CashRegister]) -> Mapping[int, Decimal]:
    return cash.balances(row.id for row in rows)


def _last_counts(rows: Sequence[CashRegister]) -> Mapping[int, datetime | None]:
    counts = cash.last_counts(row.id for row in rows)
    return {row.id: counts[row.id].at if row.id in counts else None for row in rows}


def _differences(rows: Sequence[CashRegister]) -> Mapping[int, Badge]:
    counts = cash.last_counts(row.id for row in rows)
    return {key: count_badge(count) for key, count in counts.items()}


def _between(first: date | None, last: date | None) -> ColumnElement[bool]:
    zone = timezone()
    since = CashCount.at >= midnight(first, zone) if first else true()
    until = CashCount.at < midnight(last + timedelta(days=1), zone) if last else true()
    return and_(since, until)


CASH_REGISTERS = Listing(
    name="cash_registers",
    title=_l("Cash registers"),
    query=_registers,
    key=CashRegister.id,
    columns=[
        Column("code", _l("Code"), sort=CashRegister.code),
        Column("name", _l("Name"), sort=CashRegister.name),
        unit_column("md"),
        Column(
            "user",
            _l("Responsible"),
            value=lambda row: row.user.name,
            sort=User.name,
            wide="md",
        ),
        Column("counted", _l("Last count"), load=_last_counts, show="moment", wide="lg"),
        Column("difference", _l("Difference then"), load=_differences, wide="lg"),
        Column("balance", _l("In it now"), load=_balances, show="money", align="end"),
    ],
    sort="code",
    open=lambda row: url_for("collections.show_register", register_id=row.id),
    search=[CashRegister.code, CashRegister.name, User.name],
    search_hint=_l("Code, name or person"),
    filters=[active_filter(CashRegister.active)],
    options=[contains_eager(CashRegister.business_unit), contains_eager(CashRegister.user)],
    new=Action(
        _l("New cash register"), "collections.new_register", "collections.lists", dialog=True
    ),
    empty=_l("Cash that customers pay lies in a cash register. Add the first one."),
    muted=archived,
)

CASH_COUNTS = Listing(
    name="cash_counts",
    title=_l("Cash counts"),
    query=_counts,
    key=CashCount.id,
    columns=[
        Column("at", _l("Counted at"), show="moment", sort=CashCount.at),
        Column(
            "register",
            _l("Cash register"),
            value=lambda row: row.register,
            sort=CashRegister.code,
        ),
        Column(
            "by",
            _l("Counted by"),
            value=lambda row: row.counted_by and row.counted_by.name,
            wide="md",
        ),
        Column("total", _l("Counted"), show="money", align="end"),
        Column("expected", _l("Should be in it"), show="money", align="end", wide="md"),
        Column(
            "difference", _l("Difference"), value=count_badge, export=lambda row: row.difference
        ),
        Column("booked", _l("Booked with"), value=lambda row: row.transaction, wide="lg"),
        Column("remark", _l("Remark"), wide="xxl"),
    ],
    sort="-at",
    open=lambda row: url_for("collections.show_count", count_id=row.id),
    filters=[
        DayFilter("period", _l("Period"), apply=_between, stretches=STRETCHES),
        Filter(
            "register",
            _l("Cash register"),
            choices=registers_to_choose,
            apply=lambda value: CashCount.register_id == int(value),
            any=_l("All"),
        ),
    ],
    options=[
        contains_eager(CashCount.register),
        joinedload(CashCount.counted_by),
        joinedload(CashCount.transaction),
    ],
    empty=_l("Here stands what was counted in cash registers. Open one to count it."),
)
