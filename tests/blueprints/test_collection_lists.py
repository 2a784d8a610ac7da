"""The settings of collections: types, methods, cards, terminals, deposits."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.models import (
    CardType,
    Direction,
    MethodKind,
    Terminal,
    TransactionFamily,
    TransactionMethod,
    TransactionType,
    TypeRole,
)
from ppplanner.services.collections import types
from ppplanner.services.collections.collection_settings import collection_settings
from tests.blueprints.pages import value_of, words
from tests.conftest import Browser, Login
from tests.factories import make_company, make_contract, make_unit
from tests.till import pay


@pytest.fixture
def keeper(login: Login) -> Browser:
    return login("collections.lists")


def form(**typed: str) -> dict[str, str]:
    return {"code": "GIFT", "name": "Gift card", "active": "y", **typed}


def test_the_usual_lists_come_when_somebody_asks_for_them(keeper: Browser) -> None:
    page = keeper.get("/settings/transaction-types/")
    assert "Add the usual ones" in page.text
    assert keeper.post("/settings/transaction-types/usual").status_code == 303
    text = words(keeper.get("/settings/transaction-types/"))
    assert "Add the usual ones" not in text
    assert "DEPBACK Deposit given back Security deposit Out Booked by the application" in text
    assert "Payment terminal" in words(keeper.get("/settings/transaction-methods/"))


def test_a_type_is_added_with_its_family_and_direction(keeper: Browser) -> None:
    data = form(family="payment", direction="in", name_nl="Cadeaubon")
    assert keeper.post("/settings/transaction-types/new", data=data).status_code == 303
    made = db.session.scalars(select(TransactionType)).one()
    assert (made.family, made.direction) == (TransactionFamily.PAYMENT, Direction.IN)
    assert (made.name_in("nl"), made.name_in("fr"), made.role) == ("Cadeaubon", "Gift card", None)


def test_nobody_adds_an_administrative_type(keeper: Browser) -> None:
    data = form(family="administrative", direction="in")
    assert keeper.post("/settings/transaction-types/new", data=data).status_code == 422


def test_a_usual_type_is_renamed_and_keeps_its_german_name(keeper: Browser) -> None:
    deposit = types.of_role(TypeRole.DEPOSIT)
    data = form(code="WAARBORG", name="Guarantee", name_nl="Waarborgsom")
    answer = keeper.post(f"/settings/transaction-types/{deposit.id}", data=data)
    assert answer.status_code == 303
    assert (str(deposit), deposit.role) == ("Guarantee", TypeRole.DEPOSIT)
    assert (deposit.name_in("nl"), deposit.name_in("de")) == ("Waarborgsom", "Kaution")


def test_a_dialog_calls_a_type_as_its_reader_does(keeper: Browser) -> None:
    data = form(family="payment", direction="in", name="Cadeaubon", name_en="Gift card")
    keeper.post("/settings/transaction-types/new", data=data)
    url = f"/settings/transaction-types/{db.session.scalars(select(TransactionType)).one().id}"
    assert 'id="dialog-title">Gift card<' in keeper.get(url).text
    assert "Delete Gift card?" in words(keeper.get(f"{url}/delete"))


def test_what_the_application_books_with_stays(keeper: Browser) -> None:
    deposit = types.of_role(TypeRole.DEPOSIT)
    url = f"/settings/transaction-types/{deposit.id}"
    answer = keeper.post(url, data={"code": "DEP", "name": "Deposit"})
    assert (answer.status_code, "stays in use" in answer.text) == (422, True)
    assert keeper.post(f"{url}/delete").status_code == 409
    settle = types.method_of(MethodKind.SETTLEMENT)
    url = f"/settings/transaction-methods/{settle.id}"
    assert keeper.post(url, data={"code": "S", "name": "S"}).status_code == 422
    assert keeper.post(f"{url}/delete").status_code == 409


def test_a_code_is_used_once(keeper: Browser) -> None:
    types.make_usual_lists()
    answer = keeper.post(
        "/settings/transaction-types/new",
        data=form(code="PAY", family="payment", direction="in"),
    )
    assert answer.status_code == 422
    assert "has this already" in answer.text


def test_a_method_that_nobody_uses_is_archived_and_no_longer_offered(keeper: Browser) -> None:
    online = types.method_of(MethodKind.ONLINE)
    url = f"/settings/transaction-methods/{online.id}"
    assert keeper.post(url, data={"code": "ONLINE", "name": "Online"}).status_code == 303
    assert online not in types.methods_in_use()
    assert MethodKind.ONLINE not in {each.kind for each in types.methods_in_use()}


def test_a_method_is_added_and_one_that_was_used_cannot_be_deleted(keeper: Browser) -> None:
    data = form(kind="online")
    assert keeper.post("/settings/transaction-methods/new", data=data).status_code == 303
    made = db.session.scalars(select(TransactionMethod).filter_by(code="GIFT")).one()
    assert made.kind is MethodKind.ONLINE
    pay(make_contract(), 10)
    used = types.method_of(MethodKind.BANK)
    assert keeper.post(f"/settings/transaction-methods/{used.id}/delete").status_code == 409
    assert keeper.post(f"/settings/transaction-methods/{made.id}/delete").status_code == 303


def test_cards_and_terminals_are_maintained(keeper: Browser) -> None:
    unit, other = make_unit(), make_unit()
    data = {"name": "Bancontact", "active": "y"}
    assert keeper.post("/settings/card-types/new", data=data).status_code == 303
    assert db.session.scalars(select(CardType.name)).all() == ["Bancontact"]
    data = {"business_unit_id": str(unit.id), "code": "T1", "name": "Desk", "active": "y"}
    assert keeper.post("/settings/terminals/new", data=data).status_code == 303
    terminal = db.session.scalars(select(Terminal)).one()
    assert terminal.business_unit is unit
    moved = {**data, "business_unit_id": str(other.id)}
    answer = keeper.post(f"/settings/terminals/{terminal.id}", data=moved)
    assert (answer.status_code, "stays in its business unit" in answer.text) == (422, True)


def test_a_company_says_what_it_does_with_deposits(keeper: Browser) -> None:
    company = make_company()
    assert "Given back" in words(keeper.get("/settings/collecting/"))
    url = f"/settings/collecting/{company.id}"
    kind = "pain.001.001.03"
    form = {"settle_deposit": "y", "payment_file": kind}
    assert keeper.post(url, data=form).status_code == 303
    kept = collection_settings.load(company.id)
    assert (kept.settle_deposit, kept.refund_files, kept.payment_file) == (True, False, kind)
    assert keeper.post(url, data={"payment_file": "pain.008"}).status_code == 422
    assert "Settled with the final invoice" in words(keeper.get("/settings/collecting/"))


@pytest.mark.parametrize(("typed", "kept"), [("2500", 2500), ("", None)])
def test_a_company_says_how_much_cash_it_takes(
    keeper: Browser, typed: str, kept: int | None
) -> None:
    company = make_company()
    url = f"/settings/collecting/{company.id}"
    assert value_of(keeper.get(url), "cash_limit") == "3000"
    form = {"payment_file": "pain.001.001.09", "cash_limit": typed}
    assert keeper.post(url, data=form).status_code == 303
    assert collection_settings.load(company.id).cash_limit == kept
    assert value_of(keeper.get(url), "cash_limit") == typed
    assert keeper.post(url, data={**form, "cash_limit": "-1"}).status_code == 422


def test_the_lists_are_for_those_who_keep_them(app: Flask, login: Login) -> None:
    clerk = login("collections.view", "collections.edit")
    assert clerk.get("/settings/transaction-types/").status_code == 403
    assert clerk.get("/settings/collecting/").status_code == 403
