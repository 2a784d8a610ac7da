"""GL accounts: made here or found in Exact and imported, and never written there (D1 to D8)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.integrations.exact import forwarding, switching
from ppplanner.integrations.exact.connect import open_client
from ppplanner.integrations.exact.models import ExactConnection, ExactGLAccountLink, Kind
from ppplanner.integrations.exact.settings import ExactSettings, InvoiceMode, Source
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Stage, Standing, standings
from ppplanner.integrations.exact.sync import lists
from ppplanner.integrations.exact.sync.gl_accounts import find_gl_account, import_gl_account
from ppplanner.integrations.exact.sync.nights import start_due_nights
from ppplanner.models import BusinessUnit, Company, GLAccount, Invoice
from ppplanner.services import ledger
from tests.blueprints.pages import over, words
from tests.conftest import Browser, Login
from tests.factories import (
    make_company,
    make_gl_account,
    make_price_range,
    make_resource,
    make_unit,
    make_user,
)
from tests.integrations.exact.conftest import new_invoice
from tests.integrations.exact.scenarios.conftest import Switch, Work
from tests.integrations.exact.scenarios.small_day import SmallDay
from tests.parallel import at_once

pytestmark = pytest.mark.one_database

GL = "financial/GLAccounts"
PAGE = "/ledger/gl-accounts/"
SEARCH, IMPORT = "/exact/gl_accounts/search", "/exact/gl_accounts/import"
VANS, TRUCKS = "700100", "700200"


@pytest.fixture
def bookkeeper(connection: ExactConnection, login: Login) -> Browser:
    return login("ledger.view", "ledger.edit", "rates.edit", "exact.search", "exact.view")


@pytest.fixture
def from_exact(connection: ExactConnection, switch: Switch) -> None:
    """GL accounts come from Exact (mission S31)."""
    switch(gl_source=Source.EXACT)


def in_exact(simulator: RunningSimulator, code: str) -> Any:
    (found,) = simulator.records(GL, simulator.division, Code=code)
    return found


def make_in_exact(simulator: RunningSimulator, code: str, name: str = "Made there") -> None:
    """The bookkeeper makes one at Exact's own screens."""
    like = in_exact(simulator, VANS)
    table = simulator.state.books[simulator.division].table(GL)
    table.put(like | {"ID": str(uuid4()), "Code": code, "Description": name})


def account(unit: BusinessUnit, code: str) -> GLAccount | None:
    return db.session.scalar(select(GLAccount).filter_by(business_unit_id=unit.id, code=code))


def import_hit(browser: Browser, unit: BusinessUnit, exact_id: str) -> TestResponse:
    return browser.post(IMPORT, data={"unit_id": unit.id, "exact_id": exact_id})


def invoice_on(unit: BusinessUnit, code: str) -> Invoice:
    """A confirmed invoice whose rent is booked on this account."""
    prices = make_price_range(gl_code=code, group=unit.company.group)
    return new_invoice(unit, resource=make_resource(unit, price_range=prices))


def forward(*invoices: Invoice) -> None:
    forwarding.forward([invoice.id for invoice in invoices], by="Anke")
    db.session.commit()


def standing(invoice: Invoice) -> Standing:
    return standings(Kind.INVOICE, [invoice.id])[invoice.id]


# --- made here ----------------------------------------------------------------------------------


def test_D01_one_that_is_made_here_takes_the_revenue_of_rates(
    bookkeeper: Browser, unit: BusinessUnit, simulator: RunningSimulator, work: Work
) -> None:
    data = {"business_unit_id": unit.id, "code": TRUCKS, "name": "Trucks", "active": "y"}
    assert bookkeeper.post(f"{PAGE}new", data=data).status_code == 303
    forward(invoice_on(unit, TRUCKS))
    work()

    (entry,) = simulator.entries()
    (line,) = entry["SalesEntryLines"]
    assert line["GLAccount"] == in_exact(simulator, TRUCKS)["ID"]


