"""Cost centres and cost carriers of price lines: who says which, and who has the last word."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from ppplanner.errors import DomainError, Invalid
from ppplanner.models import (
    BusinessUnit,
    CatalogueItem,
    Contract,
    CostCarrier,
    CostCentre,
    ItemKind,
    LineKind,
    LineRole,
    PriceLine,
    PriceRange,
)
from ppplanner.services.firm.organisation import save_company_group, the_group
from ppplanner.services.ledger import save_cost_centre
from ppplanner.services.pricing.catalogue import save_item
from ppplanner.services.pricing.contract_price import price_contract
from ppplanner.services.pricing.line_types import type_for
from ppplanner.services.pricing.price_lines import PriceLineData, add_item, save_price_line
from ppplanner.services.removal import delete_cost_carrier, delete_cost_centre
from ppplanner.services.renting.contracts import ContractData, save_contract
from tests.factories import (
    make_contract,
    make_cost_carrier,
    make_cost_centre,
    make_price_range,
    make_resource,
    make_unit,
    make_vat_code,
)

CODES = ("HAND", "ARTICLE", "RATE", "TYPE", "RESOURCE")


@pytest.fixture
def centres(app: Flask) -> dict[str, CostCentre]:
    return {code: make_cost_centre(code=code, name=code.title()) for code in CODES}


@pytest.fixture
def carriers(app: Flask) -> dict[str, CostCarrier]:
    return {code: make_cost_carrier(code=code, name=code.title()) for code in CODES}


@pytest.fixture
def unit(app: Flask) -> BusinessUnit:
    return make_unit()


@pytest.fixture
def vans(app: Flask) -> PriceRange:
    return make_price_range(50)


@pytest.fixture
def contract(
    unit: BusinessUnit,
    vans: PriceRange,
    centres: dict[str, CostCentre],
    carriers: dict[str, CostCarrier],
) -> Contract:
    """Three days at 50.00, on a van with a cost centre and a cost carrier of its own."""
    van = make_resource(
        unit, vans, cost_centre=centres["RESOURCE"], cost_carrier=carriers["RESOURCE"]
    )
    return make_contract(van)


def costs(line: PriceLine) -> tuple[str | None, str | None]:
    centre, carrier = line.cost_centre, line.cost_carrier
    return centre.code if centre else None, carrier.code if carrier else None


def name_costs(record: Any, code: str | None) -> None:
    record.cost_centre_code = record.cost_carrier_code = code


def choose(line: PriceLine, **chosen: Any) -> None:
    names = ("description", "units", "unit_price", "discount", "price_locked", "line_type")
    data = PriceLineData(**{name: getattr(line, name) for name in names})
    save_price_line(line.contract, replace(data, **chosen), line)


def make_item(**values: Any) -> CatalogueItem:
    fields = {"kind": ItemKind.ARTICLE, "name": "Chain", "price": Decimal(5), **values}
    return save_item(group_id=the_group().id, vat_code=make_vat_code(), **fields)


def test_the_nearest_that_names_costs_gets_the_line(
    contract: Contract,
    vans: PriceRange,
    centres: dict[str, CostCentre],
    carriers: dict[str, CostCarrier],
) -> None:
    """By hand > article > rate > price line type > resource."""
    rent = contract.lines[0]
    assert costs(rent) == ("RESOURCE", "RESOURCE")
    name_costs(type_for(LineRole.RENT), "TYPE")
    price_contract(contract)
    assert costs(rent) == ("TYPE", "TYPE")
    name_costs(vans.rates[0], "RATE")
    price_contract(contract)
    assert costs(rent) == ("RATE", "RATE")
    chain = make_item(line_type=type_for(LineRole.RENT))
    assert costs(add_item(contract, chain)) == ("TYPE", "TYPE")
    name_costs(chain, "ARTICLE")
    article = add_item(contract, chain)
    assert costs(article) == ("ARTICLE", "ARTICLE")
    choose(article, cost_centre=centres["HAND"], cost_carrier=carriers["HAND"])
    price_contract(contract)
    assert costs(article) == ("HAND", "HAND")


def test_each_of_the_two_is_found_by_itself(contract: Contract, vans: PriceRange) -> None:
    vans.rates[0].cost_centre_code = "RATE"
    price_contract(contract)
    assert costs(contract.lines[0]) == ("RATE", "RESOURCE")


def test_what_a_person_chose_stays_whatever_the_resource(
    contract: Contract, unit: BusinessUnit, vans: PriceRange, centres: dict[str, CostCentre]
) -> None:
    rent = contract.lines[0]
    choose(rent, cost_centre=centres["HAND"])
    other = make_resource(unit, vans, cost_centre=centres["TYPE"])
    names = ContractData.__dataclass_fields__
    data = ContractData(**{name: getattr(contract, name) for name in names})
    save_contract(replace(data, resource=other), contract)
    assert costs(contract.lines[0]) == ("HAND", None)
    choose(contract.lines[0])
    assert costs(contract.lines[0]) == ("TYPE", None)


def test_a_code_that_is_archived_or_unknown_is_passed_over(
    contract: Contract, vans: PriceRange, centres: dict[str, CostCentre]
) -> None:
    centres["RATE"].active = False
    name_costs(vans.rates[0], "RATE")
    price_contract(contract)
    assert costs(contract.lines[0]) == ("RESOURCE", "RATE")
    name_costs(vans.rates[0], "GONE")
    price_contract(contract)
    assert costs(contract.lines[0]) == ("RESOURCE", "RESOURCE")


def test_kilometres_go_where_the_rent_goes(contract: Contract, vans: PriceRange) -> None:
    name_costs(vans.rates[0], "RATE")
    line = PriceLine(kind=LineKind.KILOMETRES, position=9, description="Kilometres")
    line.units, line.unit_price, line.discount = Decimal(10), Decimal("0.25"), Decimal(0)
    line.vat_code, line.line_type = make_vat_code(), type_for(LineRole.KILOMETRES)
    contract.lines.append(line)
    choose(line)
    assert costs(line) == ("RATE", "RATE")


def test_a_group_that_does_without_gives_its_lines_none(
    contract: Contract, vans: PriceRange
) -> None:
    name_costs(vans.rates[0], "RATE")
    save_company_group(the_group(), name="Firm", uses_cost_centres=False)
    price_contract(contract)
    assert costs(contract.lines[0]) == (None, "RATE")
    save_company_group(the_group(), name="Firm", uses_cost_carriers=False)
    price_contract(contract)
    assert costs(contract.lines[0]) == (None, None)
    save_company_group(the_group(), name="Firm", uses_cost_centres=True)
    price_contract(contract)
    assert costs(contract.lines[0]) == ("RATE", None)


def test_costs_of_another_company_group_are_refused(contract: Contract) -> None:
    group = save_company_group(name="Others")
    centre = save_cost_centre(group_id=group.id, code="OTHER", name="Other")
    with pytest.raises(Invalid) as refused:
        choose(contract.lines[0], cost_centre=centre)
    assert set(refused.value.fields) == {"cost_centre_id"}


def test_what_prices_name_cannot_be_deleted(
    vans: PriceRange, centres: dict[str, CostCentre], carriers: dict[str, CostCarrier]
) -> None:
    name_costs(vans.rates[0], "RATE")
    with pytest.raises(DomainError, match=f"“{vans.name}” books on RATE"):
        delete_cost_centre(centres["RATE"])
    with pytest.raises(DomainError, match=f"“{vans.name}” books on RATE"):
        delete_cost_carrier(carriers["RATE"])
    delete_cost_centre(centres["TYPE"])
