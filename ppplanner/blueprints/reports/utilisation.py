"""The table of the utilisation report: its rows, by resource, pool or type."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from flask import url_for
from flask_login import current_user
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from ppplanner import formats
from ppplanner.addons.manifest import Text
from ppplanner.blueprints.resources.listing import pool_title
from ppplanner.extensions import db
from ppplanner.i18n import _l
from ppplanner.models import Pool, Resource
from ppplanner.permissions import reach_of, visible
from ppplanner.services.overviews.utilisation import Use, totals

DAY = 24 * 3600

GROUPS = {"resource": _l("Resource"), "pool": _l("Pool"), "type": _l("Type")}


@dataclass(frozen=True)
class ReportRow:
    """A resource, a pool or a type, with its use in the period."""

    name: str
    use: Use
    url: str | None = None


#: How figures are written on the page, in the person's language.
LOOKS: Mapping[str, Callable[[Any], str]] = {
    "percent": formats.share,
    "number": formats.number,
    "money": formats.money,
}


@dataclass(frozen=True)
class ReportColumn:
    """A column of figures, and how it is shown and written."""

    key: str
    title: Text
    value: Callable[[Use], Any]
    show: str

    def figure(self, use: Use) -> str:
        """What the page shows: a template would take twice as long for the cells of all rows."""
        value = self.value(use)
        return "–" if value is None else LOOKS[self.show](value)


def days(seconds: int) -> Decimal:
    """Seconds as days of 24 hours, to a tenth."""
    return round(Decimal(seconds) / DAY, 1)


COLUMNS = (
    ReportColumn("share", _l("Utilisation"), lambda use: use.share, "percent"),
    ReportColumn("rented", _l("Days rented"), lambda use: days(use.rented), "number"),
    ReportColumn("available", _l("Days available"), lambda use: days(use.available), "number"),
    ReportColumn("contracts", _l("Contracts"), lambda use: use.contracts, "number"),
    ReportColumn("revenue", _l("Revenue without VAT"), lambda use: use.revenue, "money"),
)
#: What contracts bring in is for those who may see these contracts.
OF_CONTRACTS = frozenset({"revenue"})


def columns() -> Sequence[ReportColumn]:
    """The figures that the person may see."""
    contracts, resources = reach_of("contracts.view"), reach_of("resources.view")
    inside = not resources.everywhere and resources.pools <= contracts.pools
    if contracts.everywhere or inside:
        return COLUMNS
    return [column for column in COLUMNS if column.key not in OF_CONTRACTS]


def among() -> list[ColumnElement[bool]]:
    """Which resources the report is about: those within reach, of the business unit chosen."""
    conditions = [visible(Resource)]
    if unit_id := current_user.business_unit_id:
        conditions.append(Pool.business_unit_id == unit_id)
    return conditions


def rows_by(group: str, found: Mapping[int, Use]) -> list[ReportRow]:
    """The rows of the table, unsorted."""
    query = (
        select(Resource)
        .join(Resource.pool)
        .where(*among())
        .options(joinedload(Resource.pool).joinedload(Pool.business_unit))
        .options(joinedload(Resource.type))
    )
    resources = {each.id: each for each in db.session.scalars(query) if each.id in found}
    if group == "resource":
        return [
            ReportRow(each.title, found[key], url_for("resources.show", resource_id=key))
            for key, each in resources.items()
        ]
    name = _pool_name if group == "pool" else _type_name
    sums = totals(found, lambda key: name(resources[key]))
    return [ReportRow(title, use) for title, use in sums.items()]


def _pool_name(resource: Resource) -> str:
    return pool_title(resource.pool.name, resource.pool.business_unit.name)


def _type_name(resource: Resource) -> str:
    return resource.type.name


def sort_rows(rows: Sequence[ReportRow], sort: str) -> list[ReportRow]:
    """By name or by a figure; "-" in front puts the greatest first."""
    key = sort.removeprefix("-")
    by_name = sorted(rows, key=lambda row: row.name.casefold())
    if key == "name":
        return by_name[::-1] if sort.startswith("-") else by_name
    [column] = (column for column in COLUMNS if column.key == key)
    return sorted(
        by_name,
        key=lambda row: column.value(row.use) or 0,
        reverse=sort.startswith("-"),
    )
