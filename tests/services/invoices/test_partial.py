"""Invoices up to and including a day: what they hold, and that they come to the whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from ppplanner.clock import today
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.models import (
    Contract,
    ContractStatus,
    Invoice,
    ItemKind,
    LineKind,
    RateType,
)
from ppplanner.services.firm.organisation import the_group
from ppplanner.services.invoices import crediting, draft_lines
from ppplanner.services.invoices.confirming import confirm_invoice
from ppplanner.services.invoices.drafts import (
    contracts_to_invoice,
    discard_draft,
    draft_from_contract,
)
from ppplanner.services.invoices.proposals import propose
from ppplanner.services.pricing.catalogue import save_item
from ppplanner.services.pricing.contract_price import price_contract
from ppplanner.services.pricing.invoiced import is_fully_invoiced, uninvoiced_lines
from ppplanner.services.pricing.price_lines import (
    PriceLineData,
    remove_price_line,
    save_price_line,
)
from ppplanner.services.pricing.price_ranges import RateData, save_rate
from ppplanner.services.renting.contracts import cancel_contract, data_of, save_contract
from tests.factories import (
    make_contract,
    make_customer,
    make_price_range,
    make_rate,
    make_resource,
    make_vat_code,
)

pytestmark = pytest.mark.one_database

FIRST = date(2026, 9, 1)
DAY = timedelta(days=1)


def period(first: date, days: int) -> tuple[datetime, datetime]:
    """From eight in the morning until five in the afternoon, in Brussels in summer."""
    start = datetime(first.year, first.month, first.day, 6, tzinfo=UTC)
    return start, start + timedelta(days=days - 1, hours=9)


def rent(price: Decimal | int = 50, days: int = 30, **fields: Any) -> Contract:
    starts_at, ends_at = period(FIRST, days)
    resource = make_resource(price_range=make_price_range(price))
    return make_contract(resource, starts_at=starts_at, ends_at=ends_at, **fields)


def ask(contract: Contract, until: date | None = None, confirm: bool = True) -> Invoice:
    invoice = draft_from_contract(contract, invoice_date=today(), until=until)
    if confirm:
        confirm_invoice(invoice)
    return invoice


def amounts(invoice: Invoice) -> list[Decimal]:
    return [line.net for line in invoice.lines]


def test_days_at_a_price_are_shown_as_such(app: Flask) -> None:
    contract = rent(days=30)
    [line] = ask(contract, FIRST + 9 * DAY).lines
    assert [line.units, line.unit_price, line.net] == [10, 50, 500]
    assert (line.first_day, line.last_day) == (FIRST, FIRST + 9 * DAY)
    [line] = ask(contract, FIRST + 24 * DAY).lines
    assert [line.units, line.unit_price, line.net] == [15, 50, 750]
    assert (line.first_day, line.last_day) == (FIRST + 10 * DAY, FIRST + 24 * DAY)


def test_the_text_names_the_days_that_are_charged(app: Flask) -> None:
    contract = rent(customer=make_customer(language="en"))
    [line] = ask(contract, FIRST + 9 * DAY).lines
    assert line.description.endswith("1 Sept 2026 to 10 Sept 2026")


def test_what_no_day_price_comes_to_is_one_amount(app: Flask) -> None:
    starts_at, ends_at = period(FIRST, 60)
    price_range = make_price_range(None)
    make_rate(price_range, RateType.MONTH, 1000)
    contract = make_contract(make_resource(price_range=price_range), None, starts_at, ends_at)
    [rent_line] = contract.lines
    [line] = ask(contract, FIRST + 29 * DAY).lines
    assert [rent_line.units, rent_line.net] == [2, 2000]
    assert [line.units, line.unit_price, line.net] == [1, 1000, 1000]
    [line] = ask(contract, FIRST + 39 * DAY).lines
    assert [line.units, line.unit_price, line.net] == [1, Decimal("333.33"), Decimal("333.33")]
    assert amounts(ask(contract)) == [Decimal("666.67")]


@pytest.mark.parametrize(
    ("discount", "agreed"),
    [(0, "2 × €1,000.00 per month"), (10, "2 × €1,000.00 per month − 10 %")],
)
def test_a_part_of_a_price_says_of_which(app: Flask, discount: int, agreed: str) -> None:
    starts_at, ends_at = period(FIRST, 60)
    price_range = make_price_range(None)
    make_rate(price_range, RateType.MONTH, 1000)
    customer = make_customer(language="en")
    contract = make_contract(make_resource(price_range=price_range), customer, starts_at, ends_at)
    contract.lines[0].discount = Decimal(discount)
    [line] = ask(contract, FIRST + 9 * DAY).lines
    assert line.description.endswith(f"1 Sept 2026 to 10 Sept 2026 (part of {agreed})")
    assert line.units * line.unit_price == line.net


@pytest.mark.both_databases
def test_a_price_of_four_decimals_comes_to_the_whole(app: Flask) -> None:
    contract = rent(Decimal("33.3333"), days=3)
    parts = [amounts(ask(contract, FIRST + each * DAY)) for each in range(3)]
    assert parts == [[Decimal("33.33")], [Decimal("33.34")], [Decimal("33.33")]]


def test_what_is_asked_once_is_due_at_once(app: Flask) -> None:
    contract = rent()
    cleaning = PriceLineData("Cleaning", Decimal(1), Decimal("12.50"), make_vat_code())
    save_price_line(contract, cleaning)
    assert amounts(ask(contract, FIRST)) == [50, Decimal("12.50")]
    assert amounts(ask(contract, FIRST + DAY)) == [50]


def test_before_the_rent_begins_only_what_is_asked_once_is_due(app: Flask) -> None:
    contract = rent()
    with pytest.raises(DomainError, match="nothing to invoice"):
        ask(contract, FIRST - DAY)
    booking = PriceLineData("Booking", Decimal(1), Decimal(10), make_vat_code())
    save_price_line(contract, booking)
    assert amounts(ask(contract, FIRST - DAY)) == [10]


def add_surcharge(contract: Contract, per_unit: bool) -> None:
    item = save_item(
        group_id=the_group().id,
        kind=ItemKind.SURCHARGE,
        name="Insurance",
        price=Decimal(6),
        vat_code=make_vat_code(),
        per_unit=per_unit,
    )
    assert contract.resource
    assert contract.resource.price_range
    [rate] = contract.resource.price_range.rates
    data = RateData(rate.price, rate.vat_code, surcharges=[item])
    save_rate(contract.resource.price_range, RateType.DAY, data)
    price_contract(contract)


@pytest.mark.parametrize(("per_unit", "amount"), [(True, 60), (False, 6)])
def test_a_surcharge_for_each_unit_follows_the_days(
    app: Flask, per_unit: bool, amount: int
) -> None:
    contract = rent()
    add_surcharge(contract, per_unit)
    assert amounts(ask(contract, FIRST + 9 * DAY)) == [500, amount]


def test_one_price_for_the_whole_contract_is_due_at_once(app: Flask) -> None:
    starts_at, ends_at = period(FIRST, 30)
    price_range = make_price_range(None)
    make_rate(price_range, RateType.ONCE, 400)
    contract = make_contract(make_resource(price_range=price_range), None, starts_at, ends_at)
    assert amounts(ask(contract, FIRST)) == [400]


def test_days_are_those_of_the_business_unit(app: Flask) -> None:
    """Ten in the evening in New York is the next day in Brussels."""
    start = datetime(2026, 9, 2, 2, tzinfo=UTC)
    contract = make_contract(
        make_resource(price_range=make_price_range(50)),
        starts_at=start,
        ends_at=start + timedelta(days=4),
    )
    contract.business_unit.company.timezone = "America/New_York"
    db.session.flush()
    [line] = propose(contract, date(2026, 9, 1)).lines
    assert (line.first_day, line.last_day) == (date(2026, 9, 1), date(2026, 9, 1))


def test_only_what_leaves_nothing_is_the_last_invoice(app: Flask) -> None:
    contract = rent()
    contract.status = ContractStatus.CHECKED_IN
    assert not ask(contract, FIRST).final
    assert contract.status == "checked_in"
    assert ask(contract, FIRST + 29 * DAY).final
    assert contract.status == "invoiced"
    assert is_fully_invoiced(contract)


def test_the_contract_waits_until_its_last_day_is_invoiced(app: Flask) -> None:
    contract = rent()
    ask(contract, FIRST)
    assert db.session.scalars(contracts_to_invoice()).all() == [contract]
    ask(contract)
    assert db.session.scalars(contracts_to_invoice()).all() == []
    assert uninvoiced_lines(contract) == []


def test_a_day_that_is_invoiced_is_not_invoiced_again(app: Flask) -> None:
    contract = rent()
    ask(contract, FIRST + 9 * DAY)
    for until in (FIRST + 9 * DAY, FIRST + 3 * DAY):
        with pytest.raises(DomainError, match="nothing to invoice"):
            ask(contract, until)


def test_a_discarded_draft_frees_its_days(app: Flask) -> None:
    contract = rent()
    discard_draft(ask(contract, FIRST + 9 * DAY, confirm=False))
    assert amounts(ask(contract, FIRST + 10 * DAY)) == [550]


def test_a_higher_price_comes_along_with_the_next_days(app: Flask) -> None:
    contract = rent()
    ask(contract, FIRST + 9 * DAY)
    contract.lines[0].unit_price = Decimal(60)
    db.session.flush()
    with pytest.raises(DomainError):
        ask(contract, FIRST + 9 * DAY)
    [line] = ask(contract, FIRST + 19 * DAY).lines
    assert [line.units, line.net] == [1, 60 * 20 - 500]


def test_a_lower_price_is_taken_off_the_next_invoice(app: Flask) -> None:
    contract = rent()
    ask(contract, FIRST + 9 * DAY)
    contract.lines[0].discount = Decimal(50)
    db.session.flush()
    assert amounts(ask(contract, FIRST + 29 * DAY)) == [250]


def test_less_than_nothing_is_not_invoiced_but_credited(app: Flask) -> None:
    contract = rent()
    ask(contract)
    contract.lines[0].discount = Decimal(10)
    db.session.flush()
    assert propose(contract).net == -150
    with pytest.raises(DomainError, match="credit"):
        ask(contract)


def test_a_contract_that_lasts_longer_owes_the_new_days(app: Flask) -> None:
    contract = rent()
    ask(contract)
    contract.ends_at += 5 * DAY
    contract.lines[0].units = Decimal(35)
    db.session.flush()
    [line] = ask(contract).lines
    assert [line.units, line.unit_price] == [5, 50]
    assert (line.first_day, line.last_day) == (FIRST + 30 * DAY, FIRST + 34 * DAY)


@pytest.mark.both_databases
def test_what_is_credited_to_be_invoiced_again_comes_back_with_its_days(app: Flask) -> None:
    contract = rent()
    ask(contract, FIRST + 9 * DAY)
    second = ask(contract, FIRST + 19 * DAY)
    ask(contract)
    note = crediting.credit_in_full(second, on=today(), again=True)
    assert propose(contract).lines == []
    confirm_invoice(note)
    [line] = propose(contract).lines
    assert [line.net, line.units] == [500, 10]
    assert (line.first_day, line.last_day) == (FIRST + 10 * DAY, FIRST + 19 * DAY)


def test_what_is_credited_for_good_stays_invoiced(app: Flask) -> None:
    contract = rent()
    note = crediting.credit_in_full(ask(contract), on=today(), again=False)
    confirm_invoice(note)
    assert propose(contract).lines == []


def test_the_vat_code_of_the_customer_wins(app: Flask) -> None:
    code = make_vat_code("EU", 0)
    customer = make_customer()
    customer.vat_code = code
    contract = rent(customer=customer)
    invoice = ask(contract, confirm=False)
    assert [line.vat_code for line in invoice.lines] == [code]
    assert [invoice.vat, invoice.gross] == [0, 1500]


def test_a_free_contract_is_shown_once(app: Flask) -> None:
    contract = rent(0)
    assert amounts(ask(contract, FIRST)) == [0]
    assert propose(contract).lines == []


def parts(cuts: list[int], last: int) -> Iterator[date | None]:
    for cut in sorted({cut for cut in cuts if cut < last}):
        yield FIRST + cut * DAY
    yield None


@settings(max_examples=25)
@given(
    price=st.decimals(0, 900, places=4),
    discount=st.decimals(0, 100, places=2),
    days=st.integers(1, 70),
    cuts=st.lists(st.integers(0, 69), max_size=6),
)
def test_all_parts_together_come_to_the_contract_to_the_cent(
    app: Flask, price: Decimal, discount: Decimal, days: int, cuts: list[int]
) -> None:
    contract = rent(price, days)
    contract.lines[0].discount = discount
    db.session.flush()
    invoiced = Decimal(0)
    for until in parts(cuts, days):
        proposal = propose(contract, until)
        assert proposal.invoiced_net == invoiced
        if proposal.lines:
            invoiced += ask(contract, until, confirm=False).net
    assert invoiced == contract.lines[0].net
    assert uninvoiced_lines(contract) == []
    db.session.rollback()


def test_removing_a_line_of_the_contract_leaves_it_to_a_later_invoice(app: Flask) -> None:
    contract = rent()
    atlas = PriceLineData("Atlas", Decimal(1), Decimal(10), make_vat_code("6"))
    save_price_line(contract, atlas)
    invoice = ask(contract, confirm=False)
    draft_lines.remove_line(invoice.lines[1])
    assert not invoice.final
    assert invoice.net == 1500
    assert [line.kind for line in uninvoiced_lines(contract)] == [LineKind.EXTRA]


def credited(contract: Contract) -> None:
    """All invoices of the contract are taken back, to be invoiced again."""
    confirm_invoice(crediting.credit_in_full(ask(contract), on=today(), again=True))


def test_what_is_credited_wholly_can_be_changed_and_invoiced_again(app: Flask) -> None:
    contract = rent()
    wash = PriceLineData("Wash", Decimal(1), Decimal(10), make_vat_code())
    line = save_price_line(contract, wash)
    credited(contract)
    save_price_line(contract, replace(wash, unit_price=Decimal(12)), line)
    other = make_customer()
    save_contract(replace(data_of(contract), customer=other), contract)
    invoice = ask(contract)
    assert [invoice.customer, invoice.net] == [other, 1512]


def test_what_was_on_an_invoice_is_not_removed(app: Flask) -> None:
    contract = rent()
    wash = PriceLineData("Wash", Decimal(1), Decimal(10), make_vat_code())
    line = save_price_line(contract, wash)
    credited(contract)
    with pytest.raises(DomainError, match="discount"):
        remove_price_line(line)


def test_a_contract_whose_invoices_are_credited_can_be_cancelled(app: Flask) -> None:
    contract = rent()
    invoice = ask(contract)
    note = crediting.credit_in_full(invoice, on=today())
    with pytest.raises(DomainError):
        cancel_contract(contract)
    confirm_invoice(note)
    cancel_contract(contract)
    assert contract.status is ContractStatus.CANCELLED
