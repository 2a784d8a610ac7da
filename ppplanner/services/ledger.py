"""GL accounts, VAT codes, cost centres and cost carriers."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

from sqlalchemy import select

from ppplanner import events
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import (
    BusinessUnit,
    CompanyGroup,
    CostCarrier,
    CostCentre,
    GLAccount,
    VatCode,
    VatTreatment,
)
from ppplanner.services.doubles import refuse_double
from ppplanner.services.naming import code_and_name

CostItem = TypeVar("CostItem", CostCentre, CostCarrier)
CostKind = type[CostCentre] | type[CostCarrier]


def revenue_account(unit: BusinessUnit, *gl_codes: str | None) -> GLAccount | None:
    """The account that takes revenue: the first of these codes in the unit's chart of accounts,
    else the unit's default. The caller gives the codes of the article, the rate and the price line
    type in that order (domain 7.4). None leaves the line without one, which blocks its forwarding.
    """
    accounts = select(GLAccount).filter_by(business_unit_id=unit.id, active=True)
    for gl_code in filter(None, gl_codes):
        if account := db.session.scalar(accounts.filter_by(code=gl_code)):
            return account
    return db.session.scalar(accounts.filter_by(default_revenue=True))


def uses(group: CompanyGroup, kind: CostKind) -> bool:
    """Whether a company group works with cost centres, or with cost carriers. Where it does not,
    nothing shows them and nothing new gets one; what is there comes back when it does again.
    """
    return group.uses_cost_centres if kind is CostCentre else group.uses_cost_carriers


def cost_item(
    kind: type[CostItem],
    group: CompanyGroup,
    codes: Iterable[str | None],
    otherwise: CostItem | None = None,
) -> CostItem | None:
    """The cost centre or cost carrier that a line gets: the first of these codes that the group has
    in use, else `otherwise`. None where the group does without.
    """
    if not uses(group, kind):
        return None
    items = select(kind).filter_by(group_id=group.id, active=True)
    for code in filter(None, codes):
        if item := db.session.scalar(items.filter_by(code=code)):
            return item
    return otherwise


def save_gl_account(
    unit: BusinessUnit,
    *,
    code: str,
    name: str,
    default_revenue: bool = False,
    active: bool = True,
    account: GLAccount | None = None,
    origin: str = "manual",
) -> GLAccount:
    """Make a GL account in a unit's chart of accounts, or change the one given. Raises Invalid."""
    code, name = code_and_name(code, name)
    if default_revenue and not active:
        raise Invalid(active=_("Make another account the default before you archive this one."))
    account = account or GLAccount(origin=origin)
    refuse_double(account, "code", code, business_unit_id=unit.id)
    if default_revenue:
        _take_default_from_others(unit, account)
    account.business_unit, account.code, account.name = unit, code, name
    account.default_revenue, account.active = default_revenue, active
    db.session.add(account)
    db.session.flush()
    return account


def _take_default_from_others(unit: BusinessUnit, account: GLAccount) -> None:
    query = select(GLAccount).filter_by(business_unit_id=unit.id, default_revenue=True)
    with db.session.no_autoflush:
        for other in db.session.scalars(query):
            if other is not account:
                other.default_revenue = False
    db.session.flush()


def save_vat_code(
    *,
    code: str,
    name: str,
    percentage: Decimal,
    treatment: VatTreatment = VatTreatment.DOMESTIC,
    legal_text: str = "",
    active: bool = True,
    vat_code: VatCode | None = None,
) -> VatCode:
    """Make a VAT code (`percentage`: 21 for 21 %), or change the one given. Raises Invalid."""
    code, name = code_and_name(code, name)
    _check_vat(percentage, treatment, legal_text)
    vat_code = vat_code or VatCode()
    refuse_double(vat_code, "code", code)
    vat_code.code, vat_code.name = code, name
    vat_code.percentage, vat_code.treatment = percentage, treatment
    vat_code.legal_text, vat_code.active = legal_text.strip(), active
    db.session.add(vat_code)
    db.session.flush()
    return vat_code


def _check_vat(percentage: Decimal, treatment: VatTreatment, legal_text: str) -> None:
    """Whoever charges none says by which article of the law (directive 2006/112/EC, art. 226)."""
    if not 0 <= percentage <= 100:
        raise Invalid(percentage=_("A percentage lies between 0 and 100."))
    if percentage and treatment is not VatTreatment.DOMESTIC:
        raise Invalid(percentage=_("Only within the country is VAT charged: fill in 0."))
    if not percentage and not legal_text.strip():
        raise Invalid(
            legal_text=_("Fill in the article of the law that says why no VAT is charged.")
        )


def save_cost_centre(
    *,
    group_id: int,
    code: str,
    name: str,
    active: bool = True,
    cost_centre: CostCentre | None = None,
    origin: str = "manual",
) -> CostCentre:
    """Make a cost centre, or change the one given. Raises Invalid."""
    item = cost_centre or CostCentre(origin=origin)
    return _save_cost_item(item, group_id, code, name, active, origin)


def save_cost_carrier(
    *,
    group_id: int,
    code: str,
    name: str,
    active: bool = True,
    cost_carrier: CostCarrier | None = None,
    origin: str = "manual",
) -> CostCarrier:
    """Make a cost carrier, or change the one given. Raises Invalid."""
    item = cost_carrier or CostCarrier(origin=origin)
    return _save_cost_item(item, group_id, code, name, active, origin)


def _save_cost_item(
    item: CostItem, group_id: int, code: str, name: str, active: bool, origin: str
) -> CostItem:
    code, name = code_and_name(code, name)
    if len(code) > 8:
        raise Invalid(code=_("A code has at most 8 characters."))
    refuse_double(item, "code", code, group_id=group_id)
    item.group_id, item.code, item.name, item.active = group_id, code, name, active
    db.session.add(item)
    db.session.flush()
    events.cost_item_saved.send(item, origin=origin)
    return item