def test_D02_making_and_changing_one_and_the_night_write_none_to_exact(
    connection: ExactConnection, unit: BusinessUnit, simulator: RunningSimulator, work: Work
) -> None:
    by_night = ExactSettings(invoices_mode=InvoiceMode.NIGHTLY)
    switching.save_settings(unit.company, connection, by_night)
    made = make_gl_account(unit, code="700001", name="Ours")
    ledger.save_gl_account(unit, code="700001", name="Renamed", account=made)
    invoice = new_invoice(unit)
    with time_machine.travel(now() + timedelta(days=1), tick=True):
        start_due_nights()
        work()

    assert standing(invoice).stage is Stage.BOOKED
    assert not simulator.log.writes(GL)
    assert not simulator.records(GL, Code="700001")


def test_D03_one_that_exact_lacks_refuses_the_invoice_until_it_is_made_there(
    connection: ExactConnection, unit: BusinessUnit, simulator: RunningSimulator, work: Work
) -> None:
    ours = make_gl_account(unit, code="700999", name="New vans")
    invoice = invoice_on(unit, ours.code)
    forward(invoice)
    work()
    refusal = str(standing(invoice).reasons[0])
    assert standing(invoice).stage is Stage.REFUSED
    assert "700999 New vans" in refusal
    assert "Create it there" in refusal
    assert not simulator.log.writes()

    make_in_exact(simulator, "700999")
    forward(invoice)
    work()
    assert standing(invoice).stage is Stage.BOOKED
    assert not simulator.log.writes(GL)


def test_D03_a_run_asks_for_a_missing_one_once_however_many_invoices_name_it(
    connection: ExactConnection, unit: BusinessUnit, simulator: RunningSimulator, work: Work
) -> None:
    make_gl_account(unit, code="700999")
    forward(*(invoice_on(unit, "700999") for _n in range(3)))
    work()

    assert simulator.log.count(GL, "GET") == 1


def test_D03_one_that_a_person_linked_with_another_stays_linked_with_that(
    connection: ExactConnection, unit: BusinessUnit, simulator: RunningSimulator, work: Work
) -> None:
    ours = account(unit, "700000")
    assert ours
    trucks = next(each for each in lists.revenue_accounts(connection) if each.code == TRUCKS)
    lists.map_gl_account(connection, ours, trucks)
    forward(new_invoice(unit))
    work()

    (entry,) = simulator.entries()
    assert entry["SalesEntryLines"][0]["GLAccount"] == str(trucks.exact_id)


# --- found in Exact, and imported ---------------------------------------------------------------


@pytest.mark.usefixtures("from_exact")
def test_D04_nothing_is_added_by_hand(bookkeeper: Browser, unit: BusinessUnit) -> None:
    listed = bookkeeper.get(PAGE).text
    data = {"business_unit_id": unit.id, "code": "700300", "name": "Ours", "active": "y"}
    refused = bookkeeper.post(f"{PAGE}new", data=data)

    assert f"{PAGE}new" not in listed
    assert SEARCH in listed
    assert refused.status_code == 409
    assert "come from Exact" in words(refused)
    assert account(unit, "700300") is None


@pytest.mark.usefixtures("from_exact")
def test_D04_another_company_still_adds_its_own_but_none_for_this_one(
    bookkeeper: Browser, unit: BusinessUnit
) -> None:
    other = make_unit(make_company())
    data = {"business_unit_id": unit.id, "code": "700300", "name": "Ours", "active": "y"}
    refused = bookkeeper.post(f"{PAGE}new", data=data)
    made = bookkeeper.post(f"{PAGE}new", data={**data, "business_unit_id": other.id})

    assert refused.status_code == 422
    assert "come from Exact" in words(refused)
    assert made.status_code == 303


@pytest.mark.usefixtures("from_exact")
@pytest.mark.parametrize("off", ["the link is off", "no administration is chosen"])
def test_D04_without_a_link_that_could_bring_them_they_are_added_by_hand(
    bookkeeper: Browser, connection: ExactConnection, switch: Switch, off: str
) -> None:
    if off == "the link is off":
        switch(enabled=False)
    else:
        connection.division = None

    assert f"{PAGE}new" in bookkeeper.get(PAGE).text


