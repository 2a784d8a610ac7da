"""A day of planning as one story, told twice: with the mouse, and with the keyboard alone.

A van is added and booked, a second booking is refused for a clash and takes an alternative, the van
is handed out, and taken back late with too many kilometres; its price follows.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count

import pytest
from playwright.sync_api import Locator, Page, expect

from ppplanner.demo import LOGINS
from tests.browser.conftest import Running

pytestmark = pytest.mark.xdist_group("browser")  # one running product serves all of them

PLANNER = next(login for login in LOGINS if login.role == "Planner")
#: More stops than any page has.
STOPS = 150
MEASURE = """(board, [selector, text]) => {
  const it = [...board.querySelectorAll(selector)].find((each) => each.innerText.includes(text));
  const { x, y, width, height } = it.getBoundingClientRect();
  return { x, y, width, height, offsetLeft: it.offsetLeft };
}"""
_numbers = count(1)


def last_week(day: int, hour: int) -> datetime:
    """A time of the week before this one; Monday is day 0."""
    today = datetime.now().replace(hour=hour, minute=0, second=0, microsecond=0)
    return today - timedelta(days=today.weekday() + 7 - day)


class Hands(ABC):
    """What a person does on a page, one way or the other."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @abstractmethod
    def press(self, target: Locator) -> None:
        """Use a button or a link."""

    @abstractmethod
    def go_to(self, field: Locator) -> None:
        """Set out to write in a field."""

    @abstractmethod
    def set_moment(self, field: Locator, at: datetime) -> None:
        """Fill in a day and a time."""

    @abstractmethod
    def select(self, box: Locator, text: str) -> None:
        """Choose from a list that unfolds."""

    @abstractmethod
    def ask_for(self, board: Board, starts: datetime, ends: datetime) -> None:
        """Have the board ask about a new contract for a period."""

    @abstractmethod
    def move(self, board: Board, booking: Locator, starts: datetime, to: datetime) -> None:
        """Bring a booking to another time."""

    @abstractmethod
    def open(self, booking: Locator) -> None:
        """See a booking's contract beside the board."""

    def write(self, field: Locator, text: str) -> None:
        self.go_to(field)
        self.page.keyboard.press("Control+a")
        self.page.keyboard.type(text, delay=10)


class Mouse(Hands):
    def press(self, target: Locator) -> None:
        target.click()

    def go_to(self, field: Locator) -> None:
        field.click()

    def set_moment(self, field: Locator, at: datetime) -> None:
        field.fill(f"{at:%Y-%m-%dT%H:%M}")

    def select(self, box: Locator, text: str) -> None:
        option = box.locator("option").filter(has_text=text)
        box.select_option(value=option.get_attribute("value"))

    def ask_for(self, board: Board, starts: datetime, ends: datetime) -> None:
        self._drag(board.place(starts), board.place(ends))

    def move(self, board: Board, booking: Locator, starts: datetime, to: datetime) -> None:
        (x, y), (target, _y) = board.place(starts), board.place(to)
        box = board.box(".booking", booking.inner_text())
        held = box["x"] + box["width"] / 2
        self._drag((held, y), (held + target - x, y))

    def open(self, booking: Locator) -> None:
        booking.click()

    def _drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        mouse = self.page.mouse
        mouse.move(*start)
        mouse.down()
        for part in range(1, 6):
            mouse.move(*(a + (b - a) * part / 5 for a, b in zip(start, end, strict=True)))
        mouse.up()


