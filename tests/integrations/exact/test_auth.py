"""Tokens: one renewal per expiry, only in the permitted window, kept encrypted."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.integrations.exact import auth, keeping, linking, oauth, renewed
from ppplanner.integrations.exact.connect import open_client
from ppplanner.integrations.exact.errors import (
    AccessRefused,
    ExactNotConnected,
    ExactUnavailable,
)
from ppplanner.integrations.exact.models import ConnectionState, ExactConnection
from ppplanner.integrations.exact.oauth import TokenSet
from ppplanner.integrations.exact.simulator import RunningSimulator
from tests.parallel import at_once

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
    connection_id = connection.id

    def work() -> str:
        return auth.fresh_tokens(connection_id).access_token

    (token,) = set(at_once(app, [work] * 8))
    assert isinstance(token, str)
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


def age(connection: ExactConnection, simulator: RunningSimulator, **by: float) -> None:
    """Time passes, for the simulator and for what is stored."""
    simulator.clock.jump(**by)
    assert connection.obtained_at
    assert connection.expires_at
    connection.obtained_at -= timedelta(**by)
    connection.expires_at -= timedelta(**by)
    db.session.commit()
    simulator.log.clear()


@pytest.mark.one_database
def test_it_is_renewed_in_the_half_minute_that_exact_allows(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    age(connection, simulator, seconds=569)
    auth.fresh_tokens(connection.id)
    assert renewals(simulator) == []
    age(connection, simulator, seconds=17)
    auth.fresh_tokens(connection.id)
    assert renewals(simulator) == [200]


def test_who_is_killed_between_the_answer_and_the_commit_loses_no_login(
    connection: ExactConnection, simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    expire(connection, simulator)
    die_after_the_answer(connection, monkeypatch)
    connection.renewing_until = now() - timedelta(seconds=1)
    db.session.commit()

    tokens = auth.fresh_tokens(connection.id)

    assert renewals(simulator) == [200]
    assert simulator.state.tokens.holder(tokens.access_token)
    assert not list(instance(connection).glob("exact-login*"))


@pytest.mark.one_database
def test_a_full_disk_stops_no_renewal_and_is_not_littered(
    connection: ExactConnection, simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    def is_full(_draft: str, _path: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "replace", is_full)
    expire(connection, simulator)

    auth.fresh_tokens(connection.id)

    assert renewals(simulator) == [200]
    assert not list(instance(connection).glob("exact-login*"))


class Killed(BaseException):
    """As kill -9 does."""


def killed(*_args: object) -> None:
    raise Killed


def die_after_the_answer(connection: ExactConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(auth, "_store", killed)
    with pytest.raises(Killed):
        auth.fresh_tokens(connection.id)
    monkeypatch.undo()


def instance(connection: ExactConnection) -> Path:
    """Where a renewed pair is put by."""
    return renewed._file(connection.id).parent


@pytest.mark.one_database
def test_a_login_that_was_taken_for_lost_is_there_again_when_the_new_pair_is_found(
    connection: ExactConnection, simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    expire(connection, simulator)
    die_after_the_answer(connection, monkeypatch)
    auth.lose_login(connection.id, auth.tokens_of(connection))

    keeping.watch_logins()

    open_client(connection.id).me()
    assert renewals(simulator) == [200]
    assert connection.loss_told_at is None


@pytest.mark.one_database
def test_a_database_that_is_busy_gets_the_new_pair_later(
    connection: ExactConnection, simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    expire(connection, simulator)
    store, busy = auth._store, [True, True]

    def wait(*args: Any) -> None:
        if busy:
            busy.pop()
            raise OperationalError("update", {}, Exception("database is locked"))
        store(*args)

    monkeypatch.setattr(auth, "_store", wait)
    monkeypatch.setattr(auth, "OFFER_AGAIN", 0)
    auth.fresh_tokens(connection.id)
    assert not busy
    assert renewals(simulator) == [200]


def test_the_lease_of_a_dead_process_runs_out(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    expire(connection, simulator)
    connection.renewing_until = now() + timedelta(seconds=0.3)
    db.session.commit()
    auth.fresh_tokens(connection.id)
    assert renewals(simulator) == [200]


@pytest.mark.one_database
def test_a_fresh_token_that_exact_refuses_is_asked_about_once_and_the_link_rests(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    age(connection, simulator, minutes=5)
    for _each in range(3):
        with pytest.raises(ExactUnavailable, match="refused"):
            auth.fresh_tokens(connection.id, refused=connection.access_token or "")
    assert renewals(simulator) == [400]
    db.session.refresh(connection)
    assert connection.paused_until
    assert timedelta(minutes=4) < connection.paused_until - now() < timedelta(minutes=5)
    age(connection, simulator, minutes=5)
    connection.paused_until = now()
    db.session.commit()
    auth.fresh_tokens(connection.id)
    assert renewals(simulator) == [200]


@pytest.mark.one_database
def test_a_token_that_never_worked_means_that_the_login_is_lost(
    connection: ExactConnection,
) -> None:
    with pytest.raises(ExactNotConnected):
        auth.fresh_tokens(connection.id, refused=connection.access_token or "")
    db.session.refresh(connection)
    assert connection.state is ConnectionState.NEEDS_LOGIN


@pytest.mark.one_database
def test_a_page_in_the_place_of_the_token_endpoint_loses_no_login(
    connection: ExactConnection, simulator: RunningSimulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    expire(connection, simulator)

    def stray(*_args: Any) -> TokenSet:
        raise AccessRefused(403, ["Forbidden by some proxy"])

    monkeypatch.setattr(oauth, "refresh", stray)
    with pytest.raises(ExactUnavailable):
        auth.fresh_tokens(connection.id)
    db.session.refresh(connection)
    assert connection.state is ConnectionState.CONNECTED
    assert connection.renewing_until is None


@pytest.mark.one_database
def test_a_clock_that_is_minutes_ahead_asks_too_early_only_a_few_times(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    """Each time it uses the pair for longer before it asks anew."""
    ahead = timedelta(minutes=9)
    assert connection.obtained_at
    assert connection.expires_at
    connection.obtained_at -= ahead
    connection.expires_at -= ahead
    db.session.commit()
    with time_machine.travel(now(), tick=False) as traveller:
        for _each in range(60):
            auth.fresh_tokens(connection.id)
            traveller.shift(10)
            simulator.clock.jump(seconds=10)
    assert renewals(simulator)[-1] == 200
    assert len(renewals(simulator)) <= 7


def test_nobody_else_renews_while_one_may_still_wait_for_two_answers() -> None:
    assert 2 * sum(oauth.TIMEOUT) < auth.RENEWAL_LEASE.total_seconds()
