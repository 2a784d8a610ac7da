"""The doctor: each thing that can be wrong is caused once, and named with who can cure it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import time, timedelta
from pathlib import Path

import pytest
import time_machine
from cryptography.fernet import Fernet
from flask import Flask
from redis import Redis
from redis.client import PubSub
from rq import Worker
from rq.cron import CronScheduler
from rq.cron_scheduler_registry import get_registry_key
from sqlalchemy import delete, select, text
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from ppplanner import jobs
from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.formats import moment
from ppplanner.integrations.exact import forwarding
from ppplanner.integrations.exact.call_counts import Count
from ppplanner.integrations.exact.doctor import asking
from ppplanner.integrations.exact.doctor import login as doctor_of_logins
from ppplanner.integrations.exact.doctor.examination import Examination, everybody, examine
from ppplanner.integrations.exact.doctor.findings import Finding, Level, Who
from ppplanner.integrations.exact.doctor.telling import as_json, as_lines
from ppplanner.integrations.exact.fuse import key_of
from ppplanner.integrations.exact.messages import UNAVAILABLE
from ppplanner.integrations.exact.models import (
    ConnectionState,
    ExactConnection,
    ExactCountedError,
    ExactOutboxEntry,
    ExactVatLink,
    RunKind,
    WorkState,
)
from ppplanner.integrations.exact.runs import begin_run
from ppplanner.integrations.exact.settings import exact_settings
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.simulator.people import ESTATE
from ppplanner.integrations.exact.sync.nights import last_due
from ppplanner.models import BusinessUnit, Company, Invoice, User
from tests.conftest import Browser, Login
from tests.factories import make_company, make_user
from tests.integrations.exact.conftest import Connect
from tests.sample_jobs import make_group

pytestmark = pytest.mark.one_database

README = (Path(__file__).parents[3] / "ppplanner/integrations/exact/README.md").read_text()
ROW = re.compile(r"^\| (`[^|]+) \|", re.MULTILINE)
CODE = re.compile(r"`([^`]+)`")


def trouble(found: Examination) -> list[tuple[str, Level, Who | None]]:
    """Everything that is not in order."""
    return [(each.check, each.level, each.who) for part in found.parts for each in part.trouble]


def look() -> list[tuple[str, Level, Who | None]]:
    db.session.commit()
    return trouble(examine())


def finding(check: str, found: Examination | None = None) -> Finding:
    parts = (found or examine()).parts
    return next(each for part in parts for each in part.findings if each.check == check)


@pytest.fixture(autouse=True)
def administrator(app: Flask) -> User:
    """Somebody hears by mail of what needs a person."""
    return make_user(["exact.configure"], email="els@firm.example")


@pytest.fixture(autouse=True)
def orders(app: Flask, redis: Redis) -> Iterator[PubSub]:
    """Where the worker listens, who lives, as a clock does."""
    clock = CronScheduler(connection=redis, name=jobs.CLOCK)
    clock.register_birth()
    worker = Worker(jobs.QUEUES, jobs.worker_name(jobs.QUEUES), connection=redis)
    with redis.pubsub() as orders:  # type: ignore[no-untyped-call]
        orders.subscribe(worker.pubsub_channel_name)
        yield orders


def test_a_link_that_works_has_no_trouble_and_one_that_is_not_there_is_not_missed(
    app: Flask, company: Company, connect: Connect
) -> None:
    assert look() == []
    connect(company)
    found = examine(everybody)
    assert trouble(found) == []


def test_the_readme_explains_every_check(app: Flask, connection: ExactConnection) -> None:
    table = README.partition("## Is all well?")[2].partition("\n## ")[0]
    explained = {code for row in ROW.findall(table) for code in CODE.findall(row)}
    found = examine(everybody)
    looked_at = {each.check for part in found.parts for each in part.findings}
    assert looked_at | {"links"} == explained  # "links" speaks only when it cannot be made


# --- the installation -------------------------------------------------------------------------


def test_a_clock_and_workers_that_are_gone(app: Flask, redis: Redis, orders: PubSub) -> None:
    orders.close()
    redis.zadd(get_registry_key(), {jobs.CLOCK: (now() - timedelta(minutes=9)).timestamp()})

    assert look() == [
        ("clock", Level.PROBLEM, Who.OPERATOR),
        ("workers", Level.PROBLEM, Who.OPERATOR),
    ]
    assert "9 minutes" in finding("clock").text
    redis.delete(get_registry_key())
    assert finding("clock").text == "No clock runs."


def test_jobs_that_wait_for_long_and_tables_of_another_version(app: Flask) -> None:
    with time_machine.travel(now() - timedelta(minutes=30)):
        jobs.enqueue(make_group, "Waits")
    db.session.execute(text("insert into alembic_version values ('of another one')"))

    assert look() == [
        ("database", Level.PROBLEM, Who.OPERATOR),
        ("jobs", Level.WARNING, Who.OPERATOR),
    ]
    assert finding("jobs").details == ["ppplanner: 1 job, for 30 minutes."]


def test_without_the_queue_s_server_all_else_is_still_looked_at(
    app: Flask, connection: ExactConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection.sales_journal = ""
    db.session.commit()
    monkeypatch.setitem(app.extensions, "redis", Redis.from_url("unix:///nowhere/queue.sock"))

    assert look() == [
        ("queue", Level.PROBLEM, Who.OPERATOR),
        ("clock", Level.WARNING, Who.OPERATOR),
        ("workers", Level.WARNING, Who.OPERATOR),
        ("jobs", Level.WARNING, Who.OPERATOR),
        ("journal", Level.PROBLEM, Who.ADMINISTRATOR),
    ]


def test_without_the_database_the_rest_of_the_installation_is_still_looked_at(
    app: Flask, connection: ExactConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_answer(*_args: object) -> None:
        raise OperationalError("select", {}, Exception("the database is locked"))

    monkeypatch.setattr(db.session, "execute", no_answer)
    monkeypatch.setattr(db.session, "scalars", no_answer)

    found = examine()

    assert trouble(found) == [
        ("database", Level.PROBLEM, Who.OPERATOR),
        ("links", Level.PROBLEM, Who.OPERATOR),
    ]
    assert finding("clock", found).level is Level.OK
    assert "No company is linked" not in "".join(as_lines(found))


# --- the link ---------------------------------------------------------------------------------


def test_a_login_that_ended_or_is_about_to(connection: ExactConnection) -> None:
    connection.obtained_at = now() - timedelta(days=20)
    assert look() == [("login", Level.WARNING, Who.ADMINISTRATOR)]
    connection.obtained_at = now() - timedelta(days=28)
    assert look() == [("login", Level.PROBLEM, Who.ADMINISTRATOR)]
    assert f"renewed on {moment(connection.obtained_at)}." in finding("login").text
    connection.state = ConnectionState.NEEDS_LOGIN
    assert look() == [("login", Level.PROBLEM, Who.ADMINISTRATOR)]
    assert finding("login").text.startswith("The login with Exact has ended.")


def test_nobody_who_can_be_mailed_when_a_login_ends(
    connection: ExactConnection, administrator: User
) -> None:
    assert finding("mails").text == "1 person gets a mail when the login ends."

    administrator.email = ""
    make_user(["exact.view"], email="anke@firm.example")

    assert look() == [("mails", Level.WARNING, Who.ADMINISTRATOR)]
    assert finding("mails").text.startswith("Nobody gets a mail when the login ends")


def test_a_link_that_is_off_while_something_waits(
    connection: ExactConnection, invoice: Invoice
) -> None:
    forwarding.forward([invoice.id], by="Anke")
    exact_settings.save(connection.company_id, enabled=False)

    assert look() == [("switch", Level.WARNING, Who.ADMINISTRATOR)]


def test_a_person_at_exact_for_two_companies(connection: ExactConnection, connect: Connect) -> None:
    connect(make_company(name="Second"))

    assert look() == [("shared-login", Level.WARNING, Who.ADMINISTRATOR)] * 2


def test_a_pause_that_passes_and_one_that_does_not(connection: ExactConnection) -> None:
    connection.paused_until = now() + timedelta(minutes=5)
    connection.pause_reason = {"text": UNAVAILABLE["no_answer"], "params": {}}
    assert look() == [("pause", Level.WARNING, Who.NOBODY)]
    assert "Exact does not answer" in finding("pause").advice

    connection.failures, connection.last_answer_at = 9, now() - timedelta(hours=3)
    assert look() == [("pause", Level.PROBLEM, Who.NOBODY)]

    connection.pause_reason = {"text": "The Exact licence has expired.", "params": {}}
    assert look() == [("pause", Level.PROBLEM, Who.EXACT)]


def test_an_endpoint_that_refused_too_much_and_calls_that_are_spent(
    connection: ExactConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = {"key": key_of(connection), "resource": "crm/Accounts", "status": 400}
    db.session.add_all(ExactCountedError(**place) for _each in range(9))
    monkeypatch.setattr(doctor_of_logins, "calls_today", lambda _connection: Count(5000, 12, 0))

    assert look() == [
        ("refusals", Level.WARNING, Who.STAFF),
        ("quota", Level.WARNING, Who.NOBODY),
    ]


def test_secrets_of_another_key(
    connection: ExactConnection, monkeypatch: pytest.MonkeyPatch, app: Flask
) -> None:
    db.session.commit()
    other = replace(app.config["PPPLANNER"], encryption_keys=(Fernet.generate_key().decode(),))
    monkeypatch.setitem(app.config, "PPPLANNER", other)

    assert ("secrets", Level.PROBLEM, Who.OPERATOR) in look()
    assert finding("waiting").level is Level.OK


def test_what_is_not_chosen_yet_or_no_longer_offered(
    connection: ExactConnection, unit: BusinessUnit
) -> None:
    exact_settings.save(connection.company_id, transactions_send=True)
    connection.collected_at = now()
    connection.lists_fetched_at = now() - timedelta(days=3)
    connection.sales_journal = "gone"
    db.session.execute(delete(ExactVatLink))

    assert look() == [
        ("choices", Level.PROBLEM, Who.ADMINISTRATOR),
        ("vat-codes", Level.WARNING, Who.ADMINISTRATOR),
        ("business-units", Level.WARNING, Who.ADMINISTRATOR),
        ("lists", Level.WARNING, Who.ADMINISTRATOR),
    ]
    assert "gone" in finding("choices").details[0]
    assert unit.name in finding("business-units").details[0]

    connection.sales_journal = ""
    assert ("journal", Level.PROBLEM, Who.ADMINISTRATOR) in look()
    connection.division = None
    assert look() == [("administration", Level.PROBLEM, Who.ADMINISTRATOR)]


# --- the work ---------------------------------------------------------------------------------


def test_work_that_stands_still_and_one_record_that_never_goes(
    connection: ExactConnection, invoice: Invoice
) -> None:
    forwarding.forward([invoice.id], by="Anke")
    entry = db.session.scalars(select(ExactOutboxEntry)).one()
    assert look() == []
    assert finding("waiting").figures["waiting"] == 1

    entry.queued_at = connection.last_answer_at = now() - timedelta(minutes=20)
    connection.paused_until = now() - timedelta(seconds=1)
    assert look() == []
    connection.paused_until = None
    assert look() == [("waiting", Level.PROBLEM, Who.OPERATOR)]

    entry.queued_at, entry.tries = now() - timedelta(days=2), 9
    connection.last_answer_at = now()
    assert look() == [("waiting", Level.WARNING, Who.OPERATOR)]
    assert entry.title in finding("waiting").text


def test_a_night_that_went_badly_and_one_that_never_began(
    connection: ExactConnection, invoice: Invoice
) -> None:
    exact_settings.save(connection.company_id, invoices_mode="nightly", invoices_night_time="00:00")
    connection.nightly_since = now() - timedelta(days=5)
    day, due_at = last_due(now(), time(), connection.company.timezone)
    late = now() - due_at > timedelta(minutes=30)
    assert look() == ([("night", Level.PROBLEM, Who.OPERATOR)] if late else [])

    run = begin_run(connection, RunKind.NIGHT, slot=day.isoformat())
    forwarding.forward([invoice.id], by="Anke")
    entry = db.session.scalars(select(ExactOutboxEntry)).one()
    entry.run, entry.state, entry.settled_at = run, WorkState.REFUSED, now()

    assert look() == [
        ("attention", Level.WARNING, Who.STAFF),
        ("night", Level.WARNING, Who.STAFF),
    ]
    assert finding("night").figures == {"gone": 0, "need_person": 1, "waiting": 0}


def test_what_the_clock_should_do_more_often(connection: ExactConnection) -> None:
    exact_settings.save(connection.company_id, transactions_send=True, payments_fetch=True)
    connection.collected_at = connection.payments_fetched_at = now() - timedelta(hours=3)

    found = look()

    assert ("interval", Level.WARNING, Who.OPERATOR) in found
    assert ("payments", Level.WARNING, Who.OPERATOR) in found


# --- what Exact says --------------------------------------------------------------------------


def test_few_calls_are_made_and_none_writes(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    exact_settings.save(connection.company_id, transactions_send=True, payments_fetch=True)
    db.session.commit()
    simulator.log.clear()
    found = examine(everybody)
    assert finding("exact-rights", found).level is Level.OK
    calls = simulator.log.calls()
    assert len(calls) <= 16
    assert {call.method for call in calls} == {"GET"}
    simulator.log.clear()
    examine()
    assert simulator.log.calls() == []


def test_rights_that_are_missing_are_named(company: Company, connect: Connect) -> None:
    connect(company).division = ESTATE
    db.session.commit()
    found = finding("exact-rights", examine(everybody))
    assert (found.level, found.who) == (Level.PROBLEM, Who.EXACT)
    assert "journals, GL accounts, VAT codes" in found.text
    assert "customers" not in found.text


def test_an_administration_that_the_login_does_not_cover(connection: ExactConnection) -> None:
    connection.division = 1234567
    db.session.commit()
    found = finding("exact-administration", examine(everybody))
    assert (found.level, found.who) == (Level.PROBLEM, Who.ADMINISTRATOR)
    assert "does not cover the administration" in found.text


def test_a_clock_that_goes_wrong(
    connection: ExactConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "now", lambda: now() + timedelta(minutes=3))
    found = finding("exact-clock", examine(everybody))
    assert (found.level, found.who) == (Level.WARNING, Who.OPERATOR)
    assert found.text == "The clock of this machine is 3 minutes ahead of that of Exact."


def test_exact_that_does_not_answer_or_has_forgotten_the_login(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    simulator.fail_next("unavailable", times=None)
    found = finding("exact", examine(everybody))
    assert (found.level, found.who) == (Level.WARNING, Who.NOBODY)
    simulator.reset()
    found = finding("exact", examine(everybody))
    assert (found.level, found.who) == (Level.PROBLEM, Who.ADMINISTRATOR)


# --- how it is told ---------------------------------------------------------------------------


def test_no_secret_is_told(connection: ExactConnection, simulator: RunningSimulator) -> None:
    secrets = [connection.client_secret, connection.access_token, connection.refresh_token]
    found = examine(everybody)
    told = json.dumps(as_json(found)) + "".join(as_lines(found)) + repr(found)
    assert connection.company.name in told
    assert not [each for each in secrets if str(each) in told]


def test_the_command_says_what_to_do_and_ends_with_1(
    app: Flask, connection: ExactConnection
) -> None:
    run = app.test_cli_runner().invoke
    assert run(args=["exact", "doctor"]).exit_code == 0
    connection.sales_journal = ""
    db.session.commit()

    told = run(args=["exact", "doctor", "--offline"])

    assert told.exit_code == 1
    assert "  PROBLEM  Sales journal: No sales journal is chosen" in told.output
    assert "Choose the sales journal. (an administrator of the firm)" in told.output
    facts = json.loads(run(args=["exact", "doctor", "--offline", "--json"]).output)
    assert facts["status"] == "problem"
    assert facts["companies"][0]["status"] == "problem"


def test_the_page_names_trouble_and_leads_to_its_cure(
    connection: ExactConnection, login: Login, simulator: RunningSimulator
) -> None:
    connection.sales_journal = ""
    browser, key = login(), connection.id
    page = browser.get("/exact/health").text
    assert "No sales journal is chosen" in page
    assert f"/exact/connections/{key}/mapping" in page
    assert "Rights in Exact" not in page
    asked = browser.post(f"/exact/connections/{key}/health", headers={"HX-Request": "true"}).text
    assert "Rights in Exact" in asked
    assert "<html" not in asked
    assert login("exact.view", "exact.forward").get("/exact/health").status_code == 403


def test_the_page_of_a_firm_without_a_link_says_where_to_begin(login: Login) -> None:
    page = login().get("/exact/health").text
    assert "No company is linked with Exact yet" in page
    assert 'href="/exact/"' in page


def test_a_program_reads_it_with_the_token_only(
    app: Flask, connection: ExactConnection, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = "a token that is long enough for a program"

    def read(shown: str = f"Bearer {token}") -> TestResponse:
        return client.get("/exact/health.json", headers={"Authorization": shown})

    assert read().status_code == 404
    monkeypatch.setitem(app.config, "MONITORING_TOKEN", token)
    for wrong in ("Bearer another one", f"Basic {token}", token, "Bearer", "bearer é", ""):
        refused = read(wrong)
        assert refused.status_code == 401
        assert refused.headers["WWW-Authenticate"].startswith("Bearer ")
        assert "MONITORING_TOKEN" in refused.get_json()["error"]
    for scheme in ("bearer", "BEARER", "Bearer "):
        assert read(f"{scheme} {token}").status_code == 200
    assert (read().status_code, read().get_json()["status"]) == (200, "ok")
    connection.state = ConnectionState.NEEDS_LOGIN
    answer = read()
    assert (answer.status_code, answer.get_json()["status"]) == (503, "problem")
