"""What nobody should send, and what nobody should get by it: ids of others, days and numbers that
no database takes, clocks that jump.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from ppplanner.clock import now, today
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import Message
from ppplanner.integrations.exact import linking
from ppplanner.integrations.exact.models import (
    ExactConnection,
    ExactOutboxEntry,
    Kind,
    WorkState,
)
from ppplanner.integrations.exact.settings import ExactSettings, exact_settings
from ppplanner.integrations.exact.standing import Stage, standings
from ppplanner.integrations.exact.sync.intervals import start_due_intervals
from ppplanner.models import BusinessUnit, Company, TypeRole
from tests.conftest import Login
from tests.factories import (
    make_company,
    make_contract,
    make_cost_centre,
    make_customer,
    make_limited_user,
    make_unit,
)
from tests.integrations.exact.money import paid
from tests.integrations.exact.sent import make_connection, sent

pytestmark = pytest.mark.one_database


@pytest.fixture
def link(unit: BusinessUnit) -> ExactConnection:
    return make_connection(unit.company)


# --- other people's records -------------------------------------------------------------------


def test_a_tile_is_for_people_who_may_see_its_record(login: Login, link: ExactConnection) -> None:
    customer = make_customer()
    sent(link, customer, WorkState.REFUSED, Message("The customer owes too much."))
    tile = f"/exact/tiles/customer/{customer.id}"

    assert login("exact.view").get(tile).status_code == 403
    assert "owes too much" in login("exact.view", "customers.view").get(tile).text


def test_cost_centres_are_sent_only_to_the_companies_for_which_a_person_may(
    login: Login, unit: BusinessUnit
) -> None:
    centre, elsewhere = make_cost_centre(), make_unit(make_company(name="Verhuur Claes"))
    link, _other = make_connection(unit.company), make_connection(elsewhere.company)
    rights = ["exact.view", "exact.forward", "ledger.view"]
    person = make_limited_user(unit.pools[0], permissions=rights)

    login(user=person).post("/exact/cost_centres/send", data={"ids": centre.id})

    queued = db.session.scalars(select(ExactOutboxEntry).filter_by(queued_by=person.name)).all()
    assert [each.connection_id for each in queued] == [link.id]


# --- numbers and days -------------------------------------------------------------------------


def test_an_account_that_no_unit_can_have_is_not_removed(
    login: Login, unit: BusinessUnit, link: ExactConnection
) -> None:
    branch = f"/exact/branches/{unit.id}"

    answer = login().post(f"{branch}/methods/{10**30}/remove")

    assert answer.location == branch


@pytest.mark.parametrize("field", ["invoices_from", "transactions_from"])
@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2100-01-01", "9999-12-31"])
def test_a_first_day_lies_in_this_century(company: Company, field: str, day: str) -> None:
    with pytest.raises(Invalid) as refused:
        linking.save_settings(company, None, ExactSettings(**{field: day}))
    assert "Choose a day between 2000 and 2099." in str(refused.value.fields[field])


# --- clocks -----------------------------------------------------------------------------------


def test_after_the_clock_was_set_back_the_interval_begins_anew(
    unit: BusinessUnit, link: ExactConnection
) -> None:
    set_up_for_transactions(link, unit)
    with time_machine.travel(now() + timedelta(days=400), tick=True):
        start_due_intervals()
    payment = paid(TypeRole.PAYMENT, 20, contract=make_contract(unit=unit))

    assert start_due_intervals() == [link.id]
    assert standings(Kind.TRANSACTION, [payment.id])[payment.id].stage is Stage.HELD


def test_a_machine_whose_clock_is_a_little_behind_begins_no_interval_twice(
    unit: BusinessUnit, link: ExactConnection
) -> None:
    set_up_for_transactions(link, unit)
    with time_machine.travel(now() + timedelta(minutes=4), tick=True):
        assert start_due_intervals() == [link.id]

    assert start_due_intervals() == []


def set_up_for_transactions(link: ExactConnection, unit: BusinessUnit) -> None:
    first_day = today().isoformat()
    exact_settings.save(link.company_id, transactions_send=True, transactions_from=first_day)
    db.session.commit()
