"""What the kinds and states of customers are called."""

from __future__ import annotations

from ppplanner.blueprints.markup import Badge, Colour
from ppplanner.i18n import PAPER_LANGUAGES, _l
from ppplanner.models import CustomerKind, CustomerStatus, Delivery

KINDS = {CustomerKind.PRIVATE: _l("Private"), CustomerKind.BUSINESS: _l("Business")}
STATUSES = {
    CustomerStatus.ACTIVE: _l("Active"),
    CustomerStatus.WARNING: _l("Warning"),
    CustomerStatus.BLOCKED: _l("Blocked"),
    CustomerStatus.INACTIVE: _l("Inactive"),
}
COLOURS: dict[CustomerStatus, Colour] = {
    CustomerStatus.ACTIVE: "green",
    CustomerStatus.WARNING: "amber",
    CustomerStatus.BLOCKED: "red",
    CustomerStatus.INACTIVE: "grey",
}
DELIVERIES = {
    Delivery.MAIL: _l("By e-mail"),
    Delivery.POST: _l("By post"),
    Delivery.NONE: _l("Not at all"),
}
#: Whether confirmed invoices are mailed by themselves.
MAILINGS = {True: _l("When they are confirmed"), False: _l("When somebody sends them")}
#: The fields of a customer, as forms and the history call them.
FIELDS = {
    "kind": _l("Kind"),
    "number": _l("Number"),
    "company_name": _l("Company name"),
    "first_name": _l("First name"),
    "last_name": _l("Last name"),
    "vat_number": _l("VAT number"),
    "street": _l("Street and number"),
    "postcode": _l("Postcode"),
    "city": _l("City"),
    "country": _l("Country"),
    "language": _l("Language"),
    "email": _l("E-mail"),
    "phone": _l("Phone"),
    "iban": _l("IBAN"),
    "payment_days": _l("Payment term"),
    "vat_code_id": _l("VAT code"),
    "invoice_delivery": _l("Delivery of invoices"),
    "invoice_email": _l("E-mail for invoices"),
    "mail_invoices": _l("Mails with invoices go"),
    "status": _l("Status"),
}


def status_badge(status: CustomerStatus) -> Badge:
    return Badge(STATUSES[status], COLOURS[status])


def language_name(code: str) -> str:
    return PAPER_LANGUAGES.get(code, code)
