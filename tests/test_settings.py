"""Business settings: typed, with defaults, one set per company."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ppplanner.extensions import db
from ppplanner.models import Change, Setting
from ppplanner.settings import Settings
from tests.factories import make_company

pytestmark = pytest.mark.both_databases


@dataclass(frozen=True)
class Tea:
    sugar: bool = False
    cups: int = 2
    kind: str | None = None


tea = Settings("tea", Tea)


def test_what_was_never_saved_has_its_default(app: Flask) -> None:
    assert tea.load(make_company().id) == Tea()


def test_each_company_has_settings_of_its_own(app: Flask) -> None:
    company, other = make_company().id, make_company().id
    tea.save(company, sugar=True, kind="green")
    tea.save(cups=9)
    db.session.commit()
    assert tea.load(company) == Tea(sugar=True, kind="green")
    assert tea.load(other) == Tea()
    assert tea.load() == Tea(cups=9)


def test_saving_leaves_the_other_settings_alone(app: Flask) -> None:
    tea.save(cups=3, sugar=True)
    tea.save(cups=4)
    assert tea.load() == Tea(cups=4, sugar=True)


def test_a_misspelt_name_fails_at_once(app: Flask) -> None:
    with pytest.raises(TypeError, match="tea has no setting cup"):
        tea.save(cup=3)


def test_names_that_no_longer_exist_are_ignored(app: Flask) -> None:
    db.session.add(Setting(namespace="tea", name="milk", value=True))
    db.session.flush()
    assert tea.load() == Tea()


def test_namespaces_do_not_mix(app: Flask) -> None:
    Settings("coffee", Tea).save(cups=7)
    assert tea.load().cups == 2


def test_the_history_tells_every_change_from_the_default_on(app: Flask) -> None:
    tea.save(cups=3)
    db.session.commit()
    tea.save(cups=4)
    db.session.commit()
    query = select(Change).filter_by(entity="settings", action="changed")
    assert [(row.old, row.new) for row in db.session.scalars(query)] == [("2", "3"), ("3", "4")]


def test_the_database_keeps_one_value_per_name(app: Flask) -> None:
    company = make_company().id
    for company_id in (None, company):
        row = {"namespace": "tea", "company_id": company_id, "name": "cups"}
        with pytest.raises(IntegrityError), db.session.begin_nested():
            db.session.add_all([Setting(**row, value=1), Setting(**row, value=2)])
