"""Stories of invoices on their way to Exact, told over HTTP against the simulator."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select
from stdnum.be.vat import is_valid

from ppplanner import jobs
from ppplanner.clock import now
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.integrations.exact import forwarding, lease, outbox
from ppplanner.integrations.exact.jobs import tick
from ppplanner.integrations.exact.models import (
    ConnectionState,
    ExactConnection,
    ExactCustomerLink,
    ExactOutboxEntry,
    Kind,
    WorkState,
)
from ppplanner.integrations.exact.settings import exact_settings
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Stage, standings
from ppplanner.integrations.exact.switching import save_settings
from ppplanner.integrations.exact.sync import lists
from ppplanner.integrations.exact.sync.obstacles import NO_JOURNAL
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.integrations.exact.transport import Transport
from ppplanner.models import BusinessUnit, Invoice
from ppplanner.services.invoices.confirming import confirm_invoice
from tests.conftest import Login
from tests.factories import make_customer
from tests.integrations.exact.conftest import new_invoice
from tests.integrations.exact.forms import mapping_form

pytestmark = pytest.mark.one_database


class Killed(BaseException):
    """What kill -9 looks like from inside: nothing after it is done."""


ENTRIES = "salesentry/SalesEntries"
DOCUMENTS = "documents/Documents"
ATTACHMENTS = "documents/DocumentAttachments"
ACCOUNTS = "crm/Accounts"

RunJobs = Callable[[], int]


def forward(*invoices: Invoice) -> None:
    forwarding.forward([invoice.id for invoice in invoices], by="Anke")
    db.session.commit()


def stage(invoice: Invoice) -> Stage:
    return standings(Kind.INVOICE, [invoice.id])[invoice.id].stage


@pytest.mark.both_databases
@pytest.mark.usefixtures("printed_paper")
def test_a_forwarded_invoice_is_booked_with_its_customer_and_its_pdf(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice, run_jobs: RunJobs
) -> None:
    forward(invoice)
    run_jobs()

    (entry,) = simulator.entries(YourRef=invoice.reference)
    assert Decimal(str(entry["AmountFC"])) == invoice.gross
    assert stage(invoice) is Stage.BOOKED
    (account,) = simulator.records(ACCOUNTS, ID=entry["Customer"])
    assert account["Name"] == invoice.customer.full_name
    (attachment,) = simulator.attachments(Document=entry["Document"])
    assert invoice.document
    assert hashlib.sha256(attachment["Content"]).hexdigest() == invoice.document.sha256


def test_of_known_customers_each_invoice_costs_three_calls_and_all_together_a_question(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice, unit: BusinessUnit
) -> None:
    forward(invoice)
    run_outbox(connection.id)
    more = [new_invoice(unit, customer=invoice.customer) for _n in range(3)]
    simulator.log.clear()

    forward(*more)
    run_outbox(connection.id)

    asked, *sent = [(call.method, call.resource) for call in simulator.log]
    assert asked == ("GET", ENTRIES)
    assert sent == [("POST", each) for each in (DOCUMENTS, ATTACHMENTS, ENTRIES)] * 3


def test_without_the_pdf_an_invoice_costs_one_call(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice, unit: BusinessUnit
) -> None:
    exact_settings.save(connection.company_id, invoices_pdf=False)
    forward(invoice)
    run_outbox(connection.id)
    simulator.log.clear()

    forward(*[new_invoice(unit, customer=invoice.customer) for _n in range(2)])
    run_outbox(connection.id)

    assert [call.method for call in simulator.log] == ["GET", "POST", "POST"]
    assert {call.resource for call in simulator.log} == {ENTRIES}


@pytest.mark.parametrize("resource", [ACCOUNTS, DOCUMENTS, ATTACHMENTS, ENTRIES])
def test_a_write_whose_answer_is_lost_is_looked_up_and_not_repeated(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice, resource: str
) -> None:
    simulator.fail_next("drop_after", resource, method="POST")
    forward(invoice)
    run_outbox(connection.id)
    assert stage(invoice) is Stage.WAITING

    with time_machine.travel(now() + timedelta(minutes=1), tick=True):
        run_outbox(connection.id)

    assert stage(invoice) is Stage.BOOKED
    assert simulator.log.count(resource, "POST") == 1
    assert len(simulator.entries(YourRef=invoice.reference)) == 1


@pytest.mark.both_databases
@pytest.mark.parametrize("resource", [ACCOUNTS, DOCUMENTS, ATTACHMENTS, ENTRIES])
def test_a_worker_killed_in_the_middle_of_a_call_leaves_no_double(
    connection: ExactConnection,
    simulator: RunningSimulator,
    invoice: Invoice,
    resource: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The worker dies after Exact has done the work and before it could note the answer."""

    send = Transport.create

    def die_after(self: Transport, what: str, *args: Any, **kwargs: Any) -> Any:
        made: Any = send(self, what, *args, **kwargs)
        if what == resource:
            raise Killed
        return made

    forward(invoice)
    monkeypatch.setattr(Transport, "create", die_after)
    with pytest.raises(Killed):
        run_outbox(connection.id)
    monkeypatch.setattr(Transport, "create", send)
    assert stage(invoice) is Stage.SENDING

    run_outbox(connection.id)

    assert stage(invoice) is Stage.BOOKED
    assert simulator.log.count(resource, "POST") == 1
    assert len(simulator.entries(YourRef=invoice.reference)) == 1


