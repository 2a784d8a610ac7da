"""The list component, on a list of customers with one column from an add-on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import pytest
from flask import Blueprint, Flask
from markupsafe import Markup
from sqlalchemy import select

from ppplanner.addons.manifest import AddOn, BulkAction, Cell, ListColumn
from ppplanner.addons.registry import Registry
from ppplanner.blueprints.lists.list_page import render_list
from ppplanner.blueprints.lists.listing import Action, Column, Filter, Listing, Options
from ppplanner.extensions import db
from ppplanner.models import Customer, CustomerStatus
from ppplanner.permissions import open_to_all
from tests.conftest import Browser, Login
from tests.factories import make_customer
from tests.statements import counted

HTMX = {"HX-Request": "true"}
LIST = "/listed/"

bp = Blueprint("listed", __name__, url_prefix="/listed")

CUSTOMERS = Listing(
    name="customers",
    title="Firms",
    query=lambda: select(Customer).where(Customer.status != CustomerStatus.BLOCKED),
    key=Customer.id,
    columns=[
        Column("name", "Name", sort=Customer.name),
        Column("city", "City", sort=Customer.city, wide="md"),
        Column("payment_days", "Days", show="number", align="end"),
    ],
    sort="name",
    open=lambda customer: f"/somewhere/{customer.id}",
    search=[Customer.name, Customer.city],
    filters=[
        Filter(
            "status",
            "Status",
            [("active", "Trusted"), ("inactive", "Gone")],
            apply=lambda value: Customer.status == CustomerStatus(value),
            any="Everybody",
            default="active",
        ),
        Filter(
            "country",
            "Country",
            lambda: [("BE", "Belgium"), ("NL", "Netherlands")],
            apply=lambda value: Customer.country == value,
            any="All countries",
        ),
    ],
    bulk_actions=[BulkAction("customers", "Praise", "listed.act", "customers.edit")],
    new=Action("Add a firm", "listed.act", "customers.edit"),
    empty="Firms would stand here.",
)


@bp.route("/act", methods=["GET", "POST"])
@open_to_all
def act() -> str:
    return ""


@bp.get("/")
@open_to_all
def index() -> Any:
    return render_list(CUSTOMERS)


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
def visitor(login: Login) -> Browser:
    return login()


def names(html: str) -> list[str]:
    """What stands in the first column, in the order of the page."""
    return [part.split("</a>")[0].split(">")[1] for part in html.split('class="list-link"')[1:]]


def firms(*company_names: str, **fields: Any) -> list[Customer]:
    return [make_customer(company_name=name, **fields) for name in company_names]


# ---- Reading the list ---------------------------------------------------------------------------


def test_a_list_shows_fifty_rows_and_leads_to_the_next(visitor: Browser) -> None:
    firms(*(f"Firm {number:03}" for number in range(120)))
    first = visitor.get(LIST).text
    assert names(first) == [f"Firm {number:03}" for number in range(50)]
    assert 'rel="next"' in first
    assert 'rel="prev"' not in first
    second = visitor.get(link(first, 'rel="next"')).text
    assert names(second)[0] == "Firm 050"
    back = visitor.get(link(second, 'rel="prev"')).text
    assert names(back) == names(first)


def test_the_count_stops_at_a_thousand(visitor: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ppplanner.blueprints.lists.list_page.COUNT_LIMIT", 3)
    firms("Aerts", "Baert", "Claes")
    assert ">3</span>" in visitor.get(LIST).text
    firms("Daems")
    assert ">3+</span>" in visitor.get(LIST).text


def test_a_search_finds_every_word_anywhere_whatever_the_case(visitor: Browser) -> None:
    firms("Verhuur De Smet", "De Smet Bouw", city="Gent")
    firms("Smeets", city="Aalst")
    assert names(visitor.get(f"{LIST}?q=SMET+gent").text) == ["De Smet Bouw", "Verhuur De Smet"]
    assert names(visitor.get(f"{LIST}?q=smet+aalst").text) == []


@pytest.mark.parametrize(("typed", "found"), [("100%", ["100% Pure"]), ("a_b", ["a_b"])])
def test_signs_with_a_meaning_for_the_database_mean_themselves(
    visitor: Browser, typed: str, found: list[str]
) -> None:
    firms("100% Pure", "1000 Dingen", "a_b", "axb")
    assert names(visitor.get(LIST, query_string={"q": typed}).text) == found


def test_a_heading_sorts_and_pressed_again_turns_round(visitor: Browser) -> None:
    firms("Aerts", city="Zele")
    firms("Baert", city="Aalst")
    page = visitor.get(f"{LIST}?sort=city").text
    assert names(page) == ["Baert", "Aerts"]
    assert 'aria-sort="ascending"' in page
    assert "sort=-city" in page
    assert names(visitor.get(f"{LIST}?sort=-city").text) == ["Aerts", "Baert"]


def test_a_filter_narrows_and_says_its_choice(visitor: Browser) -> None:
    firms("Aerts", country="BE")
    firms("Baert", country="NL")
    page = visitor.get(f"{LIST}?country=NL").text
    assert names(page) == ["Baert"]
    assert "Netherlands" in page.split("<summary>")[-1].split("</summary>")[0]


def test_a_default_filter_hides_until_everything_is_asked_for(visitor: Browser) -> None:
    firms("Aerts")
    for gone in firms("Baert"):
        gone.status = CustomerStatus.INACTIVE
    assert names(visitor.get(LIST).text) == ["Aerts"]
    assert names(visitor.get(f"{LIST}?status=").text) == ["Aerts", "Baert"]


def test_the_next_page_keeps_search_sort_and_filters(visitor: Browser) -> None:
    firms(*(f"Firm {number:03}" for number in range(60)), city="Gent", country="NL")
    page = visitor.get(f"{LIST}?q=gent&sort=-name&country=NL").text
    address = link(page, 'rel="next"')
    assert all(part in address for part in ("q=gent", "sort=-name", "country=NL", "after="))
    assert names(visitor.get(address).text)[0] == "Firm 009"


@pytest.mark.parametrize(
    "query",
    ["sort=nothing", "sort=payment_days", "country=XX", "after=abc", "after=999999999", "cells=x"]
    + [f"{name}=99999999999999999999" for name in ("after", "before", "cells")],
)
def test_an_old_or_mangled_address_still_opens(visitor: Browser, query: str) -> None:
    firms("Aerts")
    assert visitor.get(f"{LIST}?{query}").status_code == 200


def test_a_row_of_which_the_person_sees_nothing_is_not_counted_either(visitor: Browser) -> None:
    firms("Aerts")
    for blocked in firms("Baert"):
        blocked.status = CustomerStatus.BLOCKED
    page = visitor.get(f"{LIST}?status=").text
    assert names(page) == ["Aerts"]
    assert ">1</span>" in page


def test_what_people_typed_is_never_taken_for_html(visitor: Browser) -> None:
    firms("<script>alert(1)</script>", city="<b>Gent</b>")
    page = visitor.get(f"{LIST}?q=%3Cscript%3E").text
    assert "<script>alert" not in page
    assert "<b>" not in page
    assert "&lt;script&gt;" in page


# ---- With htmx ----------------------------------------------------------------------------------


def test_htmx_gets_the_rows_and_the_new_count_but_not_the_search_box(visitor: Browser) -> None:
    firms("Aerts", "Claes")
    part = visitor.get(f"{LIST}?q=aer", headers=HTMX).text
    assert names(part) == ["Aerts"]
    assert 'id="list-count" hx-swap-oob="true">1<' in part
    assert "<html" not in part
    assert 'name="q"' not in part


def test_the_search_box_takes_sort_and_filters_along(visitor: Browser) -> None:
    part = visitor.get(f"{LIST}?q=aer&sort=-name&country=NL", headers=HTMX).text
    assert '<input type="hidden" form="list-search" name="sort" value="-name">' in part
    assert '<input type="hidden" form="list-search" name="country" value="NL">' in part


# ---- When there is nothing ----------------------------------------------------------------------


def test_keys_that_move_through_rows_are_told_only_where_there_are_rows(visitor: Browser) -> None:
    firms("Aerts", "Baert")
    assert '<p class="list-keys" id="list-keys" aria-hidden' in visitor.get(LIST).text
    assert '<p class="list-keys" id="list-keys" hidden' in visitor.get(f"{LIST}?q=zzz").text
    part = visitor.get(f"{LIST}?q=aer", headers=HTMX).text
    assert '<p class="list-keys" id="list-keys" hx-swap-oob="true"' in part
    part = visitor.get(f"{LIST}?q=zzz", headers=HTMX).text
    assert '<p class="list-keys" id="list-keys" hidden hx-swap-oob="true"' in part


def test_an_empty_list_says_what_would_stand_there_and_offers_the_first_step(
    visitor: Browser,
) -> None:
    page = visitor.get(LIST).text
    assert "Firms would stand here." in page
    assert page.count("Add a firm") == 2


def test_a_search_without_hits_offers_the_way_back(visitor: Browser) -> None:
    firms("Aerts")
    page = visitor.get(f"{LIST}?q=zzz&sort=-name").text
    assert "Nothing matches." in page
    assert f'href="{LIST}?sort=-name"' in page


# ---- Rights -------------------------------------------------------------------------------------


def test_without_an_action_for_them_rows_have_no_tick_boxes(login: Login) -> None:
    firms("Aerts")
    assert "data-tick" in login("customers.edit").get(LIST).text
    seen_only = login("customers.view").get(LIST).text
    assert "data-tick" not in seen_only
    assert "Praise" not in seen_only
    assert "Add a firm" not in seen_only


# ---- Columns of add-ons -------------------------------------------------------------------------


Load = Callable[[Sequence[int]], Mapping[int, Cell]]


@pytest.fixture
def column(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[Load], None]:
    """Gives the list of customers a column "Mood" with these cells."""

    def add(load: Load) -> None:
        columns = [ListColumn("customers", "mood", "Mood", load)]
        addon = AddOn(name="moods", title="Moods", package=__name__, list_columns=columns)
        monkeypatch.setitem(app.extensions, "addons", Registry([addon]))

    return add


def test_a_column_of_an_add_on_is_asked_once_for_all_rows(
    visitor: Browser, column: Callable[[Load], None]
) -> None:
    made = firms("Aerts", "Baert")
    asked = []

    def load(ids: Sequence[int]) -> Mapping[int, Cell]:
        asked.append(list(ids))
        return {ids[0]: Cell(Markup("<b>glad</b>"))}

    column(load)
    page = visitor.get(LIST).text
    assert asked == [[customer.id for customer in made]]
    assert "<b>glad</b>" in page
    assert f'id="cell-more-mood-{made[1].id}"' in page


def test_a_list_polls_while_a_cell_moves_and_stops_by_itself(
    visitor: Browser, column: Callable[[Load], None]
) -> None:
    aerts, baert = firms("Aerts", "Baert")
    moving = {baert.id}
    column(lambda ids: {each: Cell(Markup(f"mood {each}"), each in moving) for each in ids})
    poll = f"{LIST}?cells={baert.id}"
    assert f'hx-get="{poll}"' in visitor.get(LIST).text

    answer = visitor.get(poll, headers=HTMX).text
    assert f'id="cell-more-mood-{baert.id}" hx-swap-oob="true">mood {baert.id}<' in answer
    assert f"cell-more-mood-{aerts.id}" not in answer
    assert 'hx-trigger="every 2s"' in answer

    moving.clear()
    answer = visitor.get(poll, headers=HTMX).text
    assert f"mood {baert.id}" in answer
    assert "hx-trigger" not in answer


def test_a_poll_tells_nothing_of_rows_that_the_person_may_not_see(
    visitor: Browser, column: Callable[[Load], None]
) -> None:
    (hidden,) = firms("Aerts")
    hidden.status = CustomerStatus.BLOCKED
    column(lambda ids: {each: Cell(Markup("secret"), True) for each in ids})
    assert "secret" not in visitor.get(f"{LIST}?cells={hidden.id}", headers=HTMX).text


def test_a_broken_column_leaves_the_list_standing(
    visitor: Browser,
    column: Callable[[Load], None],
    app: Flask,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def load(ids: Sequence[int]) -> Mapping[int, Cell]:
        raise RuntimeError("no mood today")

    firms("Aerts")
    column(load)
    monkeypatch.setattr(app, "testing", False)
    assert names(visitor.get(LIST).text) == ["Aerts"]


# ---- Speed --------------------------------------------------------------------------------------


@pytest.fixture
def statements() -> Iterator[list[str]]:
    """Everything that the database is asked from now on."""
    with counted() as asked:
        yield asked


def test_fifty_rows_cost_no_more_queries_than_one(visitor: Browser, statements: list[str]) -> None:
    firms("Aerts")
    visitor.get(LIST)
    statements.clear()
    visitor.get(LIST)
    for_one = len(statements)
    firms(*(f"Firm {number}" for number in range(49)))
    db.session.commit()
    statements.clear()
    visitor.get(LIST)
    assert len(statements) == for_one


def link(html: str, mark: str) -> str:
    """The address of the link that carries `mark`."""
    tag = next(part for part in html.split("<a ") if mark in part.split(">")[0])
    return tag.split('href="')[1].split('"')[0].replace("&amp;", "&")


def test_a_filter_asks_for_its_choices_once(
    visitor: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, options = [], Filter.options

    def note(each: Filter) -> Options:
        asked.append(each.key)
        return options(each)

    monkeypatch.setattr(Filter, "options", note)
    visitor.get(f"{LIST}?country=BE")
    assert asked == ["status", "country"]
