"""Makers of records for tests: plain functions, with defaults for all that a test does not mention.

They flush; the test, or the first request of a `Browser`, commits.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import select

from ppplanner.addons.registry import registry
from ppplanner.clock import day_starts, today
from ppplanner.extensions import db
from ppplanner.models import (
    BusinessUnit,
    Company,
    CompanyGroup,
    Contract,
    CostCarrier,
    CostCentre,
    Customer,
    CustomerKind,
    FinancialYear,
    GLAccount,
    Invoice,
    Pool,
    PriceRange,
    Rate,
    RateType,
    Resource,
    ResourceType,
    Role,
    RoleGrant,
    User,
    VatCode,
)
from ppplanner.services import customers, ledger
from ppplanner.services.customers import CustomerData
from ppplanner.services.firm import organisation, users
from ppplanner.services.invoices import confirming, drafts
from ppplanner.services.pricing import price_ranges
from ppplanner.services.pricing.price_ranges import RateData
from ppplanner.services.renting import contracts
from ppplanner.services.renting.contracts import ContractData

PASSWORD = "correct horse battery"
#: Without one nobody gets an invoice.
ADDRESS = {"street": "Kerkstraat 1", "postcode": "9000", "city": "Gent"}

_numbers = count(1)


def make_company(name: str = "", **fields: Any) -> Company:
    """A company with financial years around the present one."""
    name = name or f"Company {next(_numbers)}"
    company = organisation.save_company(name=name, **fields)
    this_year = today(company.timezone).year
    db.session.add_all(_calendar_year(company, year) for year in (this_year - 1, this_year + 1))
    db.session.flush()
    return company


def _calendar_year(company: Company, year: int) -> FinancialYear:
    first, last = date(year, 1, 1), date(year, 12, 31)
    return FinancialYear(name=f"{year}", starts_on=first, ends_on=last, company_id=company.id)


def make_unit(company: Company | None = None, **fields: Any) -> BusinessUnit:
    """A business unit with a pool and a GL account for its revenue."""
    number = next(_numbers)
    values = {"code": f"U{number}", "name": f"Unit {number}", **fields}
    unit = organisation.save_business_unit(company or make_company(), **values)
    make_gl_account(unit, code="700000", name="Rental income", default_revenue=True)
    return unit


def make_gl_account(unit: BusinessUnit | None = None, **fields: Any) -> GLAccount:
    code = f"7{next(_numbers):05}"
    values = {"code": code, "name": f"Account {code}", **fields}
    return ledger.save_gl_account(unit or make_unit(), **values)


def make_vat_code(
    code: str = "21", percentage: Decimal | int | None = None, **fields: Any
) -> VatCode:
    """The VAT code with that code: the one that is there, or a new one."""
    known = db.session.scalar(select(VatCode).filter_by(code=code))
    share = Decimal(code if percentage is None else percentage)
    values = {"name": f"VAT {share} %", "legal_text": "" if share else "Article 44", **fields}
    return known or ledger.save_vat_code(code=code, percentage=share, **values)


def make_cost_centre(**fields: Any) -> CostCentre:
    values = {"code": f"C{next(_numbers)}", "name": "Workshop", **fields}
    return ledger.save_cost_centre(group_id=organisation.the_group().id, **values)


def make_cost_carrier(**fields: Any) -> CostCarrier:
    values = {"code": f"V{next(_numbers)}", "name": "Van", **fields}
    return ledger.save_cost_carrier(group_id=organisation.the_group().id, **values)


def make_price_range(
    day_price: Decimal | int | None = 50,
    vat_code: VatCode | None = None,
    gl_code: str | None = None,
    group: CompanyGroup | None = None,
    **fields: Any,
) -> PriceRange:
    """A price range with a rate per day (EUR); `make_rate` adds others."""
    values = {"name": f"Price range {next(_numbers)}", **fields}
    group_id = (group or organisation.the_group()).id
    price_range = price_ranges.save_price_range(group_id=group_id, **values)
    if day_price is not None:
        make_rate(price_range, RateType.DAY, day_price, vat_code=vat_code, gl_code=gl_code)
    return price_range


def make_rate(
    price_range: PriceRange,
    rate_type: RateType | str,
    price: Decimal | int,
    vat_code: VatCode | None = None,
    **fields: Any,
) -> Rate:
    data = RateData(Decimal(price), vat_code or make_vat_code(), **fields)
    return price_ranges.save_rate(price_range, RateType(rate_type), data)


def make_resource_type(name: str = "Van") -> ResourceType:
    """The type of that name: the one that is there, or a new one."""
    known = db.session.scalar(select(ResourceType).filter_by(name=name))
    return known or _kept(ResourceType(name=name))


def make_resource(
    unit: BusinessUnit | None = None, price_range: PriceRange | None = None, **fields: Any
) -> Resource:
    """A van with a rate, in the first pool of `unit`."""
    number = next(_numbers)
    values = {
        "code": f"R{number}",
        "licence_plate": f"1-VAN-{number:03}",
        "brand": "Ford",
        "model": "Transit",
        **fields,
    }
    if "pool" not in values:
        values["pool"] = (unit or make_unit()).pools[0]
    if "type" not in values:
        values["type"] = make_resource_type()
    group = values["pool"].business_unit.company.group
    return _kept(Resource(price_range=price_range or make_price_range(group=group), **values))


def make_pool(unit: BusinessUnit, name: str = "") -> Pool:
    return _kept(Pool(business_unit=unit, name=name or f"Pool {next(_numbers)}"))


def make_customer(
    kind: CustomerKind | str = CustomerKind.BUSINESS,
    group: CompanyGroup | None = None,
    **fields: Any,
) -> Customer:
    number = next(_numbers)
    kind = CustomerKind(kind)
    names = {
        CustomerKind.BUSINESS: {"company_name": f"Firm {number}"},
        CustomerKind.PRIVATE: {"first_name": "An", "last_name": f"Jansen {number}"},
    }
    values = {"email": f"customer{number}@example.com", **ADDRESS, **names[kind], **fields}
    group_id = (group or organisation.the_group()).id
    return customers.save_customer(CustomerData(kind, **values), group_id=group_id)


def make_contract(
    resource: Resource | None = None,
    customer: Customer | None = None,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    unit: BusinessUnit | None = None,
    **fields: Any,
) -> Contract:
    """A contract in preparation on a van, by default from tomorrow morning, for three days."""
    if resource is None:
        resource = make_resource(unit)
    starts_at = starts_at or _tomorrow_morning()
    data = ContractData(
        customer=customer or make_customer(group=resource.pool.business_unit.company.group),
        business_unit=unit or resource.pool.business_unit,
        resource=resource,
        starts_at=starts_at,
        ends_at=ends_at or starts_at + timedelta(days=2, hours=8),
        **fields,
    )
    return contracts.save_contract(data)


def _tomorrow_morning() -> datetime:
    return day_starts(1) + timedelta(hours=9)


def make_invoice(
    contract: Contract | None = None,
    confirmed: bool = True,
    invoice_date: date | None = None,
    **fields: Any,
) -> Invoice:
    """The invoice of a contract: confirmed, or a draft."""
    invoice = drafts.draft_from_contract(
        contract or make_contract(), invoice_date=invoice_date or today(), **fields
    )
    if confirmed:
        confirming.confirm_invoice(invoice)
    return invoice


def number_of_year() -> str:
    """The number of this year's first invoice, such as 2026-00001."""
    return f"{today():%Y}-00001"


