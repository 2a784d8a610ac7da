"""What a person may do, and where: declared here by the core and in manifests by add-ons.

A right comes with a role, and a role is granted generally, in a company group or in a pool.

    @require("contracts.edit")              on a route: has the right anywhere
    allowed("contracts.edit")               the same, for a button
    allowed("contracts.edit", contract)     has it where this contract belongs
    select(Contract).where(visible(Contract))
                                            the records within reach of the route's right

`records.find` and `look_up` ask for the record they find, lists and pickers for their rows, so a
route has nothing to add. Hiding a button is politeness, not protection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import abort, current_app, g, request
from flask_babel.speaklater import LazyString
from flask_login import current_user, login_required
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import selectinload

from ppplanner import reach
from ppplanner.extensions import db
from ppplanner.i18n import _l
from ppplanner.models import Base, RoleGrant, User
from ppplanner.reach import Place, Reach

P = ParamSpec("P")
R = TypeVar("R")


class Level(IntEnum):
    """The lowest level of the organisation on which granting a right has an effect."""

    GENERAL = 1
    GROUP = 2
    POOL = 3


@dataclass(frozen=True)
class Permission:
    """A right that a role can give: `area.action`, and what it allows in a person's words."""

    name: str
    title: str | LazyString
    #: A right below its level does nothing: by default it has to be granted generally.
    level: Level = Level.GENERAL


CORE_PERMISSIONS = (
    Permission("customers.view", _l("See customers"), Level.POOL),
    Permission("customers.edit", _l("Add and change customers"), Level.POOL),
    Permission("resources.view", _l("See resources"), Level.POOL),
    Permission("resources.edit", _l("Add and change resources"), Level.POOL),
    Permission("contracts.view", _l("See contracts"), Level.POOL),
    Permission("contracts.edit", _l("Make and change contracts"), Level.POOL),
    Permission("invoices.view", _l("See invoices"), Level.POOL),
    Permission("invoices.edit", _l("Make and confirm invoices"), Level.POOL),
    Permission(
        "collections.view", _l("See payments, deposits, refunds and cash registers"), Level.POOL
    ),
    Permission("collections.edit", _l("Register payments and deposits"), Level.POOL),
    Permission("collections.refund", _l("Refund, and process refund requests"), Level.POOL),
    Permission("collections.cash", _l("Count, correct and transfer cash"), Level.POOL),
    Permission(
        "collections.lists",
        _l("Maintain cash registers, terminals, transaction types and methods"),
        Level.GROUP,
    ),
    Permission(
        "ledger.view",
        _l("See the ledger: GL accounts, VAT codes and its other lists"),
        Level.POOL,
    ),
    Permission(
        "ledger.edit",
        _l("Maintain the ledger: GL accounts, VAT codes and its other lists"),
        Level.GROUP,
    ),
    Permission("rates.edit", _l("Maintain prices"), Level.GROUP),
    Permission("organisation.edit", _l("Maintain companies and business units"), Level.GROUP),
    Permission("users.edit", _l("Maintain users and roles")),
    Permission("history.view", _l("See the history of changes")),
)


def allowed(permission: str | None, record: Base | None = None) -> bool:
    """Whether the person at the screen has the right: anywhere, or where `record` belongs.

    No right asked for allows everybody.
    """
    if permission is None:
        return True
    if record is None:
        return bool(_grants(permission))
    return reach.lies_within(record, reach_of(permission))


def allowed_generally(permission: str) -> bool:
    """Whether the person has the right everywhere: for what belongs to nobody in particular."""
    return reach_of(permission).everywhere


def has_rights() -> bool:
    """Whether the person has any right at all, anywhere."""
    known = current_app.extensions["addons"].permissions()
    return any(allowed(each.name) for each in known)


def visible(model: type[Base], permission: str | None = None) -> ColumnElement[bool]:
    """Which records of `model` the person may see, by that right or else the present route's."""
    return reach.within(model, reach_of(permission) if permission else reach_here())


def may_reach(record: Base) -> bool:
    """Whether a record is one of those that `visible` tells for the present route."""
    return reach.lies_within(record, reach_here())


def reach_of(permission: str) -> Reach:
    """Where the person at the screen has the right. Nowhere for a right that nobody declared."""
    return _reached(permission, lambda: _grants(permission))


def reach_of_person() -> Reach:
    """Where the person has any right that says something about a place."""
    return _reached("", _grants_with_place)


def _reached(key: str, grants: Callable[[], list[RoleGrant]]) -> Reach:
    """Worked out once a request."""
    known: dict[str, Reach] = g.setdefault("reached", {})
    if key not in known:
        known[key] = reach.reach_of(grants(), _organisation)
    return known[key]


def _organisation() -> list[Place]:
    if "organisation" not in g:
        g.organisation = reach.places()
    return list(g.organisation)


def reach_of_user(user: User, permission: str) -> Reach:
    """Where `user` has the right: for work that goes on in their name without them at a screen."""
    grants = _grants_of(user, permission) if user.active else []
    return reach.reach_of(grants, reach.places)


def holders(permission: str, record: Base) -> list[User]:
    """The people who have the right where a record belongs, whoever is at the screen."""
    query = select(User).filter_by(active=True).options(selectinload(User.grants))
    return [
        user
        for user in db.session.scalars(query.order_by(User.id))
        if _holds(user, permission, record)
    ]


def _holds(user: User, permission: str, record: Base) -> bool:
    grants = _grants_of(user, permission)
    return bool(grants) and reach.lies_within(record, reach.reach_of(grants, reach.places))


def _grants(permission: str) -> list[RoleGrant]:
    """The grants that give the person at the screen this right."""
    return _grants_of(current_user, permission) if current_user.is_authenticated else []


def _grants_of(user: User, permission: str) -> list[RoleGrant]:
    """The grants that give `user` this right, on a level where it has an effect."""
    level = current_app.extensions["addons"].level(permission)
    return [
        grant
        for grant in user.grants
        if permission in grant.role.permissions and _level(grant) <= level
    ]


def _grants_with_place() -> list[RoleGrant]:
    known = current_app.extensions["addons"].permissions()
    rights = [each.name for each in known if each.level > Level.GENERAL]
    found = {grant.id: grant for right in rights for grant in _grants(right)}
    return list(found.values())


def _level(grant: RoleGrant) -> Level:
    if grant.pool_id is not None:
        return Level.POOL
    return Level.GENERAL if grant.group_id is None else Level.GROUP


def reach_here() -> Reach:
    """By the right that the route asks for; where it asks for none, by any."""
    view = current_app.view_functions.get(request.endpoint or "")
    permission = getattr(view, "required_permission", None)
    return reach_of(permission) if permission else reach_of_person()


def require(permission: str, generally: bool = False) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let only people with the right reach the route: others log in, or see a 403.

    With `generally` it has to be granted everywhere: the route changes what all share.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        @login_required
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if not (allowed_generally if generally else allowed)(permission):
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
