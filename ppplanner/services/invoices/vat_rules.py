"""Whether the VAT on a document is what its customer may be charged (directive 2006/112/EC).

Services to a firm of another member state carry no VAT when that firm has a VAT number there (art.
44 and 196); nothing that goes outside the union does (art. 146). Whoever charges none says why, by
the article of the law (art. 226).
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ppplanner.i18n import N_, Message
from ppplanner.models import Customer, Invoice, VatCode, VatTreatment
from ppplanner.services.vat_numbers import EU_COUNTRIES, is_vat_number, vat_country


def vat_faults(invoice: Invoice) -> Iterator[Message]:
    """What is wrong with the VAT codes of a document: a sentence each, with what to do."""
    for vat_code in _codes(invoice):
        if vat_code.treatment is VatTreatment.INTRA_COMMUNITY:
            yield from _intra_community_faults(invoice, vat_code)
        elif vat_code.treatment is VatTreatment.EXPORT:
            yield from _export_faults(invoice.customer, vat_code)
    for vat_code in _codes_without_vat(invoice):
        if not vat_code.legal_text:
            yield Message(
                N_(
                    "VAT code %(code)s charges no VAT, and does not say why: an administrator has"
                    " to give it the text of the law."
                ),
                {"code": vat_code.code},
            )


def _codes(invoice: Invoice) -> list[VatCode]:
    """Each once, in the order of the lines."""
    return list(dict.fromkeys(line.vat_code for line in invoice.lines))


def _codes_without_vat(invoice: Invoice) -> list[VatCode]:
    free = (line.vat_code for line in invoice.lines if line.vat_percentage == Decimal(0))
    return list(dict.fromkeys(free))


def _intra_community_faults(invoice: Invoice, vat_code: VatCode) -> Iterator[Message]:
    company, customer = invoice.company, invoice.customer
    if not _is_firm_abroad(customer, company.country):
        yield Message(
            N_(
                "VAT code %(code)s is for firms with a VAT number in another country of the"
                " European Union: give the customer that number, or the lines another VAT code."
            ),
            {"code": vat_code.code},
        )
    if vat_country(company.vat_number, company.country) not in EU_COUNTRIES:
        yield Message(
            N_(
                "VAT code %(code)s needs a VAT number of %(company)s itself: an administrator has"
                " to fill it in."
            ),
            {"code": vat_code.code, "company": str(company)},
        )


def _is_firm_abroad(customer: Customer, home: str) -> bool:
    """Whether it has a VAT number, with right digits, of another member state."""
    where = vat_country(customer.vat_number, customer.country)
    known = is_vat_number(customer.vat_number, customer.country)
    return known and where in EU_COUNTRIES and where != home


def _export_faults(customer: Customer, vat_code: VatCode) -> Iterator[Message]:
    if customer.country in EU_COUNTRIES:
        yield Message(
            N_(
                "VAT code %(code)s is for customers outside the European Union: change the country"
                " of the customer, or give the lines another VAT code."
            ),
            {"code": vat_code.code},
        )
