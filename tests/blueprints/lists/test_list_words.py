"""What the search boxes of long lists find, which look in other tables than their own, too."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.blueprints.pages import main
from tests.conftest import Browser, Login
from tests.factories import make_contract, make_customer, make_invoice, make_resource, make_unit


@pytest.fixture
def browser(app: Flask, login: Login) -> Browser:
    """Somebody who sees two contracts and their invoices."""
    unit = make_unit()
    for name, plate in (("Bakkerij De Otter", "1-ABC-234"), ("Zeep & Zoon", "2-XYZ-567")):
        contract = make_contract(
            make_resource(unit, licence_plate=plate), make_customer(company_name=name)
        )
        make_invoice(contract)
    return login()


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "typed", ["C1001", "1001", "bakkerij", "OTTER bak", "abc", "1-abc", "c1001 otter 234", "ot"]
)
def test_a_contract_is_found_by_number_customer_and_plate(browser: Browser, typed: str) -> None:
    found = main(browser.get("/contracts/", query_string={"q": typed}))
    assert "C1001" in found
    assert "C1002" not in found


@pytest.mark.both_databases
@pytest.mark.parametrize("typed", ["otter zeep", "C1001 zeep", "c9", "nobody", "%", "_"])
def test_every_word_has_to_stand_somewhere(browser: Browser, typed: str) -> None:
    found = main(browser.get("/contracts/", query_string={"q": typed}))
    assert "C1001" not in found
    assert "C1002" not in found


@pytest.mark.parametrize(("typed", "there"), [("00001", True), ("otter", True), ("zeep", False)])
def test_an_invoice_is_found_by_number_and_customer(
    browser: Browser, typed: str, there: bool
) -> None:
    found = main(browser.get("/invoices/", query_string={"q": typed}))
    assert ("Bakkerij De Otter" in found) is there
