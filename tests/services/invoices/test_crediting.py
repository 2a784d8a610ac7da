"""Credit notes: in full, in part, never more than is left; their VAT to the cent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from ppplanner.clock import today
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.models import ContractStatus, Invoice, InvoiceKind
from ppplanner.services.invoices.confirming import confirm_invoice
from ppplanner.services.invoices.credited import left_of_lines
from ppplanner.services.invoices.crediting import (
    change_credit,
    credit,
    draft_of,
    is_credited,
)
from ppplanner.services.pricing.invoiced import uninvoiced_lines
from tests.factories import make_contract, make_cost_centre, make_invoice
from tests.parallel import at_once
from tests.services.invoices.credits import by_line, draft_credit, make_bill, make_credit

pytestmark = pytest.mark.usefixtures("app")

ONE = Decimal(1)


def refused(deed: Callable[[], object]) -> str:
    """What the fields of a form would say of it."""
    with pytest.raises(Invalid) as caught:
        deed()
    return " ".join(map(str, caught.value.fields.values()))


def left(invoice: Invoice) -> list[Decimal]:
    """What is left to credit of its lines, in their order."""
    of_lines = left_of_lines(invoice)
    return [of_lines[line.id] for line in invoice.lines]


def test_a_full_credit_takes_everything_back() -> None:
    invoice = make_bill(("100.00", "21"), ("10.00", "6"))
    note = make_credit(invoice)
    assert note.kind is InvoiceKind.CREDIT_NOTE
    assert note.credited_invoice is invoice
    assert (note.net, note.vat, note.gross) == (-invoice.net, -invoice.vat, -invoice.gross)
    assert left(invoice) == [0, 0]
    assert is_credited(invoice)


def test_a_line_credited_in_full_turns_its_units_round() -> None:
    invoice = make_invoice(make_contract())
    line = invoice.lines[0]
    line_back = make_credit(invoice).lines[0]
    assert (line_back.units, line_back.unit_price) == (-line.units, line.unit_price)
    assert line_back.credited_line is line
    assert line_back.description == line.description


def test_a_part_of_a_line_is_one_piece_of_that_amount() -> None:
    note = make_credit(make_bill(("100.00", "21"), ("10.00", "6")), "40.00", "0")
    (line,) = note.lines
    assert (line.units, line.unit_price, line.net) == (-ONE, 40 * ONE, -40 * ONE)
    assert (note.net, note.vat) == (Decimal("-40.00"), Decimal("-8.40"))


def test_a_credit_goes_where_the_invoice_went_in_the_books() -> None:
    invoice = make_bill(("100.00", "21"), confirmed=False)
    invoice.lines[0].cost_centre = make_cost_centre()
    confirm_invoice(invoice)
    back, line = make_credit(invoice, "1.00").lines[0], invoice.lines[0]
    assert back.gl_account is line.gl_account
    assert back.cost_centre is line.cost_centre


@pytest.mark.parametrize(
    ("amount", "sentence"),
    [("100.01", "€100.00 is left"), ("-0.01", "€100.00 is left"), ("0.005", "2 decimals")],
)
def test_more_than_a_line_holds_is_refused(amount: str, sentence: str) -> None:
    invoice = make_bill(("100.00", "21"))
    assert sentence in refused(lambda: draft_credit(invoice, amount))


def test_what_another_credit_note_took_back_is_gone() -> None:
    invoice = make_bill(("100.00", "21"))
    make_credit(invoice, "60.00")
    assert left(invoice) == [Decimal("40.00")]
    assert "€40.00 is left" in refused(lambda: draft_credit(invoice, "40.01"))
    make_credit(invoice, "40.00")
    with pytest.raises(DomainError, match="All of this"):
        draft_credit(invoice, "0.01")


def test_a_credit_of_nothing_is_refused() -> None:
    invoice = make_bill(("100.00", "21"))
    assert "above zero" in refused(lambda: draft_credit(invoice, "0"))


def test_a_discount_on_a_line_of_its_own_is_not_forgotten() -> None:
    invoice = make_bill(("100.00", "21"), ("-10.00", "21"))
    assert "€90.00 is left" in refused(lambda: draft_credit(invoice, "100.00", "0"))
    note = make_credit(invoice, "100.00", "-10.00")
    assert note.gross == -invoice.gross


def test_a_discount_with_another_vat_rate_is_not_forgotten_either() -> None:
    invoice = make_bill(("100.00", "21"), ("-10.00", "6"))
    assert "€90.00 is left" in refused(lambda: draft_credit(invoice, "100.00", "0"))
    assert make_credit(invoice).net == Decimal("-90.00")


def test_a_discount_alone_cannot_be_taken_back() -> None:
    invoice = make_bill(("100.00", "21"), ("-10.00", "21"))
    assert "above zero" in refused(lambda: draft_credit(invoice, "0", "-10.00"))


def test_the_line_of_another_invoice_cannot_be_credited() -> None:
    other = make_bill(("5.00", "21"))
    with pytest.raises(DomainError):
        credit(make_bill(("100.00", "21")), {other.lines[0].id: Decimal(1)}, on=today())


def test_a_draft_and_a_credit_note_cannot_be_credited() -> None:
    with pytest.raises(DomainError, match="draft"):
        draft_credit(make_bill(("100.00", "21"), confirmed=False))
    with pytest.raises(DomainError, match="new invoice"):
        draft_credit(make_credit(make_bill(("100.00", "21"))))


def test_there_is_one_draft_at_a_time() -> None:
    invoice = make_bill(("100.00", "21"))
    note = draft_credit(invoice, "10.00")
    assert draft_of(invoice) is note
    with pytest.raises(DomainError, match="draft credit note"):
        draft_credit(invoice, "10.00")
    confirm_invoice(note)
    assert draft_credit(invoice, "90.00").gross == Decimal("-108.90")


def test_a_draft_can_be_changed_up_to_what_is_left_without_it() -> None:
    invoice = make_bill(("100.00", "21"), ("10.00", "6"))
    note = draft_credit(invoice, "90.00", "0")
    change_credit(note, by_line(invoice, ["100.00", "5.00"]), on=today())
    assert [line.net for line in note.lines] == [-100, -5]
    assert note.gross == Decimal("-126.30")
    confirm_invoice(note)
    with pytest.raises(DomainError, match="confirmed"):
        change_credit(note, by_line(invoice, ["1.00", "0"]), on=today())


def test_a_draft_with_too_much_on_it_is_not_confirmed() -> None:
    note = draft_credit(make_bill(("100.00", "21")), "90.00")
    note.lines[0].net = Decimal("-100.01")
    assert "€100.00 is left" in refused(lambda: confirm_invoice(note))


def test_a_credit_note_is_not_dated_before_its_invoice() -> None:
    invoice = make_bill(("100.00", "21"))
    yesterday = today() - timedelta(days=1)
    assert "before" in refused(lambda: credit(invoice, left_of_lines(invoice), on=yesterday))


def test_the_last_credit_of_a_rate_takes_the_vat_that_is_left() -> None:
    """Three credits of 0.03 would take back 0.03 of VAT, but only 0.02 had been charged."""
    invoice = make_bill(("0.09", "21"))
    vats = [make_credit(invoice, "0.03").vat for _each in range(3)]
    assert invoice.vat == Decimal("0.02")
    assert sum(vats) == -invoice.vat


def test_credits_never_take_back_more_vat_than_was_charged() -> None:
    invoice = make_bill(("0.10", "21"))
    vats = [make_credit(invoice, "0.03").vat for _each in range(3)]
    assert vats == [Decimal("-0.01"), Decimal("-0.01"), 0]


@pytest.mark.one_database
@settings(max_examples=15)
@given(
    st.lists(
        st.tuples(st.decimals("0.01", "400", places=2), st.sampled_from(["21", "12", "6", "0"])),
        min_size=1,
        max_size=4,
    ),
    st.data(),
)
def test_credits_in_parts_come_to_the_whole_invoice(
    parts: list[tuple[Decimal, str]], data: st.DataObject
) -> None:
    invoice = make_bill(*((str(net), code) for net, code in parts))
    notes = []
    for _each in range(3):
        if is_credited(invoice):
            break
        amounts = [
            data.draw(st.decimals(0, remainder, places=2)) if remainder else Decimal(0)
            for remainder in left(invoice)
        ]
        if any(amounts):
            notes.append(make_credit(invoice, *map(str, amounts)))
    if not is_credited(invoice):
        notes.append(make_credit(invoice))
    assert sum(note.gross for note in notes) == -invoice.gross
    for share in invoice.vat_totals:
        back = [each for note in notes for each in note.vat_totals]
        same = [each for each in back if each.vat_code is share.vat_code]
        assert sum(each.base for each in same) == -share.base
        assert sum(each.vat for each in same) == -share.vat
        assert all(each.vat <= 0 for each in same)
    db.session.rollback()


def test_what_can_be_invoiced_again_waits_for_an_invoice() -> None:
    contract = make_contract()
    contract.status = ContractStatus.CHECKED_IN
    invoice = make_invoice(contract)
    assert contract.status == "invoiced"
    note = draft_credit(invoice, again=True)
    assert uninvoiced_lines(contract) == []
    confirm_invoice(note)
    assert uninvoiced_lines(contract) == contract.lines
    assert contract.status == "checked_in"
    assert make_invoice(contract).gross == invoice.gross
    assert contract.status == "invoiced"


def test_what_is_credited_for_good_is_not_invoiced_again() -> None:
    contract = make_contract()
    contract.status = ContractStatus.CHECKED_IN
    make_credit(make_invoice(contract))
    assert uninvoiced_lines(contract) == []
    assert contract.status == "invoiced"


def test_of_two_credits_made_at_once_one_is_refused(app: Flask) -> None:
    invoice_id = make_bill(("100.00", "21")).id

    def take_back() -> int:
        return draft_credit(db.session.get_one(Invoice, invoice_id), "60.00").id

    results = at_once(app, [take_back] * 4)
    assert sum(isinstance(result, int) for result in results) == 1
    assert sum(isinstance(result, DomainError) for result in results) == 3
