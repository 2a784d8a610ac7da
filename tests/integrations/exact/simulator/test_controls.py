"""What scripts steer by JSON, and the numbers they read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests

from ppplanner.integrations.exact.simulator import NAMUR, RunningSimulator
from ppplanner.integrations.exact.simulator.faults import BLIND_KINDS
from tests.integrations.exact.simulator.caller import Caller, Json, refusal
from tests.integrations.exact.simulator.conftest import EntryMaker

Steer = Callable[..., int]


@pytest.fixture
def steer(exact: RunningSimulator) -> Steer:
    def sent(path: str, body: Any = None, **fields: Any) -> int:
        address = f"{exact.url}/controls/{path}"
        return requests.post(address, json=fields if body is None else body, timeout=10).status_code

    return sent


def state(exact: RunningSimulator) -> Json:
    found: Json = requests.get(f"{exact.url}/controls/state.json", timeout=10).json()
    return found


def test_several_troubles_are_planned_at_once(exact: RunningSimulator, steer: Steer) -> None:
    assert steer("faults", [{"kind": "crash"}, {"kind": "slow", "times": 0}]) == 204

    assert [(each["kind"], each["times"]) for each in state(exact)["faults"]] == [
        ("crash", 1),
        ("slow", None),
    ]


def test_chance_may_decide_with_a_seed(exact: RunningSimulator, steer: Steer) -> None:
    steer("faults", kind="crash")
    assert steer("chance", seed=7, probability=0.05, seconds=2) == 204

    found = state(exact)
    assert (found["seed"], [each["kind"] for each in found["faults"]]) == (7, list(BLIND_KINDS))
    assert {(each["probability"], each["seconds"], each["times"]) for each in found["faults"]} == {
        (0.05, 2, None)
    }


def test_chance_may_be_left_to_some_kinds_and_calls(exact: RunningSimulator, steer: Steer) -> None:
    steer("chance", probability=0.5, kinds=["crash"], method="POST", resource="crm/Accounts")

    planned = state(exact)["faults"]
    assert [(each["kind"], each["method"], each["resource"]) for each in planned] == [
        ("crash", "POST", "crm/Accounts")
    ]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("chance", {"probability": 0.5}),
        ("chance", {"seed": "x"}),
        ("faults", {"kind": "crash", "probability": 2}),
        ("options", {"missing_rights": "some"}),
        ("options", {"page_size": "x"}),
        ("clock", {"at": "soon"}),
        ("periods", {"year": 1999, "period": 1}),
    ],
)
def test_what_makes_no_sense_is_refused(steer: Steer, path: str, body: Json) -> None:
    assert steer(path, body) == 400


@pytest.mark.parametrize("path", ["users/nobody", "divisions/1", "entries/x/paid"])
def test_who_is_not_there_cannot_be_steered(steer: Steer, path: str) -> None:
    assert steer(path, {}) == 404


def test_every_option_can_be_switched(exact: RunningSimulator, steer: Steer) -> None:
    given = {"bare_lists": True, "missing_rights": "empty", "page_size": 7, "latency": 0.001}
    given |= {"token_age_before_refresh": 0, "errors_per_hour": None}
    steer("options", given)

    told = state(exact)["options"]
    assert {name: told[name] for name in given} == given


def test_the_clock_jumps_and_is_set(exact: RunningSimulator, steer: Steer) -> None:
    exact.clock.freeze()
    steer("clock", at="2026-05-01T10:00:00+02:00")
    steer("clock", seconds=30, days=1)

    assert state(exact)["now"] == "2026-05-02T08:00:30+00:00"


def test_a_user_is_refused_for_a_reason(
    exact: RunningSimulator, steer: Steer, caller: Caller
) -> None:
    steer("users/eva", reason="InactiveUser")
    refused = caller.get("hrm/Costunits")
    steer("users/eva", reason="")

    assert refused.headers["Reason"] == "InactiveUser"
    assert caller.get("hrm/Costunits").status_code == 200


def test_an_administration_is_blocked_for_a_while(steer: Steer, caller: Caller) -> None:
    steer(f"divisions/{caller.division}", blocked=True)
    blocked = caller.get("hrm/Costunits").status_code
    steer(f"divisions/{caller.division}", blocked=False)

    assert (blocked, caller.get("hrm/Costunits").status_code) == (403, 200)


def test_a_period_is_closed_and_opened(steer: Steer, caller: Caller, entry: EntryMaker) -> None:
    march = {"journal": "70", "year": 2026, "period": 3}
    steer("periods", march)
    closed = caller.post("salesentry/SalesEntries", entry())
    steer("periods", march | {"closed": False})

    assert refusal(closed) == (500, "Period is closed: 2026 - 03")
    assert caller.post("salesentry/SalesEntries", entry()).status_code == 201


def test_the_numbers_tell_what_is_booked_twice_or_half(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker, line: EntryMaker
) -> None:
    for _ in range(2):
        caller.create("documents/Documents", Subject="Invoice 1", Type=10)
        caller.create("salesentry/SalesEntries", **entry())
        lines = [line("580000", 50, Notes="T1")]
        caller.create("financialtransaction/CashEntries", JournalCode="10", CashEntryLines=lines)

    found = state(exact)["divisions"][str(exact.division)]
    assert (found["entries"], found["documents"], found["cash_entries"]) == (2, 2, 2)
    assert found["findings"] == {
        "double_entries": 1,
        "double_documents": 1,
        "double_files": 0,
        "double_transactions": 1,
        "documents_without_file": 2,
        "documents_not_linked": 2,
    }
    assert sum(state(exact)["divisions"][str(NAMUR)]["findings"].values()) == 0


def test_the_numbers_tell_of_calls_errors_and_tokens(
    exact: RunningSimulator, caller: Caller
) -> None:
    exact.clock.freeze()
    caller.get("hrm/Nothing")
    caller.get("hrm/Costunits")
    exact.clock.jump(minutes=2)
    caller.get("hrm/Costunits")

    found = state(exact)
    division = found["divisions"][str(exact.division)]
    assert division["calls_by_minute"] == [2, 1]
    assert division["most_errors_in_an_hour"] == {"hrm/Nothing": 1}
    assert found["answers"] == {"GET hrm/Nothing": {"404": 1}, "GET hrm/Costunits": {"200": 2}}
    assert found["tokens"] == {"exchanged": 1}
