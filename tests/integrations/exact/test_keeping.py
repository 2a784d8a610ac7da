"""A login that nobody uses is kept alive; who can help it hears of one that ends, or is lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.integrations.exact import auth, forwarding, jobs, keeping, linking
from ppplanner.integrations.exact.errors import ExactNotConnected
from ppplanner.integrations.exact.models import ConnectionState, ExactConnection
from ppplanner.integrations.exact.settings import exact_settings
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.mailing.jobs import send_mails
from ppplanner.models import Invoice, Mail
from ppplanner.models.user import User
from tests.conftest import Login as LogIn
from tests.factories import make_user
from tests.integrations.exact.logins import log_in_again

pytestmark = pytest.mark.one_database

RunJobs = Callable[[], int]


@pytest.fixture
def administrator(connection: ExactConnection) -> User:
    """Who sets the link up, and reads mails."""
    return make_user(["exact.view", "exact.configure"], email="ann@firm.example", name="Ann")


def days_pass(simulator: RunningSimulator, days: float) -> time_machine.travel:
    simulator.clock.jump(days=days)
    return time_machine.travel(now() + timedelta(days=days), tick=True)


def switch(connection: ExactConnection, **values: Any) -> None:
    present = asdict(exact_settings.load(connection.company_id))
    exact_settings.save(connection.company_id, **{**present, **values})
    db.session.commit()


def subjects() -> list[str]:
    return list(db.session.scalars(select(Mail.subject).order_by(Mail.id)))


def renewals(simulator: RunningSimulator) -> list[int | None]:
    return [call.status for call in simulator.log if call.path.endswith("/token")]


def test_a_login_that_nobody_used_for_a_week_is_renewed(
    connection: ExactConnection, simulator: RunningSimulator, run_jobs: RunJobs
) -> None:
    connection.lists_asked_at = now() + timedelta(days=9)
    db.session.commit()
    with days_pass(simulator, 7):
        for _again in range(2):
            jobs.tick()
            run_jobs()
        assert renewals(simulator) == [200]


def test_where_the_link_is_off_nothing_is_asked_but_people_are_warned_four_times_each_once(
    connection: ExactConnection, simulator: RunningSimulator, administrator: User, login: LogIn
) -> None:
    switch(connection, enabled=False)
    browser, colleague = login(user=administrator), login("exact.view")
    assert "ends on" not in browser.get("/").text
    for day in range(30):
        with time_machine.travel(now() + timedelta(days=day, hours=1), tick=True):
            jobs.tick()
            jobs.tick()
            if day == 20:
                assert "ends on" in browser.get("/").text
                assert "ends on" not in colleague.get("/").text
    assert len(subjects()) == len(keeping.WARNINGS)
    assert all("ends on" in each for each in subjects())
    assert not simulator.log
    assert "ends on" in browser.get("/").text
    linking.disconnect(connection)
    assert "ends on" not in browser.get("/").text


def test_a_login_that_was_not_used_for_30_days_has_ended(
    connection: ExactConnection, simulator: RunningSimulator, administrator: User
) -> None:
    switch(connection, enabled=False)
    with days_pass(simulator, 30.5):
        jobs.tick()
        jobs.tick()
    db.session.refresh(connection)
    assert connection.state is ConnectionState.NEEDS_LOGIN
    assert subjects() == ["The login with Exact of Verhuur Peeters has ended"]


def test_where_the_link_is_on_a_login_is_lost_only_when_exact_says_so(
    connection: ExactConnection,
    simulator: RunningSimulator,
    administrator: User,
    run_jobs: RunJobs,
) -> None:
    db.session.commit()
    with time_machine.travel(now() + timedelta(days=31), tick=True):  # a clock that is wrong
        jobs.tick()
    run_jobs()
    jobs.tick()
    db.session.refresh(connection)
    assert connection.is_connected
    assert subjects() == []
    db.session.commit()
    with days_pass(simulator, 31):
        jobs.tick()
        run_jobs()
        jobs.tick()
    db.session.refresh(connection)
    assert connection.state is ConnectionState.NEEDS_LOGIN
    assert subjects() == ["The login with Exact of Verhuur Peeters has ended"]


def test_the_whole_story_of_a_lost_login(
    connection: ExactConnection,
    simulator: RunningSimulator,
    administrator: User,
    invoice: Invoice,
    login: LogIn,
    run_jobs: RunJobs,
) -> None:
    """Work stops and stays, the bar is red, people hear of it once; all goes on by itself after."""
    simulator.revoke()
    forwarding.forward([invoice.id], by="Anke")
    db.session.commit()
    for _again in range(3):
        jobs.tick()
        run_jobs()
    assert simulator.entries() == []
    assert subjects() == ["The login with Exact of Verhuur Peeters has ended"]
    [mail] = db.session.scalars(select(Mail))
    assert "1 record waits to go there" in mail.body
    assert mail.recipient == "ann@firm.example"
    assert mail.attempts == 1, "it was handed in, or tried, at once"
    assert "has ended" in login(user=administrator).get("/").text

    log_in_again(connection, simulator)
    jobs.tick()
    run_jobs()
    assert len(simulator.entries()) == 1
    assert "has ended" not in login(user=administrator).get("/").text

    simulator.revoke()
    with pytest.raises(ExactNotConnected):
        auth.Login(connection.id, auth.app_of(connection)).try_newer()
    jobs.tick()
    assert len(subjects()) == 2, "another loss is told anew"


def test_without_any_address_the_loss_is_told_on_the_screen_only(
    connection: ExactConnection, login: LogIn
) -> None:
    browser = login("exact.view", "exact.configure")
    page = f"/exact/companies/{connection.company_id}"
    assert "nobody: who may set up the link has no e-mail address" in browser.get(page).text
    auth.lose_login(connection.id, auth.tokens_of(connection))
    jobs.tick()
    send_mails()
    assert subjects() == []
    assert "has ended" in browser.get("/").text
    db.session.refresh(connection)
    assert connection.loss_told_at is not None
