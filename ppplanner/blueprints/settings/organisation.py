"""Company groups, companies, business units and pools."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from ppplanner.blueprints.form_fields import EmailField, TextField, choice_field, country_field
from ppplanner.blueprints.lists.listing import Column, Filter, Listing
from ppplanner.blueprints.maintenance import Maintenance
from ppplanner.blueprints.records import find, id_or_none, look_up
from ppplanner.blueprints.scope import business_units, in_chosen_unit
from ppplanner.blueprints.settings import bp
from ppplanner.blueprints.stale import StaleAware
from ppplanner.clock import BRUSSELS
from ppplanner.extensions import db
from ppplanner.i18n import _, _l
from ppplanner.models import BusinessUnit, Company, CompanyGroup, Pool
from ppplanner.permissions import visible
from ppplanner.services.firm.organisation import (
    save_business_unit,
    save_company,
    save_company_group,
)
from ppplanner.services.firm.pools import save_pool
from ppplanner.services.removal import delete_business_unit

EDIT = "organisation.edit"
NAME_NEEDED = _l("Fill in a name.")


def _groups() -> list[tuple[Any, str]]:
    """The groups within reach; for the very first company, one that is called like it."""
    query = select(CompanyGroup).where(visible(CompanyGroup)).order_by(CompanyGroup.name)
    groups = [(group.id, group.name) for group in db.session.scalars(query)]
    return groups or [("", _("A new one, named after the company"))]


def _companies() -> list[tuple[int, str]]:
    query = select(Company).where(visible(Company)).order_by(Company.name)
    return [(company.id, company.name) for company in db.session.scalars(query)]


class CompanyGroupForm(StaleAware):
    name = TextField(_l("Name"), [DataRequired(NAME_NEEDED)], longest=80)


class CompanyForm(StaleAware):
    name = TextField(_l("Name"), [DataRequired(NAME_NEEDED)], longest=80)
    vat_number = TextField(
        _l("VAT number"),
        longest=20,
        description=_l("With its country: BE 0123.456.749."),
    )
    street = TextField(_l("Street and number"), longest=80)
    postcode = TextField(_l("Postcode"), longest=12)
    city = TextField(_l("City"), longest=40)
    country = country_field(_l("Country"))
    email = EmailField(_l("E-mail"))
    phone = TextField(_l("Phone"), longest=40)
    iban = TextField(_l("IBAN"), longest=42, description=_l("Invoices ask to pay on this account."))
    bic = TextField(_l("BIC"), longest=11)
    timezone = TextField(
        _l("Time zone"),
        [DataRequired(_l("Fill in a time zone: Europe/Brussels, for example."))],
        longest=40,
        default=BRUSSELS,
        description=_l("Days begin and end in it, and so do nightly runs."),
    )
    invoice_terms = TextAreaField(
        _l("Terms on invoices"),
        [Length(max=1000, message=_l("Use at most %(max)d characters."))],
        filters=[lambda text: (text or "").strip()],
        description=_l("Printed at the foot of each invoice."),
    )
    group_id = choice_field(
        _l("Company group"),
        coerce=id_or_none,
        choices=_groups,
        message=_l("Choose a company group from the list."),
        description=_l("Its companies share customers, prices, cost centres and cost carriers."),
    )


class BusinessUnitForm(StaleAware):
    company_id = choice_field(
        _l("Company"),
        coerce=int,
        choices=_companies,
        message=_l("Choose a company from the list."),
        description=_l("Its invoices are those of this company."),
    )
    code = TextField(_l("Code"), [DataRequired(_l("Fill in a code."))], longest=10)
    name = TextField(_l("Name"), [DataRequired(NAME_NEEDED)], longest=80)
    street = TextField(_l("Street and number"), longest=80)
    postcode = TextField(_l("Postcode"), longest=12)
    city = TextField(_l("City"), longest=40)
    email = EmailField(_l("E-mail"), description=_l("Where customers of this branch write to."))


class PoolForm(StaleAware):
    business_unit_id = choice_field(
        _l("Business unit"),
        coerce=int,
        choices=lambda: [(unit.id, unit.name) for unit in business_units()],
        message=_l("Choose a business unit from the list."),
        description=_l("Its resources move along; contracts stay with their business unit."),
    )
    name = TextField(_l("Name"), [DataRequired(NAME_NEEDED)], longest=80)


def _save_company(values: dict[str, Any], company: Company | None) -> Company:
    return save_company(company, group=look_up(CompanyGroup, values.pop("group_id")), **values)


def _save_unit(values: dict[str, Any], unit: BusinessUnit | None) -> BusinessUnit:
    return save_business_unit(find(Company, values.pop("company_id")), unit, **values)


def _save_pool(values: dict[str, Any], pool: Pool | None) -> Pool:
    unit = find(BusinessUnit, values.pop("business_unit_id"))
    return save_pool(unit, **values, pool=pool)


def _names_of_companies(group: CompanyGroup) -> str:
    return ", ".join(sorted(company.name for company in group.companies))


def _of_unit(value: str) -> ColumnElement[bool]:
    return Pool.business_unit_id == int(value)


Maintenance(
    model=CompanyGroup,
    listing=Listing(
        name="company_groups",
        title=_l("Company groups"),
        query=lambda: select(CompanyGroup),
        key=CompanyGroup.id,
        columns=[
            Column("name", _l("Name"), sort=CompanyGroup.name),
            Column("companies", _l("Companies"), value=_names_of_companies, wide="sm"),
        ],
        sort="name",
        options=[selectinload(CompanyGroup.companies)],
        empty=_l("Here stand the groups of companies that share customers and prices."),
    ),
    form=CompanyGroupForm,
    save=lambda values, group: save_company_group(group, **values),
    view=EDIT,
    edit=EDIT,
    generally=True,
    add=_l("New company group"),
    template="settings/organisation.html",
).register(bp, "/company-groups")

Maintenance(
    model=Company,
    listing=Listing(
        name="companies",
        title=_l("Companies"),
        query=lambda: select(Company).join(Company.group),
        key=Company.id,
        columns=[
            Column("name", _l("Name"), sort=Company.name),
            Column("vat_number", _l("VAT number"), wide="sm"),
            Column("city", _l("City"), sort=Company.city),
            Column("email", _l("E-mail"), wide="lg"),
            Column(
                "group",
                _l("Company group"),
                value=lambda company: company.group.name,
                sort=CompanyGroup.name,
                wide="md",
            ),
        ],
        sort="name",
        options=[contains_eager(Company.group)],
        empty=_l("Here stand the firms that send invoices. Add the first one."),
    ),
    form=CompanyForm,
    save=_save_company,
    view=EDIT,
    edit=EDIT,
    add=_l("New company"),
    template="settings/organisation.html",
    wide=True,
).register(bp, "/companies")

Maintenance(
    model=BusinessUnit,
    listing=Listing(
        name="business_units",
        title=_l("Business units"),
        query=lambda: select(BusinessUnit).join(Company),
        key=BusinessUnit.id,
        columns=[
            Column("code", _l("Code"), sort=BusinessUnit.code),
            Column("name", _l("Name"), sort=BusinessUnit.name),
            Column("city", _l("City"), sort=BusinessUnit.city, wide="sm"),
            Column(
                "company",
                _l("Company"),
                value=lambda unit: unit.company.name,
                sort=Company.name,
                wide="md",
            ),
        ],
        sort="code",
        options=[joinedload(BusinessUnit.company)],
        empty=_l("Here stand the branches of your companies. Add the first one."),
    ),
    form=BusinessUnitForm,
    save=_save_unit,
    delete=delete_business_unit,
    view=EDIT,
    edit=EDIT,
    add=_l("New business unit"),
    template="settings/organisation.html",
    wide=True,
).register(bp, "/business-units")

Maintenance(
    model=Pool,
    listing=Listing(
        name="pools",
        title=_l("Pools"),
        query=lambda: select(Pool).join(BusinessUnit).where(in_chosen_unit(Pool)),
        key=Pool.id,
        columns=[
            Column("name", _l("Name"), sort=Pool.name),
            Column(
                "unit",
                _l("Business unit"),
                value=lambda pool: pool.business_unit.name,
                sort=BusinessUnit.name,
            ),
        ],
        sort="unit",
        filters=[
            Filter(
                "of",
                _l("Business unit"),
                choices=lambda: [(str(unit.id), unit.name) for unit in business_units()],
                apply=_of_unit,
                any=_l("All"),
            )
        ],
        options=[joinedload(Pool.business_unit)],
        empty=_l("Here stand the sets in which your resources are kept. Add the first one."),
    ),
    form=PoolForm,
    save=_save_pool,
    view=EDIT,
    edit=EDIT,
    add=_l("New pool"),
    template="settings/organisation.html",
).register(bp, "/pools")
