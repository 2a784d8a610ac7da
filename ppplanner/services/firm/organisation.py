"""The structure of the firm: company groups, companies, business units and their pools."""

from __future__ import annotations

from functools import cache
from typing import TypeVar
from zoneinfo import available_timezones

from sqlalchemy import select

from ppplanner.clock import BRUSSELS, today
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import BusinessUnit, Company, CompanyGroup, Invoice, Pool
from ppplanner.services.doubles import refuse_double
from ppplanner.services.firm.financial_years import add_calendar_year
from ppplanner.services.iban import is_iban
from ppplanner.services.naming import code_and_name
from ppplanner.services.vat_numbers import is_vat_number

#: What a company group is called that nobody has named yet.
UNNAMED = "-"

#: The names of all time zones; looked up once, in many files.
time_zones = cache(available_timezones)

Record = TypeVar("Record", CompanyGroup, Company, BusinessUnit)


def the_group() -> CompanyGroup:
    """The first company group: where records go as long as nobody says otherwise.

    It is made when there is none; the first company gives it a name.
    """
    group = db.session.scalars(select(CompanyGroup).order_by(CompanyGroup.id).limit(1)).first()
    return group or _keep(CompanyGroup(name=UNNAMED))


def save_company_group(
    group: CompanyGroup | None = None,
    *,
    name: str,
    uses_cost_centres: bool | None = None,
    uses_cost_carriers: bool | None = None,
) -> CompanyGroup:
    """Make a company group, or change the one given. Raises Invalid.

    A new one uses cost centres and cost carriers unless told otherwise; None leaves them as they
    are.
    """
    group, name = group or CompanyGroup(), name.strip()
    if not name:
        raise Invalid(name=_("Fill in a name."))
    refuse_double(group, "name", name)
    group.name = name
    if uses_cost_centres is not None:
        group.uses_cost_centres = uses_cost_centres
    if uses_cost_carriers is not None:
        group.uses_cost_carriers = uses_cost_carriers
    return _keep(group)


def save_company(
    company: Company | None = None, *, group: CompanyGroup | None = None, **values: str
) -> Company:
    """Make a company, or change the one given; `values` are columns of Company. Raises Invalid.

    Without `group` it stays in its own; a new one joins the first.
    """
    values = {field: value.strip() for field, value in values.items()}
    _check_company(values)
    group = group or (company.group if company else the_group())
    company = company or Company(group_id=group.id)
    refuse_double(company, "name", values["name"])
    _move_company(company, group)
    if group.name == UNNAMED:
        group.name = values["name"]
    is_new = company.id is None
    _save(company, values)
    if is_new:
        add_calendar_year(company, today(company.timezone).year)
    return company


def _move_company(company: Company, group: CompanyGroup) -> None:
    """Put a company into another group, as long as nothing in it belongs to its own."""
    if company.group_id != group.id and company.business_units:
        raise Invalid(
            group_id=_(
                "%(company)s has business units, whose customers and prices belong to %(group)s: it"
                " stays there.",
                company=company,
                group=company.group,
            )
        )
    company.group_id = group.id


def _check_company(values: dict[str, str]) -> None:
    faults: dict[str, object] = {}
    if not values["name"]:
        faults["name"] = _("Fill in a name.")
    if not is_vat_number(values.get("vat_number", ""), values.get("country", "BE")):
        faults["vat_number"] = _("This is not a VAT number: check its digits and its country.")
    if values.get("iban") and not is_iban(values["iban"]):
        faults["iban"] = _("This is not an IBAN: check its digits.")
    if values.get("timezone", BRUSSELS) not in time_zones():
        faults["timezone"] = _("There is no such time zone: Europe/Brussels is one.")
    if faults:
        raise Invalid(**faults)


def save_business_unit(
    company: Company, unit: BusinessUnit | None = None, **values: str
) -> BusinessUnit:
    """Make a business unit with a first pool, or change the one given. Raises Invalid."""
    values = {field: value.strip() for field, value in values.items()}
    code_and_name(values["code"], values["name"])
    unit = unit or BusinessUnit(pools=[Pool(name=values["name"])])
    refuse_double(unit, "code", values["code"])
    _move_unit(unit, company)
    return _save(unit, values)


def _move_unit(unit: BusinessUnit, company: Company) -> None:
    """Put a unit under another company of its group, as long as it has sent no invoices."""
    if unit.company is None or unit.company is company:
        unit.company = company
        return
    if unit.company.group is not company.group:
        raise Invalid(
            company_id=_(
                "%(company)s is of another company group: choose a company of %(group)s.",
                company=company,
                group=unit.company.group,
            )
        )
    if db.session.scalar(select(Invoice.id).filter_by(business_unit_id=unit.id).limit(1)):
        raise Invalid(
            company_id=_(
                "%(unit)s has invoices in the books of %(company)s: it stays there.",
                unit=unit,
                company=unit.company,
            )
        )
    unit.company = company


def _save(record: Record, values: dict[str, str]) -> Record:
    for field, value in values.items():
        setattr(record, field, value)
    return _keep(record)


def _keep(record: Record) -> Record:
    db.session.add(record)
    db.session.flush()
    return record
