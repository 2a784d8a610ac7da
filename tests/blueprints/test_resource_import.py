"""The pages on which resources are imported, and that an export can be imported again."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.models import Resource, Upload
from ppplanner.upkeep import forget_old_uploads
from tests.blueprints.pages import error_at, main
from tests.conftest import Browser, Login
from tests.factories import (
    make_contract,
    make_cost_carrier,
    make_cost_centre,
    make_price_range,
    make_resource,
    make_resource_type,
    make_unit,
    make_user,
)

HEADINGS = "Code;Brand;Type;Pool\n"


@pytest.fixture
def browser(login: Login) -> Browser:
    unit = make_unit()
    unit.pools[0].name = "Vans"
    make_resource_type("Van")
    return login()


def upload(browser: Browser, content: str | bytes, name: str = "vans.csv") -> TestResponse:
    content = content.encode() if isinstance(content, str) else content
    return browser.post("/resources/import", data={"file": (BytesIO(content), name)})


def preview(browser: Browser, content: str | bytes) -> TestResponse:
    answer = upload(browser, content)
    assert answer.status_code == 303, main(answer)
    return browser.get(answer.location)


def agree(browser: Browser, page: TestResponse, **more: str) -> TestResponse:
    """Press "Import" on a preview."""
    seen = re.search(r'name="seen" value="(\w+)"', page.text)
    assert seen
    return browser.post(page.request.path, data={"seen": seen.group(1), **more})


def codes() -> list[str]:
    return list(db.session.scalars(select(Resource.code).order_by(Resource.code)))


def test_nothing_is_saved_before_one_agrees(browser: Browser) -> None:
    page = preview(browser, HEADINGS + "V1;Ford;Van;Vans\nV2;<script>;Van;Boats\n")
    assert "Refused 1 New 1 Changed 0 Unchanged 0" in main(page)
    assert "There is no pool “Boats”" in main(page)
    assert "1 refused row is left out." in main(page)
    assert codes() == []
    answer = agree(browser, page)
    assert answer.location == "/resources/"
    assert "Imported: 1 new resource and 0 changed ones." in browser.get(answer.location).text
    assert codes() == ["V1"]


def test_the_file_goes_with_its_import(browser: Browser) -> None:
    page = preview(browser, HEADINGS + "V1;Ford;Van;Vans\n")
    agree(browser, page)
    assert db.session.scalar(select(Upload)) is None
    assert browser.get(page.request.path).status_code == 404


def test_a_number_that_no_file_can_have_is_not_there(browser: Browser) -> None:
    assert browser.get(f"/resources/import/{10**30}").status_code == 404


def test_the_file_can_be_let_go(browser: Browser) -> None:
    page = preview(browser, HEADINGS + "V1;Ford;Van;Vans\n")
    browser.post(f"{page.request.path}/discard")
    assert db.session.scalar(select(Upload)) is None


def test_files_that_nobody_decides_on_are_forgotten(browser: Browser) -> None:
    preview(browser, HEADINGS + "V1;Ford;Van;Vans\n")
    forget_old_uploads()
    assert db.session.scalar(select(Upload)) is not None
    db.session.execute(update(Upload).values(made_at=now() - timedelta(days=2)))
    db.session.commit()
    forget_old_uploads()
    assert db.session.scalar(select(Upload)) is None


def test_the_file_of_somebody_else_is_not_there(browser: Browser, login: Login) -> None:
    page = preview(browser, HEADINGS + "V1;Ford;Van;Vans\n")
    assert login(user=make_user()).get(page.request.path).status_code == 404


def test_what_changed_meanwhile_is_shown_first(browser: Browser) -> None:
    page = preview(browser, HEADINGS + "V1;Ford;Van;Vans\n")
    make_resource(code="V1", brand="Opel", pool=make_unit().pools[0])
    again = agree(browser, page)
    assert again.status_code == 409
    assert "have changed meanwhile" in main(again)
    assert "Opel Ford" not in main(again)
    assert db.session.scalars(select(Resource.brand)).all() == ["Opel"]


def test_missing_types_are_made_when_asked(browser: Browser) -> None:
    page = preview(browser, HEADINGS + "V1;Ford;Ship;Vans\n")
    assert "These types are not there yet: Ship." in main(page)
    page = browser.get(f"{page.request.path}?types=1")
    agree(browser, page, types="1")
    assert [each.type.name for each in db.session.scalars(select(Resource))] == ["Ship"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty."),
        (b"\x89PNG\r\n\0\0", "This file is not a spreadsheet"),
        (b"Name;Colour\nA;B\n", "The first row must name the columns."),
        (b"Code\n" + b"V1\n" * 6000, "more than 5000 rows"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_on_the_page(
    browser: Browser, content: bytes, sentence: str
) -> None:
    page = upload(browser, content)
    assert page.status_code == 422
    assert sentence in main(page)
    assert db.session.scalar(select(Upload)) is None


def test_without_a_file_the_form_asks_for_one(browser: Browser) -> None:
    page = browser.post("/resources/import", data={})
    assert page.status_code == 422
    assert error_at(page, "file") == "Choose a file."


def test_other_routes_still_refuse_files(browser: Browser) -> None:
    data = {"code": (BytesIO(b"V1"), "code.txt")}
    assert browser.post("/resources/new", data=data).status_code == 400


def test_long_previews_have_pages(browser: Browser) -> None:
    rows = "".join(f"V{number};Ford;Van;Vans\n" for number in range(450))
    page = preview(browser, HEADINGS + rows)
    assert page.text.count("<tr>") == 201
    last = browser.get(f"{page.request.path}?show=new&from=400")
    assert last.text.count("<tr>") == 51
    assert browser.get(f"{page.request.path}?show=nonsense&from=-5").status_code == 200


def test_the_template_is_a_workbook_that_is_understood(browser: Browser) -> None:
    file = BytesIO(browser.get("/resources/import/template").data)
    [sheet] = load_workbook(file).worksheets
    headings = [cell.value for cell in next(iter(sheet.rows))]
    assert headings[:2] == ["Code", "Licence plate"]
    assert "In use" in headings


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("language", ["en", "nl", "fr"])
def test_an_export_can_be_imported_again_and_changes_nothing(
    login: Login, ending: str, language: str
) -> None:
    unit, other = make_unit(), make_unit()
    unit.pools[0].name = other.pools[0].name = "Vans"
    van = make_resource(
        unit,
        make_price_range(name="-10 %"),
        brand="=1+1",
        model="Citroën; “long”",
        deposit=Decimal("1250.50"),
        tank_litres=80,
        active_from=now().date(),
        cost_centre=make_cost_centre(),
        cost_carrier=make_cost_carrier(),
    )
    make_resource(other, active=False, licence_plate=None)
    make_contract(van)
    browser = login(user=make_user(language=language))
    columns = (
        "code,licence_plate,brand,model,type,pool,price_range,now,back_at,deposit,tank_litres,"
        "active_from,cost_centre,cost_carrier,active"
    )
    with browser.get(f"/resources/?use=&columns={columns}&as={ending}") as exported:
        assert exported.headers["Content-Disposition"].startswith("attachment")
        page = preview(browser, exported.data)
    counts = re.findall(r"<strong>(\d+)</strong>", page.text)
    assert counts == ["0", "0", "0", "2"], main(page)


def test_importing_needs_the_right_to_change(login: Login) -> None:
    browser = login("resources.view")
    assert browser.get("/resources/import").status_code == 403
    assert "/resources/import" not in browser.get("/resources/").text
