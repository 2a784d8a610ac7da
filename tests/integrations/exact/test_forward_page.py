"""Forwarding by hand: what is told before, on the way, and after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.integrations.exact import forwarding
from ppplanner.integrations.exact.messages import UNAVAILABLE
from ppplanner.integrations.exact.models import ConnectionState, ExactConnection, Kind
from ppplanner.integrations.exact.settings import exact_settings
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Stage, standings
from ppplanner.integrations.exact.sync import lists
from ppplanner.models import BusinessUnit, Company, Invoice
from tests.blueprints.pages import main, over, words
from tests.conftest import Browser, Login
from tests.factories import make_company, make_unit
from tests.integrations.exact.conftest import new_invoice

pytestmark = pytest.mark.one_database

FORWARD = "/exact/invoices/forward"
RunJobs = Callable[[], int]


@pytest.fixture
def accountant(connection: ExactConnection, login: Login) -> Browser:
    return login("exact.view", "exact.forward", "invoices.view")


def preview(accountant: Browser, *invoices: Invoice) -> str:
    answer = accountant.post(FORWARD, data={"ids": [invoice.id for invoice in invoices]})
    assert answer.status_code == 200
    return main(answer)


def stage(invoice: Invoice) -> Stage:
    return standings(Kind.INVOICE, [invoice.id])[invoice.id].stage


# --- before -----------------------------------------------------------------------------------


def test_what_will_happen_is_told_first(
    accountant: Browser, unit: BusinessUnit, invoice: Invoice
) -> None:
    draft = new_invoice(unit, confirmed=False)

    page = preview(accountant, invoice, draft)

    assert "1 invoice goes to the books of Verhuur Peeters" in page
    assert invoice.reference in page
    assert "1 invoice stays here" in page
    assert "It is a draft: confirm it first." in page
    assert "Forward 1 invoice" in page
    assert stage(invoice) is Stage.NOT_SENT


def test_all_that_is_missing_is_told_at_once(
    accountant: Browser, connection: ExactConnection, invoice: Invoice
) -> None:
    (line,) = invoice.lines
    connection.sales_journal = ""
    lists.map_vat_code(connection, line.vat_code, None)
    exact_settings.save(connection.company_id, customers_send=False)

    page = preview(accountant, invoice)

    assert "Choose the sales journal" in page
    assert "VAT code 21 has no counterpart" in page
    assert "sending customers is switched off" in page
    assert "Forward 1" not in page


def test_what_the_same_is_missing_for_stands_together(
    accountant: Browser, connection: ExactConnection, unit: BusinessUnit, invoice: Invoice
) -> None:
    drafts = [new_invoice(unit, confirmed=False) for _n in range(2)]
    other = new_invoice(unit)
    connection.sales_journal = ""
    db.session.commit()

    page = preview(accountant, invoice, *drafts, other)

    assert "4 invoices stay here" in page
    assert page.count("It is a draft: confirm it first.") == 1
    assert page.count("Choose the sales journal") == 1
    names = (each.customer.full_name for each in (invoice, other, *drafts))
    assert all(name in page for name in names)


def test_a_gl_account_that_nobody_linked_may_go_since_exact_may_have_its_code(
    accountant: Browser, connection: ExactConnection, invoice: Invoice
) -> None:
    (line,) = invoice.lines
    assert line.gl_account
    lists.map_gl_account(connection, line.gl_account, None)

    assert "Forward 1 invoice" in preview(accountant, invoice)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"enabled": False}, "The link with Exact is switched off for Verhuur Peeters."),
        ({"invoices_send": False}, "Forwarding invoices is switched off"),
    ],
)
def test_what_is_switched_off_holds_invoices_back(
    accountant: Browser, company: Company, invoice: Invoice, change: dict[str, bool], reason: str
) -> None:
    exact_settings.save(company.id, **change)

    assert reason in preview(accountant, invoice)


def test_an_invoice_of_a_company_without_link_says_where_to_make_one(
    accountant: Browser,
) -> None:
    elsewhere = new_invoice(make_unit(make_company(name="Verhuur Namen")))

    assert "Verhuur Namen has no link with Exact yet" in preview(accountant, elsewhere)


def test_a_company_without_administration_says_so(
    accountant: Browser, connection: ExactConnection, invoice: Invoice
) -> None:
    connection.division = None

    assert "has no administration chosen" in preview(accountant, invoice)


def test_what_would_wait_is_told_before(
    accountant: Browser, connection: ExactConnection, invoice: Invoice
) -> None:
    connection.paused_until = now() + timedelta(minutes=5)
    connection.pause_reason = {"text": UNAVAILABLE["no_answer"], "params": {}}
    assert "Exact does not answer" in preview(accountant, invoice)

    connection.state = ConnectionState.NEEDS_LOGIN
    page = preview(accountant, invoice)
    assert "Nobody is logged in with Exact." in page
    assert "Forward 1 invoice" in page


@pytest.mark.parametrize("ids", [[], ["bogus"], ["0"], ["-1"], ["999999"], [str(10**30)], ["1.5"]])
def test_nothing_that_can_be_forwarded_is_told(accountant: Browser, ids: list[str]) -> None:
    asked = accountant.post(FORWARD, data={"ids": ids})
    assert "Tick the invoices to forward first." in main(asked)

    sent = accountant.post(FORWARD, data={"ids": ids, "confirmed": "1"})
    assert sent.status_code == 409
    assert "Tick the invoices to forward first." in main(sent)


def test_too_many_at_once_are_refused_and_not_left_out_in_silence(accountant: Browser) -> None:
    answer = accountant.post(FORWARD, data={"ids": [str(one) for one in range(1, 1002)]})

    assert answer.status_code == 409
    assert "Choose at most 1,000 rows at once" in main(answer)


# --- on the way, and after --------------------------------------------------------------------


def test_forwarding_queues_what_can_go_and_stays_on_the_page(
    accountant: Browser, invoice: Invoice
) -> None:
    answer = accountant.post(
        FORWARD, data={"ids": invoice.id, "confirmed": "1"}, headers=over("/invoices/")
    )

    assert answer.headers["HX-Refresh"] == "true"
    assert stage(invoice) is Stage.WAITING


def test_what_cannot_go_any_more_is_told_in_the_dialog(
    accountant: Browser, invoice: Invoice
) -> None:
    forwarding.forward([invoice.id], by="a colleague")

    answer = accountant.post(
        FORWARD, data={"ids": invoice.id, "confirmed": "1"}, headers=over("/invoices/")
    )

    assert answer.status_code == 409
    assert answer.headers["HX-Retarget"] == "#problem"
    assert "It is on its way already." in words(answer)


def test_the_list_shows_the_state_and_asks_again_while_it_moves(
    accountant: Browser, invoice: Invoice, run_jobs: RunJobs
) -> None:
    asks_again = 'id="list-poll" hx-get'
    assert asks_again not in accountant.get("/invoices/").text

    accountant.post(FORWARD, data={"ids": invoice.id, "confirmed": "1"})
    assert "waiting" in main(accountant.get("/invoices/"))
    assert asks_again in accountant.get("/invoices/").text

    run_jobs()
    page = accountant.get("/invoices/")
    assert "booked" in main(page)
    assert asks_again not in page.text


def test_a_refusal_stands_on_the_list_the_invoice_and_the_desk_with_its_reason(
    accountant: Browser, simulator: RunningSimulator, invoice: Invoice, run_jobs: RunJobs
) -> None:
    simulator.close_period(invoice.invoice_date.year, invoice.invoice_date.month)
    accountant.post(FORWARD, data={"ids": invoice.id, "confirmed": "1"})
    run_jobs()

    for url in ("/invoices/", f"/invoices/{invoice.id}", "/"):
        page = main(accountant.get(url))
        assert "refused" in page.lower()
        assert "period is closed" in page
    assert "Exact's own words" in main(accountant.get(f"/invoices/{invoice.id}"))


def test_the_tile_tells_the_whole_story_newest_first(
    accountant: Browser, invoice: Invoice, run_jobs: RunJobs
) -> None:
    accountant.post(FORWARD, data={"ids": invoice.id, "confirmed": "1"})
    run_jobs()

    page = main(accountant.get(f"/invoices/{invoice.id}"))

    story = ["Booked in Exact as entry", "Attached the PDF", "Made the document"]
    places = [page.index(step) for step in (*story, "Made the customer")]
    assert places == sorted(places)


def test_a_customer_made_for_an_earlier_invoice_is_not_told_again(
    accountant: Browser, unit: BusinessUnit, invoice: Invoice, run_jobs: RunJobs
) -> None:
    accountant.post(FORWARD, data={"ids": invoice.id, "confirmed": "1"})
    run_jobs()
    second = new_invoice(unit, customer=invoice.customer)
    accountant.post(FORWARD, data={"ids": second.id, "confirmed": "1"})
    run_jobs()

    page = main(accountant.get(f"/invoices/{second.id}"))

    assert "Booked in Exact" in page
    assert "Made the customer" not in page


def test_the_button_comes_back_with_the_tile_after_a_refusal(
    accountant: Browser, simulator: RunningSimulator, invoice: Invoice, run_jobs: RunJobs
) -> None:
    assert "Forward to Exact" in main(accountant.get(f"/invoices/{invoice.id}"))
    simulator.close_period(invoice.invoice_date.year, invoice.invoice_date.month)
    accountant.post(FORWARD, data={"ids": invoice.id, "confirmed": "1"})
    assert "Forward to Exact" not in main(accountant.get(f"/invoices/{invoice.id}"))

    run_jobs()
    tile = accountant.get(f"/exact/tiles/invoice/{invoice.id}")

    assert 'id="exact-forward" hx-swap-oob="true"' in tile.text
    assert "Try Exact again" in words(tile)
    assert "hx-trigger" not in tile.text


def test_whoever_may_only_look_sees_the_story_without_the_button(
    login: Login, connection: ExactConnection, invoice: Invoice
) -> None:
    visitor = login("exact.view", "invoices.view")

    page = main(visitor.get(f"/invoices/{invoice.id}"))

    assert "Not forwarded yet." in page
    assert "Forward to Exact" not in page
    assert "Forward to Exact" not in words(visitor.get("/invoices/"))
    assert "Forward to Exact" not in words(visitor.get(f"/exact/tiles/invoice/{invoice.id}"))
    assert visitor.post(FORWARD, data={"ids": invoice.id}).status_code == 403


def test_with_forwarding_off_no_list_and_no_invoice_offers_it(
    accountant: Browser, company: Company, invoice: Invoice
) -> None:
    exact_settings.save(company.id, invoices_send=False)

    assert "Forward to Exact" not in words(accountant.get("/invoices/"))
    assert "Forward to Exact" not in words(accountant.get(f"/invoices/{invoice.id}"))


def test_with_the_link_switched_off_what_waits_says_so(
    accountant: Browser, company: Company, invoice: Invoice
) -> None:
    accountant.post(FORWARD, data={"ids": invoice.id, "confirmed": "1"})
    exact_settings.save(company.id, enabled=False)
    db.session.commit()

    assert "The link with Exact is switched off" in main(accountant.get(f"/invoices/{invoice.id}"))
