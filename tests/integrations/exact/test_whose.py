"""What is found in Exact is taken for ours only if it is; what is gone there is let go of."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.integrations.exact import forwarding, mapping, outbox
from ppplanner.integrations.exact.connect import open_client
from ppplanner.integrations.exact.models import (
    ExactConnection,
    ExactCustomerLink,
    ExactVatLink,
    Kind,
)
from ppplanner.integrations.exact.records import NewSalesEntry
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Stage, Standing, standings
from ppplanner.integrations.exact.sync import lists
from ppplanner.integrations.exact.sync.customer_links import account_of
from ppplanner.integrations.exact.sync.obstacles import Setup
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.models import BusinessUnit, CustomerKind, Invoice
from tests.factories import make_customer
from tests.integrations.exact.conftest import new_invoice

pytestmark = pytest.mark.one_database

ENTRIES = "salesentry/SalesEntries"
DOCUMENTS = "documents/Documents"
ATTACHMENTS = "documents/DocumentAttachments"
ACCOUNTS = "crm/Accounts"


def forward(*sent: Invoice) -> None:
    forwarding.forward([invoice.id for invoice in sent], by="Anke")
    db.session.commit()


def standing(invoice: Invoice) -> Standing:
    return standings(Kind.INVOICE, [invoice.id])[invoice.id]


def run_later(connection: ExactConnection) -> None:
    with time_machine.travel(now() + timedelta(minutes=10), tick=True):
        run_outbox(connection.id)


def as_booked(connection: ExactConnection, invoice: Invoice, account_id: UUID) -> NewSalesEntry:
    """The booking as we would make it, for that account."""
    setup = Setup.read(connection, [])
    return mapping.sales_entry(
        invoice,
        account_id=account_id,
        journal=setup.sales_journal,
        gl_accounts=setup.gl_accounts,
        vat_codes=setup.vat_codes,
        document_id=None,
    )


def book_by_hand(connection: ExactConnection, entry: NewSalesEntry) -> str:
    db.session.commit()
    return str(open_client(connection.id).create_sales_entry(entry).id)


# --- bookings -----------------------------------------------------------------------------------


@pytest.mark.parametrize("other", ["customer", "amount"])
def test_a_booking_of_somebody_else_under_our_number_is_not_taken_for_ours(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice, other: str
) -> None:
    simulator.fail_next("drop_before", ENTRIES, method="POST")
    forward(invoice)
    run_outbox(connection.id)
    (blank, *_more) = simulator.accounts(simulator.division, Status="C", Blocked=False)
    ours = account_of(connection.id, invoice.customer_id)
    assert ours
    by_hand = as_booked(connection, invoice, UUID(blank["ID"]) if other == "customer" else ours)
    if other == "amount":
        by_hand = replace(by_hand, lines=[replace(by_hand.lines[0], amount=Decimal(1))])
    booked = book_by_hand(connection, by_hand)

    run_later(connection)

    assert standing(invoice).stage is Stage.REFUSED
    reason = str(standing(invoice).reasons[0])
    assert invoice.reference in reason
    assert str(simulator.entries(EntryID=booked)[0]["EntryNumber"]) in reason

    simulator.delete_entry(booked)
    forward(invoice)
    run_later(connection)
    assert standing(invoice).stage is Stage.BOOKED
    assert len(simulator.entries(YourRef=invoice.reference)) == 1


def test_an_amount_that_exact_makes_different_is_told(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    link = db.session.scalars(select(ExactVatLink)).one()
    link.code = lists.vat_choices(connection, Decimal(6))[0].code
    db.session.commit()
    forward(invoice)
    run_outbox(connection.id)

    assert standing(invoice).stage is Stage.BOOKED
    told = {each.result: each for each in outbox.attempts("invoice", invoice.id)}
    assert told["differs"].reasons[0]["params"]["ours"] == str(invoice.gross)


# --- customers ----------------------------------------------------------------------------------


def test_a_relation_with_our_search_code_and_another_name_is_not_our_customer(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    """A test installation, or one that was begun anew, numbers its customers as we do."""
    client = open_client(connection.id)
    new = mapping.new_account(invoice.customer)
    db.session.commit()
    client.create_account(replace(new, name="Somebody else"))
    forward(invoice)
    run_outbox(connection.id)

    (entry,) = simulator.entries(YourRef=invoice.reference)
    assert simulator.accounts(ID=entry["Customer"])[0]["Name"] == new.name


def test_a_customer_that_we_made_in_exact_before_is_linked_again(
    connection: ExactConnection, simulator: RunningSimulator, unit: BusinessUnit
) -> None:
    """The database was restored, or another company books in the same administration."""
    name = "Société anonyme pour la location de véhicules et d'engins de chantier"
    invoice = new_invoice(unit, customer=make_customer(company_name=name))
    client = open_client(connection.id)
    new = mapping.new_account(invoice.customer)
    db.session.commit()
    made = client.create_account(new)
    simulator.log.clear()
    forward(invoice)
    run_outbox(connection.id)

    assert account_of(connection.id, invoice.customer_id) == made.id
    assert simulator.log.count(ACCOUNTS) == 1
    assert not simulator.log.writes(ACCOUNTS)


@pytest.mark.parametrize("kind", list(CustomerKind))
def test_a_customer_made_in_exact_is_linked_with_its_code(
    connection: ExactConnection,
    simulator: RunningSimulator,
    unit: BusinessUnit,
    kind: CustomerKind,
) -> None:
    invoice = new_invoice(unit, customer=make_customer(kind))
    forward(invoice)
    run_outbox(connection.id)

    key = {"customer_id": invoice.customer_id, "connection_id": connection.id}
    link = db.session.get_one(ExactCustomerLink, key)
    assert link.code == simulator.accounts(ID=str(link.account_id))[0]["Code"].strip()


@pytest.mark.both_databases
def test_the_link_with_a_customer_who_is_gone_in_exact_is_let_go(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice, unit: BusinessUnit
) -> None:
    forward(invoice)
    run_outbox(connection.id)
    gone = account_of(connection.id, invoice.customer_id)
    drop(simulator, ACCOUNTS, str(gone))
    second = new_invoice(unit, customer=invoice.customer)

    forward(second)
    run_outbox(connection.id)
    assert standing(second).stage is Stage.REFUSED
    assert "no longer in Exact" in str(standing(second).reasons[0])

    forward(second)
    run_outbox(connection.id)
    assert standing(second).stage is Stage.BOOKED
    assert account_of(connection.id, invoice.customer_id) != gone


def test_a_link_is_kept_when_exact_only_seems_to_have_lost_the_customer(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    """A refusal for another reason says nothing of the customer."""
    (known, *_more) = simulator.accounts(simulator.division, Status="C", Blocked=False)
    key = {"customer_id": invoice.customer_id, "connection_id": connection.id}
    db.session.add(ExactCustomerLink(**key, account_id=UUID(known["ID"])))
    simulator.close_period(invoice.invoice_date.year, invoice.invoice_date.month)
    forward(invoice)
    run_outbox(connection.id)

    assert standing(invoice).stage is Stage.REFUSED
    assert account_of(connection.id, invoice.customer_id) == UUID(known["ID"])
    assert simulator.log.count(ACCOUNTS, "GET") == 0


# --- documents ----------------------------------------------------------------------------------


def test_a_document_that_is_gone_in_exact_is_made_anew(
    connection: ExactConnection,
    simulator: RunningSimulator,
    invoice: Invoice,
) -> None:
    year, month = invoice.invoice_date.year, invoice.invoice_date.month
    simulator.close_period(year, month)
    forward(invoice)
    run_outbox(connection.id)
    (document,) = simulator.documents(Subject=mapping.document_subject(invoice))
    drop(simulator, DOCUMENTS, document["ID"])
    simulator.close_period(year, month, closed=False)

    forward(invoice)
    run_outbox(connection.id)
    assert standing(invoice).stage is Stage.REFUSED

    forward(invoice)
    run_outbox(connection.id)
    assert standing(invoice).stage is Stage.BOOKED
    (entry,) = simulator.entries(YourRef=invoice.reference)
    assert simulator.attachments(Document=entry["Document"])


def drop(simulator: RunningSimulator, path: str, record_id: str) -> None:
    """Delete a record, as somebody at Exact's own screens would."""
    with simulator.state.lock:
        books = simulator.state.books[simulator.division]
        table = books.table(path)
        record = table.get(record_id)
        assert record
        table.remove(record)
