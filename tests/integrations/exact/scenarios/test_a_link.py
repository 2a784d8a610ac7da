"""The whole link, and each of its switches by itself (A1 to A13)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
import time_machine
from sqlalchemy import select

from ppplanner.clock import day_starts, now, today
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.integrations.exact import forwarding, jobs, switching
from ppplanner.integrations.exact.connect import connection_of
from ppplanner.integrations.exact.models import ExactConnection, Kind
from ppplanner.integrations.exact.settings import (
    ExactSettings,
    InvoiceMode,
    SendMoment,
    Source,
    exact_settings,
)
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Stage, standings
from ppplanner.integrations.exact.sync import lists
from ppplanner.integrations.exact.sync.intervals import start_due_intervals
from ppplanner.integrations.exact.sync.nights import start_due_nights
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.models import BusinessUnit, Company, Customer, CustomerKind, Invoice, TypeRole
from ppplanner.services import customers, ledger
from ppplanner.services.customers import CustomerData
from ppplanner.services.invoices.confirming import confirm_invoice
from ppplanner.services.invoices.crediting import credit_in_full
from tests.blueprints.pages import main, words
from tests.conftest import Browser, Login
from tests.factories import make_company, make_contract, make_unit, make_user
from tests.integrations.exact.conftest import Connect, new_invoice
from tests.integrations.exact.money import cash, paid, register, set_up
from tests.integrations.exact.scenarios.conftest import Switch, Work
from tests.integrations.exact.scenarios.small_day import (
    NEWCOMER,
    SmallDay,
    Told,
    asked_of_exact,
    everything_on,
)

pytestmark = pytest.mark.one_database

ACCOUNTS, ENTRIES = "crm/Accounts", "salesentry/SalesEntries"
DOCUMENTS, ATTACHMENTS = "documents/Documents", "documents/DocumentAttachments"
CENTRES, CARRIERS = "hrm/Costcenters", "hrm/Costunits"
CASH, GENERAL = (
    "financialtransaction/CashEntries",
    "generaljournalentry/GeneralJournalEntries",
)
WRITABLE = {ACCOUNTS, ENTRIES, DOCUMENTS, ATTACHMENTS, CENTRES, CARRIERS, CASH, GENERAL}
BRUSSELS = ZoneInfo("Europe/Brussels")

SaveCustomer = Callable[[], Customer]


@pytest.fixture
def noon() -> Iterator[None]:
    """It is twelve o'clock: no night of today is due while the coming one is told."""
    with time_machine.travel(day_starts(0) + timedelta(hours=12), tick=True):
        yield


@pytest.fixture
def administrator(unit: BusinessUnit, login: Login) -> Browser:
    return login()


@pytest.fixture
def day(
    connection: ExactConnection, unit: BusinessUnit, simulator: RunningSimulator, login: Login
) -> SmallDay:
    return SmallDay(connection, unit, simulator, login())


@pytest.fixture
def save_customer(company: Company) -> SaveCustomer:
    def saved() -> Customer:
        data = CustomerData(
            kind=CustomerKind.BUSINESS,
            company_name="Schilderwerken Maes",
            street="Kerkstraat 3",
            postcode="2000",
            city="Antwerpen",
        )
        made = customers.save_customer(data, group_id=company.group_id)
        db.session.commit()
        return made

    return saved


@contextmanager
def tomorrow_at(hour: int, minute: int) -> Iterator[None]:
    """The coming night, in Brussels."""
    date = now().astimezone(BRUSSELS).date() + timedelta(days=1)
    moment = datetime(date.year, date.month, date.day, hour, minute, tzinfo=BRUSSELS)
    with time_machine.travel(moment, tick=True):
        yield


def forward(*invoices: Invoice) -> int:
    count = forwarding.forward([invoice.id for invoice in invoices], by="Anke")
    db.session.commit()
    return count


def stage(kind: Kind, record: Any) -> Stage:
    return standings(kind, [record.id])[record.id].stage


def switches(company: Company, subject: str) -> str:
    return f"/exact/companies/{company.id}/switches/{subject}"


# --- the whole link -----------------------------------------------------------------------------


