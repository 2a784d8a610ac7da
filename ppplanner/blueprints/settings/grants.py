"""The boxes that give a user roles: each role generally, in company groups, and in pools."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import Field

from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import BusinessUnit, CompanyGroup, Pool, Role
from ppplanner.services.firm.users import Grant


@dataclass(frozen=True)
class Place:
    """Where a role can be granted. `key` is "" for everywhere, else "group:1" or "pool:7"."""

    key: str
    name: str
    group: str = ""


@dataclass(frozen=True)
class Box:
    """A place to tick for a role."""

    place: Place
    field: Field

    @property
    def whole(self) -> bool:
        """Whether it stands for everywhere or for a whole company group."""
        return not self.place.key.startswith("pool")


@dataclass(frozen=True)
class RoleBoxes:
    """What can be ticked for one role: everywhere, and the places by company group."""

    name: str
    everywhere: Box
    groups: list[tuple[str, list[Box]]]

    @property
    def given(self) -> str:
        """Where the role is ticked, in words; "" when nowhere."""
        inside = [box for _group, boxes in self.groups for box in boxes]
        return ", ".join(box.place.name for box in (self.everywhere, *inside) if box.field.checked)


def grant_choices() -> list[tuple[str, str]]:
    """Every role in every place, by role."""
    places, roles = list(_places()), db.session.scalars(select(Role).order_by(Role.name))
    return [_choice(role, place) for role in roles for place in places]


def _choice(role: Role, place: Place) -> tuple[str, str]:
    if not place.key:
        return str(role.id), role.name
    return f"{role.id}:{place.key}", f"{role.name} ({place.name})"


def value_of(grant: Grant) -> str:
    """Which box a grant is: "3", "3:group:1" or "3:pool:7"."""
    if grant.pool:
        return f"{grant.role.id}:pool:{grant.pool.id}"
    return f"{grant.role.id}:group:{grant.group.id}" if grant.group else str(grant.role.id)


def read_grants(values: Iterable[str]) -> list[Grant]:
    """The grants of the boxes that are ticked."""
    return [_read(*value.split(":")) for value in values]


def _read(role_id: str, kind: str = "", key: str = "") -> Grant:
    return Grant(
        db.session.get_one(Role, int(role_id)),
        group=db.session.get_one(CompanyGroup, int(key)) if kind == "group" else None,
        pool=db.session.get_one(Pool, int(key)) if kind == "pool" else None,
    )


def by_role(field: Field) -> list[RoleBoxes]:
    """The boxes of a field with `grant_choices`, as they stand on the screen."""
    places = list(_places())
    options = list(field)
    rows = [options[start : start + len(places)] for start in range(0, len(options), len(places))]
    return [_boxes(list(map(Box, places, row))) for row in rows]


def _boxes(boxes: list[Box]) -> RoleBoxes:
    everywhere, *inside = boxes
    groups = groupby(inside, key=lambda box: box.place.group)
    by_group = [(name, list(some)) for name, some in groups]
    return RoleBoxes(everywhere.field.label.text, everywhere, by_group)


def _places() -> Iterator[Place]:
    """Everywhere, then each company group and its pools."""
    yield Place("", _("Everywhere"))
    pools = (
        select(Pool)
        .join(Pool.business_unit)
        .join(BusinessUnit.company)
        .options(joinedload(Pool.business_unit).joinedload(BusinessUnit.company))
        .order_by(BusinessUnit.name, Pool.name)
    )
    inside: dict[int, list[Pool]] = {}
    for pool in db.session.scalars(pools):
        inside.setdefault(pool.business_unit.company.group_id, []).append(pool)
    for group in db.session.scalars(select(CompanyGroup).order_by(CompanyGroup.name)):
        yield Place(f"group:{group.id}", _("All of %(group)s", group=group.name), group.name)
        for pool in inside.get(group.id, ()):
            yield Place(f"pool:{pool.id}", pool.title, group.name)
