"""Trouble on demand, and the log that tells what happened."""

from __future__ import annotations

import time

import pytest
import requests

from ppplanner.integrations.exact.simulator import RunningSimulator
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
