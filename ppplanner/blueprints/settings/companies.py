"""Company groups and companies."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, selectinload
from wtforms import BooleanField
from wtforms.validators import DataRequired

from ppplanner.blueprints.form_fields import EmailField, TextField, choice_field, country_field
from ppplanner.blueprints.lists.listing import Column, Listing
from ppplanner.blueprints.maintenance import Maintenance
from ppplanner.blueprints.records import id_or_none, look_up
from ppplanner.blueprints.settings import bp
from ppplanner.blueprints.stale import StaleAware
from ppplanner.clock import BRUSSELS
from ppplanner.extensions import db
from ppplanner.i18n import _, _l
from ppplanner.models import Company, CompanyGroup
from ppplanner.permissions import visible
from ppplanner.services.firm.organisation import save_company, save_company_group

EDIT = "organisation.edit"
NAME_NEEDED = _l("Fill in a name.")


def _groups() -> list[tuple[Any, str]]:
    """The groups within reach; for the very first company, one that is called like it."""
    query = select(CompanyGroup).where(visible(CompanyGroup)).order_by(CompanyGroup.name)
    groups = [(group.id, group.name) for group in db.session.scalars(query)]
    return groups or [("", _("A new one, named after the company"))]


class CompanyGroupForm(StaleAware):
    name = TextField(_l("Name"), [DataRequired(NAME_NEEDED)], longest=80)
    uses_cost_centres = BooleanField(
        _l("Cost centres"),
        default=True,
        description=_l(
            "On: a cost centre can be put on resources, prices and lines of invoices. Off: nothing"
            " shows them; those that are there are kept, and come back when you switch it on."
        ),
    )
    uses_cost_carriers = BooleanField(
        _l("Cost carriers"),
        default=True,
        description=_l("The same for cost carriers: one vehicle, one project."),
    )


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
    group_id = choice_field(
        _l("Company group"),
        coerce=id_or_none,
        choices=_groups,
        message=_l("Choose a company group from the list."),
        description=_l("Its companies share customers, prices and what belongs to them."),
    )


def _save_company(values: dict[str, Any], company: Company | None) -> Company:
    return save_company(company, group=look_up(CompanyGroup, values.pop("group_id")), **values)


def _names_of_companies(group: CompanyGroup) -> str:
    return ", ".join(sorted(company.name for company in group.companies))


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
