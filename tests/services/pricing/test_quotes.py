"""What a rental would cost, and what price lines come to."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

from flask import Flask

from ppplanner.models import Contract
from ppplanner.services.pricing.price_lines import PriceLineData, save_price_line
from ppplanner.services.pricing.quotes import quote
from ppplanner.services.pricing.vat import add_up
from tests.factories import make_contract, make_price_range, make_resource, make_vat_code

START, END = datetime(2026, 7, 1, 7, tzinfo=UTC), datetime(2026, 7, 3, 15, tzinfo=UTC)


def charge(contract: Contract, price: str, vat: str = "21") -> None:
    save_price_line(
        contract, PriceLineData("Something", Decimal(1), Decimal(price), make_vat_code(vat))
    )


def test_a_quote_is_what_the_contract_will_cost(app: Flask) -> None:
    resource = make_resource(price_range=make_price_range(Decimal("79.95")))
    offer = quote(resource, resource.pool.business_unit, START, END)
    assert offer
    assert [(share.units, share.rate.price) for share in offer.shares] == [(3, Decimal("79.95"))]
    contract = make_contract(resource, starts_at=START, ends_at=END)
    assert offer.totals == add_up(contract.lines)
    assert offer.totals.gross == Decimal("290.22")


def test_without_a_rate_there_is_no_quote(app: Flask) -> None:
    resource = make_resource()
    resource.price_range = None
    assert quote(resource, resource.pool.business_unit, START, END) is None


def test_vat_is_computed_on_the_total_of_a_rate(app: Flask) -> None:
    """Three lines of 0.31: 21 % of 0.93 is 0.20; rounded per line it would be 3 x 0.07."""
    contract = make_contract(make_resource(price_range=make_price_range(0)))
    for _each in range(3):
        charge(contract, "0.31")
    assert add_up(contract.lines).vat == Decimal("0.20")


def test_each_rate_has_its_share_the_highest_first(app: Flask) -> None:
    contract = make_contract(make_resource(price_range=make_price_range(100)))
    charge(contract, "50", vat="6")
    totals = add_up(contract.lines)
    assert [(share.percentage, share.base, share.vat) for share in totals.shares] == [
        (Decimal(21), Decimal(300), Decimal(63)),
        (Decimal(6), Decimal(50), Decimal(3)),
    ]
    assert (totals.net, totals.vat, totals.gross) == (Decimal(350), Decimal(66), Decimal(416))


def test_nothing_costs_nothing(app: Flask) -> None:
    assert add_up([]).gross == Decimal(0)
