"""Customers found in Exact: searched, imported, never doubled (mission S12 to S17)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.integrations.exact import forwarding, mapping, queueing
from ppplanner.integrations.exact.connect import get_connection, open_client
from ppplanner.integrations.exact.items import item_of
from ppplanner.integrations.exact.models import ExactConnection, ExactCustomerLink
from ppplanner.integrations.exact.records import Account
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.simulator.values import Record
from ppplanner.integrations.exact.steps import STILL_BUSY
from ppplanner.integrations.exact.sync.customer_imports import find_account, import_account
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.models import Customer, CustomerKind, Invoice
from tests.factories import make_customer
from tests.parallel import at_once

pytestmark = pytest.mark.one_database

FIRM = "Aannemingen De Backer & Zonen NV"


def fetched(connection: ExactConnection, simulator: RunningSimulator, name: str) -> Account:
    """A relation as the search would give it."""
    account_id = UUID(simulator.account(name)["ID"])
    return find_account(open_client(connection.id, "person"), account_id)


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Customer)) or 0


def test_a_firm_is_imported_as_exact_knows_it_and_nothing_is_written(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    imported = import_account(
        connection, fetched(connection, simulator, FIRM), CustomerKind.BUSINESS
    )

    stored = simulator.account(FIRM)
    customer = imported.customer
    assert imported.known_by is None
    assert customer.company_name == FIRM
    assert customer.vat_number == stored["VATNumber"]
    assert (customer.postcode, customer.city) == (stored["Postcode"], stored["City"])
    assert customer.origin == "exact"
    assert not simulator.log.writes()


def test_the_choice_of_the_person_makes_the_same_record_private(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    imported = import_account(
        connection, fetched(connection, simulator, FIRM), CustomerKind.PRIVATE
    )

    assert imported.customer.kind is CustomerKind.PRIVATE
    assert imported.customer.full_name == FIRM
    assert imported.customer.vat_number == ""


@pytest.mark.both_databases
def test_importing_twice_opens_the_first(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    account = fetched(connection, simulator, FIRM)
    first = import_account(connection, account, CustomerKind.BUSINESS)
    second = import_account(connection, account, CustomerKind.BUSINESS)

    assert second.customer is first.customer
    assert second.known_by == "link"
    assert count() == 1


def test_a_hand_made_customer_with_the_vat_number_in_another_notation_is_opened_and_linked(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    digits = simulator.account(FIRM)["VATNumber"].removeprefix("BE")
    by_hand = make_customer(vat_number=f"BE {digits[:4]}.{digits[4:7]}.{digits[7:]}")
    db.session.commit()

    imported = import_account(
        connection, fetched(connection, simulator, FIRM), CustomerKind.BUSINESS
    )

    assert imported.customer is by_hand
    assert imported.known_by == "vat_number"
    assert db.session.scalar(select(func.count()).select_from(ExactCustomerLink)) == 1
    assert count() == 1


def test_equal_names_with_different_vat_numbers_are_two_customers(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    make_customer(company_name=FIRM)
    db.session.commit()

    import_account(connection, fetched(connection, simulator, FIRM), CustomerKind.BUSINESS)

    assert count() == 2


@pytest.mark.parametrize("how", ["name", "vat", "code", "email"])
def test_customers_are_found_by_part_of_the_name_vat_number_code_and_mail(
    connection: ExactConnection, simulator: RunningSimulator, how: str
) -> None:
    stored = simulator.account(FIRM)
    digits = stored["VATNumber"].removeprefix("BE")
    text = {
        "name": "de backer",
        "vat": f"{digits[:4]}.{digits[4:7]}.{digits[7:]}",
        "code": stored["Code"],
        "email": stored["Email"],
    }[how]

    hits = list(open_client(connection.id, "person").search_accounts(text))

    assert FIRM in [hit.name for hit in hits]


@pytest.mark.both_databases
def test_two_people_who_import_the_same_at_once_get_one_customer(
    app: Flask, connection: ExactConnection, simulator: RunningSimulator
) -> None:
    account = fetched(connection, simulator, FIRM)
    connection_id = connection.id

    def import_it() -> int:
        imported = import_account(get_connection(connection_id), account, CustomerKind.BUSINESS)
        return imported.customer.id

    assert len(set(at_once(app, [import_it] * 4))) == count() == 1


def test_a_search_code_like_ours_with_another_name_is_somebody_else(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    """Another installation numbers its customers as we do."""
    ours = make_customer()
    client = open_client(connection.id, "person")
    there = replace(mapping.new_account(ours), name="Somebody else")
    db.session.commit()

    other = import_account(connection, client.create_account(there), CustomerKind.BUSINESS)
    same = import_account(
        connection, client.create_account(mapping.new_account(ours)), CustomerKind.BUSINESS
    )

    assert other.customer is not ours
    assert same.customer is ours
    assert same.known_by == "search_code"


def change_in_doubt(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice, **changes: str
) -> Record:
    """The customer as Exact has it in the end, who was changed here before it was known whether
    they had arrived there; made once.
    """
    simulator.fail_next("drop_after", "crm/Accounts", method="POST")
    forwarding.forward([invoice.id], by="Anke")
    db.session.commit()
    run_outbox(connection.id)
    for name, value in changes.items():
        setattr(invoice.customer, name, value)
    db.session.commit()

    with time_machine.travel(now() + STILL_BUSY + timedelta(minutes=1)):
        run_outbox(connection.id)
        queueing.queue(connection, item_of(invoice.customer), by="Anke")
        db.session.commit()
        run_outbox(connection.id)

    [account] = simulator.accounts(SearchCode=mapping.search_code(invoice.customer))
    return account


def test_who_moves_before_it_is_known_whether_they_arrived_moves_in_exact_too(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    account = change_in_doubt(connection, simulator, invoice, city="Oostende")
    assert account["City"] == "Oostende"


def test_who_is_renamed_before_it_is_known_whether_they_arrived_is_made_once_and_renamed_there(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    account = change_in_doubt(connection, simulator, invoice, company_name="Renamed NV")
    assert account["Name"] == "Renamed NV"
