"""Nervous fingers, broken lines: nothing is done twice, nothing typed is lost, and it is told."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Dialog, Page, Request, Route, expect

from tests.browser.conftest import hurry
from tests.browser.test_board import Board, pick_customer

pytestmark = pytest.mark.xdist_group("browser")  # one running product serves all of them

LogIn = Callable[[str], Page]


def test_a_double_click_on_save_makes_one_contract(log_in: LogIn) -> None:
    page = log_in("Planner")
    saved: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            saved.append(request.url)

    page.on("request", note)
    page.goto("/planning/")
    page.get_by_role("link", name="New contract").click()
    dialog = page.get_by_role("dialog")
    pick_customer(dialog)
    dialog.get_by_role("button", name="Save").dblclick()
    expect(dialog).to_be_hidden()
    page.wait_for_load_state("networkidle")
    assert len(saved) == 1


def test_a_failed_save_does_not_let_one_leave_unasked(log_in: LogIn) -> None:
    page = log_in("Planner")
    questions: list[str] = []

    def stay(question: Dialog) -> None:
        questions.append(question.type)
        question.dismiss()

    page.on("dialog", stay)
    page.goto("/contracts/new")
    page.get_by_label("Remarks").fill("Key in locker 4")
    page.route("**/contracts/new", lambda route: route.abort())
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#problem")).to_contain_text("does not answer")
    page.unroute("**/contracts/new")
    page.get_by_role("navigation", name="Main menu").get_by_role("link").first.click()
    expect(page.get_by_label("Remarks")).to_have_value("Key in locker 4")
    assert questions == ["beforeunload"]


@pytest.mark.parametrize(
    "body", ["", "<html><h1>413</h1>nginx</html>", "<!doctype html><p>413</p>"]
)
def test_words_of_a_proxy_are_not_shown_but_that_nothing_answered(log_in: LogIn, body: str) -> None:
    page = log_in("Planner")
    board = Board(page, 90)
    board.open()

    def refuse(route: Route) -> None:
        route.fulfill(status=413, body=body, content_type="text/html")

    page.route("**/planning/new?*", refuse)
    board.drag(board.point(0, 1.5), board.point(0, 3.5))
    expect(page.locator("#problem")).to_contain_text("ppplanner does not answer")
    expect(page.locator("#problem")).not_to_contain_text("413")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_board_that_no_longer_hears_of_changes_says_so_until_it_does(log_in: LogIn) -> None:
    page = log_in("Planner")
    page.route("**/planning/changes*", lambda route: route.abort())
    page.goto("/planning/")
    problem = page.locator("#problem")
    expect(problem).to_contain_text("no longer hears what colleagues change")
    page.unroute("**/planning/changes*")
    expect(problem).to_be_empty()


@pytest.mark.parametrize("path", ["/contracts/", "/free/", "/contracts/4", "/contracts/new"])
def test_no_page_scrolls_sideways_on_a_telephone(log_in: LogIn, path: str) -> None:
    page = log_in("Planner")
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_a_field_that_is_pressed_before_its_script_has_come_offers_what_there_is(
    log_in: LogIn,
) -> None:
    page = log_in("Planner")
    held: list[Route] = []
    page.route(re.compile(r"/picker\b.*js"), lambda route: held.append(route))
    hurry(page)
    page.goto("/contracts/new", wait_until="commit")
    page.get_by_role("combobox", name="Resource").click()
    held[0].continue_()
    offered = page.get_by_role("listbox", name="Resource").get_by_role("option")
    expect(offered.filter(has_text="free").first).to_be_visible()