def test_while_exact_does_not_answer_the_invoice_waits_and_goes_by_itself_later(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    address, connection.base_url = connection.base_url, "http://127.0.0.1:9"
    forward(invoice)
    run_outbox(connection.id)

    (standing,) = standings(Kind.INVOICE, [invoice.id]).values()
    assert standing.stage is Stage.WAITING
    assert "cannot be reached" in str(standing.reasons[0])

    connection.base_url = address
    db.session.commit()
    assert run_outbox(connection.id) == 0  # it rests for some seconds
    with time_machine.travel(now() + timedelta(minutes=1), tick=True):
        run_outbox(connection.id)
    assert stage(invoice) is Stage.BOOKED


@pytest.mark.both_databases
def test_one_refused_invoice_does_not_hold_up_the_others(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice, unit: BusinessUnit
) -> None:
    others = [new_invoice(unit) for _n in range(2)]
    (blocked, *_more) = simulator.records(ACCOUNTS, simulator.division, Blocked=True)
    link = {"customer_id": invoice.customer_id, "connection_id": connection.id}
    db.session.add(ExactCustomerLink(**link, account_id=UUID(blocked["ID"])))
    forward(invoice, *others)

    run_outbox(connection.id)

    assert stage(invoice) is Stage.REFUSED
    assert [stage(other) for other in others] == [Stage.BOOKED] * 2


def test_a_refused_invoice_can_be_forwarded_again_after_the_cure(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    year, month = invoice.invoice_date.year, invoice.invoice_date.month
    simulator.close_period(year, month)
    forward(invoice)
    run_outbox(connection.id)
    (standing,) = standings(Kind.INVOICE, [invoice.id]).values()
    assert standing.stage is Stage.REFUSED
    assert "closed" in str(standing.reasons[0]).lower()
    assert standing.words

    simulator.close_period(year, month, closed=False)
    forward(invoice)
    run_outbox(connection.id)

    assert stage(invoice) is Stage.BOOKED
    assert simulator.log.count(DOCUMENTS, "POST") == 1


def test_the_pdf_of_a_refused_invoice_stays_the_one_although_the_customer_is_renamed(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    connection.sales_journal = "ZZ"
    for name in ("Verhuur Een", "Verhuur Twee"):
        invoice.customer.company_name = name
        forward(invoice)
        run_outbox(connection.id)
        assert stage(invoice) is Stage.REFUSED

    connection.sales_journal = "70"
    forward(invoice)
    run_outbox(connection.id)

    assert stage(invoice) is Stage.BOOKED
    assert simulator.log.count(DOCUMENTS, "POST") == 1


def test_a_gl_account_that_exact_does_not_have_is_named_before_anything_is_written(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    account = invoice.lines[0].gl_account
    assert account
    lists.map_gl_account(connection, account, None)
    account.code = "709999"
    db.session.commit()

    forward(invoice)
    run_outbox(connection.id)

    standing = standings(Kind.INVOICE, [invoice.id])[invoice.id]
    assert standing.stage is Stage.REFUSED
    assert "GL account 709999 Rental income has no counterpart" in str(standing.reasons[0])
    assert not simulator.log.writes()


def test_without_a_sales_journal_invoices_are_on_hold_and_go_once_it_is_chosen(
    connection: ExactConnection,
    simulator: RunningSimulator,
    unit: BusinessUnit,
    login: Login,
    run_jobs: RunJobs,
) -> None:
    """Somebody clears it in the settings while they are on their way."""
    exact_settings.save(connection.company_id, invoices_pdf=False)
    invoices = [new_invoice(unit) for _n in range(2)]
    forward(*invoices)
    connection.sales_journal = ""
    db.session.commit()
    run_jobs()

    for standing in standings(Kind.INVOICE, [each.id for each in invoices]).values():
        assert standing.stage is Stage.HELD
        assert [str(each) for each in standing.reasons] == [NO_JOURNAL]
    assert len(simulator.log.writes()) == 0

    page = f"/exact/connections/{connection.id}/mapping"
    login().post(page, data=mapping_form(connection, sales_journal="70"))
    assert run_jobs() == 1  # the bell
    assert [stage(each) for each in invoices] == [Stage.BOOKED] * 2


def test_a_switch_that_was_off_for_a_moment_leaves_no_work_for_a_person(
    connection: ExactConnection, unit: BusinessUnit, run_jobs: RunJobs
) -> None:
    exact_settings.save(connection.company_id, invoices_pdf=False)
    invoices = [new_invoice(unit) for _n in range(2)]
    forward(*invoices)
    before = exact_settings.load(connection.company_id)
    save_settings(unit.company, connection, replace(before, invoices_send=False))
    db.session.commit()
    run_jobs()
    assert [stage(each) for each in invoices] == [Stage.HELD] * 2

    save_settings(unit.company, connection, before)
    db.session.commit()
    run_jobs()
    assert [stage(each) for each in invoices] == [Stage.BOOKED] * 2


def test_a_vat_code_without_counterpart_holds_invoices_until_it_is_chosen(
    connection: ExactConnection, unit: BusinessUnit, login: Login, run_jobs: RunJobs
) -> None:
    exact_settings.save(connection.company_id, invoices_pdf=False)
    invoice = new_invoice(unit)
    forward(invoice)
    page, chosen = f"/exact/connections/{connection.id}/mapping", mapping_form(connection)
    without_vat = {name: "" for name in chosen if name.startswith("vat_")}
    login().post(page, data=chosen | without_vat)
    run_jobs()
    assert stage(invoice) is Stage.HELD

    login().post(page, data=chosen)
    run_jobs()
    assert stage(invoice) is Stage.BOOKED


def test_what_also_lacks_a_gl_account_waits_for_the_journal_all_the_same(
    connection: ExactConnection, invoice: Invoice
) -> None:
    forward(invoice)
    account = invoice.lines[0].gl_account
    assert account
    lists.map_gl_account(connection, account, None)
    account.code, connection.sales_journal = "709999", ""
    db.session.commit()
    run_outbox(connection.id)
    found = standings(Kind.INVOICE, [invoice.id])[invoice.id]
    assert (found.stage, len(found.reasons)) == (Stage.HELD, 2)


def test_an_invoice_that_waits_for_its_customer_goes_once_the_customer_is_imported(
    connection: ExactConnection,
    simulator: RunningSimulator,
    unit: BusinessUnit,
    login: Login,
    run_jobs: RunJobs,
) -> None:
    exact_settings.save(connection.company_id, invoices_pdf=False, customers_search=True)
    account = next(each for each in simulator.accounts(Status="C") if each["VATNumber"])
    customer = make_customer(company_name=account["Name"], vat_number=account["VATNumber"])
    invoice = new_invoice(unit, customer=customer)
    forward(invoice)
    exact_settings.save(connection.company_id, customers_send=False)
    db.session.commit()
    run_jobs()
    assert stage(invoice) is Stage.HELD

    login().post("/exact/customers/import?kind=business", data={"account_id": account["ID"]})
    run_jobs()
    assert stage(invoice) is Stage.BOOKED


def test_invoices_go_in_the_order_of_their_numbers(
    connection: ExactConnection, simulator: RunningSimulator, unit: BusinessUnit
) -> None:
    exact_settings.save(connection.company_id, invoices_pdf=False)
    first, second = (new_invoice(unit, confirmed=False) for _n in range(2))
    confirm_invoice(second)
    confirm_invoice(first)
    db.session.commit()
    forward(first, second)
    run_outbox(connection.id)
    assert [entry["YourRef"] for entry in simulator.entries()] == [
        second.reference,
        first.reference,
    ]


def test_a_draft_is_not_forwarded(connection: ExactConnection, unit: BusinessUnit) -> None:
    draft = new_invoice(unit, confirmed=False)

    with pytest.raises(DomainError, match="draft"):
        forward(draft)


@pytest.mark.both_databases
def test_forwarding_twice_queues_once(connection: ExactConnection, invoice: Invoice) -> None:
    forward(invoice)

    with pytest.raises(DomainError, match="on its way"):
        forward(invoice)

    assert len(db.session.scalars(select(ExactOutboxEntry)).all()) == 1


def test_a_lost_login_stops_the_work_and_keeps_it(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    simulator.revoke()
    forward(invoice)
    run_outbox(connection.id)

    db.session.refresh(connection)
    assert connection.state is ConnectionState.NEEDS_LOGIN
    (standing,) = standings(Kind.INVOICE, [invoice.id]).values()
    assert standing.stage is Stage.WAITING
    assert "log in" in str(standing.reasons[0]).lower()


@pytest.mark.both_databases
def test_two_workers_never_send_for_one_connection_at_once(
    connection: ExactConnection, invoice: Invoice
) -> None:
    connection.leased_by, connection.leased_until = "other:1", now() + timedelta(seconds=30)
    forward(invoice)

    assert run_outbox(connection.id) == 0
    assert stage(invoice) is Stage.WAITING

    connection.leased_until = now() - timedelta(seconds=30)
    db.session.commit()
    run_outbox(connection.id)
    assert stage(invoice) is Stage.BOOKED


@pytest.mark.both_databases
def test_the_lease_of_a_killed_worker_of_this_machine_is_taken_over_at_once(
    connection: ExactConnection, invoice: Invoice
) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    machine, _pid, thread = lease.this_worker().split(":")
    connection.leased_by = f"{machine}:{gone.pid}:{thread}"
    connection.leased_until = now() + timedelta(seconds=30)
    forward(invoice)

    run_outbox(connection.id)

    assert stage(invoice) is Stage.BOOKED


def test_an_invoice_whose_customer_is_known_in_exact_by_vat_number_makes_no_second_account(
    connection: ExactConnection, simulator: RunningSimulator, unit: BusinessUnit
) -> None:
    customers = simulator.accounts(simulator.division, Status="C", Country="BE", Blocked=False)
    known = next(one for one in customers if is_valid(one["VATNumber"] or ""))
    digits = known["VATNumber"].removeprefix("BE")
    customer = make_customer(vat_number=f"BE {digits[:4]}.{digits[4:7]}.{digits[7:]}")
    invoice = new_invoice(unit, customer=customer)

    forward(invoice)
    run_outbox(connection.id)

    (entry,) = simulator.entries(YourRef=invoice.reference)
    assert entry["Customer"] == known["ID"]
    assert not simulator.log.writes(ACCOUNTS)


def test_with_sending_customers_off_an_unknown_customer_blocks_with_a_reason(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    exact_settings.save(connection.company_id, customers_send=False)

    with pytest.raises(DomainError, match="not known in Exact"):
        forward(invoice)

    assert not simulator.log.writes()


def test_the_master_switch_keeps_what_waits(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    forward(invoice)
    exact_settings.save(connection.company_id, enabled=False)
    db.session.commit()

    run_outbox(connection.id)
    assert len(simulator.log) == 0

    exact_settings.save(connection.company_id, enabled=True)
    db.session.commit()
    run_outbox(connection.id)
    assert stage(invoice) is Stage.BOOKED


@pytest.mark.both_databases
def test_with_the_queue_emptied_the_next_tick_finds_the_work(
    connection: ExactConnection, invoice: Invoice, run_jobs: RunJobs
) -> None:
    forward(invoice)
    jobs.redis().delete(*(jobs.queue(name).key for name in jobs.QUEUES))

    tick()
    run_jobs()

    assert stage(invoice) is Stage.BOOKED


def test_an_entry_is_settled_only_when_exact_confirmed_it(
    connection: ExactConnection, invoice: Invoice
) -> None:
    def entry() -> ExactOutboxEntry:
        return outbox.newest("invoice", [invoice.id])[invoice.id, connection.id]

    forward(invoice)
    assert entry().state is WorkState.WAITING

    run_outbox(connection.id)

    assert entry().state is WorkState.DONE
    assert entry().settled_at


def test_a_booking_whose_answer_is_lost_is_found_though_the_journal_was_changed_meanwhile(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    simulator.fail_next("drop_after", ENTRIES, method="POST")
    forward(invoice)
    run_outbox(connection.id)
    connection.sales_journal = "V1"
    db.session.commit()

    with time_machine.travel(now() + timedelta(minutes=5), tick=True):
        run_outbox(connection.id)

    (entry,) = simulator.entries(YourRef=invoice.reference)
    assert entry["Journal"] == "70"
    assert stage(invoice) is Stage.BOOKED
