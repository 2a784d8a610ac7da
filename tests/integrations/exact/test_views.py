"""What Exact shows on the core's pages: cells, tiles, buttons, the red bar."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask_login import login_user

from ppplanner.extensions import db
from ppplanner.i18n import Message
from ppplanner.integrations.exact import forwarding, queueing
from ppplanner.integrations.exact.items import item_of
from ppplanner.integrations.exact.marks import contract_marks
from ppplanner.integrations.exact.models import ConnectionState, ExactConnection
from ppplanner.integrations.exact.settings import SendMoment, exact_settings
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.sync.obstacles import NO_JOURNAL
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.integrations.exact.views import invoices
from ppplanner.models import BusinessUnit, Invoice
from tests.blueprints.pages import main, words
from tests.conftest import Login
from tests.factories import make_user
from tests.integrations.exact.conftest import new_invoice
from tests.statements import counted

pytestmark = pytest.mark.one_database


@pytest.fixture
def statements(connection: ExactConnection) -> Iterator[list[str]]:
    """Everything that the database is asked from now on."""
    with counted() as asked:
        yield asked


def test_a_preview_of_forty_invoices_asks_the_database_no_more_than_one_of_two(
    unit: BusinessUnit, statements: list[str]
) -> None:
    ids = [new_invoice(unit).id for _n in range(40)]

    def cost(of: list[int]) -> int:
        db.session.expire_all()
        statements.clear()
        assert len(forwarding.preview(of).ready) == len(of)
        return len(statements)

    assert cost(ids) == cost(ids[:2]) <= 12


def test_the_red_bar_stands_on_every_page_when_the_login_is_gone(
    login: Login, connection: ExactConnection
) -> None:
    administrator, planner = login(), login("exact.view", "customers.view")
    assert "has ended" not in words(planner.get("/customers/"))

    connection.state = ConnectionState.NEEDS_LOGIN

    seen = words(planner.get("/customers/"))
    assert "The login with Exact of Verhuur Peeters has ended. Invoices wait" in seen
    assert "Ask an administrator to log in with Exact again." in seen
    assert "Log in with Exact again" in words(administrator.get("/customers/"))
    assert "has ended" not in words(login("customers.view").get("/customers/"))


def test_home_names_what_was_refused_and_only_the_last_word_counts(
    login: Login, simulator: RunningSimulator, unit: BusinessUnit, connection: ExactConnection
) -> None:
    refused, cured = new_invoice(unit), new_invoice(unit)
    simulator.close_period(refused.invoice_date.year, refused.invoice_date.month)
    send(connection, refused, cured)
    simulator.close_period(refused.invoice_date.year, refused.invoice_date.month, closed=False)
    send(connection, cured)

    page = main(login("exact.view", "invoices.view").get("/"))

    assert "Need attention 1" in page
    assert refused.reference in page
    assert cured.reference not in page
    assert refused.reference not in main(login("exact.view").get("/"))


def test_home_says_what_comes_next_for_a_link_half_set_up(
    login: Login, connection: ExactConnection
) -> None:
    connection.sales_journal = ""

    assert "To the settings of Exact" in main(login().get("/"))
    planner = main(login("exact.view").get("/"))
    assert "Choose the sales journal" in planner
    assert "To the settings of Exact" not in planner


def test_nothing_of_exact_is_shown_before_there_is_a_link(login: Login, unit: BusinessUnit) -> None:
    invoice = new_invoice(unit)
    administrator = login()

    for url in ("/", "/customers/add", f"/customers/{invoice.customer_id}", "/invoices/"):
        page = administrator.get(url)
        assert page.status_code == 200
        assert "in Exact" not in main(page)
        assert "to Exact" not in main(page)


def test_the_customer_list_and_page_show_the_code_in_exact(
    login: Login, unit: BusinessUnit, connection: ExactConnection, simulator: RunningSimulator
) -> None:
    invoice, visitor = new_invoice(unit), login("exact.view", "customers.view")
    page = f"/customers/{invoice.customer_id}"
    assert "With the first invoice that is forwarded" in main(visitor.get(page))
    exact_settings.save(connection.company_id, customers_send_moment=SendMoment.ON_SAVE)
    assert "when you save it, or with its first invoice" in main(visitor.get(page))
    exact_settings.save(connection.company_id, customers_send=False)
    assert "Making customers in Exact is switched off" in main(visitor.get(page))
    exact_settings.save(connection.company_id, customers_send=True)

    send(connection, invoice)

    (made,) = simulator.accounts(SearchCode=f"PPP{invoice.customer.number}")
    assert made["Code"].strip() in main(visitor.get("/customers/"))
    assert f"Code in Exact {made['Code'].strip()}" in main(visitor.get(page))


@pytest.fixture
def at_the_screen(app: Flask, unit: BusinessUnit) -> Iterator[None]:
    """Somebody who may see everything asks for a page."""
    with app.test_request_context():
        login_user(make_user())
        yield


@pytest.mark.usefixtures("at_the_screen")
def test_a_list_of_invoices_costs_no_more_queries_for_many(
    unit: BusinessUnit, statements: list[str]
) -> None:
    invoices.COLUMN.load([])  # what the person may see is asked for once
    ids = [new_invoice(unit).id for _n in range(20)]

    def cost(of: list[int]) -> int:
        db.session.expire_all()
        statements.clear()
        invoices.COLUMN.load(of)
        return len(statements)

    assert cost(ids) == cost(ids[:1]) <= 4


@pytest.mark.usefixtures("at_the_screen")
def test_a_long_reason_is_there_in_full(
    unit: BusinessUnit, connection: ExactConnection, simulator: RunningSimulator
) -> None:
    invoice = new_invoice(unit)
    simulator.close_period(invoice.invoice_date.year, invoice.invoice_date.month)
    send(connection, invoice)

    (cell,) = invoices.COLUMN.load([invoice.id]).values()

    assert "Ask the bookkeeper to open it, then try Exact again." in cell.html
    assert cell.html.count("Ask the bookkeeper") == 2  # shown, and as a tip
    assert not cell.moving


def test_a_contract_is_marked_with_where_its_invoice_stands(
    unit: BusinessUnit, connection: ExactConnection, simulator: RunningSimulator
) -> None:
    def told(invoice: Invoice) -> list[tuple[str, str]]:
        found = contract_marks([invoice.contract_id or 0])
        return [(mark.key, str(mark.title)) for some in found.values() for mark in some]

    booked, refused, waiting = new_invoice(unit), new_invoice(unit), new_invoice(unit)
    assert told(booked) == []
    send(connection, booked)
    simulator.close_period(refused.invoice_date.year, refused.invoice_date.month)
    send(connection, refused)
    forwarding.forward([waiting.id], by="Anke")

    [(key, title)] = told(booked)
    assert (key, title.split(":")[0]) == ("exact_booked", "Booked in Exact")
    [(key, title)] = told(refused)
    assert key == "exact_refused"
    assert "Ask the bookkeeper to open it" in title
    assert [key for key, _title in told(waiting)] == ["exact_waiting"]
    held = new_invoice(unit)
    queueing.hold_all(connection, [(item_of(held), [Message(NO_JOURNAL)])], None)
    assert told(held) == [("exact_held", f"On hold for Exact: {NO_JOURNAL}")]


def test_the_history_calls_things_of_exact_by_their_names(
    login: Login, connection: ExactConnection
) -> None:
    connection.sales_journal = "71"
    page = main(login().get("/settings/history"))
    assert "Link with Exact" in page
    assert "Sales journal" in page


def send(connection: ExactConnection, *invoices: Invoice) -> None:
    """Forward invoices and wait for Exact's answer."""
    forwarding.forward([invoice.id for invoice in invoices], by="Anke")
    db.session.commit()
    run_outbox(connection.id)
