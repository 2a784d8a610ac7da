"""Customers: found in Exact and imported once, made and kept up to date there (B1 to B17)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.integrations.exact import forwarding
from ppplanner.integrations.exact.connect import get_connection, open_client
from ppplanner.integrations.exact.models import ExactConnection, ExactCustomerLink, Kind
from ppplanner.integrations.exact.settings import SendMoment
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Stage, standings
from ppplanner.integrations.exact.sync.customer_imports import find_account, import_account
from ppplanner.models import BusinessUnit, Company, Customer, CustomerKind
from ppplanner.services import customers
from ppplanner.services.customers import CustomerData
from tests.blueprints.pages import words
from tests.conftest import Browser, Login
from tests.factories import make_customer
from tests.integrations.exact.conftest import new_invoice
from tests.integrations.exact.scenarios.conftest import Switch, Work
from tests.parallel import at_once

pytestmark = pytest.mark.one_database

ACCOUNTS = "crm/Accounts"
ENTRIES = "salesentry/SalesEntries"
FIRM = "Aannemingen De Backer & Zonen NV"
DATA = CustomerData(
    kind=CustomerKind.BUSINESS,
    company_name="Schilderwerken Maes",
    street="Kerkstraat 3",
    postcode="2000",
    city="Antwerpen",
    country="BE",
    language="nl",
    email="info@maes.example",
)
RIGHTS = ("exact.view", "exact.search", "customers.view", "customers.edit", "contracts.edit")

Save = Callable[..., Customer]


@pytest.fixture
def planner(connection: ExactConnection, login: Login) -> Browser:
    return login(*RIGHTS)


@pytest.fixture
def save(company: Company) -> Save:
    """A planner saves a customer, a new one or the one given, and goes on."""

    def saved(customer: Customer | None = None, **fields: Any) -> Customer:
        data = replace(DATA, **fields)
        made = customers.save_customer(data, group_id=company.group_id, customer=customer)
        db.session.commit()
        return made

    return saved


def account(connection: ExactConnection, simulator: RunningSimulator, name: str = FIRM) -> Any:
    key = UUID(simulator.account(name)["ID"])
    return find_account(open_client(connection.id, "person"), key)


def imported(
    connection: ExactConnection, simulator: RunningSimulator, kind: str = "business"
) -> Customer:
    found = import_account(connection, account(connection, simulator), CustomerKind(kind))
    simulator.log.clear()
    return found.customer


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Customer)) or 0


def stage(customer: Customer) -> Stage:
    return standings(Kind.CUSTOMER, [customer.id])[customer.id].stage


def forward(*invoices: Any) -> None:
    forwarding.forward([invoice.id for invoice in invoices], by="Anke")
    db.session.commit()


# --- finding and importing ----------------------------------------------------------------------


def test_B01_the_customer_list_offers_the_search_for_private_and_business(planner: Browser) -> None:
    page = words(planner.get("/customers/add"))

    assert "Search in Exact, as private" in page
    assert "Search in Exact, as business" in page


def test_B02_a_contract_offers_it_too_and_for_a_driver_as_private_only(planner: Browser) -> None:
    customer = words(planner.get("/customers/add?purpose=customer&field=customer_id"))
    driver = words(planner.get("/customers/add?purpose=driver&field=driver_id&kind=private"))

    assert "Search in Exact, as business" in customer
    assert "Search in Exact, as private" in driver
    assert "Search in Exact, as business" not in driver


def test_B03_part_of_a_name_a_code_and_a_vat_number_find_whom_one_can_choose(
    planner: Browser, simulator: RunningSimulator
) -> None:
    firm = simulator.account(FIRM)
    for text in ("de backer", firm["Code"].strip(), firm["VATNumber"]):
        page = words(
            planner.get("/exact/customers/search", query_string={"kind": "business", "q": text})
        )
        assert FIRM in page
        assert firm["City"] in page


def test_B04_an_import_as_business_takes_what_exact_has_and_writes_nothing(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    customer = imported(connection, simulator)

    firm = simulator.account(FIRM)
    assert customer.kind is CustomerKind.BUSINESS
    assert (customer.company_name, customer.vat_number) == (FIRM, firm["VATNumber"])
    assert (customer.street, customer.email) == (firm["AddressLine1"], firm["Email"])
    assert stage(customer) is Stage.LINKED
    assert not simulator.log.writes()


def test_B05_the_same_record_as_private_is_a_private_customer(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    assert imported(connection, simulator, "private").kind is CustomerKind.PRIVATE


def test_B06_importing_whom_one_has_opens_the_record(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    first = imported(connection, simulator)

    assert imported(connection, simulator) is first
    assert count() == 1


def test_B07_a_vat_number_in_another_notation_is_the_same_customer(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    digits = simulator.account(FIRM)["VATNumber"].removeprefix("BE")
    by_hand = make_customer(vat_number=f"BE {digits[:4]}.{digits[4:7]}.{digits[7:]}")
    db.session.commit()

    assert imported(connection, simulator) is by_hand
    assert count() == 1


def test_B08_equal_names_with_other_vat_numbers_are_two_customers(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    client = open_client(connection.id, "person")
    twin = client.create_account(
        replace(_new(account(connection, simulator)), vat_number="BE0403019261", code="")
    )
    first = imported(connection, simulator)
    second = import_account(connection, twin, CustomerKind.BUSINESS).customer

    assert first is not second
    assert first.company_name == second.company_name == FIRM
    assert count() == 2


def _new(found: Any) -> Any:
    from ppplanner.integrations.exact.records import NewAccount

    return NewAccount(name=found.name, vat_number=found.vat_number)


def test_B09_two_people_who_import_at_once_get_one_customer(
    app: Flask, connection: ExactConnection, simulator: RunningSimulator
) -> None:
    found, connection_id = account(connection, simulator), connection.id

    def import_it() -> int:
        made = import_account(get_connection(connection_id), found, CustomerKind.BUSINESS)
        return made.customer.id

    assert len(set(at_once(app, [import_it] * 2))) == count() == 1


def test_B10_by_hand_one_still_makes_customers_whom_exact_does_not_know(
    planner: Browser, simulator: RunningSimulator
) -> None:
    page = words(planner.get("/customers/add"))
    assert "Private" in page
    assert "Business" in page

    form = {"first_name": "An", "last_name": "Claes", "country": "BE", "language": "nl"}
    form |= {"payment_days": "30", "status": "active"}
    planner.post("/customers/new/private", data=form)

    made = db.session.scalars(select(Customer).filter_by(last_name="Claes")).one()
    assert stage(made) is Stage.NOT_SENT
    assert not simulator.log.writes()


# --- on save ------------------------------------------------------------------------------------


def test_B11_on_save_a_customer_without_any_invoice_goes_too(
    save: Save, switch: Switch, work: Work, simulator: RunningSimulator
) -> None:
    switch(customers_send_moment=SendMoment.ON_SAVE)

    customer = save()
    assert stage(customer) is Stage.WAITING
    work()

    assert stage(customer) is Stage.LINKED
    assert simulator.account("Schilderwerken Maes")["Email"] == "info@maes.example"
    assert simulator.log.count(ACCOUNTS, "POST") == 1


def test_B11_what_changes_later_goes_too_and_nothing_else(
    save: Save, switch: Switch, work: Work, simulator: RunningSimulator
) -> None:
    switch(customers_send_moment=SendMoment.ON_SAVE)
    customer = save()
    work()
    simulator.log.clear()

    save(customer, email="boek@maes.example")
    work()

    (change,) = simulator.log.writes(ACCOUNTS)
    assert (change.method, change.body) == ("PUT", {"Email": "boek@maes.example"})
    assert simulator.account("Schilderwerken Maes")["Email"] == "boek@maes.example"


def test_B11_a_change_while_the_customer_is_being_sent_goes_as_well(
    save: Save,
    switch: Switch,
    work: Work,
    simulator: RunningSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from ppplanner.integrations.exact.client import ExactClient

    switch(customers_send_moment=SendMoment.ON_SAVE)
    customer = save()
    send = ExactClient.create_account

    def while_it_goes(self: ExactClient, new: Any) -> Any:
        made = send(self, new)
        monkeypatch.setattr(ExactClient, "create_account", send)
        save(customer, city="Gent")
        return made

    monkeypatch.setattr(ExactClient, "create_account", while_it_goes)
    work()

    assert simulator.account("Schilderwerken Maes")["City"] == "Gent"
    assert stage(customer) is Stage.LINKED


def test_B11_what_is_changed_back_while_it_is_being_sent_is_changed_back_there_too(
    save: Save,
    switch: Switch,
    work: Work,
    simulator: RunningSimulator,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from ppplanner.integrations.exact.client import ExactClient

    switch(customers_send_moment=SendMoment.ON_SAVE)
    customer = save(city="Antwerpen")
    work()
    change = ExactClient.update_account

    def while_it_goes(self: ExactClient, *args: Any) -> None:
        change(self, *args)
        monkeypatch.setattr(ExactClient, "update_account", change)
        save(customer, city="Antwerpen")

    monkeypatch.setattr(ExactClient, "update_account", while_it_goes)
    save(customer, city="Hasselt")
    work()

    assert simulator.account("Schilderwerken Maes")["City"] == "Antwerpen"


@pytest.mark.parametrize(("first", "then"), [("Antwerpen", "Hasselt"), ("", "Hasselt")])
def test_B11_what_is_changed_back_before_its_answer_comes_is_changed_back_there_too(
    save: Save, switch: Switch, work: Work, simulator: RunningSimulator, first: str, then: str
) -> None:
    switch(customers_send_moment=SendMoment.ON_SAVE)
    customer = save(city=first)
    work()
    simulator.fail_next("drop_after", "crm/Accounts", method="PUT")
    save(customer, city=then)
    work()
    save(customer, city=first)

    with time_machine.travel(now() + timedelta(minutes=5)):
        work()

    assert (simulator.account("Schilderwerken Maes")["City"] or "") == first


def test_B11_a_change_that_still_waits_when_sending_is_switched_off_stays_here(
    save: Save, switch: Switch, work: Work, simulator: RunningSimulator
) -> None:
    switch(customers_send_moment=SendMoment.ON_SAVE)
    customer = save()
    work()
    simulator.log.clear()

    save(customer, email="boek@maes.example")
    switch(customers_send=False, customers_send_moment=SendMoment.ON_SAVE)
    work()
    assert not simulator.log.writes()
    assert stage(customer) is Stage.LINKED

    switch(customers_send=True)
    save(customer, email="boek@maes.example")
    work()
    assert simulator.account("Schilderwerken Maes")["Email"] == "boek@maes.example"


def test_B12_while_exact_is_down_saving_goes_on_and_the_customer_follows_once(
    save: Save, switch: Switch, work: Work, simulator: RunningSimulator
) -> None:
    switch(customers_send_moment=SendMoment.ON_SAVE)
    simulator.fail_next("unavailable", times=None)

    customer = save()
    work()
    assert customer.id
    assert stage(customer) is Stage.WAITING

    simulator.faults.clear()
    with time_machine.travel(now() + timedelta(minutes=10)):
        work()
    assert stage(customer) is Stage.LINKED
    assert len(simulator.accounts(simulator.division, Name="Schilderwerken Maes")) == 1


# --- on the first invoice -----------------------------------------------------------------------


def test_B13_with_the_first_invoice_only_its_customer_goes_and_before_it(
    unit: BusinessUnit, work: Work, save: Save, simulator: RunningSimulator
) -> None:
    people = [save(company_name=f"Firma {number}", email="") for number in range(10)]
    forward(new_invoice(unit, customer=people[4]))
    work()

    writes = [call.resource for call in simulator.log.writes()]
    assert writes.count(ACCOUNTS) == 1
    assert writes.index(ACCOUNTS) < writes.index(ENTRIES)
    assert [stage(each) is Stage.LINKED for each in people].count(True) == 1


def test_B14_the_second_invoice_makes_no_second_account(
    unit: BusinessUnit, work: Work, save: Save, simulator: RunningSimulator
) -> None:
    customer = save()
    for _n in range(2):
        forward(new_invoice(unit, customer=customer))
        work()

    assert simulator.log.count(ACCOUNTS, "POST") == 1
    assert simulator.log.count(ENTRIES, "POST") == 2


def test_B14_what_changed_in_between_goes_just_before_the_second_invoice(
    unit: BusinessUnit, work: Work, save: Save, simulator: RunningSimulator
) -> None:
    customer = save()
    forward(new_invoice(unit, customer=customer))
    work()
    simulator.log.clear()
    save(customer, phone="+32 3 123 45 67")
    work()
    assert not simulator.log.writes()

    forward(new_invoice(unit, customer=customer))
    work()

    writes = [(call.method, call.resource) for call in simulator.log.writes()]
    assert writes[0] == ("PUT", ACCOUNTS)
    assert ("POST", ENTRIES) in writes


def test_B14_a_change_that_exact_refuses_does_not_hold_up_the_invoice(
    unit: BusinessUnit, work: Work, save: Save, simulator: RunningSimulator
) -> None:
    customer = save()
    forward(new_invoice(unit, customer=customer))
    work()
    save(customer, email="no address at all")

    invoice = new_invoice(unit, customer=customer)
    forward(invoice)
    work()

    assert stage(customer) is Stage.REFUSED
    assert standings(Kind.INVOICE, [invoice.id])[invoice.id].stage is Stage.BOOKED


def test_B14_whom_exact_knows_as_another_customer_of_ours_is_not_doubled_and_says_so(
    unit: BusinessUnit,
    connection: ExactConnection,
    work: Work,
    save: Save,
    simulator: RunningSimulator,
) -> None:
    vat_number = simulator.account(FIRM)["VATNumber"]
    private = imported(connection, simulator, "private")
    business = save(company_name=FIRM, vat_number=vat_number, email="")

    invoice = new_invoice(unit, customer=business)
    forward(invoice)
    work()

    (reason,) = standings(Kind.INVOICE, [invoice.id])[invoice.id].reasons
    assert "one and the same" in str(reason)
    assert private.full_name in str(reason)
    assert not simulator.log.writes()


def test_B15_an_invoice_that_is_not_forwarded_makes_no_account(
    unit: BusinessUnit, work: Work, save: Save, simulator: RunningSimulator
) -> None:
    new_invoice(unit, customer=save())
    work()

    assert not simulator.log.writes()


def test_B16_after_switching_to_on_save_old_customers_wait_for_their_next_save(
    work: Work, switch: Switch, save: Save, simulator: RunningSimulator
) -> None:
    old = [save(company_name=f"Firma {number}", email="") for number in range(3)]
    switch(customers_send_moment=SendMoment.ON_SAVE)
    work()
    assert not simulator.log.writes()

    save(old[1], company_name="Firma 1", email="nieuw@firma.example")
    work()
    assert simulator.log.count(ACCOUNTS, "POST") == 1
    assert stage(old[1]) is Stage.LINKED


def test_B17_an_imported_customer_who_is_saved_unchanged_writes_nothing(
    connection: ExactConnection,
    work: Work,
    switch: Switch,
    simulator: RunningSimulator,
    planner: Browser,
) -> None:
    switch(customers_send_moment=SendMoment.ON_SAVE)
    customer = imported(connection, simulator)
    work()
    data = CustomerData(**{name: getattr(customer, name) for name in _FIELDS})
    customers.save_customer(data, group_id=customer.group_id, customer=customer)
    work()

    assert not simulator.log.writes()
    assert db.session.scalar(select(func.count()).select_from(ExactCustomerLink)) == 1


_FIELDS = [name for name in CustomerData.__dataclass_fields__ if hasattr(Customer, name)]
