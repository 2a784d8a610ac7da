"""The page of all that needs a person: what stands there, for whom, and trying it again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.i18n import Message
from ppplanner.integrations.exact.health import health_of
from ppplanner.integrations.exact.items import Record
from ppplanner.integrations.exact.models import (
    ExactConnection,
    ExactOutboxEntry,
    ExactRun,
    WorkState,
)
from ppplanner.integrations.exact.sync.obstacles import NO_JOURNAL
from ppplanner.models import BusinessUnit, TypeRole
from ppplanner.services.removal import delete_cost_centre
from tests.blueprints.pages import cost_of, main, over, words
from tests.conftest import Login
from tests.factories import (
    make_company,
    make_cost_centre,
    make_customer,
    make_limited_user,
    make_unit,
    make_user,
)
from tests.integrations.exact.conftest import new_invoice
from tests.integrations.exact.money import paid
from tests.integrations.exact.sent import make_connection, sent

pytestmark = pytest.mark.one_database

PAGE = "/exact/attention"
AGAIN = "/exact/attention/try-again"
CLOSED = Message("The period is closed.")
OWN_WORDS = "Periode afgesloten"


@pytest.fixture
def link(unit: BusinessUnit) -> ExactConnection:
    return make_connection(unit.company)


def refused(link: ExactConnection, record: Record) -> ExactOutboxEntry:
    return sent(link, record, WorkState.REFUSED, CLOSED, words=[OWN_WORDS])


def state_of(record: Record) -> WorkState:
    last = select(ExactOutboxEntry.state).filter_by(record_id=record.id)
    state = db.session.scalar(last.order_by(ExactOutboxEntry.id.desc()).limit(1))
    assert state
    return state


def test_all_that_needs_a_person_stands_on_one_page_whatever_its_kind(
    login: Login, unit: BusinessUnit, link: ExactConnection
) -> None:
    invoice, money = new_invoice(unit), paid(TypeRole.PAYMENT, 20)
    centre, customer = make_cost_centre(name="Garage"), make_customer()
    well, on_its_way = make_customer(), make_customer()
    refused(link, invoice)
    refused(link, customer)
    sent(link, money, WorkState.HELD, Message(NO_JOURNAL))
    sent(link, centre, WorkState.HELD, Message(NO_JOURNAL))
    sent(link, well, WorkState.DONE)
    sent(link, on_its_way, WorkState.WAITING)

    page = main(login().get(PAGE))

    for record in (invoice, money, centre, customer):
        assert str(record) in page
    assert str(well) not in page
    assert str(on_its_way) not in page
    assert "The period is closed. Exact's own words: Periode afgesloten" in page
    assert "Choose the sales journal in the settings of Exact." in page


def test_reasons_are_in_the_readers_language_and_exacts_words_as_they_were(
    login: Login, link: ExactConnection
) -> None:
    sent(link, make_customer(), WorkState.REFUSED, Message(NO_JOURNAL), words=[OWN_WORDS])

    page = main(login(user=make_user(language="nl")).get(PAGE))

    assert "Kies het verkoopdagboek" in page
    assert OWN_WORDS in page


def test_each_leads_to_its_record_for_people_who_may_open_it(
    login: Login, unit: BusinessUnit, link: ExactConnection
) -> None:
    invoice, centre = new_invoice(unit), make_cost_centre()
    refused(link, invoice)
    refused(link, centre)

    page = login().get(PAGE).text
    assert f'href="/invoices/{invoice.id}#exact-invoice"' in page
    assert f"/cost-centres/{centre.id}" in page
    page = login("exact.view", "ledger.view").get(PAGE).text
    assert centre.name in page
    assert f"/cost-centres/{centre.id}" not in page


def test_only_what_a_person_may_see_is_there(
    login: Login, unit: BusinessUnit, link: ExactConnection
) -> None:
    invoice, customer = new_invoice(unit), make_customer()
    refused(link, invoice)
    refused(link, customer)
    elsewhere = make_unit(make_company(name="Verhuur Claes"))
    refused(make_connection(elsewhere.company), new_invoice(elsewhere))

    page = main(login("exact.view", "invoices.view").get(PAGE))
    assert invoice.reference in page
    assert "Verhuur Claes" in page
    assert customer.name not in page
    near = make_limited_user(unit.pools[0], permissions=["exact.view", "invoices.view"])
    page = main(login(user=near).get(PAGE))
    assert invoice.reference in page
    assert "Verhuur Claes" not in page
    assert login("invoices.view").get(PAGE).status_code == 403


def test_what_was_deleted_here_needs_nobody_and_is_not_counted_either(
    login: Login, link: ExactConnection
) -> None:
    centre = make_cost_centre(name="Garage")
    refused(link, centre)
    assert health_of(link).need_person == 1

    delete_cost_centre(centre)
    db.session.commit()

    assert "Garage" not in main(login().get(PAGE))
    assert health_of(link).need_person == 0


def test_it_is_narrowed_by_kind_company_and_state(
    login: Login, unit: BusinessUnit, link: ExactConnection
) -> None:
    customer, centre = make_customer(), make_cost_centre(name="Garage")
    refused(link, customer)
    sent(link, centre, WorkState.HELD, CLOSED)
    other = make_connection("Verhuur Claes")
    browser = login()

    def shown(query: str) -> tuple[bool, bool]:
        page = main(browser.get(f"{PAGE}?{query}"))
        return customer.name in page, str(centre) in page

    assert shown("") == (True, True)
    assert shown("kind=customer") == (True, False)
    assert shown("state=held") == (False, True)
    assert shown(f"company={link.company_id}") == (True, True)
    assert shown(f"company={other.company_id}") == (False, False)


def test_a_selection_is_tried_again(
    login: Login, unit: BusinessUnit, link: ExactConnection
) -> None:
    invoice, customer, left = new_invoice(unit), make_customer(), make_customer()
    entries = [refused(link, invoice), refused(link, customer)]
    refused(link, left)
    planner = make_user(name="Anke")

    answer = login(user=planner).post(AGAIN, data={"ids": [entry.id for entry in entries]})

    assert answer.status_code == 303
    assert [state_of(each) for each in (invoice, customer, left)] == [
        WorkState.WAITING,
        WorkState.WAITING,
        WorkState.REFUSED,
    ]
    (run,) = db.session.scalars(select(ExactRun))
    assert (run.started_by, run.connection_id) == ("Anke", link.id)
    page = main(login(user=planner).get(PAGE))
    assert left.name in page
    assert customer.name not in page


def test_one_is_tried_again_from_its_tile(login: Login, link: ExactConnection) -> None:
    customer = make_customer()
    entry = refused(link, customer)
    page = f"/customers/{customer.id}"
    seen = words(login().get(page))
    assert "refused The period is closed. Exact's own words: Periode afgesloten" in seen
    assert "Try Exact again" in seen
    assert "Try Exact again" not in words(login("customers.view", "exact.view").get(page))

    answer = login().post(AGAIN, data={"ids": entry.id}, headers=over(page))

    assert answer.headers["HX-Refresh"] == "true"
    assert "It goes in a moment." in words(login().get(page))


def test_what_has_moved_on_meanwhile_is_not_tried_again(
    login: Login, link: ExactConnection
) -> None:
    customer = make_customer()
    entry = refused(link, customer)
    sent(link, customer, WorkState.DONE)

    answer = login().post(AGAIN, data={"ids": entry.id})

    assert answer.status_code == 409
    assert "it has moved on meanwhile" in words(answer)
    assert list(db.session.scalars(select(ExactRun))) == []


def test_what_a_person_may_not_see_they_cannot_try_again(
    login: Login, link: ExactConnection
) -> None:
    customer = make_customer()
    entry = refused(link, customer)

    blind = login("exact.view", "exact.forward", "invoices.view")

    assert blind.post(AGAIN, data={"ids": entry.id}).status_code == 409
    assert state_of(customer) is WorkState.REFUSED
    assert login("exact.view").post(AGAIN, data={"ids": entry.id}).status_code == 403


def test_many_cost_no_more_questions_than_few(
    login: Login, unit: BusinessUnit, link: ExactConnection
) -> None:
    browser = login()

    def refuse_some() -> int:
        for _n in range(5):
            refused(link, make_customer())
            refused(link, make_cost_centre())
        return cost_of(browser, PAGE)

    assert refuse_some() == refuse_some()


def test_home_names_the_latest_of_all_kinds_and_leads_to_the_page(
    login: Login, link: ExactConnection
) -> None:
    for _n in range(5):
        refused(link, make_customer())
    centre = make_cost_centre(name="Garage")
    sent(link, centre, WorkState.HELD, CLOSED)
    sent(link, make_customer(), WorkState.WAITING)

    home = login().get("/")

    assert "On their way 1 Need attention 6" in main(home)
    assert f"Cost centre {centre}" in main(home)
    assert "See all 6" in main(home)
    assert f'href="{PAGE}"' in home.text
    blind = main(login("exact.view", "invoices.view").get("/"))
    assert "Need attention 0" in blind
