"""Invoice runs: what they find, what a person may pick, what becomes of it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask

from ppplanner.clock import today
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.models import (
    BusinessUnit,
    Contract,
    ContractStatus,
    InvoiceRun,
    ItemState,
    Periodicity,
    RunState,
    User,
)
from ppplanner.services.firm.financial_years import close_year, find_year
from ppplanner.services.invoices import runs
from ppplanner.services.invoices.drafts import discard_draft
from ppplanner.services.invoices.periods import set_periodicity
from ppplanner.services.invoices.runs import RunData
from tests.factories import make_company, make_invoice, make_limited_user, make_unit, make_user
from tests.statements import counted
from tests.to_invoice import begin, calculated, invoices, items, pick_all, rented, states, work


@pytest.fixture
def unit(app: Flask) -> BusinessUnit:
    return make_unit()


@pytest.fixture
def maker(app: Flask) -> User:
    return make_user()


def state_of(run: InvoiceRun) -> RunState:
    return run.state


def found(run: InvoiceRun) -> list[Contract]:
    return [item.contract for item in items(run)]


def test_a_run_finds_what_is_not_invoiced_yet(unit: BusinessUnit, maker: User) -> None:
    waiting, invoiced = rented(unit), rented(unit)
    make_invoice(invoiced)
    run = calculated(maker)
    assert found(run) == [waiting]
    [item] = items(run)
    assert (item.net, item.invoiced_net) == (Decimal(150), Decimal(0))
    assert [line["net"] for line in item.lines] == ["150"]
    assert state_of(run) is RunState.READY
    assert run.done == run.total


def test_rent_is_taken_up_to_and_including_the_day(unit: BusinessUnit, maker: User) -> None:
    """Day counts of domain 8.1: both ends included."""
    rented(unit, from_days_ago=4, days=10, status=ContractStatus.OPEN)
    [item] = items(calculated(maker))
    assert item.net == Decimal(250)
    assert item.lines[0]["last_day"] == today().isoformat()


def test_what_earlier_invoices_hold_is_told(unit: BusinessUnit, maker: User) -> None:
    contract = rented(unit, from_days_ago=4, days=10, status=ContractStatus.OPEN)
    make_invoice(contract, until=today() - timedelta(days=3))
    [item] = items(calculated(maker))
    assert (item.invoiced_net, item.net) == (Decimal(100), Decimal(150))


@pytest.mark.parametrize("status", [ContractStatus.IN_PREPARATION, ContractStatus.CANCELLED])
def test_what_nobody_agreed_upon_is_left_alone(
    unit: BusinessUnit, maker: User, status: ContractStatus
) -> None:
    rented(unit, status=status)
    run = calculated(maker)
    assert found(run) == []
    assert state_of(run) is RunState.DONE


def test_what_begins_after_the_day_is_left_for_later(unit: BusinessUnit, maker: User) -> None:
    rented(unit, from_days_ago=1)
    assert found(calculated(maker, until=today() - timedelta(days=2))) == []


def test_only_what_is_back_when_asked_for(unit: BusinessUnit, maker: User) -> None:
    back = rented(unit)
    rented(unit, status=ContractStatus.OPEN)
    assert found(calculated(maker, only_checked_in=True)) == [back]
    assert len(found(calculated(maker))) == 2


def test_only_one_business_unit_when_asked_for(unit: BusinessUnit, maker: User) -> None:
    here = rented(unit)
    rented(make_unit(unit.company))
    assert found(calculated(maker, business_unit=unit)) == [here]


def test_periodic_contracts_come_along_when_their_day_has_come(
    unit: BusinessUnit, maker: User
) -> None:
    monthly, tomorrow = Periodicity.MONTHLY, today() + timedelta(days=1)
    due = rented(unit, periodicity=monthly, next_invoice_date=today())
    rented(unit, periodicity=monthly, next_invoice_date=tomorrow)
    once = rented(unit)
    assert found(calculated(maker)) == [due, once]
    assert found(calculated(maker, periodicity=monthly)) == [due]


def test_each_invoice_of_a_periodic_contract_covers_whole_periods(
    unit: BusinessUnit, maker: User
) -> None:
    open_, weekly = ContractStatus.OPEN, Periodicity.WEEKLY
    periodic = rented(unit, from_days_ago=16, days=30, status=open_)
    set_periodicity(periodic, weekly)
    fresh = rented(unit, from_days_ago=3, days=30, status=open_)
    set_periodicity(fresh, weekly)
    over = rented(unit, from_days_ago=9, days=8)
    set_periodicity(over, weekly)
    run = calculated(maker)
    assert {item.contract: item.net for item in items(run)} == {periodic: 700, over: 400}
    pick_all(run)
    work(run)
    last_days = {each.contract: each.lines[0].last_day for each in invoices()}
    assert last_days == {
        periodic: today() - timedelta(days=3),
        over: today() - timedelta(days=2),
    }
    assert [each.contract for each in invoices() if each.final] == [over]
    assert periodic.next_invoice_date == today() + timedelta(days=4)
    assert found(calculated(maker)) == []


def test_a_period_that_somebody_else_invoices_meanwhile_is_passed_over(
    unit: BusinessUnit, maker: User
) -> None:
    contract = rented(unit, from_days_ago=9, days=30, status=ContractStatus.OPEN)
    set_periodicity(contract, Periodicity.WEEKLY)
    run = calculated(maker)
    make_invoice(contract, until=contract.next_invoice_date)
    pick_all(run)
    work(run)
    assert states(run) == [ItemState.NOTHING_LEFT]


def test_a_run_reaches_as_far_as_the_rights_of_its_maker(unit: BusinessUnit) -> None:
    other = make_unit(unit.company)
    rented(unit)
    own = rented(other)
    assert found(calculated(make_limited_user(other.pools[0]))) == [own]


def test_calculating_costs_as_many_questions_for_twenty_contracts_as_for_one(
    unit: BusinessUnit, maker: User
) -> None:
    for _each in range(2):
        rented(unit)
    few = _questions(begin(maker))
    for _each in range(16):
        rented(unit)
    assert _questions(begin(maker)) == few


def _questions(run: InvoiceRun) -> int:
    """How many queries the calculation takes."""
    with counted() as statements:
        work(run)
    return len([each for each in statements if each.startswith("SELECT")])


def test_days_far_away_are_refused(unit: BusinessUnit, maker: User) -> None:
    far = today() + timedelta(days=400)
    with pytest.raises(Invalid, match="until"):
        runs.start(RunData(far, today()), maker)
    with pytest.raises(Invalid, match="invoice_date"):
        runs.start(RunData(today(), far), maker)


def test_what_was_picked_becomes_confirmed_invoices(unit: BusinessUnit, maker: User) -> None:
    first, second = rented(unit), rented(unit)
    run = calculated(maker)
    assert pick_all(run) == 2
    work(run)
    made = invoices()
    assert [invoice.contract for invoice in made] == [first, second]
    assert [invoice.number for invoice in made] == [1, 2]
    assert [item.invoice for item in items(run)] == list(made)
    assert state_of(run) is RunState.DONE
    assert {first.status, second.status} == {ContractStatus.INVOICED}


def test_drafts_wait_for_somebody_to_confirm_them(unit: BusinessUnit, maker: User) -> None:
    contract = rented(unit)
    run = calculated(maker)
    tomorrow = today() + timedelta(days=1)
    pick_all(run, confirm=False, invoice_date=tomorrow)
    work(run)
    [draft] = invoices()
    assert draft.is_draft
    assert draft.invoice_date == tomorrow
    assert contract.status is ContractStatus.CHECKED_IN


def test_what_was_not_picked_stays_for_later(unit: BusinessUnit, maker: User) -> None:
    for _each in range(3):
        rented(unit)
    run = calculated(maker)
    chosen = items(run)[1]
    runs.pick(run, [chosen.id], invoice_date=today(), confirm=True)
    work(run)
    assert [item.state for item in items(run)].count(ItemState.PROPOSED) == 2
    assert state_of(run) is RunState.READY
    assert pick_all(run) == 2
    work(run)
    assert len(invoices()) == 3
    assert state_of(run) is RunState.DONE


def test_nobody_picks_while_a_run_is_busy(unit: BusinessUnit, maker: User) -> None:
    rented(unit)
    run = calculated(maker)
    pick_all(run)
    with pytest.raises(DomainError, match="busy"):
        pick_all(run)


def test_nothing_is_invoiced_twice_by_picking_twice(unit: BusinessUnit, maker: User) -> None:
    rented(unit)
    run = calculated(maker)
    pick_all(run)
    work(run)
    with pytest.raises(DomainError, match="nothing to invoice"):
        pick_all(run)
    assert len(invoices()) == 1


def test_items_of_another_run_are_not_picked(unit: BusinessUnit, maker: User) -> None:
    rented(unit)
    run, other = calculated(maker), calculated(maker)
    with pytest.raises(DomainError, match="nothing to invoice"):
        runs.pick(run, [items(other)[0].id], invoice_date=today(), confirm=True)


def test_somebody_else_invoices_a_contract_meanwhile(unit: BusinessUnit, maker: User) -> None:
    contract, other = rented(unit), rented(unit)
    run = calculated(maker)
    make_invoice(contract)
    pick_all(run)
    work(run)
    assert states(run) == [ItemState.NOTHING_LEFT, ItemState.INVOICED]
    assert [invoice.contract for invoice in invoices()] == [contract, other]
    assert state_of(run) is RunState.DONE


def test_a_contract_that_changed_meanwhile_is_shown_again_first(
    unit: BusinessUnit, maker: User
) -> None:
    contract = rented(unit)
    run = calculated(maker)
    contract.lines[0].unit_price = Decimal(60)
    pick_all(run)
    work(run)
    assert invoices() == []
    [item] = items(run)
    assert (item.state, item.net, item.picked) == (ItemState.PROPOSED, Decimal(180), False)
    assert "changed meanwhile" in runs.why_not(item)
    assert state_of(run) is RunState.READY
    pick_all(run)
    work(run)
    assert [invoice.net for invoice in invoices()] == [Decimal(180)]


def test_a_contract_that_was_cancelled_meanwhile_is_not_invoiced(
    unit: BusinessUnit, maker: User
) -> None:
    contract = rented(unit)
    run = calculated(maker)
    contract.status = ContractStatus.CANCELLED
    pick_all(run)
    work(run)
    assert invoices() == []
    assert states(run) == [ItemState.FAILED]
    assert "cancelled" in runs.why_not(items(run)[0])


def test_what_cannot_be_confirmed_leaves_no_draft_and_stops_no_other(
    unit: BusinessUnit, maker: User
) -> None:
    wrong, right = rented(unit), rented(unit)
    run = calculated(maker)
    wrong.customer.city = wrong.customer.street = ""
    for line in wrong.lines:
        line.gl_account = None
    for account in [line.gl_account for line in right.lines if line.gl_account]:
        account.default_revenue = False
    pick_all(run)
    work(run)
    assert states(run) == [ItemState.FAILED, ItemState.INVOICED]
    assert "GL account" in runs.why_not(items(run)[0])
    assert [invoice.contract for invoice in invoices()] == [right]
    assert [invoice.number for invoice in invoices()] == [1]
    assert state_of(run) is RunState.READY


def test_what_failed_can_be_tried_again(unit: BusinessUnit, maker: User) -> None:
    contract = rented(unit)
    [account] = [line.gl_account for line in contract.lines]
    assert account
    contract.lines[0].gl_account, account.default_revenue = None, False
    run = calculated(maker)
    pick_all(run)
    work(run)
    assert states(run) == [ItemState.FAILED]
    contract.lines[0].gl_account = db.session.merge(account)
    pick_all(run)
    work(run)
    assert states(run) == [ItemState.INVOICED]
    assert runs.why_not(items(run)[0]) == ""


def test_a_date_on_which_nothing_can_be_confirmed_is_refused_at_once(
    unit: BusinessUnit, maker: User
) -> None:
    rented(unit)
    run = calculated(maker)
    with pytest.raises(Invalid, match="invoice_date"):
        pick_all(run, invoice_date=today() + timedelta(days=1))
    year = find_year(unit, today())
    assert year
    close_year(year)
    with pytest.raises(Invalid, match="invoice_date"):
        pick_all(run)
    db.session.rollback()
    assert state_of(run) is RunState.READY


def test_a_company_without_a_financial_year_cannot_confirm(maker: User) -> None:
    unit = make_unit(make_company())
    rented(unit)
    run = calculated(maker)
    with pytest.raises(Invalid, match="invoice_date"):
        pick_all(run, invoice_date=today() - timedelta(days=360 * 3))


def test_a_stopped_run_makes_no_more_and_can_go_on(unit: BusinessUnit, maker: User) -> None:
    rented(unit)
    run = calculated(maker)
    pick_all(run)
    runs.stop(run)
    work(run)
    assert invoices() == []
    assert state_of(run) is RunState.READY
    pick_all(run)
    work(run)
    assert len(invoices()) == 1


def test_a_closed_run_waits_for_nobody(unit: BusinessUnit, maker: User) -> None:
    rented(unit)
    run = calculated(maker)
    runs.close(run)
    assert state_of(run) is RunState.DONE
    with pytest.raises(DomainError, match="waits for you"):
        runs.close(run)
    with pytest.raises(DomainError, match="not busy"):
        runs.stop(run)


def test_a_discarded_draft_can_be_invoiced_by_another_run(unit: BusinessUnit, maker: User) -> None:
    contract = rented(unit)
    run = calculated(maker)
    pick_all(run, confirm=False)
    work(run)
    discard_draft(invoices()[0])
    db.session.commit()
    assert [(item.state, item.invoice) for item in items(run)] == [(ItemState.INVOICED, None)]
    assert found(calculated(maker)) == [contract]


def test_rights_that_are_gone_meanwhile_reach_no_further(unit: BusinessUnit) -> None:
    maker = make_limited_user(unit.pools[0])
    rented(unit)
    run = calculated(maker)
    maker.grants.clear()
    pick_all(run)
    work(run)
    assert states(run) == [ItemState.FAILED]
    assert invoices() == []


def test_somebody_who_was_stopped_makes_nothing(unit: BusinessUnit, maker: User) -> None:
    rented(unit)
    run = calculated(maker)
    maker.active = False
    pick_all(run)
    work(run)
    assert states(run) == [ItemState.FAILED]
