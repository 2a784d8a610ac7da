"""What goes wrong, sorted by who can do something about it, as answers."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import pytest
from flask import Flask
from flask_login import login_required
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from ppplanner.blueprints.auth.forms import LoginForm
from ppplanner.blueprints.faults import attempt
from ppplanner.errors import DomainError, Invalid, NotFound
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import CompanyGroup
from tests.conftest import Browser, Login
from tests.factories import make_customer, make_user


def break_login(app: Flask, monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    def broken() -> None:
        raise error

    monkeypatch.setitem(app.view_functions, "auth.login", broken)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Invalid(name="Fill in a name."), 422),
        (DomainError("Fill in a name."), 409),
        (NotFound("Fill in a name."), 404),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"HX-Request": "true"}], ids=["browser", "htmx"])
def test_an_error_for_a_person_is_a_sentence_with_its_status(
    app: Flask,
    client: Browser,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
    headers: dict[str, str],
) -> None:
    break_login(app, monkeypatch, error)
    answer = client.get("/login", headers=headers)
    assert answer.status_code == status
    assert "Fill in a name." in answer.text


def test_an_invalid_value_says_which_field_in_the_log() -> None:
    assert str(Invalid(name="Fill in a name.", code="x")) == "name; code"


@pytest.mark.both_databases
def test_what_only_the_database_sees_is_told_as_a_colleagues_doing(
    app: Flask, client: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def double() -> None:
        for _each in range(2):
            db.session.execute(text("insert into company_groups (name) values ('Same')"))

    monkeypatch.setitem(app.view_functions, "auth.login", double)
    answer = client.post("/login")
    assert answer.status_code == 409
    assert "A colleague saved something at the same moment" in answer.text
    assert "the database refused a change at '/login'" in caplog.text
    assert db.session.query(CompanyGroup).count() == 0


@pytest.mark.both_databases
def test_a_form_survives_what_only_the_database_sees(app: Flask) -> None:
    first, second = make_customer(), make_customer()
    db.session.commit()

    def clash() -> None:
        second.number = first.number

    with app.test_request_context(method="POST"):
        form = LoginForm()
        assert attempt(form, clash) is None
        assert form.form_errors == [
            "A colleague saved something at the same moment. Check the page, then save again."
        ]
        assert make_user()


def test_a_database_that_does_not_answer_is_told_calmly(
    app: Flask, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    error = OperationalError("select secret", {}, Exception("connection lost"))
    break_login(app, monkeypatch, error)
    answer = client.get("/login")
    assert answer.status_code == 503
    assert "The database does not answer just now" in answer.text
    assert "secret" not in answer.text
    assert "lost" not in answer.text


def test_of_two_who_wait_for_each_other_one_is_asked_to_try_again(
    app: Flask, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadlock = Exception("deadlock detected")
    deadlock.sqlstate = "40P01"  # type: ignore[attr-defined]
    break_login(app, monkeypatch, OperationalError("update secret", {}, deadlock))
    answer = client.get("/login")
    assert answer.status_code == 409
    assert "A colleague saved something at the same moment" in answer.text


@contextmanager
def dead_database() -> Iterator[None]:
    def refuse(*_: object) -> NoReturn:
        raise sqlite3.OperationalError("connection lost")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(db.engine.dialect, "do_execute", refuse)
        yield


@pytest.mark.parametrize("path", ["/", "/customers/", "/nowhere", "/login"])
def test_the_page_that_tells_of_a_dead_database_does_not_need_it(login: Login, path: str) -> None:
    browser = login(user=make_user(language="nl"))
    assert browser.get("/").status_code == 200
    with dead_database():
        answer = browser.get(path, headers={"Accept-Language": "fr"})
    assert answer.status_code == 503
    assert "base de données" in answer.text
    assert "lost" not in answer.text


def test_a_form_says_in_place_that_the_database_is_dead(login: Login) -> None:
    browser = login()
    assert browser.get("/").status_code == 200
    with dead_database():
        answer = browser.get("/customers/new/private", headers={"HX-Request": "true"})
    assert answer.status_code == 503
    assert answer.headers["HX-Retarget"] == "#problem"
    assert "The database does not answer just now" in answer.text


def test_a_database_that_dies_halfway_is_told_in_the_persons_language(
    app: Flask, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = login(user=make_user(language="nl"))

    def dies() -> str:
        heading = _("Home")
        with dead_database():
            return f"{heading} {db.session.query(CompanyGroup).count()}"

    monkeypatch.setitem(app.view_functions, "home.index", login_required(dies))
    answer = browser.get("/")
    assert answer.status_code == 503
    assert '<html lang="nl"' in answer.text


def test_no_log_shows_the_values_of_a_query(
    app: Flask, client: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    secret = "hunter" * 2

    def careless() -> None:
        db.session.execute(text("select :password from nowhere"), {"password": secret})

    monkeypatch.setitem(app.view_functions, "auth.login", careless)
    assert client.get("/login").status_code == 503
    assert "nowhere" in caplog.text
    assert secret not in caplog.text
