"""Jobs for tests, in a module that a worker imports quickly."""

from __future__ import annotations

from ppplanner.extensions import db
from ppplanner.jobs import job
from ppplanner.models import CompanyGroup


@job
def make_group(name: str) -> None:
    db.session.add(CompanyGroup(name=name))
    db.session.commit()


@job
def fail_halfway(name: str) -> None:
    db.session.add(CompanyGroup(name=name))
    db.session.flush()
    raise RuntimeError("halfway")