@pytest.mark.usefixtures("from_exact")
def test_D05_one_that_exact_lacks_is_not_found_until_it_is_made_there(
    bookkeeper: Browser, unit: BusinessUnit, simulator: RunningSimulator
) -> None:
    assert "have it made there" in words(bookkeeper.get(f"{SEARCH}?q=700999"))
    assert import_hit(bookkeeper, unit, str(uuid4())).status_code == 404

    make_in_exact(simulator, "700999", "New vans")
    assert "700999 New vans" in words(bookkeeper.get(f"{SEARCH}?q=700999"))
    answer = import_hit(bookkeeper, unit, in_exact(simulator, "700999")["ID"])
    assert answer.headers["Location"] == PAGE
    made = account(unit, "700999")
    assert made
    assert (made.name, made.origin) == ("New vans", "exact")
    link = db.session.get(ExactGLAccountLink, (made.id, _link_id()))
    assert link
    assert link.code == "700999"
    assert not simulator.log.writes()


def _link_id() -> int:
    return db.session.scalars(select(ExactConnection.id)).one()


@pytest.mark.usefixtures("from_exact")
def test_D05_an_invoice_on_an_imported_one_is_booked_there(
    bookkeeper: Browser, unit: BusinessUnit, simulator: RunningSimulator, work: Work
) -> None:
    import_hit(bookkeeper, unit, in_exact(simulator, TRUCKS)["ID"])
    forward(invoice_on(unit, TRUCKS))
    work()

    assert len(simulator.entries()) == 1


@pytest.mark.parametrize("text", ["7001", "bestelwagens", "verhuur BESTEL"])
def test_D05_one_is_found_by_the_start_of_its_code_and_by_words_of_its_name(
    bookkeeper: Browser, text: str
) -> None:
    assert "700100 Verhuur bestelwagens" in words(bookkeeper.get(f"{SEARCH}?q={text}"))


def test_D05_a_code_that_begins_as_typed_stands_first_then_what_takes_revenue(
    bookkeeper: Browser,
) -> None:
    def codes(text: str) -> list[str]:
        hits = bookkeeper.get(f"{SEARCH}?q={text}", headers=over(PAGE))
        return re.findall(r"<strong>(\w+)", hits.text)

    assert codes("verhuur")[0] == "700000"
    assert "230000" in codes("verhuur")
    assert codes("23")[0] == "230000"


def test_D05_one_that_is_blocked_says_so(bookkeeper: Browser) -> None:
    assert "blocked in Exact" in words(bookkeeper.get(f"{SEARCH}?q=700900"))


@pytest.mark.usefixtures("from_exact")
def test_D06_one_that_the_unit_has_is_opened(
    bookkeeper: Browser, unit: BusinessUnit, simulator: RunningSimulator
) -> None:
    trucks = in_exact(simulator, TRUCKS)
    import_hit(bookkeeper, unit, trucks["ID"])
    made = account(unit, TRUCKS)
    assert made
    assert "known here" in words(bookkeeper.get(f"{SEARCH}?q={TRUCKS}"))
    answer = import_hit(bookkeeper, unit, trucks["ID"])

    assert answer.headers["Location"] == f"{PAGE}{made.id}"
    assert "was known already" in words(bookkeeper.get(answer.headers["Location"]))
    assert len(db.session.scalars(select(GLAccount).filter_by(code=TRUCKS)).all()) == 1


@pytest.mark.usefixtures("from_exact")
def test_D06_one_with_that_code_is_opened_and_linked(
    bookkeeper: Browser,
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
) -> None:
    ours = make_gl_account(unit, code=TRUCKS, name="As we call it")
    answer = import_hit(bookkeeper, unit, in_exact(simulator, TRUCKS)["ID"])

    assert answer.headers["Location"] == f"{PAGE}{ours.id}"
    assert ours.name == "As we call it"
    assert db.session.get(ExactGLAccountLink, (ours.id, connection.id))


@pytest.mark.usefixtures("from_exact")
def test_D06_another_unit_of_the_company_gets_one_of_its_own(
    bookkeeper: Browser, company: Company, unit: BusinessUnit, simulator: RunningSimulator
) -> None:
    second = make_unit(company, name="Second")
    trucks = in_exact(simulator, TRUCKS)["ID"]
    import_hit(bookkeeper, unit, trucks)
    dialog = bookkeeper.get(f"{SEARCH}?unit_id={second.id}&q={TRUCKS}")
    assert "Second" in words(dialog)
    assert "known here" not in words(dialog)
    import_hit(bookkeeper, second, trucks)

    assert account(unit, TRUCKS)
    assert account(second, TRUCKS)


