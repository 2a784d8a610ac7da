"""Trouble on demand, and the log that tells what happened."""

from __future__ import annotations

import time
from collections import Counter

import pytest
import requests

from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.simulator.faults import Fault, Faults
from tests.integrations.exact.simulator.caller import Caller, message
from tests.integrations.exact.simulator.conftest import EntryMaker

ENTRIES = "salesentry/SalesEntries"


@pytest.mark.parametrize(("kind", "booked"), [("drop_before", 0), ("drop_after", 1)])
def test_the_line_can_break_before_or_after_the_work(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker, kind: str, booked: int
) -> None:
    exact.fail_next(kind, ENTRIES, method="POST")

    with pytest.raises(requests.ConnectionError):
        caller.post(ENTRIES, entry())

    assert len(exact.entries()) == booked
    assert exact.log.last().status is None
    assert exact.log.last().fault == kind


@pytest.mark.parametrize(
    ("kind", "status", "booked"),
    [
        ("crash", 500, 0),
        ("crash_after", 500, 1),
        ("unavailable", 503, 0),
        ("gateway_timeout", 504, 0),
        ("throttled", 429, 0),
        ("throttled_day", 429, 0),
        ("throttled_bare", 429, 0),
        ("objection", 500, 0),
        ("bad_request", 400, 0),
        ("unauthorized", 401, 0),
        ("forbidden", 403, 0),
        ("not_found", 404, 0),
        ("empty", 500, 0),
        ("empty_after", 201, 1),
        ("malformed", 201, 1),
    ],
)
def test_answers_can_go_wrong_in_many_ways(
    exact: RunningSimulator,
    caller: Caller,
    entry: EntryMaker,
    kind: str,
    status: int,
    booked: int,
) -> None:
    exact.fail_next(kind, ENTRIES)

    assert caller.post(ENTRIES, entry()).status_code == status
    assert len(exact.entries()) == booked
    assert caller.get(ENTRIES).status_code == 200


def test_a_crash_has_the_text_of_a_crash(exact: RunningSimulator, caller: Caller) -> None:
    exact.fail_next("crash")

    assert message(caller.get("hrm/Costcenters")).startswith("A problem has occurred.")


def test_an_objection_can_have_any_text(exact: RunningSimulator, caller: Caller) -> None:
    exact.fail_next("objection", text='Not found: "Journal"\r\nMandatory: Customer')

    answer = caller.post(ENTRIES, {})

    assert answer.status_code == 500
    assert message(answer) == 'Not found: "Journal"\r\nMandatory: Customer'


