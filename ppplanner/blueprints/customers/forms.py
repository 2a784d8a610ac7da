"""The forms of private and of business customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wtforms import Form, SelectField
from wtforms.validators import DataRequired, InputRequired, NumberRange

from ppplanner.blueprints.customers.labels import FIELDS, STATUSES
from ppplanner.blueprints.form_fields import (
    EmailField,
    NumberField,
    TextField,
    choice_field,
    country_field,
)
from ppplanner.blueprints.stale import StaleAware
from ppplanner.i18n import LANGUAGES, _l
from ppplanner.locales import language
from ppplanner.models import Customer, CustomerKind, CustomerStatus
from ppplanner.services import customers
from ppplanner.services.customers import CustomerData


def languages(_form: Form, field: SelectField) -> list[tuple[str, str]]:
    """The languages of documents; a customer from elsewhere may have another one, and keeps it."""
    kept = field.object_data
    more = [] if kept is None or kept in LANGUAGES else [(kept, kept)]
    return [*LANGUAGES.items(), *more]


class CustomerForm(StaleAware):
    """What private and business customers share."""

    street = TextField(FIELDS["street"], longest=100)
    postcode = TextField(FIELDS["postcode"], longest=12)
    city = TextField(FIELDS["city"], longest=60)
    country = country_field(FIELDS["country"])
    email = EmailField(FIELDS["email"])
    phone = TextField(FIELDS["phone"], longest=40)
    language = choice_field(
        FIELDS["language"],
        choices=languages,
        default=language,
        description=_l("Invoices are written in it."),
    )
    iban = TextField(FIELDS["iban"], longest=42)
    payment_days = NumberField(
        FIELDS["payment_days"],
        [
            InputRequired(_l("Fill in a number of days.")),
            NumberRange(0, 365, _l("A payment term lies between 0 and 365 days.")),
        ],
        places=0,
        unit=_l("days"),
        default=30,
    )
    status = choice_field(
        FIELDS["status"],
        choices=lambda: [(status.value, str(text)) for status, text in STATUSES.items()],
        default=CustomerStatus.ACTIVE.value,
    )


class BusinessForm(CustomerForm):
    company_name = TextField(
        FIELDS["company_name"], [DataRequired(_l("Fill in the name of the company."))], longest=100
    )
    vat_number = TextField(
        FIELDS["vat_number"], longest=35, description=_l("With its country: BE 0123.456.749.")
    )


class PrivateForm(CustomerForm):
    first_name = TextField(FIELDS["first_name"], longest=60)
    last_name = TextField(
        FIELDS["last_name"], [DataRequired(_l("Fill in the last name."))], longest=60
    )


FORMS: Mapping[CustomerKind, type[CustomerForm]] = {
    CustomerKind.PRIVATE: PrivateForm,
    CustomerKind.BUSINESS: BusinessForm,
}


def values_of(customer: Customer) -> dict[str, Any]:
    """A customer as the form shows it."""
    return {name: getattr(customer, name) for name in customers.FIELDS}


def read(form: CustomerForm, kind: CustomerKind, customer: Customer | None = None) -> CustomerData:
    """What the form says; what it does not ask stays as it is."""
    kept = values_of(customer) if customer else {"kind": kind}
    typed = {name: form[name].data for name in customers.FIELDS if name in form}
    typed["payment_days"] = int(typed["payment_days"])
    typed["status"] = CustomerStatus(typed["status"])
    return CustomerData(**{**kept, **typed})
