"""What people do on the board: move, make, undo; and what they are told, two of them at once."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.models import BoardStep, Contract, ContractStatus, Resource, User
from ppplanner.services.planning.moves import version
from ppplanner.services.pricing.contract_price import net_of
from tests.conftest import Browser, Login
from tests.factories import (
    make_contract,
    make_customer,
    make_price_range,
    make_resource,
    make_unit,
    make_user,
)

BRUSSELS = ZoneInfo("Europe/Brussels")
HTMX = {"HX-Request": "true", "HX-Current-URL": "http://localhost/planning/"}
DAY = timedelta(days=1)
#: A Monday morning far from any change of the clock.
START = datetime(now().year + 1, 6, 7, 8, tzinfo=BRUSSELS).astimezone(UTC)
LENGTH = timedelta(days=1, hours=9)


@pytest.fixture
def vans(app: Flask) -> list[Resource]:
    unit = make_unit()
    return [make_resource(unit, make_price_range(price)) for price in (50, 60)]


@pytest.fixture
def contract(vans: list[Resource]) -> Contract:
    return make_contract(vans[0], starts_at=START, ends_at=START + LENGTH)


@pytest.fixture
def planner(app: Flask) -> User:
    return make_user(name="Jan Claes")


@pytest.fixture
def board(login: Login, planner: User) -> Browser:
    return login(user=planner)


def local(moment: datetime) -> str:
    return f"{moment.astimezone(BRUSSELS):%Y-%m-%dT%H:%M}"


def place(resource: Resource | None, starts_at: datetime = START, **more: Any) -> dict[str, Any]:
    """The fields that say where a contract goes."""
    return {
        "resource_id": resource.id if resource else "",
        "starts_at": local(starts_at),
        "ends_at": local(starts_at + LENGTH),
        **more,
    }


def move(board: Browser, contract: Contract, *where: Any, **more: Any) -> TestResponse:
    fields = {"contract_id": contract.id, "seen": version(contract), **place(*where), **more}
    return board.post("/planning/move", data=fields, headers=HTMX)


def events(answer: TestResponse) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(answer.headers["HX-Trigger"])
    return told


def steps() -> list[BoardStep]:
    return list(db.session.scalars(select(BoardStep)))


class TestAMove:
    def test_at_the_same_price_says_nothing_but_what_to_draw_anew(
        self, board: Browser, contract: Contract, vans: list[Resource]
    ) -> None:
        answer = move(board, contract, vans[0], START + DAY)
        assert (answer.status_code, answer.text) == (200, "")
        assert events(answer)["board-changed"] == {"resources": [vans[0].id], "strip": False}
        assert contract.starts_at == START + DAY
        assert len(steps()) == 1

    def test_at_another_price_asks_which_one_counts(
        self, board: Browser, contract: Contract, vans: list[Resource]
    ) -> None:
        answer = move(board, contract, vans[1])
        assert "€100.00 → €120.00" in answer.text
        for button in ("Keep the new price", "Keep the old price", "Undo"):
            assert button in answer.text
        assert answer.headers["HX-Retarget"] == "#board-notice"
        assert events(answer)["board-changed"]["resources"] == sorted(van.id for van in vans)

    def test_can_keep_the_old_price(
        self, board: Browser, contract: Contract, vans: list[Resource]
    ) -> None:
        move(board, contract, vans[1])
        answer = board.post(f"/planning/contracts/{contract.id}/old-price", headers=HTMX)
        assert answer.status_code == 200
        assert net_of(contract) == Decimal(100)
        again = board.post(f"/planning/contracts/{contract.id}/old-price", headers=HTMX)
        assert again.status_code == 409
        assert net_of(contract) == Decimal(100)

    def test_to_the_strip_takes_the_resource_away(
        self, board: Browser, contract: Contract, vans: list[Resource]
    ) -> None:
        answer = move(board, contract, None)
        assert events(answer)["board-changed"] == {"resources": [vans[0].id], "strip": True}
        assert contract.resource is None

    def test_onto_its_own_place_is_no_step(
        self, board: Browser, contract: Contract, vans: list[Resource]
    ) -> None:
        assert move(board, contract, vans[0]).status_code == 200
        assert steps() == []

    def test_onto_another_is_refused_and_one_of_the_choices_is_a_click_away(
        self, board: Browser, contract: Contract, vans: list[Resource]
    ) -> None:
        other = make_contract(vans[1], starts_at=START, ends_at=START + LENGTH)
        answer = move(board, contract, vans[1])
        assert answer.status_code == 409
        assert str(other) in answer.text
        choices = re.findall(r'name="choice" value="([^"]+)"', answer.text)
        assert len(choices) == 3
        fields = {"contract_id": contract.id, "seen": version(contract), "choice": choices[1]}
        taken = board.post("/planning/move", data=fields, headers=HTMX)
        assert taken.status_code == 200
        assert events(taken)["toast"]["text"].startswith(f"{contract} to ")
        assert choices[1] == f"{vans[1].id}_{local(contract.starts_at)}_{local(contract.ends_at)}"

    def test_of_a_bar_that_a_colleague_has_moved_is_refused_with_their_name(
        self, board: Browser, login: Login, contract: Contract, vans: list[Resource]
    ) -> None:
        seen = version(contract)
        colleague = login(user=make_user(name="Anna Peeters"))
        assert move(colleague, contract, vans[0], START + DAY).status_code == 200
        answer = move(board, contract, vans[1], seen=seen)
        assert answer.status_code == 409
        assert "Anna Peeters changed contract" in answer.text
        assert contract.resource is vans[0]

    def test_into_an_hour_that_does_not_exist_is_refused(
        self, board: Browser, contract: Contract, vans: list[Resource]
    ) -> None:
        answer = move(board, contract, vans[0], starts_at="2027-03-28T02:30")
        assert answer.status_code == 409
        assert "The clock skips this hour" in answer.text

    @pytest.mark.parametrize(
        "typed", ["", "tomorrow", "1200-01-01T00:00", "9999-12-31T23:59"], ids=str
    )
    def test_to_what_is_no_time_is_refused(
        self, board: Browser, contract: Contract, vans: list[Resource], typed: str
    ) -> None:
        answer = move(board, contract, vans[0], ends_at=typed)
        assert answer.status_code == 422
        assert contract.ends_at == START + LENGTH

    def test_leads_back_to_the_board_without_scripts(
        self, board: Browser, contract: Contract, vans: list[Resource]
    ) -> None:
        fields = {"contract_id": contract.id, **place(vans[0], START + DAY)}
        answer = board.post("/planning/move", data=fields)
        assert (answer.status_code, answer.location) == (303, "/planning/")
        fields = {"contract_id": contract.id, **place(vans[1])}
        page = board.post("/planning/move", data=fields)
        assert "<html" in page.text
        assert "Keep the old price" in page.text

    def test_needs_the_right(self, login: Login, contract: Contract, vans: list[Resource]) -> None:
        assert move(login("contracts.view"), contract, vans[1]).status_code == 403


def test_the_length_on_the_wall_stays_over_a_change_of_the_clock(
    board: Browser, vans: list[Resource]
) -> None:
    """Clocks go back in the night to 31 October 2027."""
    start = datetime(2027, 10, 25, 8, tzinfo=BRUSSELS).astimezone(UTC)
    contract = make_contract(vans[0], starts_at=start, ends_at=start + LENGTH)
    fields = {
        "contract_id": contract.id,
        "resource_id": vans[0].id,
        "starts_at": "2027-10-30T08:00",
        "ends_at": "2027-10-31T17:00",
    }
    assert board.post("/planning/move", data=fields, headers=HTMX).text == ""
    assert contract.ends_at - contract.starts_at == LENGTH + timedelta(hours=1)
    assert net_of(contract) == Decimal(100)


class TestTheDialog:
    def test_moves_as_well(self, board: Browser, contract: Contract, vans: list[Resource]) -> None:
        url = f"/planning/contracts/{contract.id}/move"
        page = board.get(url, headers=HTMX)
        assert local(START) in page.text
        answer = board.post(url, data=place(vans[0], START + DAY), headers=HTMX)
        assert answer.status_code == 200
        assert "dialog-close" in events(answer)
        assert contract.starts_at == START + DAY

    def test_stays_open_with_what_was_typed_and_the_choices(
        self, board: Browser, contract: Contract, vans: list[Resource]
    ) -> None:
        make_contract(vans[1], starts_at=START, ends_at=START + LENGTH)
        url = f"/planning/contracts/{contract.id}/move"
        answer = board.post(url, data=place(vans[1]), headers=HTMX)
        assert answer.status_code == 422
        assert "is taken by contract" in answer.text
        choices = re.findall(r'name="choice" value="([^"]+)"', answer.text)
        taken = board.post(url, data={**place(vans[1]), "choice": choices[0]}, headers=HTMX)
        assert taken.status_code == 200

    def test_lets_enter_press_none_of_the_choices(
        self, board: Browser, contract: Contract, vans: list[Resource]
    ) -> None:
        make_contract(vans[1], starts_at=START, ends_at=START + LENGTH)
        url = f"/planning/contracts/{contract.id}/move"
        answer = board.post(url, data=place(vans[1]), headers=HTMX)
        buttons = re.findall(r'<button[^>]*type="submit"[^>]*>', answer.text)
        assert "choice" not in buttons[0]
        assert "choice" in buttons[1]

    def test_asks_only_the_end_of_what_is_out(
        self, board: Browser, contract: Contract, vans: list[Resource]
    ) -> None:
        contract.status = ContractStatus.OPEN
        url = f"/planning/contracts/{contract.id}/move"
        assert 'name="starts_at"' not in board.get(url).text
        later = START + LENGTH + DAY
        answer = board.post(url, data={"ends_at": local(later)}, headers=HTMX)
        assert answer.status_code == 200
        assert (contract.starts_at, contract.ends_at) == (START, later)

    def test_says_why_a_contract_cannot_move(self, board: Browser, contract: Contract) -> None:
        contract.status = ContractStatus.CHECKED_IN
        page = board.get(f"/planning/contracts/{contract.id}/move")
        assert "Past check-out" in page.text
        assert 'name="ends_at"' not in page.text


class TestANewContract:
    def test_takes_the_place_that_was_drawn(self, board: Browser, vans: list[Resource]) -> None:
        page = board.get("/planning/new", query_string=place(vans[1]), headers=HTMX)
        assert local(START) in page.text
        assert vans[1].title in page.text

    def test_is_made_and_its_making_can_be_undone(
        self, board: Browser, vans: list[Resource]
    ) -> None:
        unit = vans[0].pool.business_unit
        fields = place(vans[0], customer_id=make_customer().id, business_unit_id=unit.id)
        answer = board.post("/planning/new", data=fields, headers=HTMX)
        assert events(answer)["board-changed"] == {"resources": [vans[0].id], "strip": False}
        contract = db.session.scalars(select(Contract)).one()
        assert (contract.starts_at, contract.resource) == (START, vans[0])
        assert f"Undo: new contract {contract}" in board.get("/planning/steps").text
        board.post("/planning/undo", headers=HTMX)
        assert contract.status is ContractStatus.CANCELLED

    def test_on_a_taken_place_keeps_what_was_typed_and_offers_others(
        self, board: Browser, contract: Contract, vans: list[Resource]
    ) -> None:
        customer, unit = make_customer(), vans[0].pool.business_unit
        fields = place(vans[0], customer_id=customer.id, business_unit_id=unit.id)
        answer = board.post("/planning/new", data=fields, headers=HTMX)
        assert answer.status_code == 422
        assert customer.full_name in answer.text
        [first, *_rest] = re.findall(r'name="choice" value="([^"]+)"', answer.text)
        taken = board.post("/planning/new", data={**fields, "choice": first}, headers=HTMX)
        assert taken.status_code == 200
        made = db.session.scalars(select(Contract).order_by(Contract.id.desc())).first()
        assert made
        assert made.resource is vans[1]

    def test_without_a_customer_says_so(self, board: Browser, vans: list[Resource]) -> None:
        unit = vans[0].pool.business_unit
        fields = place(vans[0], business_unit_id=unit.id)
        answer = board.post("/planning/new", data=fields, headers=HTMX)
        assert "Choose a customer." in answer.text
        assert steps() == []


class TestUndo:
    def test_says_what_it_would_do_and_survives_a_reload(
        self, board: Browser, contract: Contract, vans: list[Resource]
    ) -> None:
        move(board, contract, vans[1])
        shown = board.get("/planning/steps", headers=HTMX).text
        assert f"Undo: {contract} to {vans[1].licence_plate}" in shown
        assert "Nothing to redo" in shown
        answer = board.post("/planning/undo", headers=HTMX)
        assert events(answer)["toast"]["text"].startswith(f"Undone: {contract} to")
        assert contract.resource is vans[0]
        assert f"Redo: {contract} to" in board.get("/planning/steps", headers=HTMX).text
        board.post("/planning/redo", headers=HTMX)
        assert contract.resource is vans[1]

    @pytest.mark.parametrize(
        ("starts", "ends", "words"), [(1, 1, "to 08/06/"), (0, 1, "until 09/06/")]
    )
    def test_names_times_in_words(
        self,
        board: Browser,
        contract: Contract,
        vans: list[Resource],
        starts: int,
        ends: int,
        words: str,
    ) -> None:
        end = local(START + LENGTH + ends * DAY)
        move(board, contract, vans[0], START + starts * DAY, ends_at=end)
        assert f"Undo: {contract} {words}" in board.get("/planning/steps").text

    def test_with_nothing_to_undo_says_so(self, board: Browser) -> None:
        answer = board.post("/planning/undo", headers=HTMX)
        assert answer.status_code == 409
        assert "There is nothing to undo." in answer.text

    def test_leaves_what_a_colleague_did_since_and_goes_on_with_the_step_before(
        self, board: Browser, login: Login, contract: Contract, vans: list[Resource]
    ) -> None:
        later = START + 10 * DAY
        first = make_contract(vans[1], starts_at=later, ends_at=later + LENGTH)
        move(board, first, None, later)
        move(board, contract, vans[1])
        colleague = login(user=make_user(name="Anna Peeters"))
        move(colleague, contract, vans[1], START + DAY)
        answer = board.post("/planning/undo", headers=HTMX)
        assert answer.status_code == 409
        assert "Anna Peeters changed contract" in answer.text
        assert "off your list" in answer.text
        assert board.post("/planning/undo", headers=HTMX).status_code == 200
        assert first.resource is vans[1]

    def test_offers_free_places_when_the_old_one_is_taken(
        self, board: Browser, contract: Contract, vans: list[Resource]
    ) -> None:
        move(board, contract, vans[1])
        make_contract(vans[0], starts_at=START, ends_at=START + LENGTH)
        answer = board.post("/planning/undo", headers=HTMX)
        assert answer.status_code == 409
        assert 'name="choice"' in answer.text
        assert contract.resource is vans[1]

    def test_leads_back_to_the_board_without_scripts(
        self, board: Browser, contract: Contract, vans: list[Resource]
    ) -> None:
        move(board, contract, vans[1])
        assert board.post("/planning/undo").location == "/planning/"
        assert "<html" in board.get("/planning/steps").text


class TestNews:
    def ask(self, board: Browser, token: str) -> dict[str, Any]:
        answer = board.get("/planning/changes", query_string={"since": token})
        assert answer.status_code == 200
        news: dict[str, Any] = json.loads(answer.text)
        return news

    def test_of_a_colleague_arrive_once(
        self, board: Browser, login: Login, contract: Contract, vans: list[Resource]
    ) -> None:
        colleague = login(user=make_user())
        token = self.ask(board, "")["token"]
        assert self.ask(board, token)["resources"] == []
        move(colleague, contract, vans[1])
        news = self.ask(board, token)
        assert news["resources"] == sorted(van.id for van in vans)
        assert not news["strip"]
        assert self.ask(board, news["token"])["resources"] == []

    def test_are_nothing_for_a_token_that_makes_no_sense(self, board: Browser) -> None:
        news = self.ask(board, "x-y-z")
        assert (news["resources"], news["strip"], news["all"]) == ([], False, False)


NAMES = [
    "contract_id",
    "resource_id",
    "resource_id-text",
    "starts_at",
    "ends_at",
    "seen",
    "choice",
    "customer_id",
    "driver_id",
    "business_unit_id",
    "remarks",
]


@pytest.mark.both_databases
@pytest.mark.parametrize(
    "typed",
    ["", "1", "-1", "NaN", "9" * 40, "Ünï\x01'\"<x>%s{{7*7}}", "long " * 2000, "1_1_1", "_" * 9],
    ids=["nothing", "one", "less", "nan", "huge", "marks", "long", "place", "dashes"],
)
def test_nothing_breaks_on_what_people_type(
    app: Flask,
    login: Login,
    contract: Contract,
    vans: list[Resource],
    typed: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    planner = login()
    move(planner, contract, vans[1])
    paths = ["move", "new", "undo", "redo"]
    paths += [f"contracts/{contract.id}/move", f"contracts/{contract.id}/old-price"]
    for path in paths:
        for fields in (dict.fromkeys(NAMES, typed), {**place(vans[0]), "choice": typed}):
            fields = {"contract_id": contract.id, **fields}
            answer = planner.post(f"/planning/{path}", data=fields, headers=HTMX)
            assert answer.status_code < 500, (path, fields)
