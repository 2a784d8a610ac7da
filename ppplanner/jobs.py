"""Background work: jobs on an RQ queue, the worker that does them, the clock that starts them.

The database is the truth and the queue only a bell: whoever enqueues must be able to find the work
again without it. So a queue that cannot be reached is logged and forgiven.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast
from uuid import uuid4

from flask import current_app
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker, get_current_job
from rq.cron import CronScheduler
from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from ppplanner.addons.registry import registry
from ppplanner.extensions import IMPATIENT, db
from ppplanner.history import Actor, acting

log = logging.getLogger(__name__)

P = ParamSpec("P")
R = TypeVar("R")

QUEUE = "ppplanner"
#: For what nobody waits for: done only while the first queue is empty.
LATER = "ppplanner-later"
#: For what waits for other people's servers: with a worker of its own, it holds up nothing of ours.
LINKS = "ppplanner-links"
#: In the order in which a worker looks into them.
QUEUES = (QUEUE, LATER, LINKS)
#: What the one clock is called on the queue's server.
CLOCK = "ppplanner-clock"
#: Seconds after which a job is stopped.
TIMEOUT = 3600
#: Seconds that a failed job is kept for people to look at, and a finished one.
FAILURE_TTL, RESULT_TTL = 7 * 24 * 3600, 60
#: Seconds that a worker and the clock wait for the queue's server.
PATIENCE = 5
#: Seconds for which a queue that did not answer is left alone, so that no page asks it many times.
SILENCE = 5


def redis() -> Redis:
    """The connection of pages and jobs to the queue's server, shared by the process."""
    extensions = current_app.extensions
    if "redis" not in extensions:
        extensions["redis"] = Redis.from_url(current_app.config["REDIS_URL"], **IMPATIENT)
    return cast(Redis, extensions["redis"])


def _patient() -> Redis:
    """A connection for those who live from the queue."""
    url = current_app.config["REDIS_URL"]
    return Redis.from_url(url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)


def queue(name: str = QUEUE) -> Queue:
    return Queue(name, connection=redis())


def job(func: Callable[P, R]) -> Callable[P, R]:
    """Give every run a fresh app context, and with it a fresh database session."""

    @wraps(func)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        with current_app.app_context(), acting(Actor(func.__name__.replace("_", " "))):
            return func(*args, **kwargs)

    return run


def enqueue(func: Callable[..., object], *args: Any, on: str = QUEUE, first: bool = False) -> None:
    """Ring the bell for a job now; `first`: it goes before those that wait in the queue. If the
    queue does not answer, the clock will find the work.
    """
    extensions = current_app.extensions
    if time.monotonic() < extensions.get("queue_silent_until", 0):
        return
    try:
        queue(on).enqueue(
            func,
            *args,
            job_timeout=TIMEOUT,
            result_ttl=RESULT_TTL,
            failure_ttl=FAILURE_TTL,
            at_front=first,
        )
    except RedisError:
        extensions["queue_silent_until"] = time.monotonic() + SILENCE
        log.warning("the queue does not answer; %s waits for the clock", func.__name__)


def take_along(func: Callable[..., object], on: str = QUEUE) -> None:
    """Take the bells off the queue that wait for the same job: who does it now does it for all."""
    name, line = f"{func.__module__}.{func.__qualname__}", queue(on)
    try:
        for each in line.jobs:
            if each.func_name == name and line.remove(each):
                each.delete(remove_from_queue=False)
    except RedisError:
        log.warning("the queue does not answer; %s is done once more than needed", func.__name__)


def enqueue_after_commit(func: Callable[..., object], *args: Any, on: str = QUEUE) -> None:
    """Ring the bell once, when the present transaction is committed; never if it is rolled back."""
    bells = db.session().info.setdefault("bells", [])
    if (func, args, on) not in bells:
        bells.append((func, args, on))


@event.listens_for(Session, "after_commit")
def _ring(session: Session) -> None:
    if session.in_nested_transaction():
        return
    for func, args, on in session.info.pop("bells", []):
        enqueue(func, *args, on=on)


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, ended: SessionTransaction) -> None:
    if ended.parent is None:
        session.info.pop("bells", None)


def work(burst: bool = False, names: Sequence[str] = QUEUES) -> None:
    """Do the jobs of these queues until told to stop. Each one runs in a process of its own."""
    db.engine.dispose()  # a forked job must not share the parent's connections
    connection = _patient()
    queues = [Queue(name, connection=connection) for name in names]
    worker = Worker(queues, worker_name(names), connection=connection)
    worker.work(burst=burst, with_scheduler=True)


def is_told_to_stop() -> bool:
    """Whether the worker that does this job has been told to stop, and waits for its end: a long
    one then ends where it can go on later.
    """
    job = get_current_job()
    if job is None or not job.worker_name:
        return False
    told = Worker.redis_worker_namespace_prefix + job.worker_name, "shutdown_requested_date"
    try:
        return bool(redis().hexists(*told))
    except RedisError:
        return False


def worker_name(names: Sequence[str]) -> str:
    """A new one, that tells the queues: the server's own list of workers may be emptied."""
    return f"{','.join(names)}.{uuid4().hex}"


def queues_of(worker: str) -> list[str]:
    """The queues of the worker with this name."""
    return worker.partition(".")[0].split(",")


def tick() -> None:
    """Put the scheduled jobs of the core and its add-ons on the queue, until told to stop."""
    from ppplanner.schedules import CORE_SCHEDULES  # these name jobs, which are made with this file

    clock = CronScheduler(connection=_patient(), name=CLOCK)
    for schedule in (*CORE_SCHEDULES, *registry().schedules()):
        clock.register(
            schedule.job,
            QUEUE,
            interval=int(schedule.every.total_seconds()),
            result_ttl=RESULT_TTL,
            failure_ttl=FAILURE_TTL,
        )
    clock.start()  # type: ignore[no-untyped-call]
