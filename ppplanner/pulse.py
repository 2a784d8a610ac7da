"""Whether the parts of this installation live: the database's tables, the queue's server, the
clock, the workers of each queue. Facts without words: whoever tells people finds these.

Nothing is remembered between two looks, and a part that is away raises what its server raises
(`SQLAlchemyError`, `RedisError`): the one who looks decides what that means.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import cast

from alembic.script import ScriptDirectory
from flask import current_app
from rq import Queue, cron_scheduler_registry
from rq.command import PUBSUB_CHANNEL_TEMPLATE
from rq.exceptions import NoSuchJobError
from rq.job import Job
from rq.utils import as_text
from sqlalchemy import column, inspect, select, table

from ppplanner import jobs
from ppplanner.extensions import db

_VERSIONS = table("alembic_version", column("version_num"))


@dataclass(frozen=True)
class Line:
    """A queue: how many workers live from it, how many jobs wait, and since when the first does."""

    name: str
    workers: int
    waiting: int
    since: datetime | None


def tables_fit() -> bool:
    """Whether the database has the tables of this version, with those of the add-ons."""
    if not inspect(db.session.connection()).has_table(_VERSIONS.name):
        return False
    there = set(db.session.scalars(select(_VERSIONS.c.version_num)))
    return there == _wanted_versions()


def _wanted_versions() -> set[str]:
    """They come with the program, so that a process looks for them once."""
    extensions = current_app.extensions
    if "wanted_versions" not in extensions:
        scripts = ScriptDirectory.from_config(extensions["migrate"].migrate.get_config())
        extensions["wanted_versions"] = set(scripts.get_heads())
    return cast(set[str], extensions["wanted_versions"])


def ask_queue() -> None:
    """Raises RedisError when the queue's server does not answer."""
    jobs.redis().ping()


def clock_seen_at() -> datetime | None:
    """When the clock last ticked; None when it was ended, or never ran here."""
    registry = cron_scheduler_registry.get_registry_key()
    seen = jobs.redis().zscore(registry, jobs.CLOCK)
    return None if seen is None else datetime.fromtimestamp(seen, UTC)


def lines() -> list[Line]:
    """Each queue that jobs are put on."""
    workers = _living()
    return [_line(jobs.queue(name), workers[name]) for name in jobs.QUEUES]


def _line(queue: Queue, workers: int) -> Line:
    return Line(queue.name, workers, queue.count, _first_since(queue))


def _living() -> Counter[str]:
    """How many workers each queue has: those that listen for orders. In the server's own list one
    that was killed stays for minutes, and after the server was emptied it holds none.
    """
    channels = map(as_text, jobs.redis().pubsub_channels(PUBSUB_CHANNEL_TEMPLATE % "*"))
    workers = (channel.removeprefix(PUBSUB_CHANNEL_TEMPLATE % "") for channel in channels)
    return Counter(name for worker in workers for name in jobs.queues_of(worker))


def _first_since(queue: Queue) -> datetime | None:
    for job_id in queue.get_job_ids(0, 1):
        try:
            return Job.fetch(job_id, connection=queue.connection).enqueued_at
        except NoSuchJobError:  # begun meanwhile
            return None
    return None
