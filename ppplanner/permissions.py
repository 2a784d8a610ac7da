"""What a person may do: declared here by the core and in manifests by add-ons.

Checked in two places only: `@require` on the route, and the socket before it draws a button.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import abort
from flask_babel.speaklater import LazyString
from flask_login import current_user, login_required
from sqlalchemy import ColumnElement, true

from ppplanner.i18n import _l
from ppplanner.models.base import Base

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class Permission:
    """A right that a role can give: `area.action`, and what it allows in a person's words."""

    name: str
    title: str | LazyString


CORE_PERMISSIONS = (
    Permission("customers.view", _l("See customers")),
    Permission("customers.edit", _l("Add and change customers")),
    Permission("resources.view", _l("See resources")),
    Permission("resources.edit", _l("Add and change resources")),
    Permission("contracts.view", _l("See contracts")),
    Permission("contracts.edit", _l("Make and change contracts")),
    Permission("invoices.view", _l("See invoices")),
    Permission("invoices.edit", _l("Make and confirm invoices")),
    Permission("ledger.view", _l("See GL accounts, VAT codes, cost centres and cost carriers")),
    Permission(
        "ledger.edit",
        _l("Maintain GL accounts, VAT codes, cost centres and cost carriers"),
    ),
    Permission("rates.edit", _l("Maintain rates")),
    Permission("organisation.edit", _l("Maintain companies and business units")),
    Permission("users.edit", _l("Maintain users and roles")),
    Permission("history.view", _l("See the history of changes")),
)


def allowed(permission: str | None) -> bool:
    """Whether the person at the screen has the right; no right asked for allows everybody."""
    if permission is None:
        return True
    return bool(current_user.is_authenticated) and permission in current_user.permissions


def visible(model: type[Base], permission: str | None = None) -> ColumnElement[bool]:
    """Which records of `model` the person may see, by that right or else the present route's."""
    return true()


def require(permission: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let only people with the right reach the route: others log in, or see a 403."""

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        @login_required
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not allowed(permission):
                abort(403)
            return view(*args, **kwargs)

        guarded.required_permission = permission  # type: ignore[attr-defined]
        return guarded

    return decorate


def open_to_all(view: Callable[P, R]) -> Callable[P, R]:
    """Say that a route asks for no right: a test looks on each route for this or `require`."""
    view.required_permission = None  # type: ignore[attr-defined]
    return view


def required_permission(view: Any) -> str | None:
    """The right that a view asks for; AttributeError when it does not say."""
    return view.required_permission