def test_A01_from_a_fresh_link_to_the_first_night(
    administrator: Browser, company: Company, simulator: RunningSimulator
) -> None:
    page = f"/exact/companies/{company.id}"
    app = {"site": "other", "test_server": simulator.url, "client_id": simulator.client_id}
    administrator.post(f"{page}/app", data={**app, "client_secret": simulator.client_secret})
    link = connection_of(company.id)
    assert link
    at = f"/exact/connections/{link.id}"
    back = urlsplit(simulator.consent(administrator.get(f"{at}/login").location))
    administrator.get(f"{back.path}?{back.query}")
    administrator.post(f"{at}/administration", data={"division": str(simulator.division)})
    administrator.post(f"{at}/mapping", data={**mapped(link), "sales_journal": "70"})
    nightly = {"invoices_send": "y", "invoices_mode": "nightly", "invoices_night_time": "02:15"}
    administrator.post(switches(company, "invoices"), data=nightly)

    simulator.log.clear()
    account = simulator.account(NEWCOMER)["ID"]
    administrator.post("/exact/customers/import?kind=business", data={"account_id": account})
    customer = db.session.scalars(select(Customer)).one()
    invoice = new_invoice(company.business_units[0], customer=customer)
    with tomorrow_at(2, 16):
        start_due_nights()
        run_outbox(link.id)

    assert simulator.log.calls(ACCOUNTS, "GET")
    assert simulator.log.count(ENTRIES, "POST") == 1
    assert customer.company_name == NEWCOMER
    (entry,) = simulator.entries()
    assert (entry["YourRef"], entry["Customer"]) == (invoice.reference, account)
    assert stage(Kind.INVOICE, invoice) is Stage.BOOKED


def mapped(link: ExactConnection) -> dict[str, str]:
    """The counterparts that were plain, as the dialog shows them."""
    vat = {f"vat_{each.vat_code_id}": each.code for each in lists.vat_links(link)}
    return vat | {f"gl_{each.gl_account_id}": each.code for each in lists.gl_links(link)}


def test_A02_all_together_write_customers_costs_bookings_and_documents_only(
    day: SmallDay, unit: BusinessUnit, simulator: RunningSimulator, work: Work
) -> None:
    asked = set[str]().union(*day.pass_by().values())
    simulator.log.clear()
    confirm_invoice(credit_in_full(day.by_hand, on=today()))
    account = ledger.save_gl_account(unit, code="700100", name="Another name of ours")
    ledger.save_gl_account(unit, code="700100", name="And another", account=account)
    cost_centre: Any = day.costs["cost_centre"]
    ledger.save_cost_centre(
        group_id=unit.company.group_id, code="KP1", name="New", cost_centre=cost_centre
    )
    contract = make_contract(unit=unit, customer=day.customer)
    paid(TypeRole.PAYMENT, 20, contract=contract)
    with tomorrow_at(12, 0):
        start_due_nights()
        start_due_intervals()
        work()

    asked |= asked_of_exact(simulator)
    writes = {each.split()[1] for each in asked if not each.startswith("GET") and " " in each}
    assert writes == WRITABLE


# --- each by itself -----------------------------------------------------------------------------


def test_A03_without_the_search_of_customers_nobody_is_offered_it_and_the_rest_works(
    administrator: Browser,
    company: Company,
    simulator: RunningSimulator,
    save_customer: SaveCustomer,
    switch: Switch,
    work: Work,
) -> None:
    switch(customers_search=False, customers_send_moment=SendMoment.ON_SAVE)

    for place in (
        "/customers/add",
        "/customers/add?purpose=customer&field=customer_id",
        "/customers/add?purpose=driver&field=driver_id&kind=private",
    ):
        assert "Search in Exact" not in words(administrator.get(place))
    search = administrator.get("/exact/customers/search?kind=business&q=jansen")
    assert search.status_code == 409
    account = {"account_id": simulator.account(NEWCOMER)["ID"]}
    found = administrator.post("/exact/customers/import?kind=business", data=account)
    assert found.status_code == 409
    assert not list(simulator.log)

    customer = save_customer()
    work()
    assert stage(Kind.CUSTOMER, customer) is Stage.LINKED


