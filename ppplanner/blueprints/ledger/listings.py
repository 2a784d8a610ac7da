"""What the bookkeeper's lists show."""

from __future__ import annotations

from typing import Any

from flask_login import current_user
from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import joinedload

from ppplanner.addons.registry import registry
from ppplanner.blueprints.costs import in_use
from ppplanner.blueprints.ledger.labels import VAT_TREATMENTS
from ppplanner.blueprints.lists.listing import Column, Filter, Listing, active_filter, archived
from ppplanner.blueprints.lists.unit_column import unit_column
from ppplanner.blueprints.markup import Badge
from ppplanner.blueprints.scope import business_units, in_chosen_unit
from ppplanner.i18n import _, _l
from ppplanner.models import BusinessUnit, CostCarrier, CostCentre, GLAccount, VatCode


def _gl_accounts() -> Select[GLAccount]:
    """Those of the business unit chosen in the top bar, or of all of them."""
    return select(GLAccount).join(BusinessUnit).where(in_chosen_unit(GLAccount))


def _units() -> list[tuple[str, str]]:
    """The business units to choose from; none when the top bar has settled it."""
    if current_user.business_unit_id:
        return []
    return [(str(unit.id), unit.name) for unit in business_units()]


def _of_unit(value: str) -> ColumnElement[bool]:
    return GLAccount.business_unit_id == int(value)


def _default_badge(account: GLAccount) -> Badge | str:
    return Badge(_("Default for revenue"), "blue") if account.default_revenue else ""


def _origin(record: Any) -> str:
    """Which add-on brought the record in; nothing when a person typed it."""
    addon = registry().addons.get(record.origin)
    return str(addon.title) if addon else ""


GL_ACCOUNTS = Listing(
    name="gl_accounts",
    title=_l("GL accounts"),
    query=_gl_accounts,
    key=GLAccount.id,
    columns=[
        Column("code", _l("Code"), sort=GLAccount.code),
        Column("name", _l("Name"), sort=GLAccount.name),
        Column("default", _l("Use"), value=_default_badge, wide="md"),
        unit_column("sm"),
        Column("origin", _l("Origin"), value=_origin, wide="lg"),
    ],
    sort="code",
    search=[GLAccount.code, GLAccount.name],
    search_hint=_l("Code or name"),
    filters=[
        Filter("unit", _l("Business unit"), _units, apply=_of_unit, any=_l("All")),
        active_filter(GLAccount.active),
    ],
    options=[joinedload(GLAccount.business_unit)],
    empty=_l("Here stand the accounts that revenue is booked on. Add the first one."),
    muted=archived,
)

VAT_CODES = Listing(
    name="vat_codes",
    title=_l("VAT codes"),
    query=lambda: select(VatCode),
    key=VatCode.id,
    columns=[
        Column("code", _l("Code"), sort=VatCode.code),
        Column("name", _l("Name"), sort=VatCode.name),
        Column("percentage", _l("Percentage"), show="number", sort=VatCode.percentage, align="end"),
        Column(
            "treatment",
            _l("Treatment"),
            value=lambda vat_code: VAT_TREATMENTS[vat_code.treatment],
            wide="sm",
        ),
        Column("legal_text", _l("Text on the invoice"), wide="lg"),
    ],
    sort="code",
    search=[VatCode.code, VatCode.name],
    search_hint=_l("Code or name"),
    filters=[active_filter(VatCode.active)],
    empty=_l(
        "Here stand the rates of VAT. Without one, nothing can have a price. Add the first one."
    ),
    muted=archived,
)


def _cost_items(
    name: str, title: Any, model: type[CostCentre] | type[CostCarrier], empty: Any
) -> Listing:
    return Listing(
        name=name,
        title=title,
        query=lambda: select(model).where(in_chosen_unit(model), in_use(model)),
        key=model.id,
        columns=[
            Column("code", _l("Code"), sort=model.code),
            Column("name", _l("Name"), sort=model.name),
            Column("origin", _l("Origin"), value=_origin, wide="md"),
        ],
        sort="code",
        search=[model.code, model.name],
        search_hint=_l("Code or name"),
        filters=[active_filter(model.active)],
        empty=empty,
        muted=archived,
    )


COST_CENTRES = _cost_items(
    "cost_centres",
    _l("Cost centres"),
    CostCentre,
    _l("Here stand the places where costs and revenue arise: branches, departments."),
)
COST_CARRIERS = _cost_items(
    "cost_carriers",
    _l("Cost carriers"),
    CostCarrier,
    _l("Here stands what costs and revenue are for: a van, a project."),
)
