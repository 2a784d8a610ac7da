"""Plain maintenance screens, on VAT codes."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from flask import Blueprint, Flask
from sqlalchemy import func, select
from wtforms import BooleanField, StringField
from wtforms.validators import InputRequired

from ppplanner.blueprints.form_fields import NumberField
from ppplanner.blueprints.lists.listing import Column, Listing, active_filter
from ppplanner.blueprints.maintenance import Maintenance
from ppplanner.blueprints.stale import StaleAware
from ppplanner.extensions import db
from ppplanner.models import VatCode
from ppplanner.services import ledger
from tests.conftest import Browser, Login
from tests.factories import make_price_range, make_vat_code

LIST = "/kept/vat-codes/"
NEW = "/kept/vat-codes/new"
GOOD = {"code": "6", "name": "Reduced", "percentage": "6", "active": "y"}


class VatCodeForm(StaleAware):
    code = StringField("Code", [InputRequired("Fill in a code.")])
    name = StringField("Name")
    percentage = NumberField("Percentage", [InputRequired("Fill in a percentage.")], unit="%")
    active = BooleanField("In use", default=True)


bp = Blueprint("kept", __name__, url_prefix="/kept")
Maintenance(
    model=VatCode,
    listing=Listing(
        name="vat_codes",
        title="VAT codes",
        query=lambda: select(VatCode),
        key=VatCode.id,
        columns=[Column("code", "Code", sort=VatCode.code), Column("name", "Name")],
        sort="code",
        filters=[active_filter(VatCode.active)],
    ),
    form=VatCodeForm,
    save=lambda values, vat_code: ledger.save_vat_code(**values, vat_code=vat_code),
    view="ledger.view",
    edit="ledger.edit",
    add="New VAT code",
).register(bp, "/vat-codes")


@pytest.fixture
def environment() -> dict[str, str]:
    """Asks for an application of its own, which then gets the pages of this module."""
    return {"PAGES_OF": __name__}


@pytest.fixture
def app(app: Flask) -> Flask:
    if bp.name not in app.blueprints:
        app.register_blueprint(bp)
    return app


@pytest.fixture
def bookkeeper(login: Login) -> Browser:
    return login("ledger.view", "ledger.edit")


def address(record: Any, more: str = "") -> str:
    return f"/kept/vat-codes/{record.id}{more}"


def count() -> int:
    return db.session.scalar(select(func.count(VatCode.id))) or 0


def test_a_new_record_stands_in_the_list(bookkeeper: Browser) -> None:
    assert bookkeeper.post(NEW, data=GOOD).location == LIST
    page = bookkeeper.get(LIST).text
    assert "6 Reduced is saved." in page
    assert ">Reduced<" in page
    assert db.session.scalars(select(VatCode)).one().percentage == Decimal(6)


def test_a_record_opens_as_it_is_and_changes(bookkeeper: Browser) -> None:
    vat_code = make_vat_code("21")
    page = bookkeeper.get(address(vat_code)).text
    assert 'value="21"' in page
    bookkeeper.post(address(vat_code), data=GOOD)
    db.session.refresh(vat_code)
    assert (vat_code.code, vat_code.name) == ("6", "Reduced")


def test_what_the_form_or_the_service_refuses_stands_at_the_field(bookkeeper: Browser) -> None:
    make_vat_code("6")
    empty = bookkeeper.post(NEW, data={**GOOD, "code": ""})
    assert (empty.status_code, "Fill in a code." in empty.text) == (422, True)
    too_much = bookkeeper.post(NEW, data={**GOOD, "code": "999", "percentage": "999"})
    assert too_much.status_code == 422
    assert 'id="percentage-error"' in too_much.text
    assert 'value="999"' in too_much.text
    double = bookkeeper.post(NEW, data=GOOD)
    assert double.status_code == 422
    assert count() == 1


def test_a_record_that_nothing_uses_is_deleted_after_a_question(bookkeeper: Browser) -> None:
    vat_code = make_vat_code("21")
    question = bookkeeper.get(address(vat_code, "/delete")).text
    assert "Delete 21" in question
    assert count() == 1
    bookkeeper.post(address(vat_code, "/delete"))
    assert "is deleted." in bookkeeper.get(LIST).text
    assert count() == 0


def test_a_record_in_use_stays_and_the_page_says_why(bookkeeper: Browser) -> None:
    vat_code = make_vat_code("21")
    make_price_range(vat_code=vat_code)
    answer = bookkeeper.post(address(vat_code, "/delete"))
    assert answer.status_code == 409
    assert "is in use, so it cannot be deleted." in answer.text
    assert "archive it instead" in answer.text
    assert count() == 1


def test_archived_records_show_when_asked_for(bookkeeper: Browser) -> None:
    make_vat_code("21").active = False
    assert "VAT 21 %" not in bookkeeper.get(LIST).text
    assert "VAT 21 %" in bookkeeper.get(f"{LIST}?state=archived").text


def test_who_may_only_look_finds_no_way_to_change(login: Login) -> None:
    vat_code = make_vat_code("21")
    reader = login("ledger.view")
    page = reader.get(LIST).text
    assert "VAT 21 %" in page
    assert address(vat_code) not in page
    assert NEW not in page
    for path in (NEW, address(vat_code), address(vat_code, "/delete")):
        assert reader.get(path).status_code == 403
        assert reader.post(path, data=GOOD).status_code == 403


def test_a_record_that_is_gone_gives_a_page_that_says_so(bookkeeper: Browser) -> None:
    for path in ("/kept/vat-codes/7", "/kept/vat-codes/7/delete"):
        assert bookkeeper.get(path).status_code == 404


def test_two_people_who_change_one_record_are_told(bookkeeper: Browser) -> None:
    vat_code = make_vat_code("21")
    opened = bookkeeper.get(address(vat_code)).text
    seen = opened.split('name="seen"')[1].split('value="')[1].split('"')[0]
    vat_code.name = "Changed by a colleague"
    answer = bookkeeper.post(
        address(vat_code), data={**GOOD, "seen": seen.replace("&#34;", '"'), "name": "Mine"}
    )
    assert answer.status_code == 409
    assert "Changed by a colleague" in answer.text
    assert 'value="Mine"' in answer.text
    db.session.refresh(vat_code)
    assert vat_code.name == "Changed by a colleague"
