"""What Exact books is what the invoice says, to the cent."""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_UP, Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppplanner.clock import today
from ppplanner.extensions import db
from ppplanner.integrations.exact import bodies, forwarding, mapping
from ppplanner.integrations.exact.models import ExactConnection
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.simulator.money import exact as number
from ppplanner.integrations.exact.sync import lists
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.models import BusinessUnit, Customer, Invoice, InvoiceKind, InvoiceLine, VatCode
from ppplanner.money import CENT
from ppplanner.services.invoices import confirming, crediting, overtaken
from ppplanner.services.invoices.totals import total
from tests.factories import make_vat_code
from tests.integrations.exact.conftest import new_invoice

pytestmark = pytest.mark.one_database

RATES = (Decimal(21), Decimal(12), Decimal(6), Decimal(0))
#: How Exact rounds half cents is not known: whatever it does must not matter.
ROUNDINGS = (ROUND_HALF_UP, ROUND_HALF_EVEN, ROUND_DOWN, ROUND_UP)

amounts = st.decimals(Decimal("-99999.99"), Decimal("99999.99"), places=2)
small = st.decimals(Decimal("-1.00"), Decimal("1.00"), places=2)
some_lines = st.lists(st.tuples(amounts | small, st.sampled_from(RATES)), min_size=1, max_size=40)


def invoice_of(lines: list[tuple[Decimal, Decimal]], codes: dict[Decimal, VatCode]) -> Invoice:
    """An invoice that no database knows, with its totals."""
    invoice = Invoice(
        kind=InvoiceKind.INVOICE,
        reference="2026-00001",
        invoice_date=today(),
        due_date=today(),
        payment_reference="",
        customer=Customer(company_name="Firm"),
        lines=[
            InvoiceLine(
                position=position,
                description="Rent",
                net=net,
                vat_code_id=int(rate),
                vat_code=codes[rate],
                vat_percentage=rate,
                gl_account_id=1,
            )
            for position, (net, rate) in enumerate(lines, start=1)
        ],
    )
    total(invoice)
    return invoice


def booked(body: dict[str, Any], rounding: str) -> Decimal:
    """Exact's total of an entry: VAT per line, unless the line says it."""
    return sum((_line_total(line, rounding) for line in body["SalesEntryLines"]), Decimal(0))


def _line_total(line: dict[str, Any], rounding: str) -> Decimal:
    net, said = number(line["AmountFC"]), line.get("VATAmountFC")
    vat = net * int(line["VATCode"]) / 100 if said is None else number(said)
    return net + vat.quantize(CENT, rounding)


@pytest.mark.parametrize("rounding", ROUNDINGS)
@given(lines=some_lines)
def test_however_exact_rounds_it_books_our_total(
    rounding: str, lines: list[tuple[Decimal, Decimal]]
) -> None:
    codes = {rate: VatCode(id=int(rate), code=str(rate), percentage=rate) for rate in RATES}
    invoice = invoice_of(lines, codes)
    entry = mapping.sales_entry(
        invoice,
        account_id=UUID(int=1),
        journal="70",
        gl_accounts={1: UUID(int=2)},
        vat_codes={int(rate): str(int(rate)) for rate in RATES},
        document_id=None,
    )
    body = bodies.new_sales_entry(entry)

    assert booked(body, rounding) == invoice.gross


@given(lines=some_lines)
def test_no_line_says_a_vat_that_is_a_cent_and_a_half_off(
    lines: list[tuple[Decimal, Decimal]],
) -> None:
    codes = {rate: VatCode(id=int(rate), code=str(rate), percentage=rate) for rate in RATES}
    invoice = invoice_of(lines, codes)
    for position, vat in mapping.vat_amounts(invoice).items():
        net, rate = lines[position - 1]
        assert abs(vat - net * rate / 100) <= CENT * Decimal("1.5")


def _with_lines(invoice: Invoice, nets: list[str], rates: list[int]) -> None:
    """Other lines in place of those of the contract; a draft may still change."""
    invoice.lines = [
        InvoiceLine(
            position=position,
            description=f"Line {position}",
            units=Decimal(1),
            unit_price=Decimal(net),
            net=Decimal(net),
            vat_code=make_vat_code(str(rate)),
            vat_percentage=Decimal(rate),
            gl_account=invoice.lines[0].gl_account,
        )
        for position, (net, rate) in enumerate(zip(nets, rates, strict=True), start=1)
    ]


CASES = {
    "half cents": (["0.50", "0.50", "0.50"], [21, 21, 21]),
    "many small ones": (["0.02"] * 12, [21] * 12),
    "mixed rates": (["33.33", "66.67", "0.05", "19.99", "100.00"], [21, 21, 6, 6, 0]),
    "a discount line": (["199.99", "-0.03", "0.01"], [21, 21, 21]),
}


@pytest.mark.parametrize("case", CASES)
def test_exact_books_our_total_over_http(
    connection: ExactConnection, simulator: RunningSimulator, unit: BusinessUnit, case: str
) -> None:
    draft: Callable[..., Invoice] = partial(new_invoice, unit, confirmed=False)
    invoice = draft()
    _with_lines(invoice, *CASES[case])
    _confirm(invoice)
    _map_vat_codes(connection)

    forwarding.forward([invoice.id], by="Anke")
    db.session.commit()
    run_outbox(connection.id)

    (entry,) = simulator.entries(YourRef=invoice.reference)
    assert number(entry["AmountFC"]) == invoice.gross
    assert number(entry["VATAmountFC"]) == invoice.vat


@pytest.mark.parametrize("case", ["half cents", "many small ones", "mixed rates"])
def test_exact_books_credit_notes_that_take_an_invoice_back_bit_by_bit(
    connection: ExactConnection, simulator: RunningSimulator, unit: BusinessUnit, case: str
) -> None:
    """The last takes the VAT that is left of each rate: all entries together are nothing."""
    invoice = new_invoice(unit, confirmed=False)
    _with_lines(invoice, *CASES[case])
    _confirm(invoice)
    _map_vat_codes(connection)
    notes = []
    for line in invoice.lines:
        notes.append(crediting.credit(invoice, {line.id: line.net}, on=today()))
        confirming.confirm_invoice(notes[-1])
    db.session.commit()

    forwarding.forward([invoice.id, *(note.id for note in notes)], by="Anke")
    db.session.commit()
    run_outbox(connection.id)

    entries = [simulator.entries(YourRef=each.reference) for each in (invoice, *notes)]
    booked = [(number(each["AmountFC"]), number(each["VATAmountFC"])) for (each,) in entries]
    assert booked == [(each.gross, each.vat) for each in (invoice, *notes)]
    assert [sum(column) for column in zip(*booked, strict=True)] == [0, 0]


def _confirm(invoice: Invoice) -> None:
    db.session.flush()
    total(invoice)
    seen = overtaken.fingerprint(overtaken.differences(invoice))
    confirming.confirm_invoice(invoice, seen=seen)
    db.session.commit()


def _map_vat_codes(connection: ExactConnection) -> None:
    for rate in (21, 6, 0):
        code, choices = make_vat_code(str(rate)), lists.vat_choices(connection, Decimal(rate))
        lists.map_vat_code(connection, code, choices[0])
    db.session.commit()
