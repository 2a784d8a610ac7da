"""Background work: on a real queue, by real workers, told by a real clock."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, current_app
from sqlalchemy import select

from ppplanner.config import Config
from ppplanner.extensions import db
from ppplanner.jobs import LINKS, QUEUE, enqueue, enqueue_after_commit, queue
from ppplanner.models import Change, CompanyGroup
from ppplanner.schedules import CORE_SCHEDULES
from tests.conftest import SECRET
from tests.sample_jobs import fail_halfway, make_group, work_until_told_to_stop

ROOT = Path(__file__).parent.parent
pytestmark = pytest.mark.both_databases

RunJobs = Callable[[], int]


def groups() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(select(CompanyGroup.name).order_by(CompanyGroup.name)))


def test_a_job_works_with_a_session_of_its_own(app: Flask, run_jobs: RunJobs) -> None:
    enqueue(make_group, "By job")
    mine = CompanyGroup(name="Mine")
    assert run_jobs() == 1
    db.session.add(mine)
    assert groups() == ["By job"]


def test_what_a_job_changes_is_put_to_its_name(app: Flask, run_jobs: RunJobs) -> None:
    enqueue(make_group, "By job")
    run_jobs()
    assert list(db.session.scalars(select(Change.actor))) == ["make group"]


def test_a_job_that_fails_leaves_nothing_and_is_kept_to_look_at(
    app: Flask, run_jobs: RunJobs
) -> None:
    enqueue(fail_halfway, "Lost")
    with pytest.raises(RuntimeError, match="halfway"):
        run_jobs()
    assert groups() == []
    assert queue().failed_job_registry.count == 1


def test_a_bell_rings_with_the_commit(app: Flask) -> None:
    enqueue_after_commit(make_group, "Rung")
    db.session.add(CompanyGroup(name="Mine"))
    db.session.flush()
    assert queue().count == 0
    db.session.commit()
    assert queue().count == 1
    db.session.add(CompanyGroup(name="Later"))
    db.session.commit()
    assert queue().count == 1


def test_a_bell_rings_once_however_often_it_is_asked_for(app: Flask) -> None:
    for name in ("Rung", "Rung", "Another"):
        enqueue_after_commit(make_group, name)
    for _n in range(2):
        enqueue_after_commit(make_group, "Elsewhere", on=LINKS)
    db.session.add(CompanyGroup(name="Mine"))
    db.session.commit()
    assert (queue().count, queue(LINKS).count) == (2, 1)


def test_a_bell_is_forgotten_with_the_rollback(app: Flask) -> None:
    enqueue_after_commit(make_group, "Silent")
    db.session.add(CompanyGroup(name="Mine"))
    db.session.flush()
    db.session.rollback()
    db.session.add(CompanyGroup(name="Other"))
    db.session.commit()
    assert queue().count == 0


def test_savepoints_neither_ring_nor_silence_a_bell(app: Flask) -> None:
    enqueue_after_commit(make_group, "Rung")
    with db.session.begin_nested():
        db.session.add(CompanyGroup(name="Kept"))
    savepoint = db.session.begin_nested()
    db.session.add(CompanyGroup(name="Lost"))
    savepoint.rollback()
    assert queue().count == 0
    db.session.commit()
    assert queue().count == 1
    assert groups() == ["Kept"]


@pytest.fixture
def no_queue(app: Flask) -> Iterator[None]:
    """A queue server that is not there."""
    there = app.config["REDIS_URL"]
    app.extensions.pop("redis", None)
    app.config["REDIS_URL"] = "unix:///nowhere/queue.sock"
    yield
    app.extensions.pop("redis", None)
    app.config["REDIS_URL"] = there


def test_saving_works_without_the_queue(
    app: Flask, no_queue: None, caplog: pytest.LogCaptureFixture
) -> None:
    started = time.monotonic()
    enqueue_after_commit(make_group, "Later")
    db.session.add(CompanyGroup(name="Saved"))
    db.session.commit()
    assert time.monotonic() - started < 1
    assert groups() == ["Saved"]
    assert "make_group waits for the clock" in caplog.text


@pytest.fixture
def mute_queue(app: Flask, tmp_path: Path) -> Iterator[None]:
    """A queue server that takes connections and never says a word."""
    there = app.config["REDIS_URL"]
    app.extensions.pop("redis", None)
    path = tmp_path / "mute.sock"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        app.config["REDIS_URL"] = f"unix://{path}"
        yield
    app.extensions.pop("redis", None)
    app.config["REDIS_URL"] = there


def test_nobody_waits_for_a_queue_that_does_not_answer(app: Flask, mute_queue: None) -> None:
    started = time.monotonic()
    for _ in range(50):
        enqueue(make_group, "Later")
    assert time.monotonic() - started < 1


@pytest.fixture
def command(app: Flask) -> list[str]:
    return [sys.executable, "-m", "flask", "--app", "wsgi"]


@pytest.fixture
def variables(app: Flask) -> dict[str, str]:
    """The environment of another process of the same installation."""
    config: Config = current_app.config["PPPLANNER"]
    wanted = ("INSTANCE_PATH", "DATABASE_URL", "REDIS_URL", "ADDONS")
    return {**os.environ, "SECRET_KEY": SECRET, **{name: config.environ[name] for name in wanted}}


def test_a_worker_does_what_waits_in_its_queues_each_in_a_process_of_its_own(
    app: Flask, command: list[str], variables: dict[str, str]
) -> None:
    for name in ("first", "second"):
        enqueue(make_group, name)
    enqueue(fail_halfway, "lost")
    enqueue(make_group, "for others", on=LINKS)
    db.session.rollback()
    worker = [*command, "worker", "--burst", "--queue", QUEUE]
    done = subprocess.run(worker, cwd=ROOT, env=variables, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert groups() == ["first", "second"]
    assert queue().failed_job_registry.count == 1
    assert queue(LINKS).count == 1


@pytest.mark.one_database
def test_a_long_job_learns_that_its_worker_is_told_to_stop(
    app: Flask, command: list[str], variables: dict[str, str]
) -> None:
    enqueue(work_until_told_to_stop)
    with subprocess.Popen([*command, "worker"], cwd=ROOT, env=variables) as worker:
        deadline = time.monotonic() + 30
        while not queue().started_job_registry.count and time.monotonic() < deadline:
            time.sleep(0.05)
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
    db.session.rollback()
    assert groups() == ["told"]


@pytest.mark.one_database
def test_the_clock_puts_scheduled_jobs_on_the_queue_until_it_is_told_to_stop(
    app: Flask, command: list[str], variables: dict[str, str]
) -> None:
    with subprocess.Popen([*command, "clock"], cwd=ROOT, env=variables) as clock:
        deadline = time.monotonic() + 30
        while queue().count < len(CORE_SCHEDULES) and time.monotonic() < deadline:
            time.sleep(0.05)
        clock.send_signal(signal.SIGTERM)
        assert clock.wait(10) == 0
    assert [waiting.func_name for waiting in queue().jobs] == [
        "ppplanner.documents.jobs.make_missing_pdfs",
        "ppplanner.invoice_runs.wake_lost_runs",
        "ppplanner.mailing.jobs.send_mails",
        "ppplanner.upkeep.count_rows",
        "ppplanner.upkeep.forget_old_uploads",
    ]