@pytest.mark.parametrize("moment", SendMoment)
def test_A04_while_customers_stay_here_saving_one_writes_nothing(
    save_customer: SaveCustomer,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    switch: Switch,
    work: Work,
    moment: SendMoment,
) -> None:
    switch(customers_send=False, customers_send_moment=moment)

    invoice = new_invoice(unit, customer=save_customer())
    work()
    with pytest.raises(DomainError, match="is not known in Exact, and sending customers is"):
        forward(invoice)
    work()

    assert not simulator.log.writes()
    assert stage(Kind.INVOICE, invoice) is not Stage.BOOKED


@pytest.mark.parametrize(
    ("off", "gone", "kept", "path"),
    [
        ("uses_cost_centres", "cost centre", "cost carrier", CENTRES),
        ("uses_cost_carriers", "cost carrier", "cost centre", CARRIERS),
    ],
)
def test_A05_of_cost_centres_and_cost_carriers_only_what_is_used_is_there_at_all(
    day: SmallDay,
    company: Company,
    administrator: Browser,
    off: str,
    gone: str,
    kept: str,
    path: str,
) -> None:
    setattr(company.group, off, False)
    for source in ("cost_centres_source", "cost_carriers_source"):
        exact_settings.save(company.id, **{source: Source.EXACT})
    db.session.commit()

    told = day.pass_by()

    assert told[f"a {kept} is looked for"] >= {"200"}
    assert told[f"a {gone} is looked for"] == {"409"}
    assert not [each for calls in told.values() for each in calls if path in each]
    line = {CENTRES: "CostCenter", CARRIERS: "CostUnit"}
    (entry,) = [each for each in told["an invoice is forwarded"] if f"POST {ENTRIES}" in each]
    assert [name in entry for name in line.values()] == [each != path for each in line]
    for kind, status in ((gone, 404), (kept, 200)):
        page = f"/ledger/{kind.replace(' ', '-')}s/"
        assert administrator.get(page).status_code == status


def test_A06_without_the_search_of_gl_accounts_those_that_are_there_still_serve(
    administrator: Browser,
    day: SmallDay,
    company: Company,
    simulator: RunningSimulator,
    work: Work,
) -> None:
    assert "Search in Exact" in words(administrator.get("/ledger/gl-accounts/"))
    day.switch(gl_search=False)

    page = words(administrator.get("/ledger/gl-accounts/"))
    assert "Search in Exact" not in page
    simulator.log.clear()
    assert administrator.get("/exact/gl_accounts/search?q=700").status_code == 409
    assert not list(simulator.log)

    (account,) = {line.gl_account for line in day.by_hand.lines}
    assert account
    assert account.code in page
    forward(day.by_hand)
    work()
    assert stage(Kind.INVOICE, day.by_hand) is Stage.BOOKED


def test_A07_while_invoices_stay_here_neither_the_night_nor_a_person_sends_any(
    administrator: Browser,
    day: SmallDay,
    simulator: RunningSimulator,
    connection: ExactConnection,
) -> None:
    day.switch(invoices_send=False)
    simulator.log.clear()

    with tomorrow_at(2, 16):
        assert start_due_nights() == []
        run_outbox(connection.id)
    invoices = words(administrator.get("/invoices/"))
    page = words(administrator.get(f"/invoices/{day.by_hand.id}"))
    sent = {"ids": day.by_hand.id, "confirmed": "1"}
    administrator.post("/exact/invoices/forward", data=sent)
    run_outbox(connection.id)

    assert "Forward to Exact" not in invoices
    assert "Forward to Exact" not in page
    assert not simulator.log.writes()
    assert stage(Kind.INVOICE, day.by_hand) is Stage.NOT_SENT


def test_A08_without_the_pdf_the_booking_goes_alone(
    invoice: Invoice, simulator: RunningSimulator, switch: Switch, work: Work
) -> None:
    switch(invoices_pdf=False)

    forward(invoice)
    work()

    assert simulator.log.count(ENTRIES, "POST") == 1
    assert not simulator.log.calls(DOCUMENTS)
    assert not simulator.log.calls(ATTACHMENTS)


