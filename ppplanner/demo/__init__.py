"""The demo firm: a rental company in Antwerpen and Liège, with data around today.

Only for looking around: its passwords are public, so production neither makes it nor runs on it.
"""

from __future__ import annotations

from random import Random
from typing import NamedTuple

from flask import Flask, current_app
from sqlalchemy import inspect, select

from ppplanner.addons.registry import registry
from ppplanner.config import BadConfig
from ppplanner.demo import bookings, books, cash_desk, fleet, invoices, people, roles
from ppplanner.demo.firm import make_firm
from ppplanner.extensions import db
from ppplanner.history import Actor, acting
from ppplanner.models import Company, Setting

#: The same firm each time; only the dates follow the calendar.
SEED = 2030


class Login(NamedTuple):
    """Somebody who can log in to the demo, and in which role."""

    username: str
    password: str
    role: str


LOGINS = tuple(
    Login(each.username, each.password, each.role)
    for each in (*roles.PEOPLE, *roles.PEOPLE_OF_LIEGE)
)


def make_demo() -> bool:
    """Make the demo firm and commit it; False, and nothing made, when there is a company already.

    Raises BadConfig in production.
    """
    if current_app.config["PPPLANNER"].production:
        raise BadConfig("The demo firm has public passwords: it is not for production.")
    if db.session.scalar(select(Company.id).limit(1)) is not None:
        return False
    with acting(Actor("demo")):
        _fill()
        db.session.add(Setting(namespace="core", name="demo", value=True))
        db.session.commit()
        _fill_addons()
    return True


def _fill() -> None:
    random = Random(SEED)
    firm = make_firm()
    lists = books.make_books(firm)
    users = roles.make_people(firm.liege)
    resources = fleet.make_fleet(firm, lists)
    customers = people.make_customers(firm.group, random)
    contracts = bookings.make_bookings(resources, customers, lists, random)
    cash_desk.make_cash_desks(firm, contracts, users, random)
    invoices.make_invoices(contracts, users["accountant@demo.example"], random)


def _fill_addons() -> None:
    for addon in registry().addons.values():
        if addon.demo:
            addon.demo()
            db.session.commit()


def is_demo() -> bool:
    """Whether the database holds the demo firm. False as long as it has no tables."""
    if not inspect(db.session.connection()).has_table(Setting.__tablename__):
        return False
    demo = select(Setting.id).filter_by(namespace="core", name="demo", company_id=None)
    return db.session.scalar(demo) is not None


def refuse_in_production(app: Flask) -> None:
    """Stop production from running on the demo's database. Raises BadConfig."""
    if not app.config["PPPLANNER"].production:
        return
    with app.app_context():
        found = is_demo()
        db.session.remove()
        db.engine.dispose()  # processes that are forked later must not share its connections
    if found:
        raise BadConfig(
            "This database holds the demo firm, whose passwords are public. "
            "Set DATABASE_URL to a database of your own."
        )
