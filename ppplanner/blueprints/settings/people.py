"""Users and roles."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from wtforms import BooleanField, Field, PasswordField
from wtforms.validators import DataRequired, InputRequired, Length

from ppplanner.addons.manifest import Text
from ppplanner.addons.registry import registry
from ppplanner.blueprints.form_fields import EmailField, TextField, boxes_field, choice_field
from ppplanner.blueprints.lists.listing import Column, Listing, active_filter, archived
from ppplanner.blueprints.maintenance import Maintenance
from ppplanner.blueprints.settings import bp
from ppplanner.blueprints.settings.grants import (
    RoleBoxes,
    by_role,
    grant_choices,
    read_grants,
    value_of,
)
from ppplanner.blueprints.stale import StaleAware
from ppplanner.i18n import LANGUAGES, _l, ngettext
from ppplanner.models import Pool, Role, RoleGrant, User
from ppplanner.permissions import Level
from ppplanner.services.firm.users import SHORTEST_PASSWORD, grants_of, save_role, save_user
from ppplanner.services.removal import delete_role

EDIT = "users.edit"
LONGEST_PASSWORD = 500
TOO_LONG = Length(max=LONGEST_PASSWORD, message=_l("Use at most %(max)d characters."))
PASSWORD_HINT = _l("At least %(count)s characters.", count=SHORTEST_PASSWORD)


class EditUserForm(StaleAware):
    name = TextField(_l("Name"), [DataRequired(_l("Fill in a name."))], longest=80)
    email = EmailField(_l("E-mail"))
    language = choice_field(
        _l("Language"),
        choices=lambda: list(LANGUAGES.items()),
        default="nl",
    )
    grants = boxes_field(_l("Roles"), choices=grant_choices)

    def roles(self) -> list[RoleBoxes]:
        """The boxes of the field, by role."""
        return by_role(self.grants)

    password = PasswordField(
        _l("New password"),
        [TOO_LONG],
        description=_l(
            "Leave it empty to keep the present one. A new one ends all sessions of this person."
        ),
        render_kw={"autocomplete": "new-password"},
    )
    active = BooleanField(
        _l("Active"),
        default=True,
        description=_l("Who is not active cannot log in. What they did stays in the history."),
    )


class NewUserForm(EditUserForm):
    username = TextField(
        _l("User name"),
        [DataRequired(_l("Fill in a user name, the e-mail address for example."))],
        longest=128,
        description=_l("To log in with; the e-mail address is a good choice. It cannot change."),
    )
    password = PasswordField(
        _l("Password"),
        [InputRequired(_l("Fill in a first password.")), TOO_LONG],
        description=PASSWORD_HINT,
        render_kw={"autocomplete": "new-password"},
    )


def _save_user(values: dict[str, Any], user: User | None) -> User:
    values["grants"] = read_grants(values["grants"])
    return save_user(**{"username": "", **values}, user=user)


def _values_of_user(user: User) -> dict[str, Any]:
    plain = {name: getattr(user, name) for name in ("name", "email", "language", "active")}
    return plain | {"grants": [value_of(each) for each in grants_of(user)], "password": ""}


def _rights() -> list[tuple[str, str]]:
    return [(right.name, str(right.title)) for right in registry().permissions()]


#: What the rights of the core are about, by the part of their names before the dot.
AREAS = {
    "customers": _l("Customers"),
    "resources": _l("Resources"),
    "contracts": _l("Contracts"),
    "invoices": _l("Invoices"),
    "collections": _l("Collections"),
    "ledger": _l("Ledger"),
    "rates": _l("Rates"),
    "organisation": _l("Organisation"),
    "users": _l("Users and roles"),
    "history": _l("History"),
}


def _area(right: str) -> Text:
    """What a right is about: a part of the core, or an add-on."""
    area = right.split(".")[0]
    return registry().addons[area].title if area in registry().addons else AREAS[area]


#: What a role's right needs to have an effect; nothing to say of those that a pool is enough for.
NEEDS = {
    Level.GENERAL: _l("only when the role is given everywhere"),
    Level.GROUP: _l("not when the role is given in a pool"),
}


class RoleForm(StaleAware):
    name = TextField(_l("Name"), [DataRequired(_l("Fill in a name."))], longest=60)
    permissions = boxes_field(_l("Rights"), choices=_rights)

    def areas(self) -> dict[str, list[Field]]:
        """The boxes of the rights, by what they are about."""
        boxes: dict[str, list[Field]] = defaultdict(list)
        for box in self.permissions:
            boxes[str(_area(box.data))].append(box)
        return boxes

    def needs(self, box: Field) -> Text:
        """What the right of a box needs to have an effect; "" when nothing."""
        return NEEDS.get(registry().level(box.data), "")


def _values_of_role(role: Role) -> dict[str, Any]:
    """The rights in the order of the boxes; those of add-ons that are switched off stay out."""
    held = [name for name, _title in _rights() if name in role.permissions]
    return {"name": role.name, "permissions": held}


def _save_role(values: dict[str, Any], role: Role | None) -> Role:
    """Keep the rights of add-ons that are switched off: they return with the add-on."""
    known = {name for name, _title in _rights()}
    kept = set(role.permissions) - known if role else set()
    chosen = {*values["permissions"], *kept}
    return save_role(name=values["name"], permissions=chosen, role=role)


def _rights_in_words(role: Role) -> str:
    held = len(_values_of_role(role)["permissions"])
    return ngettext("%(num)s right", "%(num)s rights", held)


Maintenance(
    model=User,
    listing=Listing(
        name="users",
        title=_l("Users"),
        query=lambda: select(User),
        key=User.id,
        columns=[
            Column("name", _l("Name"), sort=User.name),
            Column("username", _l("User name"), sort=User.username),
            Column("grants", _l("Roles"), value=lambda user: ", ".join(map(str, user.grants))),
            Column(
                "language", _l("Language"), value=lambda user: LANGUAGES[user.language], wide="md"
            ),
        ],
        sort="name",
        search=[User.name, User.username, User.email],
        search_hint=_l("Name, user name or e-mail"),
        filters=[active_filter(User.active)],
        options=[
            selectinload(User.grants).options(
                joinedload(RoleGrant.group),
                joinedload(RoleGrant.pool).joinedload(Pool.business_unit),
            )
        ],
        muted=archived,
    ),
    form=NewUserForm,
    edit_form=EditUserForm,
    save=_save_user,
    values=_values_of_user,
    delete=None,
    view=EDIT,
    edit=EDIT,
    add=_l("New user"),
    template="settings/people.html",
    form_template="settings/user.html",
).register(bp, "/users")

Maintenance(
    model=Role,
    listing=Listing(
        name="roles",
        title=_l("Roles"),
        query=lambda: select(Role),
        key=Role.id,
        columns=[
            Column("name", _l("Name"), sort=Role.name),
            Column("rights", _l("Rights"), value=_rights_in_words),
        ],
        sort="name",
    ),
    form=RoleForm,
    save=_save_role,
    values=_values_of_role,
    delete=delete_role,
    view=EDIT,
    edit=EDIT,
    add=_l("New role"),
    template="settings/people.html",
    form_template="settings/role.html",
    wide=True,
).register(bp, "/roles")
