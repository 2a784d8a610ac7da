"""What goes wrong, sorted by who can do something about it, as answers."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from ppplanner.blueprints.auth.forms import LoginForm
from ppplanner.blueprints.faults import attempt
from ppplanner.errors import DomainError, Invalid, NotFound
from ppplanner.extensions import db
from ppplanner.models import CompanyGroup
from tests.conftest import Browser
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
        for _ in range(2):
            db.session.execute(text("insert into company_groups (name) values ('Same')"))

    monkeypatch.setitem(app.view_functions, "auth.login", double)
    answer = client.post("/login")
    assert answer.status_code == 409
    assert "A colleague saved something at the same moment" in answer.text
    assert "the database refused a change at /login" in caplog.text
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
