"""The lists with which money is registered: transaction types, methods, cards, terminals."""

from __future__ import annotations

from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms import BooleanField
from wtforms.validators import DataRequired

from ppplanner.blueprints.collections.labels import (
    DIRECTIONS,
    FAMILIES,
    METHOD_KINDS,
    listed_name,
)
from ppplanner.blueprints.form_fields import TextField, choice_field
from ppplanner.blueprints.htmx import go_to
from ppplanner.blueprints.lists.listing import Column, Listing, active_filter, archived
from ppplanner.blueprints.lists.unit_column import unit_column
from ppplanner.blueprints.maintenance import Maintenance
from ppplanner.blueprints.price_fields import NamedForm, names_of, take_names
from ppplanner.blueprints.records import find
from ppplanner.blueprints.scope import business_units, in_chosen_unit
from ppplanner.blueprints.settings import bp
from ppplanner.blueprints.stale import StaleAware
from ppplanner.extensions import db
from ppplanner.i18n import _, _l
from ppplanner.models import (
    BusinessUnit,
    CardType,
    Direction,
    MethodKind,
    Terminal,
    TransactionFamily,
    TransactionMethod,
    TransactionType,
)
from ppplanner.permissions import require
from ppplanner.services.collections import types
from ppplanner.services.collections.places import save_card_type, save_terminal

EDIT = "collections.lists"
TEMPLATE = "settings/collections.html"
CODE_NEEDED, NAME_NEEDED = _l("Fill in a code."), _l("Fill in a name.")
ARCHIVE = _l("Switch it off to archive it: what was registered with it stays.")


class ListedForm(NamedForm):
    """What is called by a code, and by a name in each language."""

    code = TextField(_l("Code"), [DataRequired(CODE_NEEDED)], longest=20)
    #: Once more, to come after the code: what is wrong is told in the order of the page.
    name = TextField(_l("Name"), [DataRequired(_l("Fill in a name."))], longest=60)
    active = BooleanField(_l("Active"), default=True, description=ARCHIVE)


class NewTypeForm(ListedForm):
    family = choice_field(
        _l("Kind"),
        choices=lambda: [
            (each, text)
            for each, text in FAMILIES.items()
            if each is not TransactionFamily.ADMINISTRATIVE
        ],
        description=_l("It cannot change afterwards."),
    )
    direction = choice_field(_l("Direction"), choices=lambda: list(DIRECTIONS.items()))


class NewMethodForm(ListedForm):
    kind = choice_field(
        _l("Kind"),
        choices=lambda: [(each, METHOD_KINDS[each]) for each in types.CHOSEN_KINDS],
        description=_l("It says what is asked: a cash register, a terminal. It cannot change."),
    )


class CardTypeForm(StaleAware):
    name = TextField(_l("Name"), [DataRequired(NAME_NEEDED)], longest=40)
    active = BooleanField(_l("Active"), default=True, description=ARCHIVE)


class TerminalForm(StaleAware):
    business_unit_id = choice_field(
        _l("Business unit"),
        coerce=int,
        choices=lambda: [(unit.id, unit.name) for unit in business_units()],
        message=_l("Choose a business unit from the list."),
        description=_l("What the terminal takes is money of this unit. It cannot change."),
    )
    code = TextField(_l("Code"), [DataRequired(CODE_NEEDED)], longest=20)
    name = TextField(_l("Name"), longest=60)
    active = BooleanField(_l("Active"), default=True, description=ARCHIVE)


def _save_type(values: dict[str, Any], transaction_type: TransactionType | None) -> TransactionType:
    values = take_names(values)
    if transaction_type is None:
        values["family"] = TransactionFamily(values["family"])
        values["direction"] = Direction(values["direction"])
    return types.save_type(**values, transaction_type=transaction_type)


def _save_method(values: dict[str, Any], method: TransactionMethod | None) -> TransactionMethod:
    values = take_names(values)
    if method is None:
        values["kind"] = MethodKind(values["kind"])
    return types.save_method(**values, method=method)


def _save_terminal(values: dict[str, Any], terminal: Terminal | None) -> Terminal:
    unit = find(BusinessUnit, values.pop("business_unit_id"))
    return save_terminal(unit, **values, terminal=terminal)


def _listed_values(record: TransactionType | TransactionMethod) -> dict[str, Any]:
    plain = {name: getattr(record, name) for name in ("code", "name", "active")}
    return names_of(record) | plain


