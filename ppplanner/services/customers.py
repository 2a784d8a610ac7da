"""Customers: saving, and knowing whether somebody is known already."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from ppplanner import events
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Customer, CustomerKind, CustomerStatus, Delivery
from ppplanner.services.iban import is_iban
from ppplanner.services.locking import take_turn
from ppplanner.services.running_numbers import next_running_number
from ppplanner.services.vat_numbers import is_vat_number, vat_key

FIRST_NUMBER = 1001
LONGEST_TERM = 365


@dataclass(frozen=True)
class CustomerData:
    """What a person, or an import, says of a customer."""

    kind: CustomerKind
    company_name: str = ""
    first_name: str = ""
    last_name: str = ""
    vat_number: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    country: str = "BE"
    language: str = "nl"
    email: str = ""
    phone: str = ""
    iban: str = ""
    payment_days: int = 30
    vat_code_id: int | None = None
    invoice_delivery: Delivery | None = None
    invoice_email: str = ""
    mail_invoices: bool | None = None
    status: CustomerStatus = CustomerStatus.ACTIVE


FIELDS = tuple(CustomerData.__dataclass_fields__)


@dataclass(frozen=True)
class Known:
    """A customer who is known already, and why we think so: "vat_number", "email" or "name"."""

    customer: Customer
    by: str


def save_customer(
    data: CustomerData,
    *,
    group_id: int,
    customer: Customer | None = None,
    origin: str = "manual",
) -> Customer:
    """Make a customer, or change the one given. The caller commits.

    Raises Invalid for fields a person can mend; a VAT number of another customer is one of them.
    """
    _check(data, customer, by_hand=origin == "manual")
    take_turn("customers")
    _refuse_double(data, group_id, customer)
    customer = customer or _new_customer(group_id, origin)
    _write(customer, data)
    db.session.flush()
    events.customer_saved.send(customer, origin=origin)
    return customer


def set_iban(customer: Customer, iban: str) -> None:
    """Keep the account that a customer pays from. Raises Invalid. The caller commits."""
    if not is_iban(iban):
        raise Invalid(iban=_("This is not an IBAN: check its digits."))
    customer.iban = iban
    db.session.flush()
    events.customer_saved.send(customer, origin="manual")


def find_known(data: CustomerData, *, group_id: int) -> Known | None:
    """The customer that `data` describes, if known: by VAT number, or, for a private person, by
    e-mail or by name and postcode (mission S15, the rule of domain 4.6).
    """
    key = vat_key(data.vat_number, data.country)
    if key and (found := _one(group_id, Customer.vat_key == key)):
        return Known(found, "vat_number")
    if data.kind is CustomerKind.BUSINESS:
        return None
    private = Customer.kind == CustomerKind.PRIVATE
    same_email = func.lower(Customer.email) == data.email.lower()
    if data.email and (found := _one(group_id, private, same_email)):
        return Known(found, "email")
    same_name = func.lower(Customer.name) == _list_name(data).lower()
    same_place = Customer.postcode == data.postcode
    if data.postcode and (found := _one(group_id, private, same_name, same_place)):
        return Known(found, "name")
    return None


def _one(group_id: int, *conditions: ColumnElement[bool]) -> Customer | None:
    query = select(Customer).where(Customer.group_id == group_id, *conditions)
    return db.session.scalars(query.order_by(Customer.id).limit(1)).first()


def _check(data: CustomerData, customer: Customer | None, by_hand: bool) -> None:
    faults: dict[str, object] = {}
    if data.kind is CustomerKind.BUSINESS and not data.company_name.strip():
        faults["company_name"] = _("Fill in the name of the company.")
    if data.kind is CustomerKind.PRIVATE and not data.last_name.strip():
        faults["last_name"] = _("Fill in the last name.")
    if not 0 <= data.payment_days <= LONGEST_TERM:
        faults["payment_days"] = _("A payment term lies between 0 and 365 days.")
    if by_hand:
        faults |= _wrong_numbers(data, customer)
        if data.invoice_delivery is Delivery.MAIL and not (data.invoice_email or data.email):
            faults["invoice_email"] = _("Fill in where invoices are mailed to.")
    if faults:
        raise Invalid(**faults)


def _wrong_numbers(data: CustomerData, customer: Customer | None) -> dict[str, object]:
    """Only what a person types is checked: what another system holds is taken as it is."""
    faults: dict[str, object] = {}
    changed = {name for name in FIELDS if getattr(customer, name, "") != getattr(data, name)}
    if "vat_number" in changed and not is_vat_number(data.vat_number, data.country):
        faults["vat_number"] = _("This is not a VAT number: check its digits and its country.")
    if data.iban and "iban" in changed and not is_iban(data.iban):
        faults["iban"] = _("This is not an IBAN: check its digits.")
    return faults


def _new_customer(group_id: int, origin: str) -> Customer:
    number = next_running_number(Customer.number, FIRST_NUMBER)
    return Customer(group_id=group_id, number=number, origin=origin)


def _write(customer: Customer, data: CustomerData) -> None:
    for name in FIELDS:
        value = getattr(data, name)
        setattr(customer, name, value.strip() if type(value) is str else value)
    customer.name = _list_name(data)
    customer.vat_key = vat_key(data.vat_number, data.country)
    db.session.add(customer)


def _list_name(data: CustomerData) -> str:
    if data.kind is CustomerKind.BUSINESS:
        return data.company_name.strip()
    return f"{data.last_name.strip()} {data.first_name.strip()}".strip()


def _refuse_double(data: CustomerData, group_id: int, customer: Customer | None) -> None:
    key = vat_key(data.vat_number, data.country)
    other = _one(group_id, Customer.vat_key == key) if key else None
    if other is not None and other is not customer:
        message = _("%(name)s already has this VAT number.", name=other.full_name)
        raise Invalid(vat_number=message)
