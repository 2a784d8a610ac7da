"""Companies and their business units."""

from __future__ import annotations

from typing import TypeVar
from zoneinfo import available_timezones

from sqlalchemy import select

from ppplanner.clock import BRUSSELS
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import BusinessUnit, Company, CompanyGroup, Pool
from ppplanner.services.doubles import refuse_double
from ppplanner.services.iban import is_iban
from ppplanner.services.vat_numbers import is_vat_number

#: What a company group is called that nobody has named yet.
UNNAMED = "-"

Record = TypeVar("Record", Company, BusinessUnit)


def the_group() -> CompanyGroup:
    """The company group of this installation; the first company gives it a name."""
    group = db.session.scalars(select(CompanyGroup).order_by(CompanyGroup.id).limit(1)).first()
    if group is None:
        group = CompanyGroup(name=UNNAMED)
        db.session.add(group)
        db.session.flush()
    return group


def save_company(company: Company | None = None, *, group_name: str = "", **values: str) -> Company:
    """Make a company, or change the one given; `values` are columns of Company. Raises Invalid.

    With `group_name` its group is called that; a group without a name takes the company's.
    """
    group = company.group if company else the_group()
    company = company or Company(group_id=group.id)
    values = {field: value.strip() for field, value in values.items()}
    _check_company(values)
    refuse_double(company, "name", values["name"])
    if group_name.strip() or group.name == UNNAMED:
        group.name = group_name.strip() or values["name"]
    return _save(company, values)


def _check_company(values: dict[str, str]) -> None:
    faults: dict[str, object] = {}
    if not values["name"]:
        faults["name"] = _("Fill in a name.")
    if not is_vat_number(values.get("vat_number", ""), values.get("country", "BE")):
        faults["vat_number"] = _("This is not a VAT number: check its digits and its country.")
    if values.get("iban") and not is_iban(values["iban"]):
        faults["iban"] = _("This is not an IBAN: check its digits.")
    if values.get("timezone", BRUSSELS) not in available_timezones():
        faults["timezone"] = _("There is no such time zone: Europe/Brussels is one.")
    if faults:
        raise Invalid(**faults)


def save_business_unit(
    company: Company, unit: BusinessUnit | None = None, **values: str
) -> BusinessUnit:
    """Make a business unit with a first pool, or change the one given. Raises Invalid."""
    values = {field: value.strip() for field, value in values.items()}
    faults: dict[str, object] = {}
    if not values["code"]:
        faults["code"] = _("Fill in a code.")
    if not values["name"]:
        faults["name"] = _("Fill in a name.")
    if faults:
        raise Invalid(**faults)
    unit = unit or BusinessUnit(pools=[Pool(name=values["name"])])
    refuse_double(unit, "code", values["code"])
    unit.company = company
    return _save(unit, values)


def _save(record: Record, values: dict[str, str]) -> Record:
    for field, value in values.items():
        setattr(record, field, value)
    db.session.add(record)
    db.session.flush()
    return record
