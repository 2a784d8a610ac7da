"""Transactions at the screen: the list, the tile, forwarding by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from ppplanner.clock import now, today
from ppplanner.extensions import db
from ppplanner.integrations.exact.branch_settings import STAYS, save_type_account
from ppplanner.integrations.exact.models import ExactConnection, ExactRun, Kind, RunKind
from ppplanner.integrations.exact.settings import exact_settings
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Stage, standings
from ppplanner.models import BusinessUnit, PaymentState, Transaction, TypeRole
from ppplanner.services.collections import types, zeroing
from tests.blueprints.pages import main, words
from tests.conftest import Browser, Login
from tests.factories import make_contract
from tests.integrations.exact.conftest import new_invoice
from tests.integrations.exact.money import paid, set_up

pytestmark = pytest.mark.one_database

FORWARD = "/exact/transactions/forward"
GENERAL = "generaljournalentry/GeneralJournalEntries"


@pytest.fixture
def branch(connection: ExactConnection, unit: BusinessUnit) -> BusinessUnit:
    set_up(connection, unit)
    exact_settings.save(
        connection.company_id,
        transactions_send=True,
        transactions_from=today().isoformat(),
        customers_send_moment="on_save",
    )
    db.session.commit()
    return unit


@pytest.fixture
def accountant(branch: BusinessUnit, login: Login) -> Browser:
    return login("exact.view", "exact.forward", "collections.view")


def payment(unit: BusinessUnit, **more: Any) -> Transaction:
    return paid(TypeRole.PAYMENT, 50, contract=make_contract(unit=unit), **more)


def ask(accountant: Browser, *transactions: Transaction, **more: str) -> str:
    ids = [transaction.id for transaction in transactions]
    answer = accountant.post(FORWARD, data={"ids": ids, **more}, follow_redirects=True)
    assert answer.status_code == 200
    return main(answer)


def stage(transaction: Transaction) -> Stage:
    return standings(Kind.TRANSACTION, [transaction.id])[transaction.id].stage


def tile(accountant: Browser, transaction: Transaction) -> str:
    return words(accountant.get(f"/exact/tiles/transaction/{transaction.id}"))


def test_what_will_happen_is_told_first(
    accountant: Browser, branch: BusinessUnit, connection: ExactConnection
) -> None:
    kind = types.of_role(TypeRole.DEPOSIT)
    save_type_account(connection, branch, kind, None, STAYS)
    goes = payment(branch)
    stays = paid(TypeRole.DEPOSIT, 10, contract=make_contract(unit=branch))

    page = ask(accountant, goes, stays)

    assert "1 transaction goes to the books of Verhuur Peeters" in page
    assert "1 transaction stays here" in page
    assert "Transactions of the type Deposit stay here" in page
    assert "Forward 1 transaction" in page
    assert stage(goes) is Stage.NOT_SENT


def test_what_was_chosen_goes_also_when_it_is_older_than_the_first_day(
    accountant: Browser,
    branch: BusinessUnit,
    simulator: RunningSimulator,
    run_jobs: Callable[[], int],
) -> None:
    old = payment(branch, at=now() - timedelta(days=3))

    ask(accountant, old, confirmed="1")
    run_jobs()

    assert stage(old) is Stage.BOOKED
    assert len(simulator.records(GENERAL)) == 1
    (run,) = db.session.query(ExactRun)
    assert run.kind is RunKind.MANUAL
    assert "It is booked in Exact already." in ask(accountant, old)


def test_all_that_is_missing_is_told_at_once(
    accountant: Browser, connection: ExactConnection, branch: BusinessUnit
) -> None:
    set_up(connection, branch, cash_journal="", other_journal="", customer_gl="")
    exact_settings.save(connection.company_id, customers_send=False)

    page = ask(accountant, payment(branch))

    assert "has no journal for other transactions" in page
    assert "has no GL account for customers" in page
    assert "sending customers is switched off" in page
    assert "Forward 1" not in page


def test_what_only_brings_a_balance_to_zero_is_not_forwarded_by_hand_either(
    accountant: Browser, branch: BusinessUnit
) -> None:
    invoice = new_invoice(branch)
    zero = zeroing.set_payment(invoice, PaymentState.FULLY_PAID, to_zero=True, by=None)
    db.session.commit()
    assert zero

    assert "it only brings a balance to zero" in ask(accountant, zero)
    assert "it only brings a balance to zero" in tile(accountant, zero)


def test_nobody_forwards_without_the_right(branch: BusinessUnit, login: Login) -> None:
    planner = login("exact.view", "collections.view")
    data = {"ids": [payment(branch).id], "confirmed": "1"}
    assert planner.post(FORWARD, data=data).status_code == 403


def test_switched_off_the_list_offers_nothing(
    accountant: Browser, connection: ExactConnection
) -> None:
    assert FORWARD in accountant.get("/collections/").text
    exact_settings.save(connection.company_id, transactions_send=False)
    db.session.commit()
    assert FORWARD not in accountant.get("/collections/").text


def test_the_tile_says_when_it_goes_and_then_that_it_went(
    accountant: Browser, branch: BusinessUnit, run_jobs: Callable[[], int]
) -> None:
    new, old = payment(branch), payment(branch, at=now() - timedelta(days=3))
    assert "It goes by itself within 15 minutes." in tile(accountant, new)
    assert "Only what moved since" in tile(accountant, old)

    ask(accountant, new, confirmed="1")
    run_jobs()

    assert "Booked in Exact as entry" in tile(accountant, new)
    assert "booked" in words(accountant.get("/collections/"))
