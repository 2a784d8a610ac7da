"""What Exact trusts us with is nowhere to be read: no log, no history, no page, no story."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import LargeBinary, String, cast, inspect, select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.integrations.exact import forwarding, linking
from ppplanner.integrations.exact.auth import Login, app_of, fresh_tokens
from ppplanner.integrations.exact.models import ExactConnection
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.models import Base, Invoice
from tests.conftest import Login as LogIn

LOOSE = "a secret that Exact does not know"


def work_a_day(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> set[str]:
    """A day with Exact, with its troubles; every secret that took part in it."""
    seen = {connection.client_secret, *_tokens(connection)}
    simulator.fail_next("drop_after", "salesentry/SalesEntries", method="POST")
    forwarding.forward([invoice.id], by="Anke")
    db.session.commit()
    run_outbox(connection.id)
    with time_machine.travel(now() + timedelta(minutes=11), tick=True):
        simulator.clock.jump(minutes=11)
        run_outbox(connection.id)
        seen |= set(_tokens(connection))
        connection.client_secret = LOOSE
        db.session.commit()
        linking.disconnect(connection)
        db.session.commit()
    return seen | {LOOSE}


def _tokens(connection: ExactConnection) -> tuple[str, str]:
    db.session.refresh(connection)
    return connection.access_token or "", connection.refresh_token or ""


def test_no_secret_is_logged_or_stored_in_the_open(
    connection: ExactConnection,
    simulator: RunningSimulator,
    invoice: Invoice,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    secrets = work_a_day(connection, simulator, invoice)
    assert len(secrets) == 6
    logged = "\n".join(f"{each.getMessage()} {each.exc_text}" for each in caplog.records)
    assert "oauth2/token" in logged
    assert not [secret for secret in secrets if secret in logged]
    stored = "\n".join(_all_rows())
    assert "exact_connections" in stored
    assert not [secret for secret in secrets if secret in stored]


def _all_rows() -> list[str]:
    """Every row of every table as the database holds it."""
    db.session.commit()
    there, rows = inspect(db.engine).get_table_names(), []
    for table in Base.metadata.sorted_tables:
        if table.name in there:
            texts = (each for each in table.columns if not isinstance(each.type, LargeBinary))
            columns = [cast(column, String) for column in texts]
            rows += [f"{table.name} {tuple(row)}" for row in db.session.execute(select(*columns))]
    return rows


def test_no_page_shows_a_secret(
    connection: ExactConnection, invoice: Invoice, login: LogIn
) -> None:
    browser = login()
    secrets = {connection.client_secret, *_tokens(connection)}
    pages = ["/exact/", f"/exact/companies/{connection.company_id}/app", f"/invoices/{invoice.id}"]
    for page in pages:
        answer = browser.get(page, follow_redirects=True)
        assert answer.status_code == 200, page
        assert not [secret for secret in secrets if secret in answer.text]


def test_what_holds_a_secret_does_not_show_it(connection: ExactConnection) -> None:
    secrets = {connection.client_secret, *_tokens(connection)}
    tokens, app = fresh_tokens(connection.id), app_of(connection)
    shown = f"{tokens!r} {app!r} {connection!r} {connection} {Login(connection.id, app)!r}"
    assert not [secret for secret in secrets if secret in shown]
