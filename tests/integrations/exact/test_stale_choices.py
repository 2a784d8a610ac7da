"""Exact's lists are fetched anew every night; what it takes no longer is said where people look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.integrations.exact import jobs, linking
from ppplanner.integrations.exact.branch_settings import BranchValues, save_branch
from ppplanner.integrations.exact.connect import open_client
from ppplanner.integrations.exact.models import ExactConnection, ExactListItem, ListKind
from ppplanner.integrations.exact.settings import exact_settings
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.stale_choices import stale_choices
from ppplanner.integrations.exact.sync import lists
from ppplanner.integrations.exact.sync.gl_accounts import import_gl_account
from ppplanner.integrations.exact.sync.refreshing import lists_due, refresh_if_due
from ppplanner.models import BusinessUnit, Company
from tests.blueprints.pages import main, words
from tests.conftest import Browser, Login
from tests.factories import make_gl_account

pytestmark = pytest.mark.one_database

JOURNALS, ACCOUNTS = "financial/Journals", "financial/GLAccounts"
CONDITIONS = "cashflow/PaymentConditions"
#: 04:15 and 04:45 in Brussels, the night after `connection` was made in the test.
BEFORE, AFTER = (datetime(2026, 11, 25, 3, minute, tzinfo=UTC) for minute in (15, 45))

InExact = Callable[..., None]


@pytest.fixture
def in_exact(simulator: RunningSimulator) -> InExact:
    """Somebody changes a record at Exact's own screens; without changes it is deleted."""

    def change(path: str, code: str, **values: Any) -> None:
        table = simulator.state.books[simulator.division].table(path)
        (found,) = [each for each in table if each["Code"].strip() == code]
        table.change(found, **values) if values else table.remove(found)

    return change


def refreshed(connection: ExactConnection) -> list[str]:
    """What is stale once the lists are fetched anew."""
    linking.refresh_lists(connection)
    return [each.sentence for each in stale_choices(connection)]


def test_what_exact_takes_is_not_complained_of(connection: ExactConnection) -> None:
    connection.payment_condition = "30"

    assert refreshed(connection) == []


def test_a_journal_that_is_blocked_or_gone_is_named(
    connection: ExactConnection, in_exact: InExact
) -> None:
    in_exact(JOURNALS, "70", IsBlocked=True)
    assert refreshed(connection) == ["Sales journal: 70 is blocked in Exact. Choose another."]

    in_exact(JOURNALS, "70")
    assert refreshed(connection) == ["Sales journal: Exact has no 70 any more. Choose another."]


def test_a_payment_condition_that_is_gone_is_named(
    connection: ExactConnection, in_exact: InExact
) -> None:
    connection.payment_condition = "30"
    in_exact(CONDITIONS, "30")

    assert "Payment condition: Exact has no 30 any more." in refreshed(connection)[0]


def test_a_vat_code_whose_percentage_changed_is_named(
    connection: ExactConnection, simulator: RunningSimulator
) -> None:
    [link] = lists.vat_links(connection)
    books = simulator.state.books[simulator.division]
    code = books.table("vat/VATCodes").one("Code", link.code)
    assert code
    rate = books.table("vat/VatPercentages").one("VATCodeID", code["ID"])
    assert rate
    books.table("vat/VatPercentages").change(rate, Percentage=0.19)

    said = f"VAT code 21: {link.code} has changed in Exact and fits no more."
    assert refreshed(connection) == [said]


def test_a_gl_account_that_is_blocked_is_named_with_its_unit(
    connection: ExactConnection, unit: BusinessUnit, in_exact: InExact
) -> None:
    make_gl_account(unit, code="700100", name="Rent")
    linking.refresh_lists(connection)
    in_exact(ACCOUNTS, "700100", IsBlocked=True)

    (said,) = refreshed(connection)

    assert said.startswith(f"GL account 700100 of {unit.code}: 700100 is blocked in Exact.")


def test_an_archived_gl_account_is_nobodys_worry(
    connection: ExactConnection, unit: BusinessUnit, in_exact: InExact
) -> None:
    account = make_gl_account(unit, code="700100", name="Rent")
    linking.refresh_lists(connection)
    in_exact(ACCOUNTS, "700100", IsBlocked=True)
    account.active = False

    assert refreshed(connection) == []


def test_what_a_business_unit_chose_is_named_with_the_unit(
    connection: ExactConnection, unit: BusinessUnit, in_exact: InExact
) -> None:
    save_branch(connection, unit, BranchValues("10", "90", "400000"))
    for code in ("10", "90"):
        in_exact(JOURNALS, code, IsBlocked=True)
    linking.refresh_lists(connection)

    found = stale_choices(connection)

    assert {each.unit for each in found} == {unit}
    assert [each.sentence for each in found] == [
        f"Cash journal of {unit.name}: 10 is blocked in Exact. Choose another.",
        f"Journal for other transactions of {unit.name}: 90 is blocked in Exact. Choose another.",
    ]


def test_an_account_that_is_imported_between_two_fetches_is_not_taken_for_gone(
    connection: ExactConnection, unit: BusinessUnit, simulator: RunningSimulator
) -> None:
    [item] = [each for each in stored(connection, ListKind.GL_ACCOUNT) if each.code == "700100"]
    exact_id = item.exact_id
    db.session.delete(item)
    found = next(open_client(connection.id, "person").gl_accounts_by_id([exact_id]))

    import_gl_account(connection.id, unit, found)

    assert stale_choices(connection) == []


