"""What goes wrong at a counter: each slip gets a clear sentence at its place, and what was typed
stays.
"""

from __future__ import annotations

from io import BytesIO

import pytest
from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.models import CatalogueItem, Contract, Customer, PriceRange, Resource
from ppplanner.services.planning.moves import version
from tests.blueprints.pages import HTMX, error_at, main, over, value_of, words
from tests.conftest import Browser, Login
from tests.factories import (
    make_contract,
    make_customer,
    make_price_range,
    make_resource,
    make_resource_type,
    make_unit,
    make_vat_code,
)

SCRIPT = "<script>alert(1)</script>"
LONG = "x" * 10_000


@pytest.fixture
def browser(login: Login) -> Browser:
    return login()


def rental(**typed: object) -> dict[str, object]:
    """The form for a contract, filled in."""
    resource = make_resource()
    return {
        "customer_id": make_customer().id,
        "business_unit_id": resource.pool.business_unit_id,
        "resource_id": resource.id,
        "starts_at": "2027-03-01T09:00",
        "ends_at": "2027-03-03T17:00",
        "remarks": "Key in locker 4",
        **typed,
    }


def count(model: type) -> int:
    return len(db.session.scalars(select(model)).all())


# ---- Periods ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends_at", "says"),
    [
        ("2027-02-28T17:00", "after the start"),
        ("2027-03-01T09:00", "after the start"),
        ("2037-03-01T09:00", "at most five years"),
        ("9999-01-01T09:00", "Check the year"),
        ("tomorrow", "Fill in a day and a time"),
        ("", "Fill in a day and a time"),
    ],
)
def test_an_impossible_end_is_refused_at_its_field(
    browser: Browser, ends_at: str, says: str
) -> None:
    answer = browser.post("/contracts/new", data=rental(ends_at=ends_at))
    assert answer.status_code == 422
    assert says in error_at(answer, "ends_at")
    assert value_of(answer, "starts_at") == "2027-03-01T09:00"
    assert "Key in locker 4" in answer.text
    assert count(Contract) == 0


@pytest.mark.parametrize("ends_at", ["2027-02-01T09:00", "2047-02-01T09:00", "soon", ""])
def test_an_impossible_end_on_the_board_moves_nothing_and_says_why(
    browser: Browser, ends_at: str
) -> None:
    contract = make_contract()
    before = contract.starts_at, contract.ends_at
    target = {"starts_at": "2027-02-10T09:00", "ends_at": ends_at, "seen": version(contract)}
    where = {"contract_id": contract.id, "resource_id": contract.resource_id}
    answer = browser.post("/planning/move", data={**where, **target}, headers=HTMX)
    assert answer.status_code in {409, 422}
    assert len(words(answer)) > 10
    db.session.expire_all()
    assert (contract.starts_at, contract.ends_at) == before


# ---- Plates -------------------------------------------------------------------------------------


def van(**typed: object) -> dict[str, object]:
    """The form for a resource, filled in."""
    return {
        "code": "V1",
        "licence_plate": "1-ABC-123",
        "brand": "Ford",
        "model": "Transit",
        "type_id": make_resource_type().id,
        "pool_id": make_unit().pools[0].id,
        "price_range_id": make_price_range().id,
        **typed,
    }


@pytest.mark.parametrize("plate", ["1-ABC-123", "1abc123", " 1 ABC 123 "])
def test_a_plate_that_exists_is_refused_however_it_is_written(browser: Browser, plate: str) -> None:
    assert browser.post("/resources/new", data=van()).status_code == 303
    answer = browser.post("/resources/new", data=van(code="V2", licence_plate=plate))
    assert answer.status_code == 422
    assert "1-ABC-123" in error_at(answer, "licence_plate") or "already" in error_at(
        answer, "licence_plate"
    )
    assert value_of(answer, "model") == "Transit"
    assert count(Resource) == 1


# ---- Prices -------------------------------------------------------------------------------------


@pytest.mark.parametrize("price", ["-1", "1000000000000", "1e12", "NaN", "Infinity", "twelve"])
def test_an_impossible_price_is_refused_at_its_field(browser: Browser, price: str) -> None:
    typed = {"name": "Child seat", "price": price, "vat_code_id": make_vat_code().id}
    answer = browser.post("/settings/articles/new", data=typed)
    assert answer.status_code == 422
    assert error_at(answer, "price")
    assert value_of(answer, "price") == price
    assert value_of(answer, "name") == "Child seat"
    assert count(CatalogueItem) == 0


