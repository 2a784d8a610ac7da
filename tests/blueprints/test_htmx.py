"""One URL answers a browser with a page and htmx with a part of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask, get_flashed_messages

from ppplanner.blueprints import htmx
from ppplanner.blueprints.auth.forms import LoginForm

HTMX = {"HX-Request": "true"}


def rendered(app: Flask, headers: dict[str, str]) -> Any:
    with app.test_request_context(headers=headers):
        return htmx.render_page("auth/login.html", "content", form=LoginForm())


@pytest.mark.parametrize(
    "headers",
    [{}, {**HTMX, "HX-Boosted": "true"}, {**HTMX, "HX-History-Restore-Request": "true"}],
)
def test_a_browser_gets_the_whole_page(app: Flask, headers: dict[str, str]) -> None:
    page = rendered(app, headers)
    assert page.get_data(as_text=True).count("<html") == 1
    assert "User name" in page.get_data(as_text=True)


def test_htmx_gets_the_block_alone(app: Flask) -> None:
    page = rendered(app, HTMX)
    assert "User name" in page.get_data(as_text=True)
    assert "<html" not in page.get_data(as_text=True)


def test_caches_keep_page_and_part_apart(app: Flask) -> None:
    assert "HX-Request" in rendered(app, HTMX).vary


def test_after_a_save_a_browser_is_redirected_and_htmx_told_to_go(app: Flask) -> None:
    with app.test_request_context(method="POST"):
        answer = app.make_response(htmx.go_to("/next", "Saved."))
        assert (answer.status_code, answer.location) == (303, "/next")
        assert get_flashed_messages() == ["Saved."]
    with app.test_request_context(method="POST", headers=HTMX):
        answer = app.make_response(htmx.go_to("/next"))
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, "/next")
        assert get_flashed_messages() == []


def test_a_form_in_a_dialog_leaves_the_page_beneath_where_it_was(app: Flask) -> None:
    headers = {**HTMX, "HX-Current-URL": "http://localhost/list?q=jan&after=12"}
    with app.test_request_context("/new", method="POST", headers=headers):
        answer = app.make_response(htmx.finish("/list", "Saved."))
        assert answer.headers["HX-Refresh"] == "true"
        assert "HX-Redirect" not in answer.headers


def test_a_form_on_a_page_of_its_own_goes_on(app: Flask) -> None:
    headers = {**HTMX, "HX-Current-URL": "http://localhost/new?from=list"}
    with app.test_request_context("/new", method="POST", headers=headers):
        assert app.make_response(htmx.finish("/list", "")).headers["HX-Redirect"] == "/list"
    with app.test_request_context("/new", method="POST"):
        assert app.make_response(htmx.finish("/list", "")).location == "/list"


def test_a_record_made_beside_a_picker_is_told_to_the_page(app: Flask) -> None:
    picked = {"picked": {"field": "owner", "value": 7, "text": "Jansen"}}
    with app.test_request_context(headers=HTMX):
        answer = htmx.stay("Added.", picked)
    told = json.loads(answer.headers["HX-Trigger"])
    assert told["picked"] == picked["picked"]
    assert told["toast"]["text"] == "Added."
    assert "dialog-close" in told
    assert answer.headers["HX-Reswap"] == "none"


@pytest.mark.parametrize("style", ["beforebegin", "afterbegin", "innerHTML swap:1s"])
def test_every_swap_style_of_htmx_can_be_asked_for(app: Flask, style: str) -> None:
    with app.test_request_context():
        assert htmx.make_response("", reswap=style).headers["HX-Reswap"] == style
