"""SQLite with several processes at work: who may write when."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from flask import Flask
from sqlalchemy import text

from ppplanner.extensions import db
from ppplanner.models import User
from ppplanner.upkeep import count_rows
from tests.factories import make_customer


@contextmanager
def request_of(app: Flask, method: str) -> Iterator[None]:
    """In a request that has read something already."""
    db.session.commit()
    with app.test_request_context("/", method=method):
        db.session.query(User).all()
        yield
        db.session.rollback()


def others_may_write() -> bool:
    """Whether another process could write at this moment, without waiting."""
    with closing(sqlite3.connect(str(db.engine.url.database), timeout=0)) as other:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        return True


def test_reading_a_page_keeps_nobody_from_writing(app: Flask) -> None:
    with request_of(app, "GET"):
        assert others_may_write()


def test_a_request_that_saves_has_the_lock_from_its_first_look(app: Flask) -> None:
    with request_of(app, "POST"):
        assert not others_may_write()


def test_a_page_that_commits_has_the_lock_from_then_on(app: Flask) -> None:
    with request_of(app, "GET"):
        db.session.commit()
        db.session.query(User).all()
        assert not others_may_write()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_after_the_request_the_lock_is_free(app: Flask, method: str) -> None:
    with request_of(app, method):
        pass
    assert others_may_write()


def test_how_much_there_is_of_what_is_noted_for_the_planner_of_queries(app: Flask) -> None:
    make_customer()
    db.session.commit()
    count_rows()
    noted = db.session.execute(text("select distinct tbl from sqlite_stat1")).scalars().all()
    assert "customers" in noted