def test_A09_while_transactions_stay_here_no_interval_books_any_and_each_says_so(
    administrator: Browser,
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    switch: Switch,
) -> None:
    set_up(connection, unit)
    switch(transactions_send=False)
    contract = make_contract(unit=unit)
    transaction = cash(TypeRole.PAYMENT, 50, contract=contract, register=register(unit))

    with time_machine.travel(now() + timedelta(days=1), tick=True):
        assert start_due_intervals() == []
        run_outbox(connection.id)

    assert not simulator.log.calls(CASH)
    assert not simulator.log.calls(GENERAL)
    page = main(administrator.get(f"/collections/{transaction.id}"))
    assert "Forwarding transactions is switched off." in page
    assert "Forward to Exact" not in words(administrator.get("/collections/"))


# --- every switch alone -------------------------------------------------------------------------

PDF = {f"POST {DOCUMENTS}", f"POST {ATTACHMENTS}"}
BOOKED = f"POST {ENTRIES}"
#: Whether Exact has it already: of the booking; after a silence also of the document.
ASKED, COVER = f"GET {ENTRIES}", f"GET {DOCUMENTS}"
LOOKED, REFUSED, DONE = "200", "409", "303"

#: What each thing of the day asks of Exact while all is on, and what it answers the person.
USUAL: Told = {
    "a customer is looked for": {LOOKED, f"GET {ACCOUNTS}"},
    "a customer is imported": {DONE, f"GET {ACCOUNTS}"},
    "a customer is saved": {f"GET {ACCOUNTS}", f"POST {ACCOUNTS}"},
    "a cost centre is saved": {f"GET {CENTRES}", f"POST {CENTRES}"},
    "a cost carrier is saved": {f"GET {CARRIERS}", f"POST {CARRIERS}"},
    "a cost centre is looked for": {REFUSED},
    "a cost carrier is looked for": {REFUSED},
    "a resource is new": {
        *(f"GET {CENTRES}", f"POST {CENTRES}"),
        *(f"GET {CARRIERS}", f"POST {CARRIERS}"),
    },
    "a GL account is looked for": {LOOKED, "GET financial/GLAccounts"},
    "a GL account is made": {DONE},
    "an invoice is forwarded": {DONE, ASKED, *PDF, f"{BOOKED} with CostCenter and CostUnit"},
    "an interval passes": {"GET financialtransaction/CashEntryLines", f"POST {CASH}"},
    "half an hour passes": {"GET read/financial/ReceivablesList", "GET cashflow/Receivables"},
    "it is 02:16": {ASKED, COVER, *PDF, f"{BOOKED} with CostCenter and CostUnit"},
    "it is 05:16": set(),
}

BY_HAND, BY_NIGHT = "an invoice is forwarded", "it is 02:16"
ONLY_CENTRES = {f"GET {CENTRES}", f"POST {CENTRES}"}
ONLY_CARRIERS = {f"GET {CARRIERS}", f"POST {CARRIERS}"}
SILENT: Told = dict.fromkeys(USUAL, set()) | {
    "a customer is looked for": {REFUSED},
    "a customer is imported": {REFUSED},
    "a cost centre is looked for": {REFUSED},
    "a cost carrier is looked for": {REFUSED},
    "a GL account is looked for": {REFUSED},
    "a GL account is made": {DONE},
    BY_HAND: {REFUSED},
}
LATER = (datetime.now(BRUSSELS) + timedelta(days=30)).date().isoformat()


def invoices_as(calls: set[str]) -> Told:
    """Forwarded by hand, and by night."""
    by_night = {COVER, *calls} if calls >= PDF else calls
    return {BY_HAND: {DONE, ASKED, *calls}, BY_NIGHT: {ASKED, *by_night}}


