"""Secrets of Exact in the database: another key for them, and what goes on without theirs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from ppplanner.clock import now
from ppplanner.config import new_secret
from ppplanner.extensions import db
from ppplanner.integrations.exact import rotation
from ppplanner.integrations.exact.auth import fresh_tokens, store_tokens
from ppplanner.integrations.exact.connect import open_client
from ppplanner.integrations.exact.errors import ExactUnavailable
from ppplanner.integrations.exact.models import ConnectionState, ExactConnection
from ppplanner.integrations.exact.oauth import TokenSet
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.vault import UNREADABLE, unseal
from tests.conftest import Login as LogIn
from tests.integrations.exact.logins import log_in_again

pytestmark = pytest.mark.one_database

UseKeys = Callable[..., None]


@pytest.fixture
def use_keys(app: Flask, monkeypatch: pytest.MonkeyPatch) -> UseKeys:
    """Start anew with other keys in ENCRYPTION_KEY."""
    config = app.config["PPPLANNER"]

    def use(*keys: str) -> None:
        changed = replace(config, encryption_keys=keys)
        monkeypatch.setitem(app.config, "PPPLANNER", changed)
        db.session.expire_all()

    return use


@pytest.fixture
def old_key(app: Flask) -> str:
    return str(app.config["PPPLANNER"].encryption_keys[0])


def rotate(app: Flask) -> Any:
    db.session.commit()
    return app.test_cli_runner().invoke(args=["exact", "rotate-key"])


def test_all_secrets_get_the_new_key_and_the_old_one_can_go(
    app: Flask, connection: ExactConnection, use_keys: UseKeys, old_key: str
) -> None:
    secrets = (connection.client_secret, connection.access_token, connection.refresh_token)
    new_key = new_secret()
    use_keys(new_key, old_key)

    first, second = rotate(app), rotate(app)

    assert "3 of 3 secrets were encrypted anew" in first.output
    assert "Run it once more" in first.output
    assert "can be removed" in second.output
    use_keys(new_key)
    db.session.refresh(connection)
    assert secrets == (
        connection.client_secret,
        connection.access_token,
        connection.refresh_token,
    )


def test_a_login_that_is_renewed_at_the_same_moment_keeps_its_new_tokens(
    app: Flask,
    connection: ExactConnection,
    use_keys: UseKeys,
    old_key: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    newer = TokenSet("new access", "new refresh", now(), now() + timedelta(minutes=10))
    left = [True]

    def renew_meanwhile(sealed: str) -> str:
        text = unseal(sealed)
        if left and text == connection.access_token:
            left.pop()
            store_tokens(connection, newer)
            db.session.commit()
        return text

    monkeypatch.setattr(rotation, "unseal", renew_meanwhile)
    db.session.refresh(connection)
    use_keys(new_secret(), old_key)
    assert rotate(app).exit_code == 0
    assert not left
    db.session.expire_all()
    assert (connection.access_token, connection.refresh_token) == ("new access", "new refresh")


def test_what_no_key_opens_is_named_and_the_old_keys_have_to_stay(
    app: Flask, connection: ExactConnection, use_keys: UseKeys
) -> None:
    use_keys(new_secret())
    answer = rotate(app)
    assert answer.exit_code == 1
    assert f"exact_connections.client_secret {connection.id}" in answer.output
    assert "Traceback" not in answer.output


def test_with_a_lost_key_all_pages_work_and_people_log_in_anew(
    connection: ExactConnection,
    simulator: RunningSimulator,
    use_keys: UseKeys,
    login: LogIn,
) -> None:
    use_keys(new_secret())
    browser, company = login(), f"/exact/companies/{connection.company_id}"

    assert browser.get("/").status_code == 200
    assert "ENCRYPTION_KEY" in browser.get(company).text
    refused = browser.get(f"/exact/connections/{connection.id}/login")
    assert refused.status_code == 409
    assert "Fill it in again" in refused.text
    assert connection.state is ConnectionState.CONNECTED, "with the old key back, all is well"
    app_form = {"site": "other", "test_server": simulator.url, "client_id": simulator.client_id}
    assert browser.post(f"{company}/app", data=app_form).status_code == 422

    browser.post(f"{company}/app", data={**app_form, "client_secret": simulator.client_secret})
    assert browser.get(f"/exact/connections/{connection.id}/login").status_code == 302
    log_in_again(connection, simulator)
    assert open_client(connection.id).me()
    assert "ENCRYPTION_KEY" not in browser.get(company).text


def test_a_key_that_does_not_fit_loses_no_login(
    connection: ExactConnection, use_keys: UseKeys
) -> None:
    use_keys(new_secret())
    assert connection.refresh_token == UNREADABLE
    with pytest.raises(ExactUnavailable, match="key"):
        fresh_tokens(connection.id)
    db.session.refresh(connection)
    assert connection.state is ConnectionState.CONNECTED
