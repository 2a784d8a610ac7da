"""Invoices for the tests of papers: five days of a van at 100.00, by a firm with all its data."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from ppplanner.clock import today
from ppplanner.models import Customer, Invoice, VatCode
from ppplanner.services.invoices import confirming, crediting
from ppplanner.services.pricing import price_lines
from ppplanner.services.pricing.price_lines import PriceLineData
from tests.factories import (
    make_company,
    make_contract,
    make_customer,
    make_invoice,
    make_price_range,
    make_resource,
    make_unit,
    make_vat_code,
)

IBAN = "BE71 0961 2345 6769"
COMPANY = {
    "street": "Havenlaan 86",
    "postcode": "1000",
    "city": "Brussel",
    "vat_number": "BE0403170701",
    "iban": IBAN,
    "bic": "GKCCBEBB",
    "invoice_terms": "Pay in time.",
}

_numbers = count(1)


def bill(
    *lines: PriceLineData,
    customer: Customer | None = None,
    vat_code: VatCode | None = None,
    day_price: Decimal | int = 100,
    confirmed: bool = True,
    **company: Any,
) -> Invoice:
    """The invoice of a contract with the van's rent and further `lines`, dated today."""
    number = next(_numbers)
    unit = make_unit(make_company(**{"name": f"Vroom {number} NV", **COMPANY, **company}))
    contract = make_contract(
        make_resource(unit, make_price_range(day_price, vat_code=vat_code)),
        customer=customer or make_customer(language="en"),
        starts_at=datetime(2026, 11, 1, 8, tzinfo=UTC),
        ends_at=datetime(2026, 11, 5, 16, tzinfo=UTC),
    )
    for each in lines:
        price_lines.save_price_line(contract, each)
    return make_invoice(contract, confirmed=confirmed, invoice_date=today())


def line(description: str = "Insurance", **values: Any) -> PriceLineData:
    """A further line: 10.00 with 21 % VAT."""
    defaults = {"units": Decimal(1), "unit_price": Decimal(10), "vat_code": make_vat_code()}
    return PriceLineData(description, **{**defaults, **values})


def credit_note(first: Invoice) -> Invoice:
    """A credit note on the whole of an invoice."""
    note = crediting.credit_in_full(first, on=today())
    confirming.confirm_invoice(note)
    return note
