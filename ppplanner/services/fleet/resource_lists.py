"""What the cells of an imported resource can name: types, pools, price ranges, costs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import select

from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import (
    Base,
    CostCarrier,
    CostCentre,
    Pool,
    PriceRange,
    ResourceType,
)
from ppplanner.services.ledger import uses

T = TypeVar("T", bound=Base)
#: How many of the names that exist a message lists.
SHOWN = 6


class Lists:
    """The records by what people call them, read once for a whole file."""

    def __init__(self, pools: Sequence[Pool], make_types: bool) -> None:
        self.pools, self.make_types = pools, make_types
        self.new_types: dict[str, ResourceType] = {}
        self.missing_types: dict[str, str] = {}
        self._types = {_key(each.name): each for each in db.session.scalars(select(ResourceType))}
        self._pools = _by_names(pools, _pool_names)
        self._ranges = _by_group(PriceRange, lambda each: [each.name])
        self._centres = _by_group(CostCentre, _code_names)
        self._carriers = _by_group(CostCarrier, _code_names)

    def type(self, name: str) -> ResourceType:
        """The type of that name. Raises DomainError; a new one if that is wished."""
        key = _key(name)
        known = self._types.get(key) or self.new_types.get(key)
        if known is None and self.make_types and len(name) <= 60:
            known = self.new_types[key] = ResourceType(name=name)
        if known is None:
            self.missing_types[key] = name
            there = [each.name for each in self._types.values()]
            raise DomainError(_("There is no type “%(name)s”.", name=name) + _there(there))
        return known

    def pool(self, name: str, unit: str = "") -> Pool:
        """The pool of that name, within the business unit of that name or code if one is given.

        Raises DomainError.
        """
        found = [pool for pool in self._pools.get(_key(name), ()) if _is_in(pool, unit)]
        if len(found) == 1:
            return found[0]
        if found:
            raise DomainError(
                _("Several business units have a pool “%(name)s”: say which one.", name=name)
            )
        there = [str(_pool_names(pool)[1]) for pool in self.pools]
        raise DomainError(_("There is no pool “%(name)s”.", name=name) + _there(there))

    def price_range(self, name: str, pool: Pool) -> PriceRange:
        """The price range of that name for a pool. Raises DomainError."""
        found = _one(self._ranges, name, pool)
        if found is None:
            there = [each.name for each in _all_of(self._ranges, pool)]
            raise DomainError(_("There is no price range “%(name)s”.", name=name) + _there(there))
        return found

    def cost_centre(self, name: str, pool: Pool) -> CostCentre:
        """The cost centre with that code for a pool. Raises DomainError."""
        used = uses(pool.business_unit.company.group, CostCentre)
        found = _one(self._centres, name, pool) if used else None
        if found is None:
            raise DomainError(_("There is no cost centre “%(name)s”.", name=name))
        return found

    def cost_carrier(self, name: str, pool: Pool) -> CostCarrier:
        """The cost carrier with that code for a pool. Raises DomainError."""
        used = uses(pool.business_unit.company.group, CostCarrier)
        found = _one(self._carriers, name, pool) if used else None
        if found is None:
            raise DomainError(_("There is no cost carrier “%(name)s”.", name=name))
        return found


def _key(name: str) -> str:
    return " ".join(name.casefold().split())


def _there(names: Iterable[str]) -> str:
    """ " There are: Van, Car and more." """
    names = sorted(set(names), key=str.casefold)
    if not names:
        return " " + _("There are none yet.")
    shown = ", ".join(names[:SHOWN])
    more = _("There are: %(names)s …", names=shown)
    return " " + (more if names[SHOWN:] else _("There are: %(names)s.", names=shown))


def _pool_names(pool: Pool) -> tuple[str, ...]:
    """What a pool is called: alone, as lists show it, or with the code of its unit."""
    unit = pool.business_unit
    name = pool.name
    return name, f"{unit.name} · {name}", f"{unit.name} / {name}", f"{unit.code} / {name}"


def _is_in(pool: Pool, unit: str) -> bool:
    there = pool.business_unit
    return not unit or _key(unit) in {_key(there.name), _key(there.code)}


def _code_names(record: CostCentre | CostCarrier) -> list[str]:
    return [record.code, str(record)]


def _by_names(records: Iterable[T], names: Any) -> Mapping[str, list[T]]:
    found: dict[str, list[T]] = defaultdict(list)
    for record in records:
        for name in {_key(each) for each in names(record)}:
            found[name].append(record)
    return found


def _by_group(model: type[T], names: Any) -> Mapping[int, Mapping[str, list[T]]]:
    groups: dict[int, list[T]] = defaultdict(list)
    for record in db.session.scalars(select(model)):
        groups[record.group_id].append(record)  # type: ignore[attr-defined]
    return {group_id: _by_names(records, names) for group_id, records in groups.items()}


def _one(found: Mapping[int, Mapping[str, list[T]]], name: str, pool: Pool) -> T | None:
    records = found.get(pool.business_unit.company.group_id, {}).get(_key(name), [])
    return records[0] if records else None


def _all_of(found: Mapping[int, Mapping[str, list[T]]], pool: Pool) -> Iterable[T]:
    by_name = found.get(pool.business_unit.company.group_id, {})
    return (record for records in by_name.values() for record in records)
