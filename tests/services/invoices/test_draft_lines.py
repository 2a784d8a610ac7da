"""Lines that people add to drafts, and what they may change of those that follow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from ppplanner.clock import today
from ppplanner.errors import DomainError, Invalid
from ppplanner.models import CustomerStatus, Invoice
from ppplanner.services.firm.organisation import save_company_group
from ppplanner.services.invoices import crediting
from ppplanner.services.invoices.confirming import confirm_invoice
from ppplanner.services.invoices.draft_lines import (
    Booking,
    LineData,
    add_line,
    change_line,
    remove_line,
    reword_line,
)
from ppplanner.services.invoices.drafts import draft_for_customer
from tests.factories import (
    make_cost_carrier,
    make_cost_centre,
    make_customer,
    make_gl_account,
    make_invoice,
    make_unit,
    make_vat_code,
)

pytestmark = pytest.mark.one_database


@pytest.fixture
def draft(app: Flask) -> Invoice:
    """A draft without a contract, still empty."""
    return draft_for_customer(make_customer(), make_unit(), invoice_date=today())


@pytest.fixture
def tyres(app: Flask) -> LineData:
    return LineData("Tyres", Decimal(4), Decimal("89.90"), make_vat_code())


@pytest.mark.both_databases
def test_an_invoice_without_a_contract_is_made_of_its_own_lines(
    draft: Invoice, tyres: LineData
) -> None:
    add_line(draft, tyres)
    add_line(draft, LineData("Atlas", Decimal(1), Decimal(10), make_vat_code("6")))
    assert [line.position for line in draft.lines] == [1, 2]
    assert [draft.net, draft.vat] == [Decimal("369.60"), Decimal("76.12")]
    confirm_invoice(draft)
    assert draft.contract is None
    assert draft.number == 1


def test_an_empty_invoice_is_not_confirmed(draft: Invoice) -> None:
    with pytest.raises(DomainError, match="at least one line"):
        confirm_invoice(draft)


def test_the_customer_is_one_of_the_same_group(app: Flask) -> None:
    unit, other = make_unit(), make_customer(group=save_company_group(name="Another"))
    with pytest.raises(Invalid, match="customer_id"):
        draft_for_customer(other, unit, invoice_date=today())


def test_nobody_who_left_gets_an_invoice(app: Flask) -> None:
    gone = make_customer()
    gone.status = CustomerStatus.INACTIVE
    with pytest.raises(Invalid, match="customer_id"):
        draft_for_customer(gone, make_unit(), invoice_date=today())


@pytest.mark.parametrize("kind", ["cost_centre", "cost_carrier"])
def test_nothing_new_goes_to_what_is_archived(draft: Invoice, tyres: LineData, kind: str) -> None:
    make: Any = {"cost_centre": make_cost_centre, "cost_carrier": make_cost_carrier}[kind]
    item, gone = make(), make(active=False)
    line = add_line(draft, replace(tyres, booking=Booking(**{kind: item})))
    to_archived = replace(tyres, booking=Booking(**{kind: gone}))
    changes: list[Callable[[], Any]] = [
        lambda: add_line(draft, to_archived),
        lambda: change_line(line, to_archived),
        lambda: reword_line(line, "Tyres", to_archived.booking),
    ]
    for change in changes:
        with pytest.raises(Invalid) as refusal:
            change()
        assert "archived" in str(refusal.value.fields[f"{kind}_id"])
    item.active = False
    reword_line(line, "Winter tyres", Booking(**{kind: item}))
    assert getattr(line, kind) is item


def test_a_line_goes_to_the_default_account(draft: Invoice, tyres: LineData) -> None:
    line = add_line(draft, tyres)
    assert line.gl_account
    assert line.gl_account.default_revenue
    account, centre = make_gl_account(draft.business_unit), make_cost_centre()
    booked = add_line(draft, replace(tyres, booking=Booking(account, centre)))
    assert [booked.gl_account, booked.cost_centre] == [account, centre]


def test_the_vat_of_the_customer_is_taken_when_none_is_chosen(
    draft: Invoice, tyres: LineData
) -> None:
    with pytest.raises(Invalid, match="vat_code_id"):
        add_line(draft, replace(tyres, vat_code=None))
    draft.customer.vat_code = make_vat_code("6")
    assert add_line(draft, replace(tyres, vat_code=None)).vat_percentage == 6


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("description", "  "),
        ("units", Decimal(0)),
        ("units", Decimal(-1)),
        ("units", Decimal(1_000_001)),
        ("unit_price", Decimal("0.001")),
        ("unit_price", Decimal(1_000_001)),
        ("discount", Decimal(101)),
        ("discount", Decimal(-1)),
    ],
)
def test_what_makes_no_line_is_refused(
    draft: Invoice, tyres: LineData, field: str, value: Any
) -> None:
    with pytest.raises(Invalid) as refusal:
        add_line(draft, replace(tyres, **{field: value}))
    assert set(refusal.value.fields) == {field}
    assert draft.lines == []


@pytest.mark.both_databases
def test_half_a_cent_is_rounded_up(draft: Invoice, tyres: LineData) -> None:
    line = add_line(draft, replace(tyres, units=Decimal(1), unit_price=Decimal("0.015")))
    assert line.net == Decimal("0.02")


def test_a_price_below_zero_takes_something_off(draft: Invoice, tyres: LineData) -> None:
    add_line(draft, tyres)
    voucher = replace(tyres, description="Voucher", units=Decimal(1), unit_price=Decimal(-50))
    assert add_line(draft, voucher).net == -50
    assert draft.net == Decimal("309.60")


def test_an_invoice_below_zero_is_not_confirmed(draft: Invoice, tyres: LineData) -> None:
    add_line(draft, replace(tyres, unit_price=Decimal(-50)))
    with pytest.raises(DomainError, match="less than zero"):
        confirm_invoice(draft)


def test_a_line_of_a_contract_keeps_its_amount(app: Flask, tyres: LineData) -> None:
    draft = make_invoice(confirmed=False)
    [line] = draft.lines
    with pytest.raises(DomainError, match="follows from the contract"):
        change_line(line, tyres)
    reword_line(line, "The van", Booking())
    assert [line.description, line.net] == ["The van", 150]
    with pytest.raises(Invalid, match="description"):
        reword_line(line, " ", Booking())


def test_costs_are_those_of_the_same_group(draft: Invoice, tyres: LineData) -> None:
    foreign = make_cost_centre()
    foreign.group_id = save_company_group(name="Another").id
    with pytest.raises(Invalid, match="cost_centre_id"):
        add_line(draft, replace(tyres, booking=Booking(cost_centre=foreign)))


def test_a_changed_line_changes_the_sums(draft: Invoice, tyres: LineData) -> None:
    line = add_line(draft, tyres)
    change_line(line, replace(tyres, units=Decimal(2), discount=Decimal(50)))
    assert [line.net, draft.gross] == [Decimal("89.90"), Decimal("108.78")]
    remove_line(line)
    assert [draft.net, draft.vat_totals] == [0, []]


def test_lines_of_what_is_confirmed_stay(app: Flask, tyres: LineData) -> None:
    invoice = make_invoice()
    for change in (
        lambda: add_line(invoice, tyres),
        lambda: reword_line(invoice.lines[0], "Other", Booking()),
        lambda: remove_line(invoice.lines[0]),
    ):
        with pytest.raises(DomainError, match="never changes"):
            change()


def test_lines_of_a_credit_note_follow_from_its_invoice(app: Flask, tyres: LineData) -> None:
    note = crediting.credit_in_full(make_invoice(), on=today())
    with pytest.raises(DomainError, match="credit note"):
        add_line(note, tyres)
