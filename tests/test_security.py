"""Logging in, staying in, being thrown out; and what production adds."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask

from ppplanner import create_app
from ppplanner.config import Config, new_secret
from ppplanner.extensions import db
from ppplanner.models import User
from ppplanner.security import CONTENT_SECURITY_POLICY
from ppplanner.services.firm.users import set_password
from tests.conftest import Browser, Login
from tests.factories import PASSWORD, make_user

NEW_PASSWORD = "another long password"


@pytest.fixture
def mia(app: Flask) -> User:
    return make_user(username="mia", permissions=[])


def try_to_log_in(browser: Browser, password: str = PASSWORD, **more: str) -> int:
    form = {"username": "mia", "password": password, **more}
    return browser.post("/login", data=form).status_code


def is_in(browser: Browser) -> bool:
    return browser.get("/").status_code == 200


def test_the_right_password_opens_the_door_and_a_wrong_one_does_not(
    mia: User, client: Browser
) -> None:
    assert try_to_log_in(client, "wrong") == 422
    assert not is_in(client)
    assert try_to_log_in(client) == 303
    assert is_in(client)


def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(mia: User, client: Browser) -> None:
    known = client.post("/login", data={"username": "mia", "password": "wrong"})
    unknown = client.post("/login", data={"username": "mib", "password": "wrong"})
    assert known.text.replace("mia", "") == unknown.text.replace("mib", "")


def test_guessing_one_persons_password_is_slowed_down(mia: User, client: Browser) -> None:
    answers = [try_to_log_in(client, f"guess {number}") for number in range(6)]
    assert answers == [422] * 5 + [429]
    assert try_to_log_in(client) == 429


def test_guessing_from_one_place_is_slowed_down_whatever_the_name(
    mia: User, client: Browser
) -> None:
    answers = [try_to_log_in(client, "guess", username=f"name {n}") for n in range(11)]
    assert answers == [422] * 10 + [429]


def test_logging_in_rightly_is_never_slowed_down(mia: User, client: Browser) -> None:
    for _ in range(12):
        assert try_to_log_in(client) == 303
        client.post("/logout")


def test_logging_out_ends_it(mia: User, client: Browser) -> None:
    try_to_log_in(client)
    client.post("/logout")
    assert not is_in(client)


def test_a_new_password_ends_every_session_and_every_remembered_one(
    mia: User, app: Flask, client: Browser
) -> None:
    try_to_log_in(client)
    remembered: Browser = app.test_client()  # type: ignore[assignment]
    try_to_log_in(remembered, remember="y")
    remembered.delete_cookie("session")
    assert is_in(client)
    assert is_in(remembered)
    remembered.delete_cookie("session")
    set_password(mia, NEW_PASSWORD)
    assert not is_in(client)
    assert not is_in(remembered)
    assert try_to_log_in(client, NEW_PASSWORD) == 303


def test_somebody_who_is_stopped_is_out_at_once(mia: User, login: Login) -> None:
    browser = login(user=mia)
    assert is_in(browser)
    mia.active = False
    assert not is_in(browser)


@pytest.mark.parametrize("key", ["", "x", "1", "1.", "1.x", ".1", "999.1"])
def test_a_cookie_that_names_nobody_lets_nobody_in(mia: User, client: Browser, key: str) -> None:
    with client.session_transaction() as session:
        session["_user_id"] = key
    assert not is_in(client)


def test_a_forged_cookie_lets_nobody_in(mia: User, login: Login, client: Browser) -> None:
    cookie = login(user=mia).get_cookie("session")
    assert cookie
    signed, signature = cookie.value.rsplit(".", 1)
    client.set_cookie("session", f"{signed}.{signature.swapcase()}")
    assert not is_in(client)


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "\\\\x",
        "/\r\nSet-Cookie: a=b",
        "/\t/[",
    ],
)
def test_a_login_leads_to_no_other_site(mia: User, client: Browser, wanted: str) -> None:
    form = {"username": "mia", "password": PASSWORD}
    answer = client.post("/login", query_string={"next": wanted}, data=form)
    assert answer.location == "/"


def test_a_login_leads_back_to_where_somebody_wanted_to_go(mia: User, client: Browser) -> None:
    form = {"username": "mia", "password": PASSWORD}
    answer = client.post("/login", query_string={"next": "/customers/?q=x"}, data=form)
    assert answer.location == "/customers/?q=x"


def test_a_browser_that_follows_arrives_on_the_first_page(mia: User, client: Browser) -> None:
    form = {"username": "mia", "password": PASSWORD}
    answer = client.post("/login", data=form, follow_redirects=True)
    assert (answer.status_code, answer.request.path) == (200, "/")


def test_a_switch_leads_back_to_this_site_only(mia: User, login: Login) -> None:
    browser = login(user=mia)
    headers = {"Referer": "https://evil.example//evil.example/x"}
    answer = browser.post("/switch/theme", data={"theme": "dark"}, headers=headers)
    assert answer.location == "/"


def test_a_switch_made_from_an_unreadable_address_leads_to_the_first_page(
    mia: User, login: Login
) -> None:
    headers = {"Referer": "http://["}
    answer = login(user=mia).post("/switch/theme", data={"theme": "dark"}, headers=headers)
    assert answer.location == "/"


def test_cookies_are_closed_to_scripts_and_other_sites(mia: User, client: Browser) -> None:
    form = {"username": "mia", "password": PASSWORD, "remember": "y"}
    cookies = client.post("/login", data=form).headers.getlist("Set-Cookie")
    assert {cookie.split("=")[0] for cookie in cookies} == {"session", "remember_token"}
    assert all("HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies)


def test_nothing_may_be_loaded_from_elsewhere_or_written_into_a_page() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY
    for part in ("default-src 'self'", "object-src 'none'", "base-uri 'none'"):
        assert part in CONTENT_SECURITY_POLICY
    assert "frame-ancestors 'none'" in CONTENT_SECURITY_POLICY


@pytest.mark.parametrize("path", ["/login?next=%00", "/%00", "/static/%00"])
def test_a_nul_character_is_not_understood(client: Browser, path: str) -> None:
    assert client.get(path).status_code in {400, 404}


def test_a_form_with_a_nul_character_is_not_understood(client: Browser) -> None:
    assert try_to_log_in(client, "nul \0") == 400


def test_a_file_in_the_place_of_a_text_is_not_understood(client: Browser) -> None:
    form = {"username": (BytesIO(b"mia"), "mia.txt"), "password": PASSWORD}
    assert client.post("/login", data=form).status_code == 400


def test_a_form_that_is_too_large_is_refused(client: Browser) -> None:
    assert try_to_log_in(client, "x" * (11 * 1024 * 1024)) == 413


def test_the_page_for_a_fault_of_ours_shows_nothing_of_it(
    app: Flask, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("the secret recipe")

    monkeypatch.setitem(app.view_functions, "auth.login", broken)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = client.get("/login")
    assert answer.status_code == 500
    assert "recipe" not in answer.text
    assert "Traceback" not in answer.text


@pytest.fixture
def production(tmp_path: Path) -> Iterator[Browser]:
    secrets = {"SECRET_KEY": new_secret(), "ENCRYPTION_KEY": new_secret()}
    environment = {
        "PPP_ENV": "production",
        "INSTANCE_PATH": str(tmp_path),
        "DATABASE_URL": "sqlite:///:memory:",
        "REDIS_URL": "redis://localhost:1",
        "ADDONS": "",
        "TRUSTED_PROXIES": "1",
        **secrets,
    }
    app = create_app(Config.from_env(environment))
    app.test_client_class = Browser
    with app.app_context():
        db.create_all()
        yield app.test_client()  # type: ignore[misc]
        db.engine.dispose()


def test_production_asks_browsers_to_come_back_encrypted(production: Browser) -> None:
    answer = production.get("/login", headers={"X-Forwarded-Proto": "https"})
    assert "max-age=" in answer.headers["Strict-Transport-Security"]
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert "Secure" in cookie


def test_a_local_installation_does_not_ask_for_encryption(client: Browser) -> None:
    assert "Strict-Transport-Security" not in client.get("/login").headers