def make_role(permissions: Iterable[str] | None = None, name: str = "") -> Role:
    """A role with these rights, by default all that there are."""
    if permissions is None:
        permissions = [permission.name for permission in registry().permissions()]
    name = name or f"Role {next(_numbers)}"
    return _kept(Role(name=name, permissions=sorted(permissions)))


def make_user(
    permissions: Iterable[str] | None = None, password: str = PASSWORD, **fields: Any
) -> User:
    """Somebody who may log in, by default with all rights everywhere, and who reads English."""
    number = next(_numbers)
    values = {"username": f"user{number}@example.com", "name": f"User {number}", **fields}
    if "grants" not in values:
        roles = values.pop("roles", None) or [make_role(permissions)]
        values["grants"] = [RoleGrant(role=role) for role in roles]
    user = User(**{"language": "en", **values})
    users.set_password(user, password)
    return _kept(user)


def make_limited_user(
    *places: CompanyGroup | Pool, permissions: Iterable[str] | None = None, **fields: Any
) -> User:
    """Somebody whose rights, by default all that there are, reach no further than `places`."""
    role = make_role(permissions)
    grants = [
        RoleGrant(role=role, group=place)
        if isinstance(place, CompanyGroup)
        else RoleGrant(role=role, pool=place)
        for place in places
    ]
    return make_user(grants=grants, **fields)


def _kept(record: Any) -> Any:
    db.session.add(record)
    db.session.flush()
    return record
