"""Lines that follow: surcharges, locked prices, typed units, excess kilometres, fuel, pictures."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.models import (
    CatalogueItem,
    Contract,
    Handover,
    HandoverKind,
    ItemKind,
    LineKind,
    LineRole,
    PriceBasis,
    PriceLine,
    PriceLineType,
    PriceRange,
    RateType,
    Resource,
)
from ppplanner.services.firm.organisation import save_company_group, the_group
from ppplanner.services.pricing.catalogue import save_item
from ppplanner.services.pricing.contract_price import (
    charge_use,
    net_of,
    price_contract,
    restore,
    snapshot,
)
from ppplanner.services.pricing.invoiced import uninvoiced_lines
from ppplanner.services.pricing.line_types import save_line_type, type_for
from ppplanner.services.pricing.price_lines import (
    PriceLineData,
    add_item,
    remove_price_line,
    save_price_line,
    set_terms,
)
from ppplanner.services.pricing.quotes import quote
from ppplanner.services.pricing.vat import add_up
from ppplanner.services.renting.contracts import ContractData, save_contract
from tests.factories import (
    make_contract,
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
def vans(app: Flask) -> PriceRange:
    """50.00 a day, 280.00 a week; days become weeks."""
    vans = make_price_range(None, km_per_day=100, km_price=Decimal("0.25"), fuel_price=Decimal(2))
    make_rate(vans, "day", 50, rolls_up=True)
    make_rate(vans, "week", 280)
    return vans


@pytest.fixture
def van(vans: PriceRange) -> Resource:
    return make_resource(price_range=vans, tank_litres=70)


@pytest.fixture
def contract(van: Resource) -> Contract:
    """Three days at 50.00."""
    return make_contract(van, make_customer(language="en"), START, lasting(3))


def lasting(days: int) -> datetime:
    return START + timedelta(days=days - 1, hours=8)


def change(contract: Contract, **values: Any) -> None:
    names = ContractData.__dataclass_fields__
    data = {name: getattr(contract, name) for name in names} | values
    save_contract(ContractData(**data), contract)


def adjust(line: PriceLine, **values: Any) -> None:
    names = ("description", "units", "unit_price", "discount", "price_locked")
    data = {name: getattr(line, name) for name in names} | values
    save_price_line(line.contract, PriceLineData(**data), line)


def amounts(contract: Contract) -> list[Any]:
    """Units and unit prices of its lines."""
    return [(line.units, line.unit_price) for line in contract.lines]


def values(line: PriceLine, *names: str) -> tuple[Any, ...]:
    return tuple(getattr(line, name) for name in names)


def make_item(name: str = "Insurance", price: int = 10, **values: Any) -> CatalogueItem:
    fields = {"kind": ItemKind.SURCHARGE, "vat_code": make_vat_code(), **values}
    fields.setdefault("group_id", the_group().id)
    return save_item(name=name, price=Decimal(price), **fields)


def surcharge(vans: PriceRange, *items: CatalogueItem) -> None:
    for rate in vans.rates:
        rate.surcharges = list(items)


def hand_over(contract: Contract, kind: str, **values: Any) -> None:
    at = contract.starts_at if kind == "check_out" else contract.ends_at
    contract.handovers.append(Handover(kind=HandoverKind(kind), **{"at": at, **values}))
    db.session.flush()


# Surcharges


def test_surcharges_stand_below_the_rent_and_above_what_people_add(
    vans: PriceRange, van: Resource
) -> None:
    surcharge(vans, make_item("Cleaning", names={"nl": "Schoonmaak"}), make_item(per_unit=True))
    contract = make_contract(van, make_customer(language="nl"), START, lasting(9))
    extra = save_price_line(contract, PriceLineData("Chain", Decimal(1), Decimal(5)))
    price_contract(contract)
    db.session.commit()
    assert [line.kind for line in contract.lines[:2]] == [LineKind.RENT, LineKind.RENT]
    assert [values(line, "description", "units") for line in contract.lines[2:]] == [
        ("Schoonmaak", 1),
        ("Insurance", 3),
        ("Chain", 1),
    ]
    assert contract.lines[-1] is extra


def test_a_surcharge_keeps_its_discount_and_locked_price_while_its_units_follow(
    vans: PriceRange, van: Resource
) -> None:
    insurance = make_item(per_unit=True)
    surcharge(vans, insurance)
    contract = make_contract(van, None, START, lasting(3))
    adjust(contract.lines[1], unit_price=Decimal(7), discount=Decimal(50))
    insurance.price = Decimal(12)
    change(contract, ends_at=lasting(4))
    [_rent, line] = contract.lines
    assert values(line, "units", "unit_price", "discount") == (4, 7, 50)
    surcharge(vans)
    change(contract, ends_at=lasting(5))
    assert len(contract.lines) == 1


def test_a_quote_holds_the_surcharges(vans: PriceRange, van: Resource) -> None:
    surcharge(vans, make_item("Cleaning"), make_item(per_unit=True))
    offer = quote(van, van.pool.business_unit, START, lasting(3))
    contract = make_contract(van, None, START, lasting(3))
    assert offer
    assert offer.totals == add_up(contract.lines)
    assert net_of(contract) == offer.totals.net == Decimal(190)


@pytest.mark.parametrize("kind", [LineKind.RENT, LineKind.SURCHARGE])
def test_a_line_that_follows_cannot_be_removed(
    vans: PriceRange, van: Resource, kind: LineKind
) -> None:
    surcharge(vans, make_item())
    contract = make_contract(van)
    [line] = [line for line in contract.lines if line.kind is kind]
    with pytest.raises(DomainError, match="discount"):
        remove_price_line(line)


# Typed units, discounts and locks


def test_typed_units_stay_until_they_are_counted_otherwise(contract: Contract) -> None:
    [rent] = contract.lines
    adjust(rent, units=Decimal("2.5"))
    change(contract, remarks="Calls first")
    assert rent.units == Decimal("2.5")
    change(contract, ends_at=lasting(4))
    assert rent.units == 4


def test_a_typed_price_of_the_rent_is_locked(contract: Contract) -> None:
    [rent] = contract.lines
    adjust(rent, unit_price=Decimal(45))
    assert rent.price_locked
    change(contract, ends_at=lasting(4))
    assert amounts(contract) == [(4, 45)]


def test_a_locked_price_per_day_does_not_become_that_of_a_week(contract: Contract) -> None:
    adjust(contract.lines[0], unit_price=Decimal(45))
    change(contract, ends_at=lasting(7))
    assert amounts(contract) == [(7, 45)]


def test_a_locked_price_goes_along_to_another_resource(contract: Contract) -> None:
    adjust(contract.lines[0], price_locked=True)
    change(contract, resource=make_resource(contract.business_unit, make_price_range(80)))
    assert amounts(contract) == [(3, 50)]
    adjust(contract.lines[0], price_locked=False)
    assert amounts(contract) == [(3, 80)]


def test_an_unlocked_price_is_that_of_the_list_again(contract: Contract) -> None:
    adjust(contract.lines[0], unit_price=Decimal(45))
    change(contract, ends_at=lasting(7))
    adjust(contract.lines[0], price_locked=False)
    assert amounts(contract) == [(1, 280)]


def test_a_discount_on_the_rent_goes_along_into_weeks(contract: Contract) -> None:
    adjust(contract.lines[0], discount=Decimal(10))
    change(contract, ends_at=lasting(8))
    assert [values(line, "units", "discount") for line in contract.lines] == [(1, 10), (1, 10)]
    assert [line.description[-9:] for line in contract.lines] == ["per week)", "(per day)"]


def test_the_contract_says_what_is_counted(contract: Contract) -> None:
    adjust(contract.lines[0], unit_price=Decimal(45))
    set_terms(
        contract,
        rate_type=RateType.WEEK,
        price_basis=PriceBasis.PLANNED,
    )
    assert amounts(contract) == [(1, 280)]
    set_terms(contract, rate_type=None, price_basis=PriceBasis.PLANNED)
    assert amounts(contract) == [(3, 50)]


def test_actual_dates_count_from_check_out_to_check_in(contract: Contract) -> None:
    hand_over(contract, "check_out", at=START)
    hand_over(contract, "check_in", at=lasting(5))
    set_terms(contract, rate_type=None, price_basis=PriceBasis.ACTUAL)
    assert amounts(contract) == [(5, 50)]
    assert "5 Dec" in contract.lines[0].description


def test_a_contract_with_an_invoice_is_not_counted_otherwise(contract: Contract) -> None:
    make_invoice(contract, confirmed=False)
    with pytest.raises(DomainError, match="invoice"):
        set_terms(contract, rate_type=None, price_basis=PriceBasis.ACTUAL)


# Where lines are booked


def test_the_article_books_before_the_rate_and_that_before_the_type(app: Flask) -> None:
    unit = make_unit()
    codes = {"701000", "702000", "703000"}
    accounts = {code: make_gl_account(unit, code=code) for code in codes}
    vans = make_price_range(50, gl_code="702000")
    contract = make_contract(make_resource(unit, vans))
    rent_type = type_for(LineRole.RENT)
    rent_type.gl_code, rent_type.vat_code = "703000", make_vat_code("6")
    price_contract(contract)
    assert booked(contract) == [(accounts["702000"], "21")]
    vans.rates[0].gl_code = None
    price_contract(contract)
    assert booked(contract) == [(accounts["703000"], "21")]
    add_item(contract, make_item("Chain", kind=ItemKind.ARTICLE, line_type=rent_type))
    add_item(
        contract,
        make_item("Net", kind=ItemKind.ARTICLE, line_type=rent_type, gl_code="701000"),
    )
    assert booked(contract)[1:] == [(accounts["703000"], "21"), (accounts["701000"], "21")]


def booked(contract: Contract) -> list[tuple[Any, str]]:
    return [(line.gl_account, line.vat_code.code) for line in contract.lines]


def test_a_typed_line_is_booked_by_its_type_unless_a_person_says_otherwise(
    contract: Contract,
) -> None:
    account = make_gl_account(contract.business_unit, code="741000")
    own = make_gl_account(contract.business_unit, code="742000")
    fine = save_line_type(name="Fine", vat_code=make_vat_code("0"), gl_code="741000")
    data = PriceLineData("Speeding", Decimal(1), Decimal(58), line_type=fine)
    save_price_line(contract, data)
    save_price_line(contract, replace(data, vat_code=make_vat_code("6"), gl_account=own))
    assert booked(contract)[1:] == [(account, "0"), (own, "6")]


def test_a_typed_line_without_type_takes_the_vat_of_the_rent(contract: Contract) -> None:
    line = save_price_line(contract, PriceLineData("Chain", Decimal(1), Decimal(5)))
    assert line.vat_code.code == "21"
    empty = make_contract(make_resource())
    empty.resource = None
    price_contract(empty)
    with pytest.raises(DomainError, match="VAT"):
        save_price_line(empty, PriceLineData("Chain", Decimal(1), Decimal(5)))


def test_a_line_of_the_catalogue_speaks_the_language_of_the_customer(contract: Contract) -> None:
    contract.customer.language = "fr"
    chain = make_item("Ketting", kind=ItemKind.ARTICLE, names={"fr": "Chaîne"})
    line = add_item(contract, chain, Decimal(2))
    assert values(line, "description", "units", "unit_price") == ("Chaîne", 2, 10)
    assert values(line, "kind", "item") == (LineKind.EXTRA, chain)
    assert add_item(contract, chain, unit_price=Decimal(3)).unit_price == 3


# Price line types


def test_nothing_of_another_company_group_is_added(contract: Contract) -> None:
    others = save_company_group(name="Others")
    with pytest.raises(Invalid) as caught:
        add_item(contract, make_item(group_id=others.id, kind=ItemKind.ARTICLE))
    assert set(caught.value.fields) == {"item_id"}


@pytest.mark.both_databases
def test_the_types_that_the_application_needs_are_made_once(app: Flask) -> None:
    made = type_for(LineRole.KILOMETRES)
    assert type_for(LineRole.KILOMETRES) is made
    assert set(made.names) == {"en", "nl", "fr"}


@pytest.mark.both_databases
def test_a_type_of_that_name_takes_the_role_on(app: Flask) -> None:
    mine = save_line_type(name="Fuel")
    assert type_for(LineRole.FUEL) is mine


def test_the_rent_is_of_the_type_rent(contract: Contract) -> None:
    [rent] = contract.lines
    assert isinstance(rent.line_type, PriceLineType)
    assert rent.line_type.role is LineRole.RENT


# Excess kilometres and fuel


def test_kilometres_beyond_those_included_are_charged_at_check_in(contract: Contract) -> None:
    hand_over(contract, "check_out", mileage=20_000)
    hand_over(contract, "check_in", mileage=21_450)
    charge_use(contract)
    line = contract.lines[-1]
    assert line.kind is LineKind.KILOMETRES
    assert values(line, "units", "unit_price") == (1150, Decimal("0.25"))
    assert line.description == "Excess kilometres: 1,450 km driven, 300 included"
    assert line.line_type is type_for(LineRole.KILOMETRES)


def test_fuel_that_is_missing_is_charged_at_check_in(contract: Contract) -> None:
    hand_over(contract, "check_out", fuel=8)
    hand_over(contract, "check_in", fuel=5)
    charge_use(contract)
    line = contract.lines[-1]
    assert values(line, "kind", "units", "unit_price") == (LineKind.FUEL, Decimal("26.25"), 2)
    assert line.description == "Fuel: 3/8 of a tank of 70 litres was missing"


def test_a_corrected_check_in_corrects_the_lines(contract: Contract) -> None:
    hand_over(contract, "check_out", mileage=20_000, fuel=8)
    hand_over(contract, "check_in", mileage=21_450, fuel=5)
    charge_use(contract)
    adjust(contract.lines[1], discount=Decimal(20))
    assert contract.check_in
    contract.check_in.mileage, contract.check_in.fuel = 20_400, 8
    charge_use(contract)
    [_rent, kilometres] = contract.lines
    assert values(kilometres, "units", "discount") == (100, 20)
    contract.check_in.mileage = None
    charge_use(contract)
    assert [line.kind for line in contract.lines] == [LineKind.RENT]


@pytest.mark.parametrize(
    "missing", ["km_per_day", "km_price", "mileage at check-out", "kilometres", "resource"]
)
def test_kilometres_are_not_charged_without(contract: Contract, missing: str) -> None:
    vans = contract.resource and contract.resource.price_range
    assert vans
    hand_over(contract, "check_out", mileage=None if "check-out" in missing else 20_000)
    hand_over(contract, "check_in", mileage=20_300 if missing == "kilometres" else 21_450)
    vans.km_per_day = None if missing == "km_per_day" else 100
    vans.km_price = Decimal(0) if missing == "km_price" else Decimal("0.25")
    contract.resource = None if missing == "resource" else contract.resource
    charge_use(contract)
    assert LineKind.KILOMETRES not in {line.kind for line in contract.lines}


def test_more_fuel_than_at_check_out_costs_nothing(contract: Contract) -> None:
    hand_over(contract, "check_out", fuel=4)
    hand_over(contract, "check_in", fuel=8)
    charge_use(contract)
    assert len(contract.lines) == 1


def test_included_kilometres_grow_with_the_days_that_are_charged(contract: Contract) -> None:
    hand_over(contract, "check_out", mileage=20_000)
    hand_over(contract, "check_in", mileage=20_500, at=lasting(4))
    charge_use(contract)
    assert contract.lines[-1].units == 200
    set_terms(contract, rate_type=None, price_basis=PriceBasis.ACTUAL)
    assert contract.lines[-1].units == 100


def test_kilometres_are_booked_by_their_type_else_where_the_rent_is(contract: Contract) -> None:
    make_gl_account(contract.business_unit, code="702000")
    hand_over(contract, "check_out", mileage=20_000)
    hand_over(contract, "check_in", mileage=21_450)
    charge_use(contract)
    line = contract.lines[-1]
    assert values(line, "vat_code", "gl_account") == (
        contract.lines[0].vat_code,
        contract.lines[0].gl_account,
    )
    by_type = type_for(LineRole.KILOMETRES)
    by_type.vat_code, by_type.gl_code = make_vat_code("12"), "702000"
    charge_use(contract)
    assert line.gl_account
    assert (line.vat_code.code, line.gl_account.code) == ("12", "702000")


def test_of_what_is_invoiced_the_difference_remains(contract: Contract) -> None:
    hand_over(contract, "check_out", mileage=20_000)
    hand_over(contract, "check_in", mileage=21_450)
    charge_use(contract)
    make_invoice(contract)
    charge_use(contract)
    assert uninvoiced_lines(contract) == []
    assert contract.check_in
    contract.check_in.mileage = 21_451
    charge_use(contract)
    [line] = uninvoiced_lines(contract)
    assert line.kind is LineKind.KILOMETRES


def test_what_is_no_longer_charged_but_invoiced_stays_with_nothing(contract: Contract) -> None:
    hand_over(contract, "check_out", mileage=20_000)
    hand_over(contract, "check_in", mileage=21_450)
    charge_use(contract)
    make_invoice(contract)
    assert contract.check_in
    contract.check_in.mileage = 20_000
    charge_use(contract)
    [line] = uninvoiced_lines(contract)
    assert [line.kind, line.net] == [LineKind.KILOMETRES, 0]


# Pictures of a price


def test_a_contract_that_goes_back_gets_its_price_back(
    vans: PriceRange, contract: Contract
) -> None:
    adjust(contract.lines[0], units=Decimal(2), discount=Decimal(10))
    before, old = json.loads(json.dumps(snapshot(contract))), amounts(contract)
    change(contract, ends_at=lasting(8))
    assert net_of(contract) == Decimal("297.00")
    change(contract, ends_at=lasting(3))
    restore(contract, before)
    assert amounts(contract) == old
    assert not contract.lines[0].price_locked
    assert snapshot(contract) == before


@pytest.mark.parametrize("days", [4, 7, 9])
def test_the_old_price_holds_at_another_period(contract: Contract, days: int) -> None:
    before = snapshot(contract)
    change(contract, ends_at=lasting(days))
    restore(contract, before)
    assert net_of(contract) == 150
    change(contract, remarks="Calls first")
    assert net_of(contract) == 150
    assert f"{days} Dec" in contract.lines[0].description


def test_the_old_price_holds_on_another_resource(contract: Contract) -> None:
    before = snapshot(contract)
    change(contract, resource=make_resource(contract.business_unit, make_price_range(80)))
    assert net_of(contract) == 240
    restore(contract, before)
    price_contract(contract)
    assert amounts(contract) == [(3, 50)]
    assert contract.lines[0].price_locked
