"""What stands around every page."""

from __future__ import annotations

import re

import pytest
from flask import Flask, render_template
from flask_login import login_user

from ppplanner.extensions import db
from ppplanner.models import User
from tests.conftest import Browser, Login
from tests.factories import make_unit, make_user

MISSING = "/there-is-nothing-here"


@pytest.fixture
def page(login: Login) -> str:
    """The frame around the page that says that there is nothing."""
    return login().get(MISSING).text


def test_pages_carry_no_inline_scripts_styles_or_handlers(page: str, client: Browser) -> None:
    for html in (page, client.get("/login").text):
        assert not re.search(r"<script(?![^>]*\ssrc=)", html)
        assert "<style" not in html
        assert not re.search(r"\s(style|on[a-z]+)=", html)
        assert "javascript:" not in html


def test_everything_that_a_page_loads_comes_from_here(page: str) -> None:
    addresses = re.findall(r'<(?:script|link|img)[^>]*\s(?:src|href)="([^"]*)"', page)
    assert addresses
    assert all(address.startswith("/static/") for address in addresses)


def test_the_keyboard_reaches_the_content_at_once(page: str) -> None:
    body = page.split("<body>")[1]
    assert re.findall(r"<a[^>]*>", body)[0].endswith('href="#content">')
    assert '<main class="content" id="content"' in page


def test_the_side_bar_offers_what_the_person_may_open(login: Login) -> None:
    def offered(page: str) -> str:
        return page.split('class="side-list"')[1].split("</ul>")[0]

    assert "Invoices" in offered(login("invoices.view").get(MISSING).text)
    assert "Invoices" not in offered(login("customers.view").get(MISSING).text)


def test_the_frame_follows_the_persons_colours_and_language(login: Login) -> None:
    dark = make_user(theme="dark", language="fr", name="Léa")
    page = login(user=dark).get(MISSING).text
    assert '<html lang="fr" data-bs-theme="dark"' in page
    assert "Léa" in page


def test_the_business_unit_can_be_chosen_once_there_are_two(login: Login) -> None:
    person = login()
    make_unit(name="Gent")
    assert "business_unit_id" not in person.get(MISSING).text
    make_unit(name="Antwerpen")
    page = person.get(MISSING).text
    assert page.count('name="business_unit_id"') == 3
    assert "All business units" in page


def test_a_page_that_is_not_there_keeps_the_frame_and_a_way_on(page: str) -> None:
    assert "There is nothing here" in page
    assert 'class="side-list"' in page


def test_without_a_login_an_error_has_no_frame(client: Browser) -> None:
    answer = client.get(MISSING)
    assert answer.status_code == 404
    assert 'class="side-list"' not in answer.text


def test_a_fault_of_ours_is_told_without_the_frame_that_may_have_caused_it(app: Flask) -> None:
    user: User = make_user()
    db.session.commit()
    with app.test_request_context():
        login_user(user)
        page = render_template("errors/error.html", status=500, message="Calm words.")
    assert "Calm words." in page
    assert 'class="side-list"' not in page


def test_htmx_gets_an_error_as_an_alert_that_leaves_what_was_typed(login: Login) -> None:
    answer = login().get(MISSING, headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert answer.headers["HX-Retarget"] == "#problem"
    assert 'role="alert"' in answer.text
    assert "<html" not in answer.text


def test_what_a_save_says_is_shown_once_on_arrival(login: Login) -> None:
    person = login()
    with person.session_transaction() as session:
        session["_flashes"] = [("success", "It is <kept>."), ("error", "But not that.")]
    page = person.get(MISSING).text
    assert "It is &lt;kept&gt;." in page.split('id="toasts"')[1]
    assert "But not that." in page.split('id="toasts"')[0]
    assert "kept" not in person.get(MISSING).text
