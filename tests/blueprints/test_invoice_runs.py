"""The pages of invoice runs: from the first question to the invoices, and the top bar."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from ppplanner.clock import now, today
from ppplanner.extensions import db
from ppplanner.formats import day
from ppplanner.invoice_runs import LOST
from ppplanner.models import BusinessUnit, ContractStatus, InvoiceRun, ItemState, RunState, User
from ppplanner.services.firm.financial_years import find_year
from ppplanner.services.invoices import runs
from ppplanner.services.invoices.confirming import confirm_invoice
from ppplanner.services.invoices.drafts import discard_draft
from tests.blueprints.pages import HTMX, cost_of, error_at, main, over, value_of, words
from tests.conftest import Browser, Login
from tests.factories import make_invoice, make_limited_user, make_unit, make_user, number_of_year
from tests.to_invoice import begin, calculated, invoices, items, pick_all, rented, states, work

RunJobs = Callable[[], int]
TODAY = today().isoformat()


@pytest.fixture
def unit(app: Flask) -> BusinessUnit:
    return make_unit(name="Gent")


@pytest.fixture
def els(app: Flask) -> User:
    return make_user(name="Els")


@pytest.fixture
def person(login: Login, els: User) -> Browser:
    return login(user=els)


def the_run() -> InvoiceRun:
    db.session.expire_all()
    return db.session.scalars(select(InvoiceRun)).one()


def url(run: InvoiceRun, *rest: str) -> str:
    return "/".join((f"/invoices/runs/{run.id}", *rest))


def choices(**fields: str) -> dict[str, str]:
    return {
        "until": TODAY,
        "invoice_date": TODAY,
        "business_unit_id": "",
        "periodicity": "",
        **fields,
    }


def first_number(unit: BusinessUnit, number: int) -> dict[str, str]:
    """The answer to the question at which number a series starts."""
    year = find_year(unit, today())
    assert year
    return {f"start_{year.id}_invoice": str(number)}


def test_a_month_is_invoiced_from_the_list_of_invoices(
    person: Browser, unit: BusinessUnit, run_jobs: RunJobs
) -> None:
    for _each in range(3):
        rented(unit)
    assert "Invoice runs" in main(person.get("/invoices/"))
    assert "New invoice run" in main(person.get("/invoices/runs/"))
    answer = person.post("/invoices/runs/new", data=choices())
    assert answer.status_code == 303
    run = the_run()
    assert "Calculating" in main(person.get(answer.location))
    run_jobs()
    page = main(person.get(answer.location))
    assert "Ready to pick from" in page
    assert "Make all 3 invoices" in page
    data = {"sure": "yes", "outcome": "confirmed", "invoice_date": TODAY}
    assert person.post(url(run, "make"), data=data | first_number(unit, 7)).status_code == 303
    assert "0 of 3 invoices made" in main(person.get(url(run)))
    run_jobs()
    assert [invoice.number for invoice in invoices()] == [7, 8, 9]
    page = main(person.get(url(run)))
    assert all(invoice.reference in page for invoice in invoices())
    assert "Done" in page


def test_the_choices_of_a_run_are_kept(person: Browser, unit: BusinessUnit) -> None:
    data = choices(business_unit_id=str(unit.id), periodicity="monthly", only_checked_in="y")
    person.post("/invoices/runs/new", data=data)
    run = the_run()
    assert (run.business_unit_id, run.periodicity, run.only_checked_in) == (
        unit.id,
        "monthly",
        True,
    )
    page = main(person.get(url(run)))
    assert "Gent · Every month · Only what has been checked in" in page
    again = person.get(f"/invoices/runs/new?like={run.id}")
    assert 'value="monthly" selected' in again.text.replace("selected value", "value") or (
        'selected value="monthly"' in again.text
    )


def test_a_day_far_away_is_said_at_its_field(person: Browser) -> None:
    answer = person.post("/invoices/runs/new", data=choices(until="2031-01-01"))
    assert answer.status_code == 422
    assert "check the year" in error_at(answer, "until")
    assert db.session.scalar(select(InvoiceRun)) is None


def test_a_business_unit_out_of_reach_cannot_be_chosen(login: Login, unit: BusinessUnit) -> None:
    other = make_unit(unit.company)
    person = login(user=make_limited_user(other.pools[0]))
    answer = person.post("/invoices/runs/new", data=choices(business_unit_id=str(unit.id)))
    assert answer.status_code == 422


def test_only_what_was_ticked_is_invoiced(
    person: Browser, unit: BusinessUnit, els: User, run_jobs: RunJobs
) -> None:
    for _each in range(3):
        rented(unit)
    run = calculated(els)
    first, _second, third = (item.id for item in items(run))
    ids = {"ids": f"{first},{third}"}
    question = person.post("/invoices/runs/make", data=ids, headers=over(url(run)))
    assert "Make 2 invoices?" in words(question)
    assert "€300.00" in words(question)
    assert value_of(question, "ids") == f"{first},{third}"
    assert invoices() == []
    deed = {**ids, "sure": "yes", "outcome": "drafts", "invoice_date": TODAY}
    answer = person.post("/invoices/runs/make", data=deed, headers=over(url(run)))
    assert answer.headers["HX-Refresh"] == "true"
    run_jobs()
    assert states(run) == [ItemState.INVOICED, ItemState.PROPOSED, ItemState.INVOICED]
    assert all(invoice.is_draft for invoice in invoices())


def test_what_is_invoiced_already_is_said_before(
    person: Browser, unit: BusinessUnit, els: User
) -> None:
    rented(unit), rented(unit)
    run = calculated(els)
    ids = [item.id for item in items(run)]
    runs.pick(run, ids[:1], invoice_date=today(), confirm=True)
    work(run)
    both = {"ids": ",".join(map(str, ids))}
    assert "1 of your selection is invoiced already" in words(
        person.post("/invoices/runs/make", data=both)
    )
    one = {"ids": str(ids[0])}
    assert "Nothing to invoice" in words(person.post("/invoices/runs/make", data=one))
    assert "Nothing to invoice" in words(person.post("/invoices/runs/make", data={}))


def test_a_date_that_cannot_be_confirmed_is_said_at_its_field(
    person: Browser, unit: BusinessUnit, els: User
) -> None:
    rented(unit)
    run = calculated(els)
    tomorrow = (today() + timedelta(days=1)).isoformat()
    data = {"sure": "yes", "outcome": "confirmed", "invoice_date": tomorrow}
    answer = person.post(url(run, "make"), data=data)
    assert answer.status_code == 422
    assert "Only drafts" in error_at(answer, "invoice_date")
    assert the_run().state is RunState.READY


def test_whoever_confirms_is_asked_at_which_number_the_year_begins(
    person: Browser, unit: BusinessUnit, els: User
) -> None:
    rented(unit)
    run = calculated(els)
    data = {"sure": "yes", "outcome": "confirmed", "invoice_date": TODAY}
    question = person.post(url(run, "make"), data=data)
    assert question.status_code == 200
    assert value_of(question, next(iter(first_number(unit, 1)))) == "1"
    wrong = person.post(url(run, "make"), data=data | first_number(unit, 0))
    assert "A number is 1 or higher" in words(wrong)
    assert the_run().state is RunState.READY
    make_invoice(rented(unit))
    late = person.post(url(run, "make"), data=data | first_number(unit, 1))
    assert "confirmed the first document meanwhile" in words(late)
    assert person.post(url(run, "make"), data=data).status_code == 303


def test_a_year_that_is_over_is_asked_about(person: Browser, unit: BusinessUnit, els: User) -> None:
    rented(unit)
    run = calculated(els)
    last_year = today().replace(day=31, month=12, year=today().year - 1)
    data = {"sure": "yes", "outcome": "confirmed", "invoice_date": last_year.isoformat()}
    year = find_year(unit, last_year)
    assert year
    data[f"start_{year.id}_invoice"] = "1"
    question = person.post(url(run, "make"), data=data)
    assert "is over: are you sure" in words(question)
    assert value_of(question, "earlier") == "seen"
    assert person.post(url(run, "make"), data={**data, "earlier": "seen"}).status_code == 303


def test_progress_is_asked_for_until_the_state_is_another(
    person: Browser, unit: BusinessUnit, els: User
) -> None:
    rented(unit)
    run = begin(els)
    address = f"{url(run, 'progress')}?state=calculating"
    assert address in person.get(url(run)).text
    assert "Begins in a moment" in words(person.get(address, headers=HTMX))
    work(run)
    assert person.get(address, headers=HTMX).headers["HX-Refresh"] == "true"
    assert person.get(address).location == url(run)


def test_a_run_that_stands_still_says_so(person: Browser, unit: BusinessUnit, els: User) -> None:
    run = begin(els)
    run.moved_at = now() - LOST - timedelta(seconds=1)
    page = main(person.get(url(run)))
    assert "Nothing has moved for some minutes" in page
    assert "left" not in page


def test_how_long_it_still_takes_is_told_from_what_is_done(
    person: Browser, unit: BusinessUnit, els: User
) -> None:
    run = begin(els)
    run.done, run.total = 10, 100
    run.began_at, run.moved_at = now() - timedelta(seconds=20), now()
    assert "10 of 100 contracts looked at · about 3 minutes left" in main(person.get(url(run)))


def test_items_wait_for_their_turn_while_invoices_are_made(
    person: Browser, unit: BusinessUnit, els: User
) -> None:
    rented(unit)
    run = calculated(els)
    pick_all(run)
    page = person.get(url(run))
    assert "Waits for its turn" in page.text
    assert "list-poll" in page.text
    assert "Select" not in main(page)


def test_the_top_bar_tells_its_maker_how_a_run_goes(
    person: Browser, login: Login, unit: BusinessUnit, els: User
) -> None:
    rented(unit)
    run = calculated(els)
    pick_all(run)
    assert "Making 1 invoice" in words(person.get("/customers/"))
    assert 'hx-get="/work/"' in person.get("/customers/").text
    assert "Making 1 invoice" not in words(login().get("/customers/"))
    work(run)
    assert "The invoice run is done" in words(person.get("/work/", headers=HTMX))
    db.session.get_one(InvoiceRun, run.id).moved_at = now() - timedelta(minutes=2)
    later = person.get("/work/", headers=HTMX)
    assert "invoice run" not in words(later)
    assert "hx-get" not in later.text
    assert person.get("/work/").location == "/"


def test_the_lines_of_a_contract_are_shown_with_what_was_invoiced_before(
    person: Browser, unit: BusinessUnit, els: User
) -> None:
    contract = rented(unit, from_days_ago=4, days=10)
    earlier = make_invoice(contract, until=today() - timedelta(days=3))
    [item] = items(calculated(els))
    page = words(person.get(f"/invoices/runs/items/{item.id}", headers=over("/invoices/runs/1")))
    assert contract.lines[0].description.split(",")[0] in page
    assert "€150.00" in page
    assert earlier.reference in page


def test_a_busy_run_is_stopped_after_a_question(
    person: Browser, unit: BusinessUnit, els: User
) -> None:
    rented(unit)
    run = calculated(els)
    pick_all(run)
    assert "Stop this run?" in words(person.get(url(run, "stop")))
    assert person.post(url(run, "stop")).status_code == 303
    assert the_run().state is RunState.READY
    answer = person.post(url(run, "stop"))
    assert answer.status_code == 422
    assert "not busy" in words(answer)


def test_the_invoices_of_a_run_are_a_list_of_their_own(
    person: Browser, login: Login, unit: BusinessUnit, els: User
) -> None:
    other = make_invoice(rented(unit))
    rented(unit), rented(unit)
    run = calculated(els)
    assert "Show the invoices" not in main(person.get(url(run)))
    pick_all(run)
    work(run)
    page = person.get(url(run))
    assert "Show the invoices" in main(page)
    address = f"/invoices/?run={run.id}"
    assert f'href="{address}"' in page.text
    found = main(person.get(address))
    made = [invoice.reference for invoice in invoices() if invoice.id != other.id]
    assert all(reference in found for reference in made)
    assert other.reference not in found
    assert "Invoice run: Invoice run until" in found
    assert "Send by e-mail" in found
    assert "Invoice run until" in words(person.get("/invoices/runs/pick?q=els", headers=HTMX))
    stranger = login(user=make_limited_user(make_unit(unit.company).pools[0]))
    assert "Invoice run until" not in words(stranger.get("/invoices/runs/pick", headers=HTMX))
    assert "Invoice run until" not in main(stranger.get(address))


def test_a_run_is_closed_after_a_question(person: Browser, unit: BusinessUnit, els: User) -> None:
    rented(unit)
    run = calculated(els)
    assert "Invoice run until" in main(person.get("/"))
    person.post(url(run, "close"))
    assert the_run().state is RunState.DONE
    assert "Invoice run until" not in main(person.get("/"))


def test_others_do_not_see_a_run_unless_they_may_invoice_everywhere(
    login: Login, unit: BusinessUnit, els: User
) -> None:
    rented(unit)
    run = calculated(els)
    [item] = items(run)
    limited = login(user=make_limited_user(unit.pools[0]))
    assert limited.get(url(run)).status_code == 403
    assert limited.get(f"/invoices/runs/items/{item.id}").status_code == 403
    assert limited.post(url(run, "stop")).status_code == 403
    ids = {"ids": str(item.id), "sure": "yes", "outcome": "drafts", "invoice_date": TODAY}
    assert limited.post("/invoices/runs/make", data=ids).status_code == 403
    assert "Els" not in main(limited.get("/invoices/runs/"))
    assert "Els" in main(login().get("/invoices/runs/"))
    assert login("invoices.view").get(url(run)).status_code == 403


def test_items_out_of_reach_are_neither_shown_nor_made(login: Login, unit: BusinessUnit) -> None:
    other = make_unit(unit.company)
    maker = make_limited_user(unit.pools[0], other.pools[0])
    hidden, own = rented(unit), rented(other)
    run = calculated(maker)
    maker.grants = [grant for grant in maker.grants if grant.pool_id == other.pools[0].id]
    person = login(user=maker)
    page = main(person.get(url(run)))
    assert str(own) in page
    assert str(hidden) not in page
    data = {"sure": "yes", "outcome": "drafts", "invoice_date": TODAY}
    person.post(url(run, "make"), data=data)
    work(run)
    assert [invoice.contract for invoice in invoices()] == [own]


def test_a_page_costs_as_much_with_many_items_as_with_few(
    person: Browser, unit: BusinessUnit, els: User
) -> None:
    rented(unit)
    run = calculated(els)
    few = cost_of(person, url(run)), cost_of(person, "/invoices/runs/")
    for _each in range(8):
        rented(unit)
    more = calculated(els)
    assert (cost_of(person, url(more)), cost_of(person, "/invoices/runs/")) == few


def test_a_run_can_be_searched_narrowed_and_exported(
    person: Browser, unit: BusinessUnit, els: User
) -> None:
    one, other = rented(unit), rented(unit)
    run = calculated(els)
    found = main(person.get(f"{url(run)}?q={one.customer.name.replace(' ', '+')}"))
    assert one.customer.name in found
    assert str(other) not in found
    assert "Nothing matches" in main(person.get(f"{url(run)}?state=failed"))
    answer = person.get(f"{url(run)}?as=csv")
    file = answer.text
    answer.close()
    assert str(one) in file
    assert "To be invoiced" in file


def test_a_draft_is_not_told_as_invoiced(person: Browser, unit: BusinessUnit, els: User) -> None:
    for _each in range(3):
        rented(unit)
    run = calculated(els)
    pick_all(run, confirm=False)
    work(run)
    confirmed, discarded, _kept = invoices()
    confirm_invoice(confirmed)
    discard_draft(discarded)
    db.session.commit()
    text = words(person.get(url(run)))
    assert "Draft made 1 " in text
    assert "Invoiced 1 " in text
    assert "Draft discarded 1 " in text
    drafts = words(person.get(f"{url(run)}?state=drafted"))
    assert number_of_year() in text
    assert number_of_year() not in drafts


def test_the_period_of_an_item_is_what_the_run_invoices(
    person: Browser, unit: BusinessUnit, els: User
) -> None:
    rented(unit, from_days_ago=10, days=10)
    rented(unit, from_days_ago=10, days=1)
    run = calculated(els, until=today() - timedelta(days=8))
    text = words(person.get(url(run)))
    first, last = today() - timedelta(days=10), today() - timedelta(days=8)
    assert f"{day(first)} to {day(last)}" in text
    assert f" {day(first)} €50.00" in text or f" {day(first)} €0.00" in text


def test_a_run_tells_what_the_first_screen_does_not_count(
    person: Browser, unit: BusinessUnit, els: User
) -> None:
    rented(unit)
    rented(unit, status=ContractStatus.OPEN)
    run = calculated(els)
    assert "1 of the contracts to be invoiced is not back yet" in words(person.get(url(run)))
