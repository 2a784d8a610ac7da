"""Section 2 of the API facts: codes, tokens and when they may be renewed."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest
import requests

from ppplanner.integrations.exact.simulator import (
    ANTWERP,
    NAMUR,
    RegisteredApp,
    RunningSimulator,
    code_in,
)
from tests.integrations.exact.simulator.caller import Caller

BACK = "http://127.0.0.1:5000/exact/back"


def ask(exact: RunningSimulator, **changes: str) -> str:
    query = {
        "client_id": exact.client_id,
        "redirect_uri": BACK,
        "response_type": "code",
        "state": "s3cr&t state",
    }
    return f"{exact.url}/api/oauth2/auth?{urlencode(query | changes)}"


def token(exact: RunningSimulator, **form: str) -> requests.Response:
    who = {"client_id": exact.client_id, "client_secret": exact.client_secret}
    return requests.post(f"{exact.url}/api/oauth2/token", who | form, timeout=10)


def exchange(exact: RunningSimulator, code: str, **changes: str) -> requests.Response:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
    return token(exact, **(form | changes))


def refresh(exact: RunningSimulator, refresh_token: str) -> requests.Response:
    return token(exact, grant_type="refresh_token", refresh_token=refresh_token)


def connect(exact: RunningSimulator, user: str = "eva") -> dict[str, Any]:
    pair: dict[str, Any] = exchange(exact, code_in(exact.consent(ask(exact), user))).json()
    return pair


def test_the_consent_page_says_who_asks_and_for_which_administrations(
    exact: RunningSimulator,
) -> None:
    page = requests.get(ask(exact), timeout=10)

    assert page.status_code == 200
    assert "ppplanner asks for access" in page.text
    assert "Vanderlinden Location SRL" in page.text
    assert "Joris Mertens" in page.text


def test_consent_sends_the_browser_back_with_code_and_state(exact: RunningSimulator) -> None:
    address = exact.consent(ask(exact))

    answer = parse_qs(urlsplit(address).query)
    assert address.startswith(BACK + "?")
    assert answer["state"] == ["s3cr&t state"]
    assert quote(code_in(address), safe="") in address


def test_a_query_in_the_return_address_is_kept(exact: RunningSimulator) -> None:
    address = exact.consent(ask(exact, redirect_uri=BACK + "?company=3"))

    assert address.startswith(BACK + "?company=3&code=")


def test_a_refused_consent_comes_back_as_access_denied(exact: RunningSimulator) -> None:
    answer = parse_qs(urlsplit(exact.consent(ask(exact), allow=False)).query)

    assert answer["error"] == ["access_denied"]
    assert answer["state"] == ["s3cr&t state"]
    assert "code" not in answer


@pytest.mark.parametrize(
    "changes",
    [
        {"client_id": "somebody-else"},
        {"redirect_uri": "https://elsewhere.example/back"},
        {"redirect_uri": "http://127.0.0.1.elsewhere.example/back"},
    ],
)
def test_nothing_is_redirected_to_an_address_that_is_not_registered(
    exact: RunningSimulator, changes: dict[str, str]
) -> None:
    answer = requests.get(ask(exact, **changes), allow_redirects=False, timeout=10)

    assert answer.status_code == 400


def test_a_registered_address_is_accepted_only_as_it_is_written(
    exact: RunningSimulator,
) -> None:
    address = "https://planner.example/exact/back"
    exact.options.apps = (RegisteredApp("a", "b", "Planner", (address,)),)

    known = requests.get(ask(exact, client_id="a", redirect_uri=address), timeout=10)
    other = requests.get(ask(exact, client_id="a", redirect_uri=address + "/"), timeout=10)

    assert (known.status_code, other.status_code) == (200, 400)


def test_consenting_without_an_administration_asks_again(exact: RunningSimulator) -> None:
    answer = requests.post(ask(exact), {"user": "eva", "decision": "allow"}, timeout=10)

    assert answer.status_code == 422
    assert "Tick at least one administration." in answer.text


def test_the_life_of_an_access_token_is_told_as_text(exact: RunningSimulator) -> None:
    pair = connect(exact)

    assert pair["expires_in"] == "600"
    assert pair["token_type"] == "bearer"
    assert len(pair["access_token"]) > 1000
    assert len(pair["refresh_token"]) > 1000


def test_a_code_works_once(exact: RunningSimulator) -> None:
    code = code_in(exact.consent(ask(exact)))
    exchange(exact, code)

    again = exchange(exact, code)

    assert again.status_code == 400
    assert again.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(("seconds", "status"), [(179, 200), (181, 400)])
def test_a_code_lives_three_minutes(exact: RunningSimulator, seconds: int, status: int) -> None:
    exact.clock.freeze()
    code = code_in(exact.consent(ask(exact)))
    exact.clock.jump(seconds=seconds)

    assert exchange(exact, code).status_code == status


def test_a_code_that_was_decoded_twice_is_not_known(exact: RunningSimulator) -> None:
    code = code_in(exact.consent(ask(exact)))

    assert exchange(exact, code.replace("+", " ")).status_code == 400


def test_a_wrong_client_secret_is_an_invalid_request(exact: RunningSimulator) -> None:
    code = code_in(exact.consent(ask(exact)))

    answer = exchange(exact, code, client_secret="guess")

    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


def test_the_return_address_must_be_the_one_consented_to(exact: RunningSimulator) -> None:
    code = code_in(exact.consent(ask(exact)))

    answer = exchange(exact, code, redirect_uri=BACK + "/")

    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request"})


def test_there_is_no_password_grant(exact: RunningSimulator) -> None:
    answer = token(exact, grant_type="password", username="eva", password="x")

    assert answer.json()["error"] == "unsupported_grant_type"


@pytest.mark.parametrize(("seconds", "status"), [(569, 400), (570, 200)])
def test_a_token_may_be_renewed_after_nine_and_a_half_minutes(
    exact: RunningSimulator, seconds: int, status: int
) -> None:
    exact.clock.freeze()
    pair = connect(exact)
    exact.clock.jump(seconds=seconds)

    assert refresh(exact, pair["refresh_token"]).status_code == status


def test_renewing_too_early_is_refused_with_a_reason(exact: RunningSimulator) -> None:
    answer = refresh(exact, connect(exact)["refresh_token"])

    assert answer.status_code == 400
    assert answer.json() == {
        "error": "access_denied",
        "error_description": "Rate limit exceeded: access_token not expired",
    }
    assert answer.headers["Reason"] == (
        "TooEarlyToRefreshTokens: Rate limit exceeded: access_token not expired"
    )


def test_renewing_too_early_leaves_the_refresh_token_alive(exact: RunningSimulator) -> None:
    pair = connect(exact)
    refresh(exact, pair["refresh_token"])
    exact.clock.jump(seconds=571)

    assert refresh(exact, pair["refresh_token"]).status_code == 200


def test_an_old_refresh_token_is_refused_and_the_newest_stays_valid(
    exact: RunningSimulator,
) -> None:
    first = connect(exact)
    exact.clock.jump(seconds=571)
    second = refresh(exact, first["refresh_token"]).json()

    old = refresh(exact, first["refresh_token"])
    exact.clock.jump(seconds=571)

    assert old.status_code == 401
    assert old.json() == {
        "error": "unauthorized_client",
        "error_description": "Old refresh token used.",
    }
    assert refresh(exact, second["refresh_token"]).status_code == 200


def test_a_refresh_token_unused_for_thirty_days_expires(exact: RunningSimulator) -> None:
    pair = connect(exact)
    exact.clock.jump(days=30, minutes=1)

    answer = refresh(exact, pair["refresh_token"])

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_request"
    assert answer.json()["error_description"].startswith("The refresh token expired at ")


def test_an_unknown_refresh_token_has_no_chain(exact: RunningSimulator) -> None:
    answer = refresh(exact, "")

    assert answer.status_code == 400
    assert answer.json()["error_description"] == (
        "Token is not allowed, because of invalid or empty chainId"
    )


def test_consenting_again_ends_the_older_connection_of_the_same_user(
    exact: RunningSimulator,
) -> None:
    first, other = connect(exact), connect(exact, "joris")
    connect(exact)
    exact.clock.jump(seconds=571)

    assert refresh(exact, first["refresh_token"]).json()["error"] == "invalid_grant"
    assert refresh(exact, other["refresh_token"]).status_code == 200


def test_an_access_token_lives_ten_minutes(exact: RunningSimulator, caller: Caller) -> None:
    exact.clock.jump(seconds=595)
    before = caller.get("hrm/Costcenters").status_code
    exact.clock.jump(seconds=10)

    assert (before, caller.get("hrm/Costcenters").status_code) == (200, 401)


def test_a_call_without_a_token_is_unauthorized(exact: RunningSimulator) -> None:
    answer = requests.get(f"{exact.url}/api/v1/current/Me", timeout=10)

    assert answer.status_code == 401


def test_a_revoked_login_fails_everywhere(exact: RunningSimulator) -> None:
    pair = connect(exact)
    exact.revoke()
    exact.clock.jump(seconds=571)

    assert refresh(exact, pair["refresh_token"]).json()["error"] == "invalid_grant"


def test_only_administrations_ticked_at_the_consent_may_be_opened(
    exact: RunningSimulator,
) -> None:
    code = code_in(exact.consent(ask(exact), divisions=(NAMUR,)))
    pair = exchange(exact, code).json()
    who = {"Authorization": f"Bearer {pair['access_token']}", "Accept": "application/json"}

    lists = [
        requests.get(f"{exact.url}/api/v1/{NAMUR}/{path}?$select=Code", headers=who, timeout=10)
        for path in ("hrm/Divisions", "system/Divisions", "system/AllDivisions")
    ]
    other = requests.get(f"{exact.url}/api/v1/{ANTWERP}/hrm/Divisions", headers=who, timeout=10)

    shown = [[row["Code"] for row in each.json()["d"]["results"]] for each in lists]
    assert shown == [[NAMUR]] * 3
    assert other.status_code == 403
    assert other.headers["Reason"] == "NoDivisionAccess"


@pytest.mark.parametrize("force_login", ["0", "1"])
def test_the_login_screen_can_be_asked_for(exact: RunningSimulator, force_login: str) -> None:
    assert requests.get(ask(exact, force_login=force_login), timeout=10).status_code == 200


def test_the_app_shows_itself_in_the_form_and_nowhere_else(exact: RunningSimulator) -> None:
    form = {"grant_type": "authorization_code", "redirect_uri": BACK}
    form["code"] = code_in(exact.consent(ask(exact)))
    who = (exact.client_id, exact.client_secret)
    address = f"{exact.url}/api/oauth2/token"

    basic = requests.post(address, form, auth=who, timeout=10)
    as_json = requests.post(
        address, json=form | {"client_id": who[0], "client_secret": who[1]}, timeout=10
    )

    assert (basic.status_code, as_json.status_code) == (400, 400)


def test_the_token_endpoint_has_its_own_two_hundred_calls_a_day(
    exact: RunningSimulator, caller: Caller
) -> None:
    pair = connect(exact, "joris")
    before = {refresh(exact, pair["refresh_token"]).status_code for _ in range(199)}
    one_more = refresh(exact, pair["refresh_token"])

    assert (before, one_more.status_code) == ({400}, 429)
    assert caller.get("hrm/Costcenters").headers["X-RateLimit-Remaining"] == "4999"
    exact.clock.jump(days=1)
    assert refresh(exact, pair["refresh_token"]).status_code == 200


def test_me_answers_whatever_administrations_were_ticked(exact: RunningSimulator) -> None:
    token = exact.token(divisions=(NAMUR,))
    who = {"Authorization": f"Bearer {token}", "Accept": "application/json"}

    answer = requests.get(f"{exact.url}/api/v1/current/Me", headers=who, timeout=10)

    assert answer.json()["d"]["results"][0]["CurrentDivision"] == ANTWERP
