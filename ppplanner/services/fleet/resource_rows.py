"""One row of an imported file, read as a resource."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import contextmanager
from typing import Any

from ppplanner.errors import DomainError
from ppplanner.i18n import _
from ppplanner.models import Pool, Resource
from ppplanner.plates import bare, one_notation
from ppplanner.services.files.cells import as_amount, as_day, as_text, as_whole, as_yes_or_no
from ppplanner.services.files.sheets import Row, Value
from ppplanner.services.fleet.resource_columns import TITLES
from ppplanner.services.fleet.resource_lists import Lists
from ppplanner.services.fleet.resources import ResourceData, faults, in_normal_form

FIELDS = tuple(ResourceData.__dataclass_fields__)
READERS: Mapping[str, Callable[[Value], Any]] = {
    "licence_plate": as_text,
    "brand": as_text,
    "model": as_text,
    "deposit": as_amount,
    "tank_litres": as_whole,
    "active_from": as_day,
}
#: Columns that name a record of the pool's company group; an empty cell names none.
OF_GROUP = ("price_range", "cost_centre", "cost_carrier")


class Refused(Exception):
    """A row that cannot be imported, and why: sentences by the title of their column."""

    def __init__(self, *found: tuple[str, str]) -> None:
        self.found = found


def refusal(name: str, sentence: str) -> Refused:
    """Refuse a row for what stands in the column `name`."""
    return Refused((title(name), sentence))


def title(name: str) -> str:
    """What a column is called."""
    return str(TITLES[name])


def data_of(resource: Resource) -> ResourceData:
    """A known resource as data."""
    values = {name: getattr(resource, name) for name in FIELDS}
    return ResourceData(**values | {"licence_plate": resource.licence_plate or ""})


class RowReader:
    """Reads rows whose columns stand at these places, naming what these lists hold."""

    def __init__(self, columns: Mapping[str, int], lists: Lists) -> None:
        self.columns, self.lists = columns, lists

    def keys(self, row: Row) -> tuple[str, str]:
        """The code and the plate by which the row is known; "" for what it does not give."""
        plate = one_notation(self._text(row, "licence_plate"))
        return self._text(row, "code") or bare(plate), plate

    def read(self, row: Row, resource: Resource | None) -> ResourceData:
        """The row as data in normal form. Raises Refused with all that is wrong."""
        found: dict[str, str] = {}
        values = data_of(resource).__dict__.copy() if resource else {"code": "", "active": True}
        values |= self._plain(row, found) | self._references(row, resource, found)
        if found:
            raise Refused(*((title(name), sentence) for name, sentence in found.items()))
        data = in_normal_form(ResourceData(**values))
        if wrong := faults(data):
            raise Refused(
                *((title(name.removesuffix("_id")), str(text)) for name, text in wrong.items())
            )
        return data

    def _plain(self, row: Row, found: dict[str, str]) -> dict[str, Any]:
        """The values that name nothing else."""
        values: dict[str, Any] = {}
        for name, read in READERS.items():
            if name in self.columns:
                with _noting(name, found):
                    values[name] = read(self._cell(row, name))
        with _noting("code", found):
            if code := as_text(self._cell(row, "code")):
                values["code"] = code
        with _noting("active", found):
            active = as_yes_or_no(self._cell(row, "active"))
            if active is not None:
                values["active"] = active
        return values

    def _references(
        self, row: Row, resource: Resource | None, found: dict[str, str]
    ) -> dict[str, Any]:
        """The records that the row names."""
        values: dict[str, Any] = {}
        if resource is None or "type" in self.columns:
            with _noting("type", found):
                values["type"] = self.lists.type(self._needed(row, "type"))
        pool = resource.pool if resource else None
        if resource is None or "pool" in self.columns:
            with _noting("pool", found):
                unit = self._text(row, "unit")
                pool = values["pool"] = self.lists.pool(self._needed(row, "pool"), unit)
        return values | (self._of_group(row, pool, found) if pool else {})

    def _of_group(self, row: Row, pool: Pool, found: dict[str, str]) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name in OF_GROUP:
            if name in self.columns:
                with _noting(name, found):
                    text = as_text(self._cell(row, name))
                    values[name] = getattr(self.lists, name)(text, pool) if text else None
        return values

    def _needed(self, row: Row, name: str) -> str:
        text = as_text(self._cell(row, name))
        if not text:
            raise DomainError(_("Fill this in."))
        return text

    def _text(self, row: Row, name: str) -> str:
        """What stands there; "" for a formula, which `read` refuses."""
        try:
            return as_text(self._cell(row, name))
        except DomainError:
            return ""

    def _cell(self, row: Row, name: str) -> Value:
        place = self.columns.get(name)
        return row.cells[place] if place is not None and place < len(row.cells) else None


@contextmanager
def _noting(name: str, found: dict[str, str]) -> Any:
    """Note at the column `name` what is refused within, and go on."""
    try:
        yield
    except DomainError as error:
        found[name] = str(error)
