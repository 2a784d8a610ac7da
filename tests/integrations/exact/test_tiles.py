"""The tile "Exact Online" on each kind of record, and what the lists show of it."""

from __future__ import annotations

from uuid import uuid4

import pytest

from ppplanner.extensions import db
from ppplanner.i18n import Message
from ppplanner.integrations.exact.items import KINDS, Record
from ppplanner.integrations.exact.models import (
    ExactConnection,
    ExactCustomerLink,
    ExactGLAccountLink,
    WorkState,
)
from ppplanner.integrations.exact.standing import BOOKS
from ppplanner.integrations.exact.sync import costs, customers, pdfs
from ppplanner.integrations.exact.views.story import TITLES
from ppplanner.models import BusinessUnit, TypeRole
from tests.blueprints.pages import cost_of, main, words
from tests.conftest import Login
from tests.factories import (
    make_cost_carrier,
    make_cost_centre,
    make_customer,
    make_gl_account,
    make_limited_user,
)
from tests.integrations.exact.conftest import new_invoice
from tests.integrations.exact.money import paid
from tests.integrations.exact.sent import make_connection, sent

pytestmark = pytest.mark.one_database

CLOSED = Message("The period is closed.")
LISTS = {
    "customer": "/customers/",
    "invoice": "/invoices/",
    "transaction": "/collections/",
    "cost_centre": "/ledger/cost-centres/",
    "cost_carrier": "/ledger/cost-carriers/",
}


@pytest.fixture
def link(unit: BusinessUnit) -> ExactConnection:
    return make_connection(unit.company)


@pytest.fixture(params=LISTS)
def record(request: pytest.FixtureRequest, unit: BusinessUnit) -> Record:
    """One of each kind in turn."""
    match request.param:
        case "customer":
            return make_customer()
        case "invoice":
            return new_invoice(unit)
        case "transaction":
            invoice = new_invoice(unit)
            return paid(TypeRole.PAYMENT, 20, contract=invoice.contract)
        case "cost_centre":
            return make_cost_centre()
    return make_cost_carrier()


def page_of(record: Record) -> str:
    return f"{LISTS[KINDS[type(record)].value]}{record.id}"


def link_customer(connection: ExactConnection, customer_id: int, code: str) -> None:
    db.session.add(
        ExactCustomerLink(
            customer_id=customer_id, connection_id=connection.id, account_id=uuid4(), code=code
        )
    )


@pytest.mark.parametrize(
    ("state", "badge"), [(WorkState.REFUSED, "refused"), (WorkState.HELD, "on hold")]
)
def test_a_record_that_needs_a_person_says_why_on_its_page_and_in_its_list(
    login: Login, link: ExactConnection, record: Record, state: WorkState, badge: str
) -> None:
    sent(link, record, state, CLOSED, words=["Periode afgesloten"])
    kind = KINDS[type(record)].value
    browser = login()

    tile = words(browser.get(f"/exact/tiles/{kind}/{record.id}"))
    assert f"Exact Online {badge} The period is closed." in tile
    assert ("Exact's own words: Periode afgesloten" in tile) == (state is WorkState.REFUSED)
    assert tile.count("Try Exact again") == 1
    assert tile[: tile.index("Try Exact again")] in words(browser.get(page_of(record)))
    assert f"{badge} The period is closed." in main(browser.get(LISTS[kind]))


def test_a_tile_asks_for_itself_only_while_something_moves(
    login: Login, link: ExactConnection, record: Record
) -> None:
    entry = sent(link, record, WorkState.WAITING)
    tile = f"/exact/tiles/{KINDS[type(record)].value}/{record.id}"
    browser = login()
    assert f'hx-get="{tile}"' in browser.get(tile).text

    entry.state = WorkState.REFUSED

    assert "hx-get" not in browser.get(tile).text


def test_there_is_no_tile_of_a_kind_that_does_not_go_to_exact(
    login: Login, link: ExactConnection
) -> None:
    assert login().get("/exact/tiles/resource/1").status_code == 404


def test_each_administration_says_as_what_it_knows_a_customer(
    login: Login, unit: BusinessUnit, link: ExactConnection
) -> None:
    customer, other = make_customer(), make_connection("Verhuur Claes")
    other.division_name, link.division_name = "Claes BV", "Maes BV"
    link_customer(link, customer.id, "1001")
    sent(other, customer, WorkState.REFUSED, CLOSED)

    page = words(login().get(f"/customers/{customer.id}"))
    assert "Exact Online refused Administration Maes BV Code in Exact 1001" in page
    assert "Administration Claes BV State refused The period is closed." in page
    listed = login().get("/customers/")
    assert "refused" in main(listed)
    assert 'title="1001"' in listed.text
    near = make_limited_user(unit.pools[0])
    seen = words(login(user=near).get(f"/customers/{customer.id}"))
    assert "Exact Online in Exact Administration Maes BV Code in Exact 1001" in seen
    assert "Claes BV" not in seen


def test_the_list_of_gl_accounts_says_which_of_them_exact_knows(
    login: Login, unit: BusinessUnit, link: ExactConnection
) -> None:
    account, unknown = make_gl_account(unit), make_gl_account(unit)
    key = {"gl_account_id": account.id, "connection_id": link.id}
    db.session.add(ExactGLAccountLink(**key, exact_id=uuid4(), code="700999"))

    page = main(login().get("/ledger/gl-accounts/"))

    assert "In Exact as" in page
    assert page.count("700999") == 1
    assert unknown.code in page


@pytest.mark.parametrize("page", LISTS.values())
def test_lists_ask_no_more_for_many_than_for_few(
    login: Login, unit: BusinessUnit, link: ExactConnection, page: str
) -> None:
    browser = login()

    def send_some() -> int:
        for _n in range(3):
            invoice = new_invoice(unit)
            money = paid(TypeRole.PAYMENT, 20, contract=invoice.contract)
            for record in (
                make_customer(),
                invoice,
                money,
                make_cost_centre(),
                make_cost_carrier(),
            ):
                sent(link, record, WorkState.REFUSED, CLOSED)
        return cost_of(browser, page)

    assert send_some() == send_some()


@pytest.mark.parametrize(
    "action",
    [
        *(costs.CREATE, costs.RENAME),
        *(customers.CREATE, customers.UPDATE),
        *(pdfs.DOCUMENT, pdfs.ATTACH),
        *BOOKS.values(),
    ],
)
def test_whatever_is_done_in_exact_has_a_name_in_the_story(action: str) -> None:
    assert (action, "done") in TITLES
