"""The pages of runs: when, who, what went, what waits, what failed and why; and the top bar."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.i18n import Message
from ppplanner.integrations.exact import outbox
from ppplanner.integrations.exact.messages import UNAVAILABLE
from ppplanner.integrations.exact.models import (
    ExactConnection,
    ExactOutboxEntry,
    ExactRun,
    ExactStep,
    Kind,
    RunKind,
    StepState,
    WorkState,
)
from ppplanner.integrations.exact.runs import begin_run
from ppplanner.integrations.exact.standing import BOOKS
from ppplanner.models import BusinessUnit, Invoice
from tests.blueprints.pages import HTMX, cost_of, main, over, words
from tests.conftest import Browser, Login
from tests.factories import make_customer, make_user
from tests.integrations.exact.conftest import new_invoice
from tests.integrations.exact.sent import make_connection, sent

pytestmark = pytest.mark.one_database

A_DAY_S_CALLS = Message(UNAVAILABLE["day"])
CLOSED = Message("The period is closed.")
ALL_STATES = (WorkState.DONE, WorkState.WAITING, WorkState.REFUSED, WorkState.HELD)


@pytest.fixture
def link(unit: BusinessUnit) -> ExactConnection:
    return make_connection(unit.company)


@pytest.fixture
def anke(login: Login) -> Browser:
    return login(user=make_user(name="Anke"))


def make_run(
    link: ExactConnection, *states: WorkState, kind: RunKind = RunKind.MANUAL, by: str = "Anke"
) -> ExactRun:
    run = begin_run(link, kind, by=by)
    assert run
    for state in states:
        sent(link, make_customer(), state, CLOSED, words=["Periode afgesloten"], run=run)
    db.session.commit()
    return run


def page_of(run: ExactRun) -> str:
    return f"/exact/runs/{run.id}"


# --- the list -----------------------------------------------------------------------------------


def test_the_list_says_of_each_run_when_who_and_how_it_went(
    anke: Browser, link: ExactConnection
) -> None:
    make_run(link, WorkState.DONE, WorkState.DONE, kind=RunKind.NIGHT, by="")
    make_run(link, *ALL_STATES)
    make_run(link, WorkState.DONE, WorkState.HELD)
    make_run(link, WorkState.REFUSED)

    page = main(anke.get("/exact/runs"))

    assert "Nightly run The clock Verhuur Peeters 2 0 done" in page
    assert "By hand Anke Verhuur Peeters 1 2 going on" in page
    assert "By hand Anke Verhuur Peeters 1 1 partly done" in page
    assert "By hand Anke Verhuur Peeters 0 1 nothing went" in page
    assert "Nightly run The clock" not in main(anke.get("/exact/runs?kind=manual"))


def test_many_runs_cost_no_more_questions_than_few(anke: Browser, link: ExactConnection) -> None:
    def begin_some() -> int:
        for _n in range(4):
            make_run(link, *ALL_STATES)
        return cost_of(anke, "/exact/runs")

    assert begin_some() == begin_some()


def test_runs_of_companies_out_of_reach_are_not_there(login: Login, link: ExactConnection) -> None:
    run = make_run(link, WorkState.DONE)

    assert login("customers.view").get(page_of(run)).status_code == 403
    blind = main(login("exact.view").get(page_of(run)))
    assert "There is nothing in this run that you may see." in blind
    assert "In Exact 0" in blind


# --- one run ------------------------------------------------------------------------------------


def test_a_run_tells_what_went_what_waits_and_what_failed_and_why(
    anke: Browser, link: ExactConnection
) -> None:
    run = make_run(link, *ALL_STATES)

    page = main(anke.get(page_of(run)))

    assert "By Anke" in page
    assert "going on" in page
    assert "3 of 4 settled" in page
    assert "In Exact 1 On their way 1 Refused or on hold 2" in page
    assert "refused The period is closed. Exact's own words: Periode afgesloten" in page
    assert "1 of 4" not in main(anke.get(f"{page_of(run)}?state=failed"))


def booked_without_pdf(link: ExactConnection, unit: BusinessUnit) -> ExactRun:
    """A run in which Exact booked its only invoice, and refused the file."""
    run, invoice = make_run(link), new_invoice(unit)
    step = ExactStep(
        connection_id=link.id,
        kind=Kind.INVOICE,
        record_id=invoice.id,
        action=BOOKS[Kind.INVOICE],
        state=StepState.CONFIRMED,
        confirmed_at=now(),
        label="20263",
    )
    db.session.add(step)
    sent(link, invoice, WorkState.REFUSED, CLOSED, run=run)
    return run


def test_a_booked_invoice_without_its_pdf_is_not_called_refused(
    anke: Browser, link: ExactConnection, unit: BusinessUnit
) -> None:
    run = booked_without_pdf(link, unit)

    page = main(anke.get(page_of(run)))
    assert "In Exact 1 Booked, PDF missing 1 On their way 0 Refused or on hold 0" in page
    assert "nothing went" not in page
    assert "1 0 booked, PDF missing" in main(anke.get("/exact/runs"))
    for url in (page_of(run), "/exact/attention", "/exact/attention?state=incomplete", "/"):
        page = main(anke.get(url))
        assert "booked, PDF missing" in page
        assert "refused" not in page
    assert "1 invoice is booked, its PDF is missing" in top_bar(anke)
    assert "booked" not in main(anke.get("/exact/attention?state=refused")).partition("1 of")[2]


def test_an_invoice_that_was_refused_before_it_was_booked_stays_refused_in_that_run(
    anke: Browser, link: ExactConnection, unit: BusinessUnit
) -> None:
    with time_machine.travel(now() + timedelta(minutes=1)):
        later = booked_without_pdf(link, unit)
    invoice = db.session.scalars(select(Invoice)).one()
    entry = db.session.scalars(select(ExactOutboxEntry).filter_by(run_id=later.id)).one()
    entry.settled_at = now() - timedelta(minutes=5)
    db.session.commit()

    page = main(anke.get(page_of(later)))

    assert f"{invoice}" in page
    assert "Refused or on hold 1" in page
    assert "booked, PDF missing" not in page


def test_a_run_says_why_the_rest_has_to_wait(anke: Browser, link: ExactConnection) -> None:
    run = make_run(link, WorkState.WAITING)
    link.paused_until = now() + timedelta(minutes=5)
    link.pause_reason = Message(UNAVAILABLE["no_answer"]).to_json()

    page = main(anke.get(page_of(run)))

    assert str(Message(UNAVAILABLE["no_answer"])) in page
    assert " left" not in page  # nobody knows when it answers again


def test_a_run_says_how_long_the_rest_will_take(anke: Browser, link: ExactConnection) -> None:
    """Also before the first of it went: from the calls that it needs, and what Exact allows."""
    run = make_run(link, WorkState.DONE, *[WorkState.WAITING] * 20)
    run.started_at = now() - timedelta(seconds=40)

    assert "about 10 seconds left" in main(anke.get(page_of(run)))
    link.paused_until, link.pause_reason = now() + timedelta(hours=3), A_DAY_S_CALLS.to_json()
    assert "about 3 h 10 min left" in main(anke.get(page_of(run)))
    link.paused_until = None
    with time_machine.travel(now() + timedelta(minutes=10)):
        assert "Nothing has moved for some minutes." in main(anke.get(page_of(run)))


def test_what_was_cured_since_is_said_beside_what_failed(
    anke: Browser, unit: BusinessUnit, link: ExactConnection
) -> None:
    run, invoice = make_run(link), new_invoice(unit)
    sent(link, invoice, WorkState.REFUSED, CLOSED, run=run)
    assert "Since then" not in main(anke.get(page_of(run)))

    sent(link, invoice, WorkState.WAITING)

    assert "refused The period is closed. Since then: waiting" in main(anke.get(page_of(run)))


def test_the_page_moves_by_itself_until_the_run_has_ended(
    anke: Browser, link: ExactConnection
) -> None:
    run = make_run(link, WorkState.DONE, WorkState.WAITING)
    progress = f"{page_of(run)}/progress"
    assert progress in anke.get(page_of(run)).text
    assert "1 of 2 settled" in words(anke.get(progress, headers=over(page_of(run))))

    (waiting,) = outbox.due_ids(link.id, 2)
    outbox.settle(db.session.get_one(ExactOutboxEntry, waiting))

    assert anke.get(progress, headers=over(page_of(run))).headers["HX-Refresh"] == "true"
    assert progress not in anke.get(page_of(run)).text
    assert anke.get(progress).location == page_of(run)


def test_many_records_cost_no_more_questions_than_few(anke: Browser, link: ExactConnection) -> None:
    few, many = make_run(link, *ALL_STATES * 2), make_run(link, *ALL_STATES * 6)

    assert cost_of(anke, page_of(few)) == cost_of(anke, page_of(many))


# --- the top bar --------------------------------------------------------------------------------


def top_bar(browser: Browser) -> str:
    return words(browser.get("/work/", headers=HTMX))


def test_the_top_bar_tells_people_of_their_own_runs(
    anke: Browser, login: Login, link: ExactConnection
) -> None:
    make_run(link, WorkState.WAITING, kind=RunKind.NIGHT, by="")
    assert top_bar(anke) == ""

    make_run(link, WorkState.DONE, WorkState.WAITING, WorkState.WAITING, WorkState.WAITING)

    assert top_bar(anke) == "Sending 4 records to Exact 25%"
    assert top_bar(login(user=make_user(name="Bart"))) == ""
    blind = make_user(name="Anke", permissions=["customers.view"])
    assert top_bar(login(user=blind)) == ""


def test_the_top_bar_tells_for_a_moment_how_a_run_has_ended(
    anke: Browser, link: ExactConnection
) -> None:
    make_run(link, WorkState.DONE)
    make_run(link, WorkState.DONE, WorkState.HELD)
    make_run(link)

    assert top_bar(anke) == "1 record did not get into Exact All of it is in Exact"
    assert "alert-triangle" in anke.get("/work/", headers=HTMX).text
    with time_machine.travel(now() + timedelta(minutes=2)):
        assert top_bar(anke) == ""
