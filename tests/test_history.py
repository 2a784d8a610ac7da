"""The history: who changed what, from, to."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.history import Actor, acting
from ppplanner.models import Base, Change, RoleGrant
from ppplanner.models.base import Tracked
from ppplanner.services.firm.users import set_password
from ppplanner.services.pricing.price_lines import PriceLineData, remove_price_line, save_price_line
from tests.conftest import AppMaker, Login
from tests.factories import (
    make_contract,
    make_customer,
    make_invoice,
    make_pool,
    make_resource,
    make_role,
    make_unit,
    make_user,
    make_vat_code,
)
from tests.installed import INSTALLED

pytestmark = [pytest.mark.both_databases, pytest.mark.usefixtures("app")]


def changes(record: object = None) -> list[tuple[str, str, str | None, str | None]]:
    """What was written since the last call, of one record or of all: action, field, old, new."""
    db.session.commit()
    query = select(Change).order_by(Change.id)
    if record is not None:
        key = {"entity": record.__tablename__, "record_id": record.id}  # type: ignore[attr-defined]
        query = query.filter_by(**key)
    rows = list(db.session.scalars(query))
    told = [(row.action, row.field, row.old, row.new) for row in rows]
    for row in db.session.scalars(select(Change)):
        db.session.delete(row)
    db.session.commit()
    return told


def test_a_new_record_is_noted_once_with_its_key() -> None:
    customer = make_customer()
    assert changes(customer) == [("created", "", None, None)]


def test_a_changed_field_is_noted_from_old_to_new() -> None:
    customer = make_customer(city="Ghent")
    changes()
    customer.city = "Bruges"
    assert changes(customer) == [("changed", "city", "Ghent", "Bruges")]


def test_the_old_value_is_known_of_a_record_that_was_not_read_again() -> None:
    customer = make_customer(city="Ghent")
    changes()
    db.session.expire_all()
    customer.city = "Bruges"
    assert changes(customer) == [("changed", "city", "Ghent", "Bruges")]


def test_an_unchanged_field_is_not_noted() -> None:
    customer = make_customer(city="Ghent")
    changes()
    customer.city = "Ghent"
    assert changes(customer) == []


def test_a_change_of_a_relation_is_noted_by_its_key() -> None:
    contract = make_contract()
    van, other = contract.resource, make_resource(contract.business_unit)
    assert van is not None
    changes()
    contract.resource = other
    assert changes(contract) == [("changed", "resource_id", str(van.id), str(other.id))]


def test_a_deleted_record_is_noted_by_its_name() -> None:
    invoice = make_invoice(confirmed=False)
    record_id, name = invoice.id, str(invoice)
    changes()
    db.session.delete(invoice)
    db.session.commit()
    row = db.session.scalars(select(Change)).one()
    assert (row.action, row.entity, row.record_id) == ("deleted", "invoices", record_id)
    assert row.old == name


def test_roles_given_and_taken_are_noted_by_name() -> None:
    planner, accountant = make_role(name="Planner"), make_role(name="Accountant")
    unit = make_unit(name="Gent")
    user = make_user(roles=[planner])
    changes()
    user.grants = [*user.grants, RoleGrant(role=accountant, pool=make_pool(unit, "Vans"))]
    told = ("changed", "grants", "Planner", "Accountant (Gent · Vans), Planner")
    assert changes(user) == [told]


def test_a_new_password_is_noted_without_its_hash() -> None:
    user = make_user()
    changes()
    set_password(user, "another long password")
    assert changes() == [("changed", "session_version", "1", "2")]


def test_numbers_are_noted_without_needless_zeros() -> None:
    resource = make_resource()
    assert resource.price_range is not None
    [rate] = resource.price_range.rates
    changes()
    rate.price = rate.price + 10
    assert changes(rate) == [("changed", "price", "50", "60")]


def test_what_is_rolled_back_leaves_no_history() -> None:
    customer = make_customer(city="Ghent")
    changes()
    customer.city = "Bruges"
    db.session.flush()
    db.session.rollback()
    assert changes() == []


def test_what_a_savepoint_takes_back_leaves_no_history() -> None:
    customer = make_customer(city="Ghent", email="ann@example.com")
    changes()
    savepoint = db.session.begin_nested()
    customer.city = "Bruges"
    savepoint.rollback()
    customer.email = "an@example.com"
    assert changes() == [("changed", "email", "ann@example.com", "an@example.com")]


def test_who_acts_stands_with_the_change() -> None:
    user = make_user(name="Mia")
    with acting(Actor(user.name, user.id)):
        customer = make_customer()
        db.session.commit()
    by_itself = make_customer()
    db.session.commit()
    query = select(Change).filter_by(entity="customers")
    rows = {row.record_id: (row.actor, row.user_id) for row in db.session.scalars(query)}
    assert rows == {customer.id: ("Mia", user.id), by_itself.id: ("ppplanner", None)}


def test_a_request_acts_for_the_person_logged_in(login: Login) -> None:
    user = make_user()
    browser = login(user=user)
    changes()
    browser.post("/switch/language", data={"language": "fr"})
    row = db.session.scalars(select(Change)).one()
    assert (row.actor, row.user_id, row.field, row.new) == (user.name, user.id, "language", "fr")


def test_the_history_outlives_the_person() -> None:
    user = make_user(name="Mia")
    with acting(Actor(user.name, user.id)):
        customer = make_customer()
        db.session.commit()
    db.session.delete(user)
    db.session.commit()
    query = select(Change).filter_by(entity="customers", record_id=customer.id)
    row = db.session.scalars(query).one()
    assert (row.actor, row.user_id) == ("Mia", None)


def test_fields_that_repeat_others_are_left_out() -> None:
    customer = make_customer(company_name="Acme")
    changes()
    customer.company_name = customer.name = "Acme Rent"
    assert changes(customer) == [("changed", "company_name", "Acme", "Acme Rent")]


def test_a_new_price_line_is_noted_once() -> None:
    contract, vat_code = make_contract(), make_vat_code()
    changes()
    line = save_price_line(contract, PriceLineData("Wash", Decimal(1), Decimal(12), vat_code))
    assert changes(line) == [("created", "", None, None)]


def test_a_part_that_is_taken_off_its_whole_is_noted_with_it() -> None:
    contract = make_contract()
    line = save_price_line(
        contract, PriceLineData("Cleaning", Decimal(1), Decimal(30), make_vat_code())
    )
    name, key = str(line), line.id
    changes()
    remove_price_line(line)
    db.session.commit()
    [change] = db.session.scalars(select(Change))
    assert (change.action, change.entity, change.record_id) == ("deleted", "price_lines", key)
    assert (change.old, change.whole, change.whole_id) == (name, "contracts", contract.id)


@pytest.mark.one_database
def test_no_secret_of_any_record_can_reach_the_history(make_app: AppMaker) -> None:
    make_app("sqlite", INSTALLED, {})
    tracked = [mapper for mapper in Base.registry.mappers if issubclass(mapper.class_, Tracked)]
    told = {
        f"{mapper.local_table.name}.{name}"  # type: ignore[attr-defined]
        for mapper in tracked
        for name in set(mapper.columns.keys()) - mapper.class_.untracked
    }
    assert "customers.vat_number" in told
    assert [name for name in told if re.search("secret|token|password|hash", name)] == []
