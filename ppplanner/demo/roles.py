"""Three roles, and somebody in each."""

from __future__ import annotations

from ppplanner.addons.registry import registry
from ppplanner.extensions import db
from ppplanner.models import Role
from ppplanner.permissions import CORE_PERMISSIONS
from ppplanner.services.users import save_user

PLANNER = (
    "customers.view",
    "customers.edit",
    "resources.view",
    "resources.edit",
    "contracts.view",
    "contracts.edit",
    "invoices.view",
)
ACCOUNTANT = (
    "customers.view",
    "customers.edit",
    "resources.view",
    "contracts.view",
    "invoices.view",
    "invoices.edit",
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

#: User name, name, password, role.
PEOPLE = (
    ("planner@demo.example", "Pieter Planner", "demo-planner", "Planner"),
    ("accountant@demo.example", "Anna Accountant", "demo-accountant", "Accountant"),
    ("admin@demo.example", "Amélie Admin", "demo-administrator", "Administrator"),
)


def make_people() -> None:
    """The administrator first: somebody must always be able to maintain rights."""
    roles = {title: Role(name=title, permissions=_rights(title)) for title in ROLES}
    db.session.add_all(roles.values())
    for username, name, password, title in reversed(PEOPLE):
        save_user(
            username=username,
            name=name,
            email=username,
            language="en",
            password=password,
            roles=[roles[title]],
        )


def _rights(title: str) -> list[str]:
    """What the core gives the role, and what each add-on adds to it."""
    added = (addon.demo_permissions.get(title, ()) for addon in registry().addons.values())
    return sorted({*ROLES[title], *(name for names in added for name in names)})