def test_an_imported_account_of_another_kind_stays_the_counterpart_when_one_saves(
    login: Login, connection: ExactConnection, unit: BusinessUnit
) -> None:
    [bank] = [each for each in stored(connection, ListKind.GL_ACCOUNT) if each.code == "580000"]
    found = next(open_client(connection.id, "person").gl_accounts_by_id([bank.exact_id]))
    account = import_gl_account(connection.id, unit, found).account
    url, administrator = f"/exact/connections/{connection.id}/mapping", login()

    assert "no longer offers it" not in words(administrator.get(url))
    sent = {"sales_journal": "70", f"gl_{account.id}": "580000"}
    assert administrator.post(url, data=sent).status_code == 303

    assert "580000" in [link.code for link in lists.gl_links(connection)]


def stored(connection: ExactConnection, kind: ListKind) -> list[ExactListItem]:
    query = select(ExactListItem).filter_by(connection_id=connection.id, kind=kind)
    return list(db.session.scalars(query))


# --- where it is said -------------------------------------------------------------------------


def test_people_see_it_at_home_on_the_settings_and_where_they_choose(
    login: Login, company: Company, connection: ExactConnection, in_exact: InExact
) -> None:
    in_exact(JOURNALS, "70", IsBlocked=True)
    linking.refresh_lists(connection)
    administrator, blocked = login(), "Sales journal: 70 is blocked in Exact. Choose another."

    home = words(administrator.get("/"))
    settings = main(administrator.get(f"/exact/companies/{company.id}"))
    dialog = words(administrator.get(f"/exact/connections/{connection.id}/mapping"))

    assert "1 choice is of no use in Exact any more." in home
    assert blocked in home
    assert blocked in settings
    assert "Choose another" in settings
    assert blocked in dialog
    assert "As Exact had it on" in dialog
    assert "Fetch the lists anew" in settings
    assert "70 was chosen, but Exact no longer offers it." in dialog


def test_a_payment_condition_is_picked_from_exacts_own(
    login: Login, company: Company, connection: ExactConnection
) -> None:
    administrator: Browser = login()
    url = f"/exact/connections/{connection.id}/mapping"
    assert "As Exact does by itself" in words(administrator.get(url))

    refused = administrator.post(url, data={"sales_journal": "70", "payment_condition": "99x"})
    assert refused.status_code == 422
    administrator.post(url, data={"sales_journal": "70", "payment_condition": "30"})

    page = main(administrator.get(f"/exact/companies/{company.id}"))
    assert "Payment condition 30 " in page


# --- every night ------------------------------------------------------------------------------


@pytest.fixture
def evening(connection: ExactConnection) -> ExactConnection:
    """Lists that were fetched on the evening before."""
    connection.lists_fetched_at = AFTER - timedelta(hours=10)
    db.session.commit()
    return connection


def test_the_lists_are_fetched_anew_in_the_small_hours_once(
    evening: ExactConnection, simulator: RunningSimulator
) -> None:
    with time_machine.travel(BEFORE):
        assert lists_due() == []
        refresh_if_due(evening.id)
    assert not list(simulator.log)

    with time_machine.travel(AFTER, tick=True):
        assert lists_due() == [evening.id]
        refresh_if_due(evening.id)
        asked = len(simulator.log)
        assert lists_due() == []
        refresh_if_due(evening.id)

    assert 4 <= asked == len(simulator.log) <= 12
    assert not simulator.log.writes()
    assert evening.lists_fetched_at
    assert evening.lists_fetched_at >= AFTER


def test_it_notices_what_is_blocked_and_chooses_nothing(
    evening: ExactConnection, unit: BusinessUnit, in_exact: InExact
) -> None:
    make_gl_account(unit, code="700200", name="Cleaning")
    in_exact(JOURNALS, "70", IsBlocked=True)

    with time_machine.travel(AFTER, tick=True):
        refresh_if_due(evening.id)

    said = [each.sentence for each in stale_choices(evening)]
    assert said == ["Sales journal: 70 is blocked in Exact. Choose another."]
    assert evening.sales_journal == "70"


def test_the_clock_puts_it_on_the_queue(evening: ExactConnection, run_jobs: Any) -> None:
    with time_machine.travel(AFTER, tick=True):
        jobs.tick()
        run_jobs()
        assert lists_due() == []


@pytest.mark.parametrize("obstacle", ["switched off", "logged out", "at rest"])
def test_a_link_that_is_off_or_rests_asks_nothing(
    evening: ExactConnection, simulator: RunningSimulator, obstacle: str
) -> None:
    if obstacle == "switched off":
        exact_settings.save(evening.company_id, enabled=False)
    elif obstacle == "logged out":
        linking.disconnect(evening)
    else:
        evening.paused_until = AFTER + timedelta(minutes=5)
    db.session.commit()

    with time_machine.travel(AFTER, tick=True):
        assert lists_due() == []
        refresh_if_due(evening.id)

    assert not list(simulator.log)


def test_when_exact_does_not_answer_it_is_tried_again_after_an_hour_and_holds_up_nothing(
    evening: ExactConnection, simulator: RunningSimulator
) -> None:
    simulator.fail_next("unavailable", times=None)
    with time_machine.travel(AFTER, tick=True):
        refresh_if_due(evening.id)
        assert lists_due() == []
        assert evening.paused_until is None or evening.paused_until <= now()
        assert stored(evening, ListKind.JOURNAL)
    simulator.faults.clear()

    with time_machine.travel(AFTER + timedelta(minutes=61), tick=True):
        assert lists_due() == [evening.id]
        refresh_if_due(evening.id)
        assert lists_due() == []
