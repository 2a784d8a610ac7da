"""What people make of a list: their columns, their views, files, and selections over pages."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from flask import Blueprint, Flask, jsonify
from openpyxl import load_workbook
from sqlalchemy import select

from ppplanner.addons.manifest import BulkAction
from ppplanner.blueprints.lists.list_page import render_list
from ppplanner.blueprints.lists.listing import Column, DayFilter, Filter, Listing, PickerFilter
from ppplanner.blueprints.lists.selection import selected_ids
from ppplanner.blueprints.markup import Badge
from ppplanner.extensions import db
from ppplanner.models import Customer, SavedView, User
from ppplanner.permissions import open_to_all
from tests.conftest import Browser, Login
from tests.factories import make_customer, make_user

HTMX = {"HX-Request": "true"}
LIST = "/arranged/"
ARRANGE = "/lists/arranged/columns"
NEW_VIEW = "/lists/arranged/views/new"

bp = Blueprint("arranged", __name__, url_prefix="/arranged")


def _named(key: int) -> str | None:
    return db.session.scalar(select(Customer.name).where(Customer.id == key))


def _added(first: date | None, last: date | None) -> Any:
    low, high = first or date.min, last or date.max
    return Customer.city.between(low.isoformat(), high.isoformat())


CUSTOMERS = Listing(
    name="arranged",
    title="Firms / België",
    query=lambda: select(Customer),
    key=Customer.id,
    columns=[
        Column("name", "Name", sort=Customer.name),
        Column("city", "City", sort=Customer.city, wide="xxl"),
        Column("days", "Days", value=lambda row: row.payment_days, align="end"),
        Column("worth", "Worth", value=lambda row: Decimal("-1234.50"), show="money", align="end"),
        Column("born", "Born", value=lambda row: date(2026, 11, 5), show="day"),
        Column("mood", "Mood", value=lambda row: Badge("Glad", "green")),
        Column("created_at", "Made", show="moment", hidden=True),
        Column("email", "E-mail", hidden=True),
        Column("phone", "Phone", export=lambda row: f"tel {row.phone}", hidden=True),
    ],
    sort="name",
    search=[Customer.name, Customer.city],
    filters=[
        Filter(
            "country",
            "Country",
            [("BE", "Belgium"), ("NL", "Netherlands")],
            apply=lambda value: Customer.country == value,
            any="All",
        ),
        PickerFilter("one", "One", "arranged.pick", _named, lambda key: Customer.id == key),
        DayFilter("span", "Span", apply=_added),
    ],
    bulk_actions=[BulkAction("arranged", "Praise", "arranged.act", "customers.edit")],
)


@bp.get("/")
@open_to_all
def index() -> Any:
    return render_list(CUSTOMERS)


@bp.get("/pick")
@open_to_all
def pick() -> str:
    return ""


@bp.post("/act")
@open_to_all
def act() -> Any:
    return jsonify(selected_ids(CUSTOMERS, most=60))


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
def person(app: Flask) -> User:
    return make_user()


@pytest.fixture
def visitor(login: Login, person: User) -> Browser:
    return login(user=person)


def firms(*names: str, **fields: Any) -> list[Customer]:
    return [make_customer(company_name=name, **fields) for name in names]


def headings(html: str) -> list[str]:
    """The titles of the columns, in their order."""
    head = html.split("<thead>")[1].split("</thead>")[0]
    texts = re.findall(r'<th scope="col"[^>]*>(.*?)</th>', head, re.DOTALL)
    return [unescape(re.sub(r"<[^>]+>", "", text)).strip() for text in texts]


def names(html: str) -> list[str]:
    """What stands in the column that names the rows, in the order of the page."""
    return [unescape(name) for name in re.findall(r"<th scope='row'[^>]*>(.*?)</th>", html)]


# ---- Columns ------------------------------------------------------------------------------------


def test_a_column_declared_hidden_shows_only_to_who_asks_for_it(visitor: Browser) -> None:
    firms("Aerts")
    assert headings(visitor.get(LIST).text) == ["Name", "City", "Days", "Worth", "Born", "Mood"]
    assert headings(visitor.get(f"{LIST}?columns=name,email").text) == ["Name", "E-mail"]


def test_chosen_columns_stay_in_their_order_until_they_are_reset(visitor: Browser) -> None:
    firms("Aerts")
    form = {"order": ["mood", "name", "city"], "columns-shown": ["mood", "name"], "back": LIST}
    assert visitor.post(ARRANGE, data=form).location == LIST
    assert headings(visitor.get(LIST).text) == ["Mood", "Name"]
    visitor.post(ARRANGE, data={"reset": "yes", "back": LIST})
    assert headings(visitor.get(LIST).text)[0] == "Name"


def test_columns_belong_to_one_person(visitor: Browser, login: Login) -> None:
    firms("Aerts")
    visitor.post(ARRANGE, data={"order": ["name"], "columns-shown": ["name"]})
    assert len(headings(login().get(LIST).text)) == 6


def test_the_column_that_names_a_row_cannot_be_lost(visitor: Browser) -> None:
    firms("Aerts")
    assert headings(visitor.get(f"{LIST}?columns=city,days").text) == ["Name", "City", "Days"]


def test_a_chosen_column_shows_at_every_width(visitor: Browser) -> None:
    firms("Aerts")
    assert "from-xxl" in visitor.get(LIST).text
    assert "from-xxl" not in visitor.get(f"{LIST}?columns=name,city").text


@pytest.mark.parametrize("columns", ["bogus", ",,,", "name,name,bogus", "x" * 5000, "%00"])
def test_columns_that_do_not_exist_are_passed_over(visitor: Browser, columns: str) -> None:
    firms("Aerts")
    page = visitor.get(LIST, query_string={"columns": columns})
    assert page.status_code in (200, 400)
    assert page.status_code == 400 or headings(page.text)[0] == "Name"


def test_the_question_for_columns_moves_one_up_and_down(visitor: Browser) -> None:
    def order(query: str) -> list[str]:
        page = visitor.get(f"{LIST}?as=columns&{query}", headers=HTMX).text
        return re.findall(r'name="order" value="(\w+)"', page)

    assert order("")[:3] == ["name", "city", "days"]
    asked = "order=name&order=city&order=days&columns-shown=city"
    assert order(f"{asked}&up=days")[:3] == ["name", "days", "city"]
    assert order(f"{asked}&down=name")[:3] == ["city", "name", "days"]
    assert order(f"{asked}&up=name")[:3] == ["name", "city", "days"]


def test_the_question_keeps_what_was_ticked(visitor: Browser) -> None:
    query = "as=columns&order=name&order=city&columns-shown=email&up=city"
    page = visitor.get(f"{LIST}?{query}", headers=HTMX).text
    assert re.search(r'value="email" checked', page)
    assert not re.search(r'value="city" checked', page)


@pytest.mark.parametrize("column", ["sort=-city", "sort=city"])
def test_paging_by_a_hidden_column_shows_every_row_once_in_both_directions(
    visitor: Browser, column: str
) -> None:
    firms(*(f"Firm {number:03}" for number in range(60)), city="Gent")
    firms(*(f"Shop {number:03}" for number in range(60)), city="Aalst")
    forwards: list[list[str]] = []
    backwards: list[list[str]] = []
    url = f"{LIST}?{column}&columns=name"
    while url:
        page = visitor.get(url).text
        assert headings(page) == ["Name"]
        forwards.append(names(page))
        url = link(page, "next")
    url = link(page, "prev")
    while url:
        page = visitor.get(url).text
        backwards.insert(0, names(page))
        url = link(page, "prev")
    assert len({name for rows in forwards for name in rows}) == 120
    assert [len(rows) for rows in forwards] == [50, 50, 20]
    assert backwards == forwards[:-1]


def link(html: str, rel: str) -> str:
    tag = next((part for part in html.split("<a ") if f'rel="{rel}"' in part.split(">")[0]), "")
    return unescape(tag.split('href="')[1].split('"')[0]) if tag else ""


@pytest.mark.parametrize("back", ["//evil.example", "https://evil.example", "javascript:alert(1)"])
def test_nobody_is_sent_to_another_site(visitor: Browser, back: str) -> None:
    assert visitor.post(ARRANGE, data={"back": back}).location == "/"


# ---- Views --------------------------------------------------------------------------------------


def save_view(visitor: Browser, name: str, kept: str) -> Any:
    return visitor.post(NEW_VIEW, data={"name": name, "kept": kept, "back": f"{LIST}?q=x"})


def test_a_view_brings_back_search_filters_order_and_columns(visitor: Browser) -> None:
    firms("Aerts", "Baert", city="Gent", country="NL")
    firms("Claes", city="Gent")
    kept = "q=gent&sort=-name&country=NL&columns=name%2Ccity&after=5"
    address = save_view(visitor, "Dutch", kept).location
    page = visitor.get(address).text
    assert names(page) == ["Baert", "Aerts"]
    assert headings(page) == ["Name", "City"]
    assert "after=" not in address
    assert "Dutch" in visitor.get(LIST).text


def test_a_view_that_has_changed_says_so_and_can_be_saved_again(
    visitor: Browser, person: User
) -> None:
    firms("Aerts")
    address = save_view(visitor, "Mine", "q=aerts").location
    assert "Mine, changed" not in visitor.get(address).text
    changed = visitor.get(f"{address}&country=BE").text
    assert "Mine, changed" in changed
    view = db.session.scalars(select(SavedView)).one()
    kept = re.search(r'name="kept" value="([^"]*)"', changed)
    assert kept
    visitor.post(f"/lists/views/{view.id}/change", data={"kept": unescape(kept[1]), "back": LIST})
    assert view.query == "q=aerts&country=BE"


def test_a_view_is_renamed_and_deleted(visitor: Browser) -> None:
    save_view(visitor, "Mine", "q=a")
    view = db.session.scalars(select(SavedView)).one()
    visitor.post(f"/lists/views/{view.id}", data={"name": "Ours", "back": LIST})
    assert view.name == "Ours"
    assert visitor.post(f"/lists/views/{view.id}/delete", data={"back": LIST}).location == LIST
    assert db.session.scalars(select(SavedView)).all() == []


def test_two_views_of_a_list_cannot_have_one_name(visitor: Browser) -> None:
    save_view(visitor, "Mine", "q=a")
    answer = save_view(visitor, "MINE ", "q=b")
    assert answer.status_code == 422
    assert "You have a view of this name." in answer.text


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "x" * 10_000])
def test_a_view_needs_a_name_of_bearable_length(visitor: Browser, name: str) -> None:
    answer = save_view(visitor, name, "q=a")
    assert answer.status_code == 422
    assert "field-error" in answer.text


def test_nobody_touches_the_views_of_others(visitor: Browser, login: Login) -> None:
    save_view(visitor, "Mine", "q=a")
    view = db.session.scalars(select(SavedView)).one()
    stranger = login()
    for path in ("", "/change", "/delete"):
        answer = stranger.post(f"/lists/views/{view.id}{path}", data={"name": "Theirs"})
        assert answer.status_code == 404
    page = stranger.get(f"{LIST}?view={view.id}&q=a").text
    assert "Mine" not in page
    assert view.name == "Mine"


# ---- Files --------------------------------------------------------------------------------------


def download(visitor: Browser, url: str) -> Any:
    """The file, read to its end."""
    return visitor.get(url, buffered=True)


def rows_of_csv(data: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig")), delimiter=delimiter))


def test_a_csv_holds_what_the_filters_show_on_all_pages(visitor: Browser) -> None:
    firms(*(f"Firm {number:03}" for number in range(120)), city="Gent")
    firms("Elsewhere", city="Aalst")
    answer = download(visitor, f"{LIST}?q=gent&sort=-name&columns=name,city&as=csv")
    rows = rows_of_csv(answer.data)
    assert rows[0] == ["Name", "City"]
    assert [row[0] for row in rows[1:]] == [f"Firm {number:03}" for number in range(119, -1, -1)]


@pytest.mark.parametrize(
    ("language", "delimiter", "number"), [("nl", ";", "-1234,50"), ("en", ",", "-1234.50")]
)
def test_a_csv_is_written_as_the_persons_spreadsheet_reads_it(
    visitor: Browser, person: User, language: str, delimiter: str, number: str
) -> None:
    person.language = language
    firms("Bäcker & Zoon", city="Gent")
    answer = download(visitor, f"{LIST}?as=csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    assert answer.content_type == "text/csv; charset=utf-8"
    row = rows_of_csv(answer.data, delimiter)[1]
    assert row == ["Bäcker & Zoon", "Gent", "30", number, "2026-11-05", "Glad"]


@pytest.mark.parametrize("name", ["=1+1", "+32 9", "-2+3", "@SUM(A1)", "\t=1"])
def test_no_text_of_a_csv_becomes_a_formula(visitor: Browser, name: str) -> None:
    (firm,) = firms("Aerts")
    firm.city = name
    row = rows_of_csv(download(visitor, f"{LIST}?as=csv").data)[1]
    assert row[1] == f"'{name}"


def test_a_workbook_holds_numbers_days_and_texts_but_no_formulas(visitor: Browser) -> None:
    firms("=1+1")
    answer = download(visitor, f"{LIST}?columns=name,days,worth,born,created_at,phone&as=xlsx")
    sheet: Any = load_workbook(io.BytesIO(answer.data)).active
    titles, row = sheet.iter_rows()
    assert [cell.value for cell in titles] == ["Name", "Days", "Worth", "Born", "Made", "Phone"]
    assert [cell.data_type for cell in row] == ["s", "n", "n", "d", "d", "s"]
    assert row[0].value == "=1+1"
    assert row[2].value == -1234.5
    assert row[2].number_format == "#,##0.00"
    assert row[3].value.date() == date(2026, 11, 5)
    assert row[5].value.startswith("tel ")
    assert sheet.title == "Firms   België"


def test_a_file_is_called_after_its_list_and_the_day(visitor: Browser) -> None:
    for kind in ("csv", "xlsx"):
        header = download(visitor, f"{LIST}?as={kind}").headers["Content-Disposition"]
        assert header.startswith("attachment")
        assert re.search(rf"Belgi.*20\d\d-\d\d-\d\d\.{kind}", header)
        assert "/" not in header.split("filename")[1].split(";")[0]


def test_too_many_rows_for_a_file_are_refused_in_words(
    visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ppplanner.blueprints.lists.list_export.MOST", 1)
    firms("Aerts", "Baert")
    answer = download(visitor, f"{LIST}?as=xlsx")
    assert answer.status_code == 409
    assert "A file takes 1 rows at most" in answer.text


def test_a_file_is_read_in_batches_that_lose_and_double_nothing(
    visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ppplanner.blueprints.lists.list_query.batches.__defaults__", (7,))
    firms(*(f"Firm {number:02}" for number in range(30)), city="Gent")
    firms(*(f"Shop {number:02}" for number in range(5)), city="Aalst")
    rows = rows_of_csv(download(visitor, f"{LIST}?sort=city&as=csv").data)[1:]
    assert len(rows) == len({row[0] for row in rows}) == 35
    assert [row[1] for row in rows] == ["Aalst"] * 5 + ["Gent"] * 30


# ---- Selections ---------------------------------------------------------------------------------


def answered(answer: Any) -> Any:
    return answer.json


def test_all_that_match_are_those_that_the_list_shows(visitor: Browser) -> None:
    wanted = firms(*(f"Firm {number}" for number in range(120)), city="Gent")
    firms("Elsewhere", city="Aalst")
    ids = answered(visitor.get(f"{LIST}?q=gent&as=ids"))["ids"]
    assert sorted(ids) == sorted(customer.id for customer in wanted)


def test_a_row_that_appears_after_all_were_chosen_is_not_swept_along(visitor: Browser) -> None:
    firms("Aerts", "Baert")
    ids = answered(visitor.get(f"{LIST}?as=ids"))["ids"]
    (late,) = firms("Claes")
    acted = answered(visitor.post("/arranged/act", data={"ids": ",".join(map(str, ids))}))
    assert sorted(acted) == sorted(ids)
    assert late.id not in acted


def test_a_row_that_is_gone_is_left_out(visitor: Browser) -> None:
    aerts, baert = firms("Aerts", "Baert")
    ids = answered(visitor.get(f"{LIST}?as=ids"))["ids"]
    db.session.delete(aerts)
    assert visitor.post("/arranged/act", data={"ids": ids}).json == [baert.id]


def test_too_many_rows_are_refused_in_words(
    visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ppplanner.blueprints.lists.selection.MOST", 1)
    firms("Aerts", "Baert")
    answer = answered(visitor.get(f"{LIST}?as=ids"))
    assert answer["ids"] == []
    assert "Choose at most 1 rows at once" in answer["refused"]
    posted = visitor.post("/arranged/act", data={"ids": [str(one) for one in range(1, 62)]})
    assert posted.status_code == 409
    assert "Choose at most 60 rows at once" in posted.text


@pytest.mark.parametrize("ids", ["", ",,", "x", "0", "-1", "99999999999999999999", "1;2", "1.5"])
def test_ids_that_are_none_are_passed_over(visitor: Browser, ids: str) -> None:
    firms("Aerts")
    assert visitor.post("/arranged/act", data={"ids": ids}).json == []


def test_ids_come_one_by_one_or_with_commas_and_once_each(visitor: Browser) -> None:
    aerts, baert = (customer.id for customer in firms("Aerts", "Baert"))
    posted = {"ids": [f"{baert},{aerts}", str(baert)]}
    assert visitor.post("/arranged/act", data=posted).json == [baert, aerts]


# ---- Filters ------------------------------------------------------------------------------------


def test_one_record_of_many_narrows_and_is_named(visitor: Browser) -> None:
    aerts, _baert = firms("Aerts", "Baert")
    page = visitor.get(f"{LIST}?one={aerts.id}").text
    assert names(page) == ["Aerts"]
    assert "One:</span> Aerts" in page
    assert len(names(visitor.get(f"{LIST}?one=999999").text)) == 2


@pytest.mark.parametrize(
    ("query", "found", "said"),
    [
        ("span-from=2026-02-01", ["Baert", "Claes"], "from 1 Feb 2026"),
        ("span-until=2026-02-01", ["Aerts", "Baert"], "until 1 Feb 2026"),
        ("span-from=2026-02-01&span-until=2026-02-01", ["Baert"], "1 Feb 2026 to 1 Feb 2026"),
        ("span-from=2026-03-01&span-until=2026-02-01", ["Baert", "Claes"], "to 1 Mar 2026"),
        ("span-from=nonsense", ["Aerts", "Baert", "Claes"], "Always"),
    ],
)
def test_a_stretch_of_days_may_be_open_on_either_side(
    visitor: Browser, person: User, query: str, found: list[str], said: str
) -> None:
    person.language = "en"
    for month, name in enumerate(("Aerts", "Baert", "Claes"), start=1):
        firms(name, city=f"2026-{month:02}-01")
    page = visitor.get(f"{LIST}?{query}").text
    assert names(page) == found
    assert said in page
