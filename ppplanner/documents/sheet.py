"""An invoice or credit note as an HTML page, in the language of its customer."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from flask import current_app
from flask_babel import get_locale

from ppplanner.clock import local_day
from ppplanner.documents.legal import legal_texts
from ppplanner.documents.payment import payment, to_pay
from ppplanner.i18n import in_language
from ppplanner.models import Company, Customer, Invoice
from ppplanner.services.firm.company_files import logo
from ppplanner.services.firm.invoice_terms import terms_in
from ppplanner.services.invoices.written import written_iban

TEMPLATE = "documents/invoice.html"


@dataclass(frozen=True)
class Period:
    """The days that were rented, first and last included."""

    first: date
    last: date


def invoice_html(invoice: Invoice) -> str:
    """The page to print. It needs nothing from elsewhere: style and QR code stand in it."""
    company, customer = invoice.company, invoice.customer
    with in_language(customer.language):
        template = current_app.jinja_env.get_template(TEMPLATE)
        return template.render(
            invoice=invoice,
            is_credit=invoice.is_credit_note,
            company=company,
            logo=logo_address(company),
            customer=customer,
            country=country_abroad(customer, company),
            language=get_locale().language,
            period=_period(invoice),
            vat_totals=invoice.vat_totals,
            legal_texts=legal_texts(invoice),
            to_pay=to_pay(invoice),
            payment=payment(invoice),
            iban=written_iban(company.iban),
            terms=terms_in(company, customer.language),
            made_at=_stamp(invoice.confirmed_at),
        )


def logo_address(company: Company) -> str:
    """The company's logo as an address that holds it whole; empty without one."""
    file = logo(company.id)
    return f"data:{file.media_type};base64,{b64encode(file.content).decode()}" if file else ""


def _period(invoice: Invoice) -> Period | None:
    """The local days that it charges, or else those of its contract: the law asks when a service
    was supplied.
    """
    charged = [line for line in invoice.lines if line.first_day and line.last_day]
    if charged:
        first = min(line.first_day for line in charged if line.first_day)
        return Period(first, max(line.last_day for line in charged if line.last_day))
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
