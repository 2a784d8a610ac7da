"""Companies, their business units, and the rates of their group."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select
from stdnum import iban as iban_number

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import BusinessUnit, Company, CompanyGroup, Pool, Rate, VatCode

LARGEST_DAY_PRICE = Decimal(100_000)


def the_group() -> CompanyGroup:
    """The company group of this installation; made with the first company."""
    group = db.session.scalars(
        select(CompanyGroup).order_by(CompanyGroup.id).limit(1)
    ).first()
    if group is None:
        group = CompanyGroup(name="-")
        db.session.add(group)
        db.session.flush()
    return group


def save_company(company: Company | None = None, **values: str) -> Company:
    """Make a company, or change the one given; `values` are columns of Company. Raises Invalid."""
    company = company or Company(group=the_group())
    name = values["name"].strip()
    if not name:
        raise Invalid(name=_("Fill in a name."))
    _refuse_double(company, Company, "name", name)
    if values.get("iban") and not iban_number.is_valid(values["iban"]):
        raise Invalid(iban=_("This is not an IBAN: check its digits."))
    for field, value in values.items():
        setattr(company, field, value.strip())
    db.session.add(company)
    db.session.flush()
    return company


def save_business_unit(
    company: Company, unit: BusinessUnit | None = None, **values: str
) -> BusinessUnit:
    """Make a business unit with a first pool, or change the one given. Raises Invalid."""
    code, name = values["code"].strip(), values["name"].strip()
    if not code:
        raise Invalid(code=_("Fill in a code."))
    if not name:
        raise Invalid(name=_("Fill in a name."))
    unit = unit or BusinessUnit(pools=[Pool(name=name)])
    _refuse_double(unit, BusinessUnit, "code", code)
    unit.company = company
    for field, value in values.items():
        setattr(unit, field, value.strip())
    db.session.add(unit)
    db.session.flush()
    return unit


def save_rate(
    *,
    group_id: int,
    name: str,
    day_price: Decimal,
    vat_code: VatCode,
    gl_code: str | None = None,
    active: bool = True,
    rate: Rate | None = None,
) -> Rate:
    """Make a rate (`day_price` in EUR without VAT), or change the one given. Raises Invalid."""
    if not name.strip():
        raise Invalid(name=_("Fill in a name."))
    if not 0 <= day_price <= LARGEST_DAY_PRICE:
        raise Invalid(day_price=_("A price per day lies between 0 and 100,000 euro."))
    rate = rate or Rate(group_id=group_id)
    _refuse_double(rate, Rate, "name", name.strip())
    rate.name, rate.day_price, rate.vat_code = name.strip(), day_price, vat_code
    rate.gl_code, rate.active = (gl_code or "").strip() or None, active
    db.session.add(rate)
    db.session.flush()
    return rate


def _refuse_double(record: object, model: type, field: str, value: str) -> None:
    with db.session.no_autoflush:
        other = db.session.scalar(select(model).filter_by(**{field: value}))
    if other is not None and other is not record:
        raise Invalid(
            **{field: _("Another one has this already: choose something else.")}
        )
