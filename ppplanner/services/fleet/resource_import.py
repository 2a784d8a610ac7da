"""Importing resources from a spreadsheet: first a plan that changes nothing, then the deed.

A row is a known resource by its code, else by its plate. Columns that the file does not have stay
as they are; an empty cell empties the field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from hashlib import sha256
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from ppplanner import events
from ppplanner.batches import batches
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.formats import day, number
from ppplanner.i18n import _, ngettext
from ppplanner.models import Contract, Pool, Resource, ResourceType
from ppplanner.plates import bare
from ppplanner.services.files.sheets import Row, read_rows
from ppplanner.services.fleet.resource_columns import columns_for, ignored, places
from ppplanner.services.fleet.resource_lists import Lists
from ppplanner.services.fleet.resource_rows import (
    FIELDS,
    Refused,
    RowReader,
    data_of,
    refusal,
    title,
)
from ppplanner.services.fleet.resources import ResourceData, unfinished, write


class Outcome(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(frozen=True)
class Alteration:
    """A field that the file changes, with both values in words."""

    title: str
    old: str
    new: str


@dataclass(frozen=True)
class PlannedRow:
    """What becomes of one row; `number` is the one that the spreadsheet shows beside it."""

    number: int
    outcome: Outcome
    name: str
    alterations: Sequence[Alteration] = ()
    #: What is wrong, by the title of its column.
    faults: Sequence[tuple[str, str]] = ()
    #: What else a person should know before deciding.
    note: str = ""
    data: ResourceData | None = None
    resource: Resource | None = None


@dataclass(frozen=True)
class Plan:
    """What an import would do."""

    rows: Sequence[PlannedRow]
    counts: Mapping[Outcome, int]
    #: Headings that are not imported.
    ignored: Sequence[str]
    #: Types that the file names and that are not there; and those that the import makes.
    missing_types: Sequence[str]
    new_types: Sequence[ResourceType]

    @property
    def fingerprint(self) -> str:
        """The same as long as the import would do the same."""
        rows = [(row.number, row.outcome.value, row.name, row.alterations) for row in self.rows]
        return sha256(repr(rows).encode()).hexdigest()[:16]

    @property
    def does_something(self) -> bool:
        return bool(self.counts[Outcome.NEW] or self.counts[Outcome.CHANGED])


def plan_import(content: bytes, pools: Sequence[Pool], make_types: bool = False) -> Plan:
    """What importing the file would do, within the pools that the person may change.

    Raises DomainError for a file that cannot be read at all.
    """
    headings, *rows = read_rows(content)
    columns = columns_for(pools)
    found = places(headings, columns)
    if not rows:
        raise DomainError(_("This file names its columns, but has no rows below them."))
    lists = Lists(pools, make_types)
    planned = _Planner(RowReader(found, lists), pools).plan(rows)
    counts = Counter(row.outcome for row in planned)
    return Plan(
        _with_notes(planned),
        {outcome: counts[outcome] for outcome in Outcome},
        ignored(headings, columns),
        list(lists.missing_types.values()),
        list(lists.new_types.values()),
    )


def carry_out(plan: Plan) -> None:
    """Do what the plan says. The caller commits."""
    db.session.add_all(plan.new_types)
    written = []
    for row in plan.rows:
        if row.data is not None and row.outcome in (Outcome.NEW, Outcome.CHANGED):
            resource = row.resource or Resource()
            write(row.data, resource)
            written.append((resource, row.outcome is Outcome.NEW))
    db.session.flush()
    for resource, new in written:
        events.resource_saved.send(resource, new=new)


class _Planner:
    """Plans the rows of one file; what they are compared with is read at once."""

    def __init__(self, reader: RowReader, pools: Iterable[Pool]) -> None:
        self.reader = reader
        self.pool_ids = {pool.id for pool in pools}
        self.known: dict[tuple[str, str], Resource] = {}
        #: In which row of the file a code or plate stood first.
        self.seen: dict[tuple[str, str], int] = {}

    def plan(self, rows: Sequence[Row]) -> list[PlannedRow]:
        keys = [self.reader.keys(row) for row in rows]
        self._read_known("code", {code for code, _plate in keys})
        self._read_known("licence_plate", {plate for _code, plate in keys})
        return [self._plan(row, *key) for row, key in zip(rows, keys, strict=True)]

    def _read_known(self, field: str, wanted: set[str]) -> None:
        names, column = sorted(wanted - {""}), getattr(Resource, field)
        for some in batches(names):
            query = select(Resource).where(column.in_(some))
            for resource in db.session.scalars(query.options(*_LOADED)):
                self.known[field, getattr(resource, field)] = resource

    def _plan(self, row: Row, code: str, plate: str) -> PlannedRow:
        name = " ".join(filter(None, (code, plate if bare(plate) != code else "")))
        try:
            resource = self._find(row, code, plate)
            data = self.reader.read(row, resource)
        except Refused as refused:
            return PlannedRow(row.number, Outcome.REFUSED, name, faults=refused.found)
        if resource is None:
            return PlannedRow(row.number, Outcome.NEW, name, data=data)
        changes = _alterations(resource, data)
        outcome = Outcome.CHANGED if changes else Outcome.UNCHANGED
        return PlannedRow(row.number, outcome, str(resource), changes, data=data, resource=resource)

    def _find(self, row: Row, code: str, plate: str) -> Resource | None:
        """The resource that a row speaks of. Raises Refused when it cannot be that one."""
        found = [self._unique(row, "code", code), self._unique(row, "licence_plate", plate)]
        by_code, by_plate = found
        if by_code and by_plate and by_code is not by_plate:
            raise refusal("licence_plate", _("%(other)s has this already.", other=by_plate))
        resource = by_code or by_plate
        if resource and resource.pool_id not in self.pool_ids:
            raise refusal("pool", _("You may not change the resources of its present pool."))
        return resource

    def _unique(self, row: Row, field: str, value: str) -> Resource | None:
        first = self.seen.setdefault((field, value), row.number) if value else row.number
        if first != row.number:
            raise refusal(field, _("Row %(row)d of this file has this already.", row=first))
        return self.known.get((field, value))


_LOADED = (
    joinedload(Resource.price_range),
    joinedload(Resource.cost_centre),
    joinedload(Resource.cost_carrier),
)


def _alterations(resource: Resource, data: ResourceData) -> list[Alteration]:
    present = data_of(resource)
    return [
        Alteration(title(name), _in_words(old), _in_words(new))
        for name in FIELDS
        if (old := getattr(present, name)) != (new := getattr(data, name))
    ]


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, Pool):
        return f"{value.business_unit.name} · {value.name}"
    if isinstance(value, (Decimal, int)):
        return number(value)
    if isinstance(value, date):
        return day(value)
    return "" if value is None else str(value)


def _with_notes(rows: Sequence[PlannedRow]) -> list[PlannedRow]:
    """Say which resources are archived although contracts still need them."""
    archived = [row.resource.id for row in rows if row.resource and _is_archived(row)]
    query = (
        select(Contract.resource_id, func.count())
        .where(unfinished(archived))
        .group_by(Contract.resource_id)
    )
    counts = dict(db.session.execute(query).all()) if archived else {}
    return [
        replace(row, note=_unfinished_note(counts[row.resource.id]))
        if row.resource and row.resource.id in counts
        else row
        for row in rows
    ]


def _is_archived(row: PlannedRow) -> bool:
    return bool(row.resource and row.data and row.resource.active and not row.data.active)


def _unfinished_note(count: int) -> str:
    return ngettext(
        "%(num)s contract that is not finished keeps it.",
        "%(num)s contracts that are not finished keep it.",
        count,
    )
