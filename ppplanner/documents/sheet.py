"""An invoice or credit note as an HTML page, in the language of its customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import current_app
from flask_babel import get_locale

from ppplanner.clock import local_day
from ppplanner.documents.payment import payment, written_iban
from ppplanner.i18n import in_language
from ppplanner.models import Company, Customer, Invoice, InvoiceKind

TEMPLATE = "documents/invoice.html"


@dataclass(frozen=True)
class Period:
    """The days that were rented, first and last included."""

    first: date
    last: date


def invoice_html(invoice: Invoice) -> str:
    """The page to print. It needs nothing from elsewhere: style and QR code stand in it."""
    with in_language(invoice.customer.language):
        template = current_app.jinja_env.get_template(TEMPLATE)
        return template.render(
            invoice=invoice,
            is_credit=invoice.kind is InvoiceKind.CREDIT_NOTE,
            company=invoice.company,
            customer=invoice.customer,
            country=country_abroad(invoice.customer, invoice.company),
            language=get_locale().language,
            period=_period(invoice),
            vat_totals=invoice.vat_totals,
            payment=payment(invoice),
            iban=written_iban(invoice.company.iban),
            made_at=_stamp(invoice.confirmed_at),
        )


def _period(invoice: Invoice) -> Period | None:
    """The local days of the contract: the law asks when a service was supplied."""
    contract, zone = invoice.contract, invoice.company.timezone
    if contract is None:
        return None
    last_moment = contract.ends_at - timedelta(microseconds=1)
    return Period(local_day(contract.starts_at, zone), local_day(last_moment, zone))


def country_abroad(customer: Customer, company: Company) -> str:
    """The customer's country in words; empty at home, as postal services want it."""
    country = customer.country.upper()
    if not country or country == company.country.upper():
        return ""
    return str(get_locale().territories.get(country, country))


def _stamp(moment: datetime | None) -> str:
    """For the PDF's own dates: the invoice's, so that printing again gives the same bytes."""
    return moment.isoformat(timespec="seconds") if moment else ""