def test_an_answer_can_be_anything(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    exact.fail_next("other_answer", text="<html>Welcome</html>")

    answer = caller.post(ENTRIES, entry())

    assert (answer.status_code, answer.text) == (201, "<html>Welcome</html>")
    assert len(exact.entries()) == 1


def test_half_an_answer_is_not_json(exact: RunningSimulator, caller: Caller) -> None:
    exact.fail_next("malformed")

    with pytest.raises(requests.JSONDecodeError):
        caller.get("hrm/Costcenters").json()


def test_a_slow_request_is_done_after_its_sender_gave_up(
    exact: RunningSimulator, caller: Caller
) -> None:
    exact.fail_next("slow", seconds=0.3)
    body = {"Code": "LATE", "Description": "Late"}

    with pytest.raises(requests.Timeout):
        caller.session.post(caller.address("hrm/Costunits"), json=body, timeout=0.1)

    assert exact.records("hrm/Costunits", Code="LATE") == []
    while not exact.records("hrm/Costunits", Code="LATE"):
        time.sleep(0.02)


def test_a_slow_answer_comes_after_the_work_is_done(
    exact: RunningSimulator, caller: Caller
) -> None:
    exact.fail_next("slow_after", seconds=0.3)
    body = {"Code": "LATE", "Description": "Late"}

    with pytest.raises(requests.Timeout):
        caller.session.post(caller.address("hrm/Costunits"), json=body, timeout=0.15)

    assert len(exact.records("hrm/Costunits", Code="LATE")) == 1


def test_a_login_can_be_revoked_in_the_middle(exact: RunningSimulator, caller: Caller) -> None:
    exact.fail_next("revoked")

    assert caller.get("hrm/Costcenters").status_code == 401
    assert caller.get("hrm/Costcenters").status_code == 401


def test_a_fault_meets_only_what_it_is_meant_for(exact: RunningSimulator, caller: Caller) -> None:
    exact.fail_next("crash", "hrm/Costunits", method="GET")

    assert caller.get("hrm/Costcenters").status_code == 200
    assert caller.get("hrm/Costunits").status_code == 500


def test_a_fault_can_let_some_requests_pass_and_last(
    exact: RunningSimulator, caller: Caller
) -> None:
    exact.fail_next("unavailable", after=1, times=2)

    assert [caller.get("hrm/Costunits").status_code for _ in range(4)] == [200, 503, 503, 200]


def test_a_fault_by_chance_meets_some(exact: RunningSimulator, caller: Caller) -> None:
    exact.fail_next("unavailable", times=None, probability=0.5)

    assert {caller.get("hrm/Costunits").status_code for _ in range(20)} == {200, 503}


def test_the_token_endpoint_can_fail_too(exact: RunningSimulator) -> None:
    exact.fail_next("unavailable", "oauth2/token")

    answer = requests.post(f"{exact.url}/api/oauth2/token", timeout=10)
    assert answer.status_code == 503


def test_an_unknown_kind_of_fault_is_a_mistake(exact: RunningSimulator) -> None:
    with pytest.raises(ValueError, match="Unknown kind"):
        exact.fail_next("earthquake")


def test_the_log_tells_calls_and_writes(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    caller.get(ENTRIES, filter="YourRef eq 'x'")
    caller.post(ENTRIES, entry(YourRef="2026-0007"))
    caller.post(ENTRIES, {})

    assert exact.log.count(ENTRIES) == 3
    assert [call.status for call in exact.log.writes(ENTRIES)] == [201, 500]
    assert exact.log.writes()[0].body["YourRef"] == "2026-0007"
    assert exact.log.calls(ENTRIES, "GET")[0].question == "$filter=YourRef+eq+'x'"
    assert exact.log.calls(division=exact.division, status=500)[0].message.startswith("Mandatory")


def test_the_log_holds_no_tokens_and_no_files(exact: RunningSimulator, caller: Caller) -> None:
    secret = {"client_secret": "s3cret", "refresh_token": "t0ken"}
    requests.post(f"{exact.url}/api/oauth2/token", secret, timeout=10)
    caller.post("documents/DocumentAttachments", {"Attachment": "QUJD" * 100})

    logged = [vars(call) for call in exact.log]
    assert "s3cret" not in str(logged)
    assert "t0ken" not in str(logged)
    assert logged[-1]["body"] == {"Attachment": "(400 characters of base64)"}


def test_answers_take_as_long_as_asked(exact: RunningSimulator, caller: Caller) -> None:
    exact.options.latency = 0.1
    started = time.perf_counter()
    caller.get("hrm/Costunits", top=1)

    assert time.perf_counter() - started >= 0.1


def test_the_clock_can_run_faster(exact: RunningSimulator) -> None:
    exact.clock.run(speed=3600)
    before = exact.clock.now()
    time.sleep(0.02)

    assert (exact.clock.now() - before).total_seconds() > 60


@pytest.mark.parametrize(
    ("kind", "groups"),
    [("throttled", {"Minutely"}), ("throttled_day", {"Day"}), ("throttled_bare", set())],
)
def test_a_refusal_for_limits_tells_of_one_limit_or_of_none(
    exact: RunningSimulator, caller: Caller, kind: str, groups: set[str]
) -> None:
    exact.fail_next(kind)

    told = [name for name in caller.get("hrm/Costunits").headers if name.startswith("X-RateLimit")]
    assert {"Minutely" if "Minutely" in name else "Day" for name in told} == groups


@pytest.mark.parametrize("kind", ["crash", "objection", "forbidden"])
def test_what_the_service_refuses_counts_as_a_call(
    exact: RunningSimulator, caller: Caller, kind: str
) -> None:
    exact.fail_next(kind, "hrm/Costunits")

    assert caller.get("hrm/Costunits").headers["X-RateLimit-Minutely-Remaining"] == "59"


def test_nothing_is_spoiled_where_nothing_is_said(exact: RunningSimulator, caller: Caller) -> None:
    """An answer 204 has no body; half of one would be taken for the next answer."""
    unit = caller.create("hrm/Costunits", Code="NEW", Description="New")
    exact.fail_next("malformed", method="PUT")

    answer = caller.put(f"hrm/Costunits(guid'{unit['ID']}')", {"Description": "Newer"})

    assert (answer.status_code, answer.content) == (204, b"")
    assert caller.get("hrm/Costunits").status_code == 200


def met(seed: int, calls: int = 2_000) -> list[str]:
    """What becomes of so many calls when three troubles have a chance."""
    faults = Faults()
    faults.sow(seed)
    faults.plan(
        Fault("crash", times=None, probability=0.1),
        Fault("drop_after", method="POST", times=None, probability=0.1),
        Fault("slow", resource="crm/Accounts", times=None, probability=0.3),
    )
    found = [faults.take("POST", "crm/Accounts") for _ in range(calls)]
    return [fault.kind if fault else "" for fault in found]


def test_the_same_seed_brings_the_same_troubles() -> None:
    assert met(seed=1) == met(seed=1)
    assert met(seed=1) != met(seed=2)


def test_what_others_do_meanwhile_changes_no_chance() -> None:
    alone, together = Faults(), Faults()
    for faults in (alone, together):
        faults.plan(Fault("crash", times=None, probability=0.5))
    drawn = []
    for _ in range(50):
        together.take("GET", "hrm/Costunits")
        drawn.append([bool(each.take("POST", "crm/Accounts")) for each in (alone, together)])

    assert all(one == other for one, other in drawn)


def test_each_of_several_troubles_strikes_as_often_as_its_chance() -> None:
    counts = Counter(met(seed=3, calls=5_000))

    for kind, share in {"crash": 0.1, "drop_after": 0.1, "slow": 0.3, "": 0.5}.items():
        assert counts[kind] / 5_000 == pytest.approx(share, abs=0.025)


def test_how_often_each_trouble_struck_is_counted(exact: RunningSimulator, caller: Caller) -> None:
    fault = exact.fail_next("unavailable", times=3)
    for _ in range(5):
        caller.get("hrm/Costunits")

    assert (fault.met, exact.faults.struck) == (3, {"unavailable": 3})
    assert exact.log.answers["GET hrm/Costunits"] == {"503": 3, "200": 2}


@pytest.mark.parametrize("chance", [-0.1, 1.1])
def test_a_chance_lies_between_never_and_always(chance: float) -> None:
    with pytest.raises(ValueError, match="chance between 0 and 1"):
        Fault("crash", probability=chance)