#: What one switch changes of that; all the rest stays as it is.
FLIPPED: dict[str, tuple[Any, Told]] = {
    "enabled": (False, SILENT),
    "customers_search": (
        False,
        {"a customer is looked for": {REFUSED}, "a customer is imported": {REFUSED}},
    ),
    "customers_send": (False, {"a customer is saved": set()}),
    "customers_send_moment": (SendMoment.ON_INVOICE, {"a customer is saved": set()}),
    "cost_centres_source": (
        Source.EXACT,
        {
            "a cost centre is saved": set(),
            "a cost centre is looked for": {LOOKED, f"GET {CENTRES}"},
            "a resource is new": ONLY_CARRIERS,
        },
    ),
    "cost_carriers_source": (
        Source.EXACT,
        {
            "a cost carrier is saved": set(),
            "a cost carrier is looked for": {LOOKED, f"GET {CARRIERS}"},
            "a resource is new": ONLY_CENTRES,
        },
    ),
    "cost_centres_from_resources": (False, {"a resource is new": ONLY_CARRIERS}),
    "cost_carriers_from_resources": (False, {"a resource is new": ONLY_CENTRES}),
    "cost_centres_on_invoice": (
        False,
        invoices_as({*PDF, f"{BOOKED} with CostUnit"}),
    ),
    "cost_carriers_on_invoice": (
        False,
        invoices_as({*PDF, f"{BOOKED} with CostCenter"}),
    ),
    "gl_search": (False, {"a GL account is looked for": {REFUSED}}),
    "gl_source": (Source.EXACT, {"a GL account is made": {REFUSED}}),
    "invoices_send": (False, {BY_HAND: {REFUSED}, BY_NIGHT: set()}),
    "invoices_mode": (InvoiceMode.MANUAL, {BY_NIGHT: set()}),
    "invoices_night_time": ("05:15", {BY_NIGHT: set(), "it is 05:16": USUAL[BY_NIGHT]}),
    "invoices_from": (LATER, {BY_NIGHT: set()}),
    "invoices_pdf": (
        False,
        invoices_as({f"{BOOKED} with CostCenter and CostUnit"}),
    ),
    "transactions_send": (False, {"an interval passes": set()}),
    "transactions_interval": (60, {"an interval passes": set()}),
    "transactions_from": (LATER, {"an interval passes": set()}),
    "payments_fetch": (False, {"half an hour passes": set()}),
}


def test_A10_a_day_with_everything_on(day: SmallDay) -> None:
    assert day.pass_by() == USUAL


def test_A10_no_switch_is_forgotten() -> None:
    assert FLIPPED.keys() == {field.name for field in fields(ExactSettings)}


@pytest.mark.parametrize("name", FLIPPED)
@pytest.mark.usefixtures("noon")
def test_A10_each_switch_alone_changes_its_own_function_only(day: SmallDay, name: str) -> None:
    value, changed = FLIPPED[name]
    assert getattr(everything_on(), name) != value
    day.switch(**{name: value})

    assert day.pass_by() == USUAL | changed


# --- off and on again ---------------------------------------------------------------------------


def test_A11_switched_off_nothing_at_all_is_asked_nothing_is_lost_and_on_it_goes_on(
    administrator: Browser,
    company: Company,
    connection: ExactConnection,
    invoice: Invoice,
    simulator: RunningSimulator,
    switch: Switch,
    work: Work,
    run_jobs: Any,
) -> None:
    forward(invoice)
    switch(enabled=False)
    with time_machine.travel(now() + timedelta(days=1), tick=True):
        jobs.tick()
        run_jobs()
        work()

    assert not list(simulator.log)
    assert "The link with Exact is switched off" in main(
        administrator.get(f"/invoices/{invoice.id}")
    )
    page = main(administrator.get(f"/exact/companies/{company.id}"))
    assert "State switched off" in page
    assert "The link is switched off: nothing is asked of Exact, and what waits is kept." in page
    assert stage(Kind.INVOICE, invoice) is Stage.WAITING

    administrator.post(switches(company, "link"), data={"enabled": "y"})
    work()
    assert stage(Kind.INVOICE, invoice) is Stage.BOOKED
    assert simulator.log.count(ENTRIES, "POST") == 1


# --- who may ------------------------------------------------------------------------------------


