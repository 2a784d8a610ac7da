"""Customers: saving, and knowing whether somebody is known already."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from stdnum.eu import vat as eu_vat

from ppplanner import events
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Customer, CustomerKind, CustomerStatus
from ppplanner.services.numbering import next_running_number


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
    status: CustomerStatus = CustomerStatus.ACTIVE


EU_PREFIXES = eu_vat.MEMBER_STATES | {"el"}
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
    _check(data)
    if origin == "manual" and (
        customer is None or customer.vat_number != data.vat_number
    ):
        _check_vat_number(data)
    customer = customer or _new_customer(group_id, origin)
    for name in FIELDS:
        setattr(customer, name, getattr(data, name))
    customer.name = _list_name(data)
    customer.vat_key = vat_key(data.vat_number, data.country)
    _refuse_double(customer)
    db.session.add(customer)
    _flush(customer)
    events.customer_saved.send(customer)
    return customer


def vat_key(vat_number: str, country: str = "BE") -> str | None:
    """A VAT number without notation: "BE 0123.456.749" and "0123456749" (BE) are the same."""
    compact = "".join(char for char in vat_number.upper() if char.isalnum())
    if not compact:
        return None
    if compact[:2].isalpha():
        return compact
    return (
        f"{country.upper()}{compact.zfill(10) if country.upper() == 'BE' else compact}"
    )


def find_known(data: CustomerData, *, group_id: int) -> Known | None:
    """The customer that `data` describes, if known: by VAT number, or, for a private person, by
    e-mail or by name and postcode (mission S15, the rule of domain 4.6).
    """
    if key := vat_key(data.vat_number, data.country):
        if found := _one(group_id, Customer.vat_key == key):
            return Known(found, "vat_number")
    if data.kind is CustomerKind.BUSINESS:
        return None
    private = Customer.kind == CustomerKind.PRIVATE
    if data.email and (
        found := _one(
            group_id, private, func.lower(Customer.email) == data.email.lower()
        )
    ):
        return Known(found, "email")
    same_name = func.lower(Customer.name) == _list_name(data).lower()
    if data.postcode and (
        found := _one(group_id, private, same_name, Customer.postcode == data.postcode)
    ):
        return Known(found, "name")
    return None


def _one(group_id: int, *conditions: object) -> Customer | None:
    query = select(Customer).where(Customer.group_id == group_id, *conditions)  # type: ignore[arg-type]
    return db.session.scalars(query.order_by(Customer.id).limit(1)).first()


def _check(data: CustomerData) -> None:
    if data.kind is CustomerKind.BUSINESS and not data.company_name.strip():
        raise Invalid(company_name=_("Fill in the name of the company."))
    if data.kind is CustomerKind.PRIVATE and not data.last_name.strip():
        raise Invalid(last_name=_("Fill in the last name."))


def _check_vat_number(data: CustomerData) -> None:
    """Only what a person types is checked: what another system holds is taken as it is."""
    if data.vat_number and not _is_vat_number(data.vat_number, data.country):
        raise Invalid(
            vat_number=_("This is not a VAT number: check its digits and its country.")
        )


def _is_vat_number(vat_number: str, country: str) -> bool:
    """Whether the digits are right; numbers from outside the EU are taken as they are."""
    key = vat_key(vat_number, country) or ""
    return key[:2].lower() not in EU_PREFIXES or eu_vat.is_valid(key)


def _list_name(data: CustomerData) -> str:
    if data.kind is CustomerKind.BUSINESS:
        return data.company_name.strip()
    return f"{data.last_name.strip()} {data.first_name.strip()}".strip()


def _new_customer(group_id: int, origin: str) -> Customer:
    number = next_running_number(Customer.number, start=1001)
    return Customer(group_id=group_id, number=number, origin=origin)


def _refuse_double(customer: Customer) -> None:
    if customer.vat_key is None:
        return
    with db.session.no_autoflush:
        other = _one(
            customer.group_id,
            Customer.vat_key == customer.vat_key,
            Customer.id != customer.id,
        )
    if other:
        raise Invalid(
            vat_number=_("%(name)s already has this VAT number.", name=other.full_name)
        )


def _flush(customer: Customer) -> None:
    try:
        db.session.flush()
    except IntegrityError as error:
        raise DomainError(
            _(
                "A colleague saved the same customer just now. Look it up in the list of customers."
            )
        ) from error