class Keyboard(Hands):
    def press(self, target: Locator) -> None:
        self.go_to(target)
        self.page.keyboard.press("Enter")

    def go_to(self, field: Locator) -> None:
        """By Tab, as far as it takes."""
        expect(field).to_be_visible()
        self._repeat("Tab", until=field)

    def set_moment(self, field: Locator, at: datetime) -> None:
        self.go_to(field)
        self.page.keyboard.type(f"{at:%m%d%Y}")
        self.page.keyboard.press("ArrowRight")
        self.page.keyboard.type(f"{at:%I%M%p}")
        expect(field).to_have_value(f"{at:%Y-%m-%dT%H:%M}")

    def select(self, box: Locator, text: str) -> None:
        self.go_to(box)
        for _each in range(STOPS):
            if text in box.locator("option:checked").inner_text():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"the arrows do not lead to {text}")

    def ask_for(self, board: Board, starts: datetime, ends: datetime) -> None:
        self._go_into(board)
        self.page.keyboard.press("n")
        dialog = self.page.get_by_role("dialog")
        self.set_moment(dialog.get_by_label("From"), starts)
        self.set_moment(dialog.get_by_label("Until"), ends)

    def move(self, board: Board, booking: Locator, starts: datetime, to: datetime) -> None:
        self._walk_to(board, booking)
        self.page.keyboard.press("m")
        for _each in range(int((starts - to).total_seconds()) // 60 // board.step):
            self.page.keyboard.press("ArrowLeft")
        self.page.keyboard.press("Enter")

    def open(self, booking: Locator) -> None:
        self._walk_to(Board(self.page), booking)
        self.page.keyboard.press("Enter")

    def _go_into(self, board: Board) -> None:
        """By Tab to the board, which is one stop; within it by arrows to the van's row."""
        self._repeat("Tab", until=self.page.locator("#board"))
        self._repeat("ArrowDown", until=board.grid)

    def _walk_to(self, board: Board, booking: Locator) -> None:
        self._go_into(board)
        self.page.keyboard.press("Home")
        self._repeat("ArrowRight", until=booking)

    def _repeat(self, key: str, until: Locator) -> None:
        for _each in range(STOPS):
            if has_focus(until):
                return
            self.page.keyboard.press(key)
        raise AssertionError(f"{key} does not lead to {until}")


def has_focus(target: Locator) -> bool:
    """Whether it, or something within, has the focus."""
    return bool(target.evaluate("it => it.contains(document.activeElement)"))


class Board:
    """The board with one van on it."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @property
    def grid(self) -> Locator:
        return self.page.locator("#board .board-chunk")

    @property
    def track(self) -> Locator:
        return self.grid.locator(".board-track")

    @property
    def bookings(self) -> Locator:
        return self.track.locator(".booking")

    @property
    def step(self) -> int:
        """Minutes that an arrow moves a booking by."""
        return int(self.page.locator("#board").get_attribute("data-step") or 0)

    def booking(self, customer: str) -> Locator:
        return self.bookings.filter(has_text=customer)

    def box(self, selector: str, text: str = "") -> dict[str, float]:
        """Where something on the board stands on the screen.

        Looked up and measured in one go: between the two, a row that is drawn anew would leave an
        element that stands nowhere.
        """
        board = self.page.locator("#board")
        measures: dict[str, float] = board.evaluate(MEASURE, [selector, text])
        return measures

    def place(self, moment: datetime) -> tuple[float, float]:
        """Where a time of the week stands on the screen, in the van's row."""
        expect(self.page.get_by_role("dialog")).to_be_hidden()
        box = self.box(".board-chunk .board-track")
        part = (moment.weekday() + moment.hour / 24) / 7
        return box["x"] + box["width"] * part, box["y"] + box["height"] / 2


def log_in(page: Page, hands: Hands, running: Running) -> None:
    page.goto(f"{running.url}/login")
    hands.write(page.get_by_label("User name"), PLANNER.username)
    hands.write(page.get_by_label("Password"), PLANNER.password)
    hands.press(page.get_by_role("button", name="Log in"))
    expect(page.get_by_role("heading", name="Planning", level=1)).to_be_attached()


def add_van(page: Page, hands: Hands) -> str:
    """A large van; its plate."""
    plate = f"1-DAG-{next(_numbers):03}"
    hands.press(page.get_by_role("link", name="Resources", exact=True))
    hands.press(page.get_by_role("link", name="Add resource"))
    hands.write(page.get_by_label("Licence plate"), plate)
    hands.write(page.get_by_label("Brand"), "Ford")
    hands.write(page.get_by_label("Model"), "Transit")
    hands.select(page.get_by_label("Type"), "Bestelwagen")
    hands.select(page.get_by_label("Pool"), "Antwerpen · Voertuigen")
    hands.select(page.get_by_label("Price range"), "Grote bestelwagen")
    hands.press(page.get_by_role("button", name="Save"))
    expect(page.locator("main h1")).to_contain_text(plate)
    return plate


def show_on_board(page: Page, hands: Hands, plate: str) -> Board:
    """The van alone, in the week before this one."""
    hands.press(page.get_by_role("link", name="Planning", exact=True))
    hands.write(page.get_by_label("Search the board"), plate)
    board = Board(page)
    expect(board.track).to_have_count(1)
    hands.press(page.get_by_role("link", name="Earlier"))
    expect(page).to_have_url(re.compile("day="))
    return board


def take_booking(
    page: Page, hands: Hands, board: Board, customer: str, starts: datetime, ends: datetime
) -> None:
    before = board.bookings.count()
    hands.ask_for(board, starts, ends)
    dialog = page.get_by_role("dialog")
    hands.go_to(dialog.get_by_role("combobox", name="Customer"))
    page.keyboard.type(customer, delay=30)
    options = dialog.get_by_role("listbox", name="Customer").get_by_role("option")
    expect(options.and_(page.locator("[aria-selected=true]"))).to_contain_text(customer)
    page.keyboard.press("Enter")
    hands.press(dialog.get_by_role("button", name="Save"))
    expect(board.bookings).to_have_count(before + 1)
    expect(dialog).to_be_hidden()


def clash(page: Page, hands: Hands, board: Board) -> None:
    """The second booking wants the time of the first, and takes another van."""
    second = board.booking("Bakker")
    place = board.box(".booking", "Bakker")["offsetLeft"]
    hands.move(board, second, last_week(4, 9), last_week(2, 9))
    notice = page.locator("#board-notice")
    expect(notice).to_contain_text("is taken by contract")
    expect(second).not_to_have_class(re.compile("moving"))
    expect(second).to_have_js_property("offsetLeft", place)  # it is back where it was
    hands.press(notice.get_by_role("button", name="at the same time").first)
    expect(board.bookings).to_have_count(1)
    expect(notice).not_to_contain_text("is taken")


def hand_out_and_take_back_late(page: Page, hands: Hands) -> None:
    """Five days instead of two, and more kilometres than the price holds."""
    dialog = page.get_by_role("dialog")
    hands.press(page.get_by_role("button", name="Confirm"))
    head = page.locator("main .record-head")
    expect(head).to_contain_text("Confirmed")
    page.wait_for_load_state()  # a click before the scripts run opens a page, not a dialog
    hands.press(page.get_by_role("link", name="Check out"))
    hands.set_moment(dialog.get_by_label("Day and time"), last_week(1, 9))
    hands.write(dialog.get_by_label("Mileage"), "50000")
    hands.press(dialog.get_by_role("button", name="Check out"))
    expect(head).to_contain_text("Open")
    page.wait_for_load_state()
    hands.press(page.get_by_role("link", name="Check in"))
    hands.set_moment(dialog.get_by_label("Day and time"), last_week(5, 12))
    hands.write(dialog.get_by_label("Mileage"), "52000")
    expect(dialog).to_contain_text("€707.50")
    hands.press(dialog.get_by_role("button", name="Check in"))


@pytest.mark.parametrize("way", [Mouse, Keyboard])
def test_a_day_is_planned(way: Callable[[Page], Hands], page: Page, running: Running) -> None:
    hands = way(page)
    log_in(page, hands, running)
    board = show_on_board(page, hands, add_van(page, hands))
    take_booking(page, hands, board, "Appelmans", last_week(1, 9), last_week(2, 18))
    take_booking(page, hands, board, "Bakker", last_week(4, 9), last_week(5, 18))
    clash(page, hands, board)

    hands.open(board.booking("Appelmans"))
    hands.press(page.get_by_role("link", name="Open contract"))
    expect(page.get_by_role("row", name=re.compile("Total without VAT"))).to_contain_text("€158.00")
    hand_out_and_take_back_late(page, hands)
    expect(page.locator("main .record-head")).to_contain_text("Checked in")
    expect(page.locator("main")).to_contain_text("2,000 km driven")
    # five days at 79.00 instead of two, and 1,250 km at 0.25 beyond 150 km a day
    expect(page.get_by_role("row", name=re.compile("Total without VAT"))).to_contain_text("€707.50")
