"""Price lines: what a rental costs, and what people add to it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.models import Contract, ContractStatus, LineKind
from ppplanner.services.invoices.drafts import discard_draft
from ppplanner.services.pricing.price_lines import (
    PriceLineData,
    remove_price_line,
    save_price_line,
)
from ppplanner.services.pricing.vat import add_up
from ppplanner.services.renting.contracts import ContractData, save_contract
from tests.factories import (
    make_contract,
    make_cost_carrier,
    make_cost_centre,
    make_customer,
    make_gl_account,
    make_invoice,
    make_price_range,
    make_rate,
    make_resource,
    make_unit,
    make_vat_code,
)

pytestmark = pytest.mark.one_database

START = datetime(2026, 12, 1, 8, tzinfo=UTC)


@pytest.fixture
def contract(app: Flask) -> Contract:
    """Three days at 50.00."""
    return make_contract(make_resource(price_range=make_price_range(50)))


@pytest.fixture
def fuel(app: Flask) -> PriceLineData:
    return PriceLineData("Fuel", Decimal("41.5"), Decimal("1.799"), make_vat_code())


def data_of(contract: Contract, **changes: Any) -> ContractData:
    names = ContractData.__dataclass_fields__
    return ContractData(**{name: getattr(contract, name) for name in names} | changes)


def test_the_rent_goes_to_the_account_and_carriers_of_its_resource(app: Flask) -> None:
    unit = make_unit()
    account = make_gl_account(unit, code="701000")
    centre, carrier = make_cost_centre(), make_cost_carrier()
    van = make_resource(
        unit, make_price_range(gl_code="701000"), cost_centre=centre, cost_carrier=carrier
    )
    [rent] = make_contract(van).lines
    assert (rent.gl_account, rent.cost_centre, rent.cost_carrier) == (account, centre, carrier)


def test_the_rent_goes_to_the_default_account_without_one_of_its_own(contract: Contract) -> None:
    [rent] = contract.lines
    assert rent.gl_account
    assert rent.gl_account.default_revenue


def test_a_business_unit_finds_a_code_in_its_own_chart_of_accounts(app: Flask) -> None:
    unit, other = make_unit(), make_unit()
    accounts = [make_gl_account(place, code="701000") for place in (unit, other)]
    van = make_resource(unit, make_price_range(gl_code="701000"))
    contract = make_contract(van, unit=other)
    assert [line.gl_account for line in contract.lines] == [accounts[1]]


def test_an_account_out_of_use_takes_no_rent(app: Flask) -> None:
    unit = make_unit()
    make_gl_account(unit, code="701000", active=False)
    [rent] = make_contract(make_resource(unit, make_price_range(gl_code="701000"))).lines
    assert rent.gl_account
    assert rent.gl_account.code == "700000"


def test_the_rent_is_described_in_the_language_of_the_customer(app: Flask) -> None:
    van = make_resource(brand="Ford", model="Transit", licence_plate="1-ABC-123")
    times = START, START + timedelta(days=2)
    [dutch] = make_contract(van, make_customer(language="nl"), *times).lines
    later = START + timedelta(days=30), START + timedelta(days=32)
    [english] = make_contract(van, make_customer(language="en"), *later).lines
    assert dutch.description.startswith("1-ABC-123 Ford Transit, 1 dec")
    assert english.description == "1-ABC-123 Ford Transit, 31 Dec 2026 to 2 Jan 2027"


def test_units_that_are_no_days_are_named(app: Flask) -> None:
    """ "1 at 900.00" would be read as a day."""
    monthly = make_price_range(None)
    make_rate(monthly, "month", 900)
    customer = make_customer(language="en")
    [rent] = make_contract(make_resource(price_range=monthly), customer).lines
    assert rent.description.endswith("(per month)")


def test_a_description_is_cut_to_what_the_line_can_hold(app: Flask) -> None:
    van = make_resource(brand="B" * 40, model="M" * 60, licence_plate="P" * 15)
    [rent] = make_contract(van).lines
    db.session.commit()
    assert len(rent.description) <= 200


@pytest.mark.both_databases
def test_extras_and_discounts_stay_when_the_rent_changes(
    contract: Contract, fuel: PriceLineData
) -> None:
    extra = save_price_line(contract, fuel)
    [rent, _extra] = contract.lines
    rent.discount = Decimal(10)
    save_contract(data_of(contract, ends_at=contract.ends_at + timedelta(days=1)), contract)
    assert (rent.units, rent.discount) == (Decimal(4), Decimal(10))
    assert extra.units == Decimal("41.5")
    assert add_up(contract.lines).net == Decimal("180.00") + Decimal("74.66")


def test_lines_follow_their_contract_into_the_books_of_another_unit(
    contract: Contract, fuel: PriceLineData
) -> None:
    own = make_gl_account(contract.business_unit, code="701000")
    known = save_price_line(contract, replace(fuel, gl_account=own))
    unknown = save_price_line(contract, fuel)
    other = make_unit()
    theirs = make_gl_account(other, code="701000")
    save_contract(data_of(contract, business_unit=other), contract)
    assert known.gl_account is theirs
    assert unknown.gl_account
    assert unknown.gl_account.business_unit is other
    assert unknown.gl_account.default_revenue


def test_a_line_is_booked_in_its_own_units_chart_of_accounts(
    contract: Contract, fuel: PriceLineData
) -> None:
    with pytest.raises(Invalid) as caught:
        save_price_line(contract, replace(fuel, gl_account=make_gl_account()))
    assert set(caught.value.fields) == {"gl_account_id"}


@pytest.mark.both_databases
def test_lines_stand_in_the_order_in_which_they_were_added(
    contract: Contract, fuel: PriceLineData
) -> None:
    first = save_price_line(contract, fuel)
    save_price_line(contract, replace(fuel, description="Second"))
    remove_price_line(first)
    save_price_line(contract, replace(fuel, description="Third"))
    db.session.commit()
    assert [line.description for line in contract.lines][1:] == ["Second", "Third"]
    assert len({line.position for line in contract.lines}) == 3


def test_an_extra_takes_the_carriers_of_the_resource(fuel: PriceLineData) -> None:
    centre = make_cost_centre()
    contract = make_contract(make_resource(cost_centre=centre))
    line = save_price_line(contract, fuel)
    assert line.kind is LineKind.EXTRA
    assert line.cost_centre is centre
    assert line.gl_account
    assert line.gl_account.default_revenue


def test_an_extra_goes_along_to_the_carriers_of_another_resource(fuel: PriceLineData) -> None:
    unit, centre, carrier = make_unit(), make_cost_centre(), make_cost_carrier()
    contract = make_contract(make_resource(unit, cost_centre=make_cost_centre()))
    line = save_price_line(contract, fuel)
    other = make_resource(unit, cost_centre=centre, cost_carrier=carrier)
    save_contract(data_of(contract, resource=other), contract)
    assert (line.cost_centre, line.cost_carrier) == (centre, carrier)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"description": "  "}, "description"),
        ({"units": Decimal(0)}, "units"),
        ({"units": Decimal(-1)}, "units"),
        ({"units": Decimal(10_000_000), "unit_price": Decimal(0)}, "units"),
        ({"discount": Decimal(-1)}, "discount"),
        ({"discount": Decimal(101)}, "discount"),
        ({"unit_price": Decimal(50_000)}, "unit_price"),
        ({"units": Decimal("0.001"), "unit_price": Decimal(10_000_000)}, "unit_price"),
    ],
)
def test_a_mistake_in_a_line_is_named_at_its_field(
    contract: Contract, fuel: PriceLineData, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as caught:
        save_price_line(contract, replace(fuel, **change))
    assert set(caught.value.fields) == {field}


def test_a_line_may_take_something_off(contract: Contract, fuel: PriceLineData) -> None:
    save_price_line(contract, replace(fuel, units=Decimal(1), unit_price=Decimal(-10)))
    assert add_up(contract.lines).net == Decimal("140.00")


def test_a_line_on_an_invoice_stays_as_it_is(contract: Contract, fuel: PriceLineData) -> None:
    line = save_price_line(contract, fuel)
    draft = make_invoice(contract, confirmed=False)
    with pytest.raises(DomainError):
        save_price_line(contract, replace(fuel, units=Decimal(1)), line)
    with pytest.raises(DomainError):
        remove_price_line(line)
    assert save_price_line(contract, fuel) is not line
    discard_draft(draft)
    assert save_price_line(contract, replace(fuel, units=Decimal(1)), line).units == 1


@pytest.mark.parametrize("status", [ContractStatus.CANCELLED, ContractStatus.COMPLETED])
def test_the_price_of_a_closed_contract_stays_as_it_is(
    contract: Contract, fuel: PriceLineData, status: ContractStatus
) -> None:
    contract.status = status
    with pytest.raises(DomainError):
        save_price_line(contract, fuel)
    with pytest.raises(DomainError):
        remove_price_line(contract.lines[0])
