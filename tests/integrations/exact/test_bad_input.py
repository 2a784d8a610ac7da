"""What nobody should send, and what nobody should get by it: ids of others, days and numbers that
no database takes, clocks that jump.
"""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import requests
import time_machine
from sqlalchemy import select

from ppplanner.clock import now, today
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import Message
from ppplanner.integrations.exact import errors, linking, outbox, queueing, switching
from ppplanner.integrations.exact.branch_settings import types_to_map
from ppplanner.integrations.exact.client import ExactClient
from ppplanner.integrations.exact.fields import JOURNAL
from ppplanner.integrations.exact.items import item_of
from ppplanner.integrations.exact.models import (
    ExactConnection,
    ExactOutboxEntry,
    Kind,
    RunKind,
    WorkState,
)
from ppplanner.integrations.exact.records import JournalKind
from ppplanner.integrations.exact.runs import begin_run
from ppplanner.integrations.exact.settings import ExactSettings, exact_settings
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Stage, standings
from ppplanner.integrations.exact.sync import lists, run
from ppplanner.integrations.exact.sync.branches import branches_of
from ppplanner.integrations.exact.sync.intervals import start_due_intervals
from ppplanner.integrations.exact.views.branches import shown_units
from ppplanner.models import BusinessUnit, Company, Invoice, TypeRole
from tests.blueprints.pages import main
from tests.conftest import Login
from tests.factories import (
    make_company,
    make_contract,
    make_cost_centre,
    make_customer,
    make_limited_user,
    make_unit,
)
from tests.integrations.exact.conftest import Connect
from tests.integrations.exact.money import paid, set_up
from tests.integrations.exact.sent import make_connection, sent

CASH = {
    "ID": "206acf43-4c54-5400-ad38-eebea83117b6",
    "Code": "10",
    "Description": "Kas",
    "Type": JournalKind.CASH.value,
    "Currency": "EUR",
    "IsBlocked": False,
    "AllowVAT": False,
}


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


@pytest.mark.one_database
@pytest.mark.parametrize("field", ["invoices_from", "transactions_from"])
@pytest.mark.parametrize("day", ["0001-01-01", "1999-12-31", "2100-01-01", "9999-12-31"])
def test_a_first_day_lies_in_this_century(company: Company, field: str, day: str) -> None:
    values: dict[str, Any] = {field: day}
    with pytest.raises(Invalid) as refused:
        switching.save_settings(company, None, ExactSettings(**values))
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


# --- what Exact answers -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Kas\x00", "Kas\ud83d", "Kas" + 300 * "s"])
def test_a_name_that_no_database_takes_arrives_without_what_is_wrong_with_it(
    connection: ExactConnection, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    journal = JOURNAL.read({**CASH, "Description": name})
    monkeypatch.setattr(ExactClient, "journals", lambda _client: iter([journal]))

    linking.refresh_lists(connection)

    (cash,) = lists.cash_journals(connection)
    assert cash.name == name.strip("\x00\ud83d")[:200]


def test_words_of_exact_are_shown_without_halves_of_characters() -> None:
    answer = requests.Response()
    answer.status_code = 400
    answer._content = json.dumps({"error": {"message": {"value": "No\ud83d\x00!"}}}).encode()

    assert errors.words(answer) == ["No!"]


def test_what_comes_twice_while_lists_are_read_is_kept_once(
    connection: ExactConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = JOURNAL.read(CASH)
    monkeypatch.setattr(ExactClient, "journals", lambda _client: iter([journal, journal]))

    linking.refresh_lists(connection)

    assert [each.code for each in lists.cash_journals(connection)] == ["10"]


# --- what changes meanwhile -------------------------------------------------------------------


def test_a_unit_that_moved_to_another_company_is_set_up_anew(
    unit: BusinessUnit, connection: ExactConnection, connect: Connect
) -> None:
    set_up(connection, unit)
    there = connect(make_company(name="Verhuur Claes"), user="joris")
    unit.company = there.company
    db.session.commit()

    assert shown_units(there, [unit])[0].missing == 3 + len(types_to_map())
    set_up(there, unit)
    assert shown_units(there, [unit])[0].missing == 0
    assert not branches_of(connection)


def test_a_worker_stops_when_another_administration_is_chosen(
    invoice: Invoice, connection: ExactConnection, simulator: RunningSimulator
) -> None:
    def choose_another(client: ExactClient, task: outbox.Task) -> None:
        linking._forget_administration(task.connection)
        db.session.commit()
        simulator.log.clear()
        client.me()

    queueing.queue(connection, item_of(invoice), by="Anke")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(run.PUSH, Kind.INVOICE, choose_another)
        assert run.run_outbox(connection.id) == 0

    assert not simulator.log.calls()
    assert standings(Kind.INVOICE, [invoice.id])[invoice.id].stage is Stage.SENDING


def test_a_run_does_not_call_sent_what_a_switch_kept_here_meanwhile(
    login: Login, connection: ExactConnection, simulator: RunningSimulator
) -> None:
    anke, night = login(), begin_run(connection, RunKind.MANUAL, by="Anke")
    assert night
    sent(connection, make_cost_centre(name="Garage"), WorkState.WAITING, run=night)
    exact_settings.save(connection.company_id, cost_centres_source="exact")
    db.session.commit()

    assert run.run_outbox(connection.id) == 1

    page = main(anke.get(f"/exact/runs/{night.id}"))
    assert "stays here" in page
    assert "sending such records is switched off" in page
    assert "in Exact" not in page.split("Garage")[1]
    assert not simulator.log.calls()
