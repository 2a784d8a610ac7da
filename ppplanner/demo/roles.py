"""Three roles, and somebody in each; one planner for Liège only."""

from __future__ import annotations

from typing import NamedTuple

from ppplanner.addons.registry import registry
from ppplanner.extensions import db
from ppplanner.models import BusinessUnit, Role, User
from ppplanner.permissions import CORE_PERMISSIONS
from ppplanner.services.firm.users import Grant, save_user

PLANNER = (
    "customers.view",
    "customers.edit",
    "resources.view",
    "resources.edit",
    "contracts.view",
    "contracts.edit",
    "invoices.view",
    "collections.view",
    "collections.edit",
    "collections.cash",
)
ACCOUNTANT = (
    "customers.view",
    "customers.edit",
    "resources.view",
    "contracts.view",
    "invoices.view",
    "invoices.edit",
    "collections.view",
    "collections.edit",
    "collections.refund",
    "collections.cash",
    "collections.lists",
    "ledger.view",
    "ledger.edit",
    "rates.edit",
    "history.view",
)
ROLES = {
    "Planner": PLANNER,
    "Accountant": ACCOUNTANT,
    "Administrator": tuple(right.name for right in CORE_PERMISSIONS),
}


class Person(NamedTuple):
    username: str
    name: str
    password: str
    role: str


#: Who have their role everywhere.
PEOPLE = (
    Person("planner@demo.example", "Pieter Planner", "demo-planner", "Planner"),
    Person("accountant@demo.example", "Anna Accountant", "demo-accountant", "Accountant"),
    Person("admin@demo.example", "Amélie Admin", "demo-administrator", "Administrator"),
)
#: Who have it in the pools of Liège only.
PEOPLE_OF_LIEGE = (Person("planner.liege@demo.example", "Louise Liège", "demo-planner", "Planner"),)


def make_people(liege: BusinessUnit) -> dict[str, User]:
    """Everybody by user name. The administrator first: somebody must always be able to maintain
    rights.
    """
    roles = {title: Role(name=title, permissions=_rights(title)) for title in ROLES}
    db.session.add_all(roles.values())
    grants = {person: [Grant(roles[person.role])] for person in reversed(PEOPLE)}
    for person in PEOPLE_OF_LIEGE:
        grants[person] = [Grant(roles[person.role], pool=pool) for pool in liege.pools]
    return {person.username: _make(person, granted) for person, granted in grants.items()}


def _make(person: Person, grants: list[Grant]) -> User:
    return save_user(
        username=person.username,
        name=person.name,
        email=person.username,
        language="en",
        password=person.password,
        grants=grants,
    )


def _rights(title: str) -> list[str]:
    """What the core gives the role, and what each add-on adds to it."""
    added = (addon.demo_permissions.get(title, ()) for addon in registry().addons.values())
    return sorted({*ROLES[title], *(name for names in added for name in names)})
