"""The planning board under the hand: dragging with the mouse, and the same by keyboard alone.

Each test has a week in the far future for itself, in which the demo firm has nothing planned.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.xdist_group("browser")  # one running product serves all of them

LogIn = Callable[[str], Page]
DAYS, NAME = 7, "Appelmans Karel"


class Board:
    """A week of the board, and the first rows on it."""

    def __init__(self, page: Page, weeks_ahead: int) -> None:
        self.page = page
        day = date.today() + timedelta(weeks=weeks_ahead)
        self.monday = day - timedelta(days=day.weekday())

    @property
    def url(self) -> str:
        return f"/planning/?view=week&day={self.monday}"

    def open(self) -> None:
        self.page.goto(self.url)
        expect(self.page.locator("#board-steps button")).to_have_count(2)

    def track(self, index: int) -> Locator:
        return self.page.locator(".board-chunk .board-track").nth(index)

    def bar(self, index: int) -> Locator:
        return self.track(index).locator(".booking")

    def point(self, index: int, days: float) -> tuple[float, float]:
        """Where on the screen that many days after Monday midnight are, in that row."""
        box = self.track(index).bounding_box()
        assert box
        return box["x"] + box["width"] * days / DAYS, box["y"] + box["height"] / 2

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        self.page.mouse.move(*start)
        self.page.mouse.down()
        self.page.mouse.move(start[0] + 6, start[1])
        self.page.mouse.move(*end, steps=5)
        self.page.mouse.up()

    def book(self, index: int, first: int, last: int) -> Locator:
        """A contract on that row, from 8:00 to 18:00 of these days after Monday."""
        resource = self.track(index).get_attribute("data-resource")
        start, end = self.monday + timedelta(days=first), self.monday + timedelta(days=last)
        period = f"starts_at={start}T08:00&ends_at={end}T18:00"
        self.page.goto(f"/contracts/new?resource_id={resource}&{period}")
        pick_customer(self.page.locator("main"))
        self.page.get_by_role("button", name="Save").click()
        expect(self.page.locator("main h1")).to_contain_text(re.compile(r"C\d+"))
        self.open()
        return self.bar(index).first


def pick_customer(form: Locator) -> None:
    form.get_by_role("combobox", name="Customer").press_sequentially("appelmans karel", delay=20)
    offered = form.get_by_role("listbox", name="Customer").get_by_role("option")
    offered.filter(has_text=re.compile("Karel")).first.click()


def times(bar: Locator) -> tuple[str | None, str | None]:
    return bar.get_attribute("data-starts"), bar.get_attribute("data-ends")


def test_dragging_over_empty_time_makes_a_contract(log_in: LogIn) -> None:
    page = log_in("Planner")
    board = Board(page, 40)
    board.open()
    board.drag(board.point(0, 1.5), board.point(0, 3.5))
    dialog = page.get_by_role("dialog")
    pick_customer(dialog)
    dialog.get_by_role("button", name="Save").click()
    expect(dialog).to_be_hidden()
    expect(board.bar(0)).to_contain_text(NAME)
    tuesday = board.monday + timedelta(days=1)
    assert times(board.bar(0)) == (f"{tuesday}T12:00", f"{tuesday + timedelta(days=2)}T12:00")


def test_a_bar_is_dragged_to_another_day_and_resource_and_back_by_undo(log_in: LogIn) -> None:
    page = log_in("Planner")
    board = Board(page, 41)
    board.open()
    board.book(0, 0, 1)
    board.drag(board.point(0, 1), board.point(1, 3))
    expect(board.bar(0)).to_have_count(0)
    expect(board.bar(1)).to_be_visible()
    wednesday = board.monday + timedelta(days=2)
    expect(board.bar(1)).to_have_attribute("data-starts", f"{wednesday}T08:00")
    page.reload()
    page.keyboard.press("u")
    expect(board.bar(0)).to_have_attribute("data-starts", f"{board.monday}T08:00")
    expect(board.bar(1)).to_have_count(0)


def test_the_edge_of_a_bar_changes_its_end(log_in: LogIn) -> None:
    page = log_in("Planner")
    board = Board(page, 42)
    board.open()
    bar = board.book(0, 0, 1)
    box = bar.bounding_box()
    assert box
    edge = (box["x"] + box["width"] - 3, box["y"] + 10)
    board.drag(edge, (board.point(0, 2.75)[0] - 3, edge[1]))
    wednesday = board.monday + timedelta(days=2)
    expect(bar).to_have_attribute("data-ends", f"{wednesday}T18:00")
    assert times(bar)[0] == f"{board.monday}T08:00"


def test_a_refused_bar_is_back_at_once_and_other_places_are_offered(log_in: LogIn) -> None:
    page = log_in("Planner")
    board = Board(page, 43)
    board.open()
    board.book(0, 0, 1)
    board.book(1, 0, 1)
    board.drag(board.point(0, 1), board.point(1, 1.1))
    notice = page.locator("#board-notice")
    expect(notice).to_contain_text("is taken by")
    expect(board.bar(0)).to_have_count(1)
    expect(board.bar(1)).to_have_count(1)
    notice.locator("button[name=choice]").first.click()
    expect(notice).not_to_contain_text("is taken by")
    expect(page.locator(".moving")).to_have_count(0)


def test_a_bar_is_moved_by_keyboard_alone(log_in: LogIn) -> None:
    page = log_in("Planner")
    board = Board(page, 44)
    board.open()
    bar = board.book(0, 0, 1)
    bar.focus()
    page.keyboard.press("m")
    expect(page.locator("#board-said")).to_contain_text("Enter confirms")
    for key in ("ArrowDown", "ArrowRight", "ArrowRight", "Shift+ArrowRight"):
        page.keyboard.press(key)
    expect(page.locator("#board-said")).to_contain_text("10:00")
    page.keyboard.press("Enter")
    expect(board.bar(0)).to_have_count(0)
    expect(board.bar(1)).to_have_attribute("data-starts", f"{board.monday}T10:00")
    tuesday = board.monday + timedelta(days=1)
    expect(board.bar(1)).to_have_attribute("data-ends", f"{tuesday}T21:00")
    expect(board.bar(1)).to_be_focused()


def test_escape_gives_a_move_up(log_in: LogIn) -> None:
    page = log_in("Planner")
    board = Board(page, 45)
    board.open()
    bar = board.book(0, 0, 1)
    before = times(bar)
    bar.focus()
    for key in ("m", "ArrowDown", "ArrowRight", "Escape"):
        page.keyboard.press(key)
    expect(board.bar(0)).to_be_focused()
    page.mouse.move(*board.point(0, 1))
    page.mouse.down()
    page.mouse.move(*board.point(2, 4), steps=4)
    page.keyboard.press("Escape")
    page.mouse.up()
    page.reload()
    assert times(board.bar(0)) == before


def test_a_contract_opens_beside_the_board(log_in: LogIn) -> None:
    page = log_in("Planner")
    board = Board(page, 46)
    board.open()
    bar = board.book(0, 0, 1)
    bar.click()
    panel = page.locator("#board-panel")
    expect(panel).to_contain_text("Karel Appelmans")
    assert page.url.endswith(board.url)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(bar).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel).to_be_visible()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/contracts/\d+$"))


def test_a_colleagues_change_appears_by_itself(log_in: LogIn) -> None:
    page = log_in("Planner")
    board = Board(page, 47)
    board.open()
    board.book(0, 0, 1)
    other = Board(page.context.new_page(), 47)
    other.open()
    board.drag(board.point(0, 1), board.point(1, 1))
    expect(board.bar(1)).to_be_visible()
    expect(other.bar(1)).to_be_visible()
    expect(other.bar(0)).to_have_count(0)


def test_after_a_step_beside_the_board_one_goes_on_where_one_was(log_in: LogIn) -> None:
    page = log_in("Planner")
    board = Board(page, 48)
    board.open()
    board.book(0, 0, 1).click()
    panel = page.locator("#board-panel")
    panel.get_by_role("button", name="Confirm").click()
    expect(panel.get_by_role("link", name="Check out")).to_be_visible()
    expect(panel).to_contain_text("Confirmed")
    expect(board.bar(0)).to_have_attribute("aria-current", "true")