def test_D06_two_people_who_import_at_once_get_one(
    app: Flask, connection: ExactConnection, unit: BusinessUnit, simulator: RunningSimulator
) -> None:
    key = UUID(in_exact(simulator, TRUCKS)["ID"])
    found = find_gl_account(open_client(connection.id), key)
    connection_id, unit_id = connection.id, unit.id

    def import_it() -> int:
        here = db.session.get_one(BusinessUnit, unit_id)
        return import_gl_account(connection_id, here, found).account.id

    assert len(set(at_once(app, [import_it] * 3))) == 1
    assert account(unit, TRUCKS)


@pytest.mark.usefixtures("from_exact")
def test_D07_a_new_name_here_stays_here(
    bookkeeper: Browser, unit: BusinessUnit, simulator: RunningSimulator, work: Work
) -> None:
    import_hit(bookkeeper, unit, in_exact(simulator, TRUCKS)["ID"])
    made = account(unit, TRUCKS)
    assert made
    data = {"business_unit_id": unit.id, "code": TRUCKS, "name": "Our name", "active": "y"}
    assert bookkeeper.post(f"{PAGE}{made.id}", data=data).status_code == 303
    work()

    assert made.name == "Our name"
    assert in_exact(simulator, TRUCKS)["Description"] == "Verhuur vrachtwagens"
    assert not simulator.log.writes()


# --- who may, and when --------------------------------------------------------------------------


def test_A06_switched_off_there_is_no_search_and_what_is_here_stays_usable(
    bookkeeper: Browser,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    switch: Switch,
    work: Work,
) -> None:
    switch(gl_search=False)
    assert SEARCH not in bookkeeper.get(PAGE).text
    assert bookkeeper.get(f"{SEARCH}?q=700").status_code == 409
    assert import_hit(bookkeeper, unit, in_exact(simulator, TRUCKS)["ID"]).status_code == 409
    assert len(simulator.log) == 0

    forward(new_invoice(unit))
    work()
    assert len(simulator.entries()) == 1


def test_searching_takes_both_rights(
    connection: ExactConnection, login: Login, simulator: RunningSimulator
) -> None:
    for rights in (("ledger.view", "ledger.edit"), ("ledger.view", "exact.search")):
        browser = login(*rights)
        assert SEARCH not in browser.get(PAGE).text
        assert browser.get(f"{SEARCH}?q=700").status_code == 403
    assert len(simulator.log) == 0


def test_a_unit_of_a_company_without_a_link_is_not_offered(
    bookkeeper: Browser, simulator: RunningSimulator
) -> None:
    other = make_unit(make_company(), name="Without a link")

    assert "Without a link" not in words(bookkeeper.get(SEARCH, headers=over(PAGE)))
    assert bookkeeper.get(f"{SEARCH}?unit_id={other.id}&q=700").status_code == 404


def test_with_a_unit_chosen_in_the_top_bar_accounts_are_for_that_one(
    connection: ExactConnection, company: Company, simulator: RunningSimulator, client: Browser
) -> None:
    second = make_unit(company, name="Second")
    client.log_in(make_user(business_unit=second))
    trucks = in_exact(simulator, TRUCKS)["ID"]
    client.post(IMPORT, data={"exact_id": trucks})

    assert account(second, TRUCKS)


# --- never written ------------------------------------------------------------------------------


@pytest.mark.parametrize("source", Source)
@pytest.mark.parametrize("rest", ["on", "off"])
def test_D08_whatever_is_switched_on_or_off_none_is_ever_written(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    login: Login,
    source: Source,
    rest: str,
) -> None:
    """All functions of the link on one day. That no other test writes any is watched over by
    `no_gl_account_is_written`, which hears every call of the whole run.
    """
    day = SmallDay(connection, unit, simulator, login())
    if rest == "off":
        day.switch(gl_source=source, **all_off())
    else:
        day.switch(gl_source=source)
    told = day.pass_by()

    asked = set().union(*told.values())
    assert "POST salesentry/SalesEntries" in {call.partition(" with")[0] for call in asked}
    assert not [call for call in asked if "GLAccounts" in call and not call.startswith("GET")]


def all_off() -> dict[str, Any]:
    """Every switch but the master, and the one without which the day has no booking."""
    switches = {name for name, value in vars(ExactSettings()).items() if value in (True, False)}
    return dict.fromkeys(switches - {"enabled", "invoices_send"}, False)
