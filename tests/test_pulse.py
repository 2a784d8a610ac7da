"""Whether the parts of an installation live, as their servers know it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from redis import Redis
from rq import Worker
from rq.cron import CronScheduler
from sqlalchemy import text

from ppplanner import jobs, pulse
from ppplanner.clock import now
from ppplanner.extensions import db
from tests.sample_jobs import make_group

SOON = timedelta(seconds=30)


def line(name: str = jobs.QUEUE) -> pulse.Line:
    return next(each for each in pulse.lines() if each.name == name)


@pytest.mark.both_databases
def test_tables_of_another_version_are_noticed(app: Flask) -> None:
    assert pulse.tables_fit()

    db.session.execute(text("update alembic_version set version_num = 'of another one'"))

    assert not pulse.tables_fit()
    db.session.execute(text("drop table alembic_version"))
    assert not pulse.tables_fit()
    db.session.rollback()
    assert pulse.tables_fit()


def test_the_clock_is_seen_while_it_ticks(app: Flask, redis: Redis) -> None:
    assert pulse.clock_seen_at() is None
    clock = CronScheduler(connection=redis, name=jobs.CLOCK)

    clock.register_birth()

    seen = pulse.clock_seen_at()
    assert seen is not None
    assert abs(now() - seen) < SOON
    clock.register_death()
    assert pulse.clock_seen_at() is None


def test_only_workers_that_listen_count_also_after_the_server_was_emptied(
    app: Flask, redis: Redis
) -> None:
    names = (jobs.QUEUE, jobs.LATER)
    worker = Worker(names, jobs.worker_name(names), connection=redis)
    with redis.pubsub() as orders:  # type: ignore[no-untyped-call]
        orders.subscribe(worker.pubsub_channel_name)
        redis.flushall()
        assert [line(name).workers for name in jobs.QUEUES] == [1, 1, 0]
    assert line().workers == 0


def test_a_queue_says_how_many_wait_and_since_when(app: Flask) -> None:
    assert (line().waiting, line().since) == (0, None)

    for name in ("first", "second"):
        jobs.enqueue(make_group, name)

    assert line().waiting == 2
    since = line().since
    assert since is not None
    assert abs(now() - since) < SOON
