"""The history: which changes it tells, and in whose name."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.history import Actor, acting
from ppplanner.models import Change
from ppplanner.services import users
from tests.factories import make_customer, make_role, make_user


def last_change() -> Change:
    change = db.session.scalars(select(Change).order_by(Change.id.desc()).limit(1)).first()
    assert change is not None
    return change


def test_a_change_tells_the_old_and_the_new_value(app: Flask) -> None:
    customer = make_customer(city="Gent")
    db.session.commit()
    customer.city = "Liège"
    db.session.commit()
    change = last_change()
    assert (change.entity, change.record_id) == ("customers", customer.id)
    assert (change.field, change.old, change.new) == ("city", "Gent", "Liège")


def test_setting_the_value_that_is_there_tells_nothing(app: Flask) -> None:
    customer = make_customer(city="Gent")
    db.session.commit()
    before = last_change().id
    customer.city = "Gent"
    db.session.commit()
    assert last_change().id == before


def test_a_new_role_of_a_user_is_told_by_its_name(app: Flask) -> None:
    user = make_user(roles=[make_role(name="Planner")])
    user.roles.append(make_role(name="Accountant"))
    db.session.commit()
    change = last_change()
    assert (change.field, change.old, change.new) == ("roles", "Planner", "Accountant, Planner")


def test_a_new_password_is_told_without_the_password(app: Flask) -> None:
    user = make_user()
    db.session.commit()
    users.set_password(user, "another secret word")
    db.session.commit()
    changes = list(db.session.scalars(select(Change).filter_by(entity="users", action="changed")))
    assert [change.field for change in changes] == ["session_version"]


def test_who_acts_is_written_at_the_time(app: Flask) -> None:
    with acting(Actor("nightly run")):
        make_customer()
        db.session.commit()
    assert last_change().actor == "nightly run"


def test_what_was_deleted_is_told_by_its_name(app: Flask) -> None:
    role = make_role(name="Temporary")
    db.session.commit()
    db.session.delete(role)
    db.session.commit()
    change = last_change()
    assert (change.action, change.old) == ("deleted", "Temporary")
