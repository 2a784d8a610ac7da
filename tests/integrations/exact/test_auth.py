"""Tokens: one renewal per expiry, only in the permitted window, kept encrypted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.integrations.exact import auth, linking, oauth
from ppplanner.integrations.exact.connect import open_client
from ppplanner.integrations.exact.errors import ExactNotConnected
from ppplanner.integrations.exact.models import ConnectionState, ExactConnection
from ppplanner.integrations.exact.oauth import TokenSet
from ppplanner.integrations.exact.simulator import RunningSimulator

TOKEN = "oauth2/token"


def expire(connection: ExactConnection, simulator: RunningSimulator) -> None:
    """Ten minutes pass, for the simulator and for the stored moments."""
    simulator.clock.jump(minutes=10)
    connection.expires_at = now()
    db.session.commit()
    simulator.log.clear()


def renewals(simulator: RunningSimulator) -> list[int | None]:
    return [call.status for call in simulator.log if call.path.endswith("/token")]


def test_a_fresh_token_is_used_as_it_is(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    auth.fresh_tokens(connection.id)
    assert renewals(simulator) == []


def test_an_expired_token_is_renewed_and_the_new_pair_kept(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    before = connection.refresh_token
    expire(connection, simulator)

    tokens = auth.fresh_tokens(connection.id)

    db.session.refresh(connection)
    assert renewals(simulator) == [200]
    assert connection.refresh_token == tokens.refresh_token != before
    assert connection.renewing_until is None


def test_many_workers_renew_once(
    app: Flask, connection: ExactConnection, simulator: RunningSimulator
) -> None:
    expire(connection, simulator)
    connection_id, got = connection.id, []
    db.session.commit()

    def work() -> None:
        with app.app_context():
            got.append(auth.fresh_tokens(connection_id).access_token)

    threads = [Thread(target=work) for _n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(got) == 8
    assert len(set(got)) == 1
    assert renewals(simulator) == [200]


def test_a_client_renews_in_the_middle_of_its_work(
    connection: ExactConnection, simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = open_client(connection.id)
    client.me()
    simulator.clock.jump(minutes=10)
    later = now().timestamp() + 600
    monkeypatch.setattr(auth, "now", lambda: now().fromtimestamp(later, now().tzinfo))
    simulator.log.clear()

    client.me()

    assert renewals(simulator) == [200]


def test_a_revoked_login_asks_for_a_person_and_stays_quiet(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    simulator.revoke()
    expire(connection, simulator)

    with pytest.raises(ExactNotConnected):
        auth.fresh_tokens(connection.id)
    with pytest.raises(ExactNotConnected):
        open_client(connection.id)

    db.session.refresh(connection)
    assert connection.state is ConnectionState.NEEDS_LOGIN
    assert len(renewals(simulator)) == 1


def test_a_renewal_whose_answer_is_lost_is_asked_once_more(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    expire(connection, simulator)
    simulator.fail_next("drop_before", TOKEN)

    auth.fresh_tokens(connection.id)

    db.session.refresh(connection)
    assert connection.state is ConnectionState.CONNECTED


def test_the_database_holds_no_readable_secret(connection: ExactConnection) -> None:
    row = db.session.execute(
        text("select client_secret, access_token, refresh_token from exact_connections")
    ).one()
    own = (connection.client_secret, connection.access_token, connection.refresh_token)
    assert not set(row) & set(own)
    assert all(stored.startswith("gAAAA") for stored in row)


def test_a_token_that_exact_refuses_before_its_time_is_renewed(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    """Our clock is behind: for Exact the token has run out already."""
    client = open_client(connection.id)
    simulator.clock.jump(minutes=10)
    simulator.log.clear()

    client.me()

    db.session.refresh(connection)
    assert connection.state is ConnectionState.CONNECTED
    assert renewals(simulator) == [200]


def test_a_renewal_too_early_goes_on_with_the_token_that_holds(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    """Our clock is ahead: for Exact the token is good for a while yet."""
    connection.expires_at = now()
    db.session.commit()

    client = open_client(connection.id)
    client.me()
    client.me()

    assert renewals(simulator) == [400]
    assert connection.state is ConnectionState.CONNECTED


def meanwhile(patch: pytest.MonkeyPatch, do: Callable[[], None]) -> None:
    """Do something while Exact thinks about a renewal."""
    refresh = oauth.refresh

    def ask(*args: Any, **kwargs: Any) -> TokenSet:
        try:
            return refresh(*args, **kwargs)
        finally:
            do()

    patch.setattr(oauth, "refresh", ask)


@pytest.mark.parametrize("refused", [False, True])
def test_a_person_who_logs_in_during_a_renewal_goes_before_it(
    connection: ExactConnection,
    simulator: RunningSimulator,
    monkeypatch: pytest.MonkeyPatch,
    refused: bool,
) -> None:
    expire(connection, simulator)
    if refused:
        simulator.revoke()
    newer = TokenSet("new access", "new refresh", now(), now() + timedelta(minutes=10))

    def log_in() -> None:
        auth.store_tokens(connection, newer)
        db.session.commit()

    meanwhile(monkeypatch, log_in)
    with suppress(ExactNotConnected):
        assert auth.fresh_tokens(connection.id) == newer

    db.session.refresh(connection)
    assert connection.state is ConnectionState.CONNECTED
    assert connection.refresh_token == "new refresh"


def test_a_login_that_is_taken_back_during_a_renewal_stays_so(
    connection: ExactConnection, simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    expire(connection, simulator)

    def disconnect() -> None:
        linking.disconnect(connection)
        db.session.commit()

    meanwhile(monkeypatch, disconnect)
    with pytest.raises(ExactNotConnected):
        auth.fresh_tokens(connection.id)

    db.session.refresh(connection)
    assert connection.state is ConnectionState.DISCONNECTED
    assert connection.refresh_token is None


def test_nobody_else_renews_while_one_may_still_wait_for_two_answers() -> None:
    assert 2 * sum(oauth.TIMEOUT) < auth.RENEWAL_LEASE.total_seconds()
