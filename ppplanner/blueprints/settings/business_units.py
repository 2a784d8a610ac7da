"""Business units and their pools."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload
from wtforms.validators import DataRequired

from ppplanner.blueprints.form_fields import EmailField, TextField, choice_field
from ppplanner.blueprints.lists.listing import Column, Filter, Listing
from ppplanner.blueprints.lists.unit_column import unit_column
from ppplanner.blueprints.maintenance import Maintenance
from ppplanner.blueprints.records import find
from ppplanner.blueprints.scope import business_units, in_chosen_unit
from ppplanner.blueprints.settings import bp
from ppplanner.blueprints.stale import StaleAware
from ppplanner.extensions import db
from ppplanner.i18n import _l
from ppplanner.models import BusinessUnit, Company, Pool
from ppplanner.permissions import visible
from ppplanner.services.firm.organisation import save_business_unit
from ppplanner.services.firm.pools import save_pool
from ppplanner.services.removal import delete_business_unit

EDIT = "organisation.edit"
NAME_NEEDED = _l("Fill in a name.")


def _companies() -> list[tuple[int, str]]:
    query = select(Company).where(visible(Company)).order_by(Company.name)
    return [(company.id, company.name) for company in db.session.scalars(query)]


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
    mail_name = TextField(
        _l("Sender of mails"),
        longest=80,
        description=_l("The name that customers see. Empty: the name of the business unit."),
    )
    mail_address = EmailField(
        _l("Address of the sender of mails"), description=_l("Empty: the e-mail address above.")
    )
    invoice_mail_name = TextField(
        _l("Sender of invoices"),
        longest=80,
        description=_l("The name on mails with invoices. Empty: the sender of mails."),
    )
    invoice_mail_address = EmailField(
        _l("Address of the sender of invoices"),
        description=_l("Customers answer to it. Empty: the address of the sender of mails."),
    )


class PoolForm(StaleAware):
    business_unit_id = choice_field(
        _l("Business unit"),
        coerce=int,
        choices=lambda: [(unit.id, unit.name) for unit in business_units()],
        message=_l("Choose a business unit from the list."),
        description=_l("Its resources move along; contracts stay with their business unit."),
    )
    name = TextField(_l("Name"), [DataRequired(NAME_NEEDED)], longest=80)


def _save_unit(values: dict[str, Any], unit: BusinessUnit | None) -> BusinessUnit:
    return save_business_unit(find(Company, values.pop("company_id")), unit, **values)


def _save_pool(values: dict[str, Any], pool: Pool | None) -> Pool:
    unit = find(BusinessUnit, values.pop("business_unit_id"))
    return save_pool(unit, **values, pool=pool)


def _of_unit(value: str) -> ColumnElement[bool]:
    return Pool.business_unit_id == int(value)


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
            unit_column(),
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
