"""Section 5: calls a minute and a day, and the limit on errors."""

from __future__ import annotations

import pytest

from ppplanner.integrations.exact.simulator import RunningSimulator
from tests.integrations.exact.simulator.caller import Caller, message

DAILY = {"X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"}
MINUTELY = {
    "X-RateLimit-Minutely-Limit",
    "X-RateLimit-Minutely-Remaining",
    "X-RateLimit-Minutely-Reset",
}
UNKNOWN = "hrm/Costcenters(guid'00000000-0000-0000-0000-000000000001')"


def limits(headers: object) -> set[str]:
    return {name for name in dict(headers) if name.startswith("X-RateLimit")}  # type: ignore[call-overload]


def test_every_answer_tells_what_is_left(exact: RunningSimulator, caller: Caller) -> None:
    exact.clock.freeze()
    answer = caller.get("hrm/Costcenters", top=1)

    assert limits(answer.headers) == DAILY | MINUTELY
    assert answer.headers["X-RateLimit-Limit"] == "5000"
    assert answer.headers["X-RateLimit-Remaining"] == "4999"
    assert answer.headers["X-RateLimit-Minutely-Remaining"] == "59"


def test_resets_are_moments_in_milliseconds(exact: RunningSimulator, caller: Caller) -> None:
    exact.clock.freeze()
    headers = caller.get("hrm/Costcenters", top=1).headers

    now = exact.clock.now().timestamp() * 1000
    assert 59_000 <= int(headers["X-RateLimit-Minutely-Reset"]) - now <= 60_000
    assert int(headers["X-RateLimit-Reset"]) % 86_400_000 == 0


def test_the_sixty_first_call_in_a_minute_is_refused(
    exact: RunningSimulator, caller: Caller
) -> None:
    exact.clock.freeze()
    before = {caller.get("hrm/Costcenters", top=1).status_code for _ in range(60)}
    refused = caller.get("hrm/Costcenters", top=1)
    exact.clock.jump(seconds=60)

    assert before == {200}
    assert refused.status_code == 429
    assert limits(refused.headers) == MINUTELY
    assert caller.get("hrm/Costcenters", top=1).status_code == 200


def test_the_day_has_a_limit_until_midnight(exact: RunningSimulator, caller: Caller) -> None:
    exact.options.calls_per_day = 2
    caller.get("hrm/Costcenters", top=1)
    caller.get("hrm/Costcenters", top=1)
    refused = caller.get("hrm/Costcenters", top=1)

    assert refused.status_code == 429
    assert limits(refused.headers) == DAILY
    exact.clock.jump(days=1)
    caller.session.headers["Authorization"] = f"Bearer {exact.token()}"
    assert caller.get("hrm/Costcenters", top=1).status_code == 200


def test_each_administration_has_its_own_limit(exact: RunningSimulator, caller: Caller) -> None:
    exact.options.calls_per_minute = 1
    caller.get("hrm/Costcenters", top=1)
    caller.division = exact.other_division

    assert caller.get("hrm/Costcenters", top=1).status_code == 200


def test_limits_can_be_switched_off(exact: RunningSimulator, caller: Caller) -> None:
    exact.options.calls_per_minute = None

    assert {caller.get("hrm/Costcenters", top=1).status_code for _ in range(62)} == {200}


def test_the_eleventh_error_in_an_hour_blocks_the_endpoint(
    exact: RunningSimulator, caller: Caller
) -> None:
    errors = [caller.get(UNKNOWN).status_code for _ in range(11)]
    blocked = caller.get("hrm/Costcenters", top=1)
    elsewhere = caller.get("hrm/Costunits", top=1)

    assert errors == [404] * 10 + [429]
    assert blocked.status_code == 429
    assert message(blocked) == "API rate limit exceeded"
    assert elsewhere.status_code == 200


def test_the_block_ends_after_an_hour(exact: RunningSimulator, caller: Caller) -> None:
    for _ in range(11):
        caller.get(UNKNOWN)
    exact.clock.jump(minutes=61)
    caller.session.headers["Authorization"] = f"Bearer {exact.token()}"

    assert caller.get("hrm/Costcenters", top=1).status_code == 200


def test_objections_do_not_count_as_errors(exact: RunningSimulator, caller: Caller) -> None:
    answers = {caller.post("hrm/Costcenters", {}).status_code for _ in range(12)}

    assert answers == {500}


def test_an_access_token_that_is_over_counts_as_an_error_each_time(
    exact: RunningSimulator, caller: Caller
) -> None:
    exact.clock.jump(minutes=11)

    answers = [caller.get("hrm/Costcenters").status_code for _ in range(12)]

    assert answers == [401] * 10 + [429, 429]


def test_the_limit_on_errors_is_no_limit_on_calls(exact: RunningSimulator, caller: Caller) -> None:
    """Both groups still say that calls are left."""
    blocked = [caller.get(UNKNOWN) for _ in range(12)][10:]

    assert [limits(each.headers) for each in blocked] == [DAILY | MINUTELY] * 2
    assert int(blocked[1].headers["X-RateLimit-Minutely-Remaining"]) > 0


@pytest.mark.parametrize(
    ("kind", "status"),
    [("bad_request", 400), ("unauthorized", 401), ("forbidden", 403), ("not_found", 404)],
)
def test_each_of_four_statuses_counts_as_an_error(
    exact: RunningSimulator, caller: Caller, kind: str, status: int
) -> None:
    exact.fail_next(kind, "hrm/Costcenters", times=None)

    answers = [caller.get("hrm/Costcenters").status_code for _ in range(11)]

    assert answers == [status] * 10 + [429]
    assert exact.limits.most_errors[exact.division, "hrm/Costcenters"] == 11
