"""The PDF of a contract: what stands on it, in whose language and time zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from ppplanner.documents.contract_pdf import make_contract_pdf
from ppplanner.errors import NotFound
from ppplanner.extensions import db
from ppplanner.models import Contract
from ppplanner.services.renting.contracts import confirm_contract
from ppplanner.services.renting.handover_rules import HandoverData
from ppplanner.services.renting.handovers import check_in, check_out
from tests.documents.reading import words
from tests.factories import (
    make_company,
    make_contract,
    make_customer,
    make_price_range,
    make_resource,
    make_unit,
)

START = datetime(2026, 7, 1, 8, tzinfo=UTC)


def contract_of(language: str = "en", **fields: Any) -> Contract:
    unit = make_unit(make_company("Vroom NV", city="Antwerpen", timezone="Europe/Brussels"))
    prices = make_price_range(
        50, km_per_day=150, km_price=Decimal("0.25"), fuel_price=Decimal("1.9")
    )
    van = make_resource(
        unit, prices, licence_plate="1-ABC-234", tank_litres=80, deposit=Decimal(500)
    )
    customer = make_customer(company_name="Bakkerij Peeters", language=language, city="Gent")
    return make_contract(van, customer, START, START + timedelta(days=2, hours=8), unit, **fields)


def printed(contract: Contract) -> str:
    contract_id = contract.id
    db.session.commit()
    return words(make_contract_pdf(contract_id))


def test_it_says_who_rents_what_when_at_what_price(app: Flask) -> None:
    driver = make_customer(kind="private", first_name="Lien", last_name="Maes", phone="0470 1")
    contract = contract_of(driver=driver)
    text = printed(contract)
    for expected in (
        f"Rental contract {contract}",
        "Vroom NV",
        "Bakkerij Peeters",
        "Driver Lien Maes",
        "0470 1",
        "1-ABC-234",
        "From 01/07/2026, 10:00",
        "Until 03/07/2026, 18:00",
        "Total without VAT €150.00",
        "Total with VAT €181.50",
        "A deposit of €500.00 is left at check-out.",
        "150 km are included for each day. Each extra kilometre costs €0.25 without VAT.",
        "For Vroom NV",
        "The customer or driver",
    ):
        assert expected in text


def test_its_text_comes_out_in_the_order_in_which_people_read(app: Flask) -> None:
    text = printed(contract_of())
    parts = (
        "Vroom NV",
        "Rental contract",
        "From",
        "Bakkerij Peeters",
        "Licence plate",
        "Driver",
        "Description Quantity",
        "Total with VAT",
        "Check-out Day and time",
        "Check-in Day and time",
    )
    assert sorted(parts, key=text.index) == list(parts)


def test_it_says_how_the_resource_left_and_came_back(app: Flask) -> None:
    contract = contract_of()
    confirm_contract(contract)
    start = contract.starts_at - timedelta(days=400)
    contract.starts_at, contract.ends_at = start, start + timedelta(days=1)
    check_out(contract, HandoverData(start, 12_000, 8, "Scratch left."), None)
    check_in(contract, HandoverData(contract.ends_at, 12_345, 4), None)
    text = printed(contract)
    for expected in ("12,000 km", "Full", "Scratch left.", "12,345 km", "1/2", "Excess kilometres"):
        assert expected in text


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("en", "Rental contract"),
        ("nl", "Huurcontract"),
        ("fr", "Contrat de location"),
        ("de", "Mietvertrag"),
        ("it", "Rental contract"),
    ],
)
def test_it_speaks_the_language_of_the_customer(app: Flask, language: str, title: str) -> None:
    assert title in printed(contract_of(language))


def test_a_contract_without_resource_or_price_is_printed_too(app: Flask) -> None:
    contract = contract_of()
    contract.resource = None
    contract.lines = []
    assert "Still to be chosen." in printed(contract)


def test_what_people_type_is_text_on_paper(app: Flask) -> None:
    contract = contract_of()
    contract.customer.company_name = "<script>alert(1)</script> & Zonen"
    assert "<script>alert(1)</script> & Zonen" in printed(contract)


def test_it_is_not_made_within_a_transaction(app: Flask) -> None:
    contract = contract_of()
    with pytest.raises(RuntimeError):
        make_contract_pdf(contract.id)


def test_what_does_not_exist_is_not_found(app: Flask) -> None:
    db.session.rollback()
    with pytest.raises(NotFound):
        make_contract_pdf(99)
