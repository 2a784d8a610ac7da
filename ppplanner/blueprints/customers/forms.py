"""The forms of private and of business customers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from wtforms import Form, SelectField
from wtforms.validators import DataRequired, InputRequired, NumberRange

from ppplanner.blueprints.customers.labels import DELIVERIES, FIELDS, MAILINGS, STATUSES
from ppplanner.blueprints.form_fields import (
    EmailField,
    NumberField,
    TextField,
    choice_field,
    country_field,
)
from ppplanner.blueprints.records import id_or_none
from ppplanner.blueprints.stale import StaleAware
from ppplanner.extensions import db
from ppplanner.i18n import PAPER_LANGUAGES, _, _l
from ppplanner.locales import language
from ppplanner.models import Customer, CustomerKind, CustomerStatus, Delivery, VatCode
from ppplanner.services import customers
from ppplanner.services.customers import CustomerData


def languages(_form: Form, field: SelectField) -> list[tuple[str, str]]:
    """The languages of documents; a customer from elsewhere may have another one, and keeps it."""
    kept = field.object_data
    more = [] if kept is None or kept in PAPER_LANGUAGES else [(kept, kept)]
    return [*PAPER_LANGUAGES.items(), *more]


def _vat_codes(_form: Form, field: SelectField) -> list[tuple[Any, str]]:
    """Those in use, and the one that the customer has."""
    offered = VatCode.active | (VatCode.id == field.object_data)
    found = db.session.scalars(select(VatCode).where(offered).order_by(VatCode.code))
    return [("", _("By what is rented")), *((code.id, str(code)) for code in found)]


def _delivery(value: Any) -> Delivery | None:
    return Delivery(value) if value in set(Delivery) else None


def _mailing(value: Any) -> bool | None:
    return None if value in ("", None, "None") else str(value) == "True"


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
    vat_code_id = choice_field(
        FIELDS["vat_code_id"],
        coerce=id_or_none,
        choices=_vat_codes,
        description=_l("Of everything on invoices, such as that for firms elsewhere in Europe."),
    )
    invoice_delivery = choice_field(
        FIELDS["invoice_delivery"],
        coerce=_delivery,
        choices=lambda: [("", _("As the company does")), *DELIVERIES.items()],
    )
    invoice_email = EmailField(
        FIELDS["invoice_email"], description=_l("If not to the address above.")
    )
    mail_invoices = choice_field(
        FIELDS["mail_invoices"],
        coerce=_mailing,
        choices=lambda: [("", _("As the company does")), *MAILINGS.items()],
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