def test_A12_who_may_not_change_sees_all_knows_whom_to_ask_and_is_refused(
    login: Login, company: Company, connection: ExactConnection
) -> None:
    make_user(name="Amélie Admin")
    bookkeeper = login("exact.view", "exact.forward", "invoices.view")

    page = bookkeeper.get(f"/exact/companies/{company.id}")
    assert "You can look but not change. Ask Amélie Admin." in main(page)
    assert "Send the PDF along on" in main(page)
    assert "switches/" not in page.text
    for subject in ("link", "customers", "invoices", "transactions", "payments", "gl-accounts"):
        assert bookkeeper.get(switches(company, subject)).status_code == 403
        assert bookkeeper.post(switches(company, subject), data={}).status_code == 403
    assert exact_settings.load(company.id) == ExactSettings()


def test_A12_who_may_change_is_in_the_history_with_both_values(
    login: Login, company: Company, connection: ExactConnection
) -> None:
    administrator = login(user=make_user(name="Amélie Admin"))
    moment = {"customers_search": "y", "customers_send": "y", "customers_send_moment": "on_save"}

    administrator.post(switches(company, "customers"), data=moment)

    assert exact_settings.load(company.id).customers_send_moment == SendMoment.ON_SAVE
    told = (
        "Amélie Admin Setting Verhuur Peeters When customers go: "
        "With an invoice: only those who get one became When they are saved: all of them"
    )
    assert told in words(administrator.get("/settings/history?what=settings"))


# --- several companies --------------------------------------------------------------------------


@pytest.fixture
def other(company: Company, simulator: RunningSimulator, connect: Connect) -> ExactConnection:
    """A second company of the group, with an administration and a login of its own."""
    unit = make_unit(make_company(name="Verhuur Namen", group=company.group))
    return connect(unit.company, simulator.other_division, user="joris")


@pytest.mark.usefixtures("noon")
def test_A13_two_companies_go_by_their_own_switches_in_the_same_night(
    company: Company,
    connection: ExactConnection,
    other: ExactConnection,
    simulator: RunningSimulator,
) -> None:
    nightly = replace(ExactSettings(), invoices_mode=InvoiceMode.NIGHTLY)
    by_company = {
        connection: nightly,
        other: replace(nightly, invoices_night_time="03:30", invoices_pdf=False),
    }
    invoices = {}
    for link, values in by_company.items():
        switching.save_settings(link.company, link, values)
        invoices[link] = [new_invoice(link.company.business_units[0]) for _n in range(2)]
    exact_settings.save(other.company_id, customers_send_moment=SendMoment.ON_SAVE)
    db.session.commit()

    with tomorrow_at(2, 16):
        assert start_due_nights() == [connection.id]
        everybody_works(connection, other)
    assert booked(invoices[connection]) == 2
    assert booked(invoices[other]) == 0

    with tomorrow_at(3, 31):
        assert start_due_nights() == [other.id]
        everybody_works(connection, other)
    assert booked(invoices[other]) == 2

    first = simulator.log.calls(DOCUMENTS, "POST")
    assert {call.division for call in first} == {simulator.division}
    for link in by_company:
        numbers = {each["YourRef"] for each in simulator.entries(link.division)}
        assert numbers == {each.reference for each in invoices[link]}


@pytest.mark.usefixtures("noon")
def test_A13_one_of_them_by_hand_leaves_the_other_its_night(
    connection: ExactConnection, other: ExactConnection, simulator: RunningSimulator
) -> None:
    by_night = replace(ExactSettings(), invoices_mode=InvoiceMode.NIGHTLY)
    switching.save_settings(other.company, other, by_night)
    mine, theirs = (new_invoice(each.company.business_units[0]) for each in (connection, other))

    with tomorrow_at(2, 16):
        assert start_due_nights() == [other.id]
        everybody_works(connection, other)

    assert stage(Kind.INVOICE, mine) is Stage.NOT_SENT
    assert stage(Kind.INVOICE, theirs) is Stage.BOOKED


def everybody_works(*links: ExactConnection) -> None:
    for link_id in [link.id for link in links]:
        run_outbox(link_id)


def booked(invoices: list[Invoice]) -> int:
    return [stage(Kind.INVOICE, each) for each in invoices].count(Stage.BOOKED)
