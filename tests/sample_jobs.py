"""Jobs for tests, in a module that a worker imports quickly."""

from __future__ import annotations

import time

from ppplanner.extensions import db
from ppplanner.jobs import is_told_to_stop, job
from ppplanner.models import CompanyGroup


@job
def make_group(name: str) -> None:
    db.session.add(CompanyGroup(name=name))
    db.session.commit()


@job
def work_until_told_to_stop() -> None:
    deadline = time.monotonic() + 30
    while not is_told_to_stop() and time.monotonic() < deadline:
        time.sleep(0.05)
    make_group("told" if is_told_to_stop() else "not told")


@job
def fail_halfway(name: str) -> None:
    db.session.add(CompanyGroup(name=name))
    db.session.flush()
    raise RuntimeError("halfway")