@pytest.mark.parametrize("price", ["1000000000000", "1e12", "twelve"])
def test_an_impossible_price_of_a_line_is_refused_at_its_field(
    browser: Browser, price: str
) -> None:
    contract = make_contract()
    typed = {"description": "Cleaning", "units": "1", "unit_price": price, "discount": "0"}
    typed["vat_code_id"] = str(make_vat_code().id)
    answer = browser.post(f"/contracts/{contract.id}/lines/new", data=typed)
    assert answer.status_code == 422
    assert error_at(answer, "unit_price")
    assert value_of(answer, "description") == "Cleaning"


# ---- Names --------------------------------------------------------------------------------------


def test_a_name_of_ten_thousand_characters_is_refused_at_its_field(browser: Browser) -> None:
    for url, field, model in (
        ("/settings/rates/new", "name", PriceRange),
        ("/resources/types/new", "name", None),
        ("/settings/pools/new", "name", None),
        ("/settings/roles/new", "name", None),
    ):
        answer = browser.post(url, data={field: LONG})
        assert answer.status_code == 422, url
        assert "at most" in error_at(answer, field), url
        assert model is None or count(model) == 0


def test_a_customer_with_a_name_of_ten_thousand_characters_is_refused(browser: Browser) -> None:
    typed = {"kind": "business", "company_name": LONG, "country": "BE", "language": "nl"}
    answer = browser.post("/customers/new/business", data=typed)
    assert answer.status_code == 422
    assert "at most" in error_at(answer, "company_name")
    assert count(Customer) == 0


def test_a_script_in_a_name_is_only_text_wherever_it_stands(browser: Browser) -> None:
    customer = make_customer(company_name=SCRIPT)
    resource = make_resource(brand=SCRIPT, model="<b>bold</b>")
    contract = make_contract(resource, customer, remarks=SCRIPT)
    pages = (
        "/",
        "/contracts/",
        f"/contracts/{contract.id}",
        f"/contracts/{contract.id}/edit",
        "/customers/",
        f"/customers/{customer.id}",
        "/resources/",
        f"/resources/{resource.id}",
        "/planning/?view=month",
        f"/planning/contracts/{contract.id}",
        f"/contracts/?q={SCRIPT}",
        f"/search/?q={SCRIPT}",
    )
    for page in pages:
        answer = browser.get(page)
        assert answer.status_code in {200, 404}, page
        assert SCRIPT not in answer.text, page
        assert "<b>bold" not in answer.text, page


# ---- Files --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "empty.csv"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40, "photo.png"),
        (b"PK\x03\x04 not really", "broken.xlsx"),
        (b"%PDF-1.7 nothing", "invoice.xlsx"),
        (b"\xff\xfe\x00" * 100, "strange.csv"),
        (b"Name;Phone\nAn;0470\n", "people.csv"),
    ],
)
def test_a_file_that_is_no_list_of_resources_is_refused(
    browser: Browser, content: bytes, name: str
) -> None:
    answer = browser.post("/resources/import", data={"file": (BytesIO(content), name)})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert count(Resource) == 0


def test_no_file_at_all_is_refused_at_its_field(browser: Browser) -> None:
    answer = browser.post("/resources/import", data={})
    assert answer.status_code == 422
    assert error_at(answer, "file")


# ---- Records that are gone ----------------------------------------------------------------------


@pytest.mark.parametrize("headers", [{}, over("/contracts/")], ids=["page", "dialog"])
def test_a_record_deleted_meanwhile_is_told_and_nothing_else_breaks(
    browser: Browser, headers: dict[str, str]
) -> None:
    typed = rental()
    contract = make_contract()
    url = f"/contracts/{contract.id}/edit"
    assert browser.get(url).status_code == 200
    db.session.delete(contract)
    db.session.commit()
    for answer in (
        browser.get(url, headers=headers),
        browser.post(url, data=typed, headers=headers),
        browser.post(f"/contracts/{contract.id}/confirm", headers=headers),
    ):
        assert answer.status_code == 404
        assert len(words(answer)) > 20
    assert count(Contract) == 0


def test_a_contract_deleted_meanwhile_cannot_be_moved_on_the_board(browser: Browser) -> None:
    contract = make_contract()
    typed = {"contract_id": contract.id, "resource_id": contract.resource_id, "seen": "1"}
    typed |= {"starts_at": "2027-02-10T09:00", "ends_at": "2027-02-11T09:00"}
    db.session.delete(contract)
    db.session.commit()
    answer = browser.post("/planning/move", data=typed, headers=HTMX)
    assert answer.status_code in {404, 409}
    assert len(words(answer)) > 20


def test_a_choice_deleted_meanwhile_is_told_at_its_field(browser: Browser) -> None:
    typed = rental()
    db.session.commit()
    db.session.delete(db.session.get_one(Resource, typed["resource_id"]))
    db.session.commit()
    answer = browser.post("/contracts/new", data=typed)
    assert answer.status_code == 422
    assert error_at(answer, "resource_id")
    assert "Key in locker 4" in main(answer)