def _use(record: TransactionType) -> str:
    return _("Booked by the application") if record.role else ""


@bp.post("/transaction-types/usual")
@require(EDIT, generally=True)
def make_usual_lists() -> ResponseReturnValue:
    """Add the usual types and methods that are missing."""
    types.make_usual_lists()
    db.session.commit()
    return go_to(url_for(".transaction_types"), _("The usual types and methods are there."))


bp.add_app_template_global(types.lists_are_made, "collection_lists_are_made")

Maintenance(
    model=TransactionType,
    listing=Listing(
        name="transaction_types",
        title=_l("Transaction types"),
        query=lambda: select(TransactionType),
        key=TransactionType.id,
        columns=[
            Column("code", _l("Code"), sort=TransactionType.code),
            Column("name", _l("Name"), value=listed_name, sort=TransactionType.name),
            Column("family", _l("Kind"), value=lambda each: FAMILIES[each.family]),
            Column(
                "direction",
                _l("Direction"),
                value=lambda each: DIRECTIONS[each.direction],
                wide="sm",
            ),
            Column("use", _l("Use"), value=_use, wide="md"),
        ],
        sort="code",
        search=[TransactionType.code, TransactionType.name],
        search_hint=_l("Code or name"),
        filters=[active_filter(TransactionType.active)],
        empty=_l("Here stand the kinds of money that come in and go out."),
        muted=archived,
    ),
    form=NewTypeForm,
    edit_form=ListedForm,
    called=listed_name,
    values=_listed_values,
    save=_save_type,
    delete=types.delete_type,
    view=EDIT,
    edit=EDIT,
    add=_l("New transaction type"),
    template=TEMPLATE,
    form_template="settings/listed.html",
    wide=True,
).register(bp, "/transaction-types")

Maintenance(
    model=TransactionMethod,
    listing=Listing(
        name="transaction_methods",
        title=_l("Methods"),
        query=lambda: select(TransactionMethod),
        key=TransactionMethod.id,
        columns=[
            Column("code", _l("Code"), sort=TransactionMethod.code),
            Column("name", _l("Name"), value=listed_name, sort=TransactionMethod.name),
            Column("kind", _l("Kind"), value=lambda each: METHOD_KINDS[each.kind]),
        ],
        sort="code",
        search=[TransactionMethod.code, TransactionMethod.name],
        search_hint=_l("Code or name"),
        filters=[active_filter(TransactionMethod.active)],
        empty=_l("Here stand the ways in which money moves."),
        muted=archived,
    ),
    form=NewMethodForm,
    edit_form=ListedForm,
    called=listed_name,
    values=_listed_values,
    save=_save_method,
    delete=types.delete_method,
    view=EDIT,
    edit=EDIT,
    add=_l("New method"),
    template=TEMPLATE,
    form_template="settings/listed.html",
    wide=True,
).register(bp, "/transaction-methods")

Maintenance(
    model=CardType,
    listing=Listing(
        name="card_types",
        title=_l("Cards"),
        query=lambda: select(CardType),
        key=CardType.id,
        columns=[Column("name", _l("Name"), sort=CardType.name)],
        sort="name",
        filters=[active_filter(CardType.active)],
        empty=_l("Here stand the cards that your terminals and web shop take. Add the first one."),
        muted=archived,
    ),
    form=CardTypeForm,
    save=lambda values, card_type: save_card_type(**values, card_type=card_type),
    view=EDIT,
    edit=EDIT,
    add=_l("New card"),
    template=TEMPLATE,
).register(bp, "/card-types")

Maintenance(
    model=Terminal,
    listing=Listing(
        name="terminals",
        title=_l("Terminals"),
        query=lambda: select(Terminal).join(BusinessUnit).where(in_chosen_unit(Terminal)),
        key=Terminal.id,
        columns=[
            Column("code", _l("Code"), sort=Terminal.code),
            Column("name", _l("Name"), sort=Terminal.name),
            unit_column(),
        ],
        sort="code",
        search=[Terminal.code, Terminal.name],
        search_hint=_l("Code or name"),
        filters=[active_filter(Terminal.active)],
        options=[joinedload(Terminal.business_unit)],
        empty=_l("Here stand the payment terminals of your branches. Add the first one."),
        muted=archived,
    ),
    form=TerminalForm,
    save=_save_terminal,
    view=EDIT,
    edit=EDIT,
    add=_l("New terminal"),
    template=TEMPLATE,
).register(bp, "/terminals")
