"""The job of invoice runs: killed, repeated, done by two at once, and nothing is invoiced twice."""

from __future__ import annotations

import logging
import os
import signal
import time
from datetime import timedelta
from random import Random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import OperationalError

from ppplanner.extensions import db
from ppplanner.i18n import Message, in_language
from ppplanner.invoice_runs import LOST, wake_lost_runs, work_on_run
from ppplanner.jobs import LATER, queue
from ppplanner.models import BusinessUnit, Change, InvoiceRun, ItemState, RunState, User
from ppplanner.services.invoices import run_steps
from ppplanner.services.invoices.confirming import confirm_invoice
from ppplanner.services.invoices.proposals import propose
from ppplanner.services.invoices.runs import why_not
from tests.factories import make_unit, make_user
from tests.parallel import at_once
from tests.to_invoice import begin, calculated, invoices, items, pick_all, rented, states, work

pytestmark = pytest.mark.both_databases

CONTRACTS = 12


@pytest.fixture
def unit(app: Flask) -> BusinessUnit:
    return make_unit()


@pytest.fixture
def maker(app: Flask) -> User:
    return make_user(name="Els", language="nl")


@pytest.fixture
def contracts(unit: BusinessUnit) -> list[int]:
    return [rented(unit).id for _each in range(CONTRACTS)]


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_steps, "BATCH", 2)


def refused(*_args: Any, **_options: Any) -> None:
    raise SystemExit("killed")


def all_once(contracts: list[int]) -> bool:
    """Whether each contract has one invoice, and their numbers follow each other."""
    made = invoices()
    numbers = sorted(invoice.number or 0 for invoice in made)
    return (
        sorted(invoice.contract_id or 0 for invoice in made) == contracts
        and numbers == list(range(1, len(contracts) + 1))
        and len({invoice.series_id for invoice in made}) == 1
    )


def test_a_job_that_dies_over_an_invoice_leaves_nothing_of_it(
    contracts: list[int], maker: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = calculated(maker)
    pick_all(run)
    with monkeypatch.context() as patch:
        patch.setattr(run_steps, "confirm_invoice", refused)
        with pytest.raises(SystemExit):
            work(run)
    assert invoices() == []
    assert set(states(run)) == {ItemState.PROPOSED}
    work(run)
    assert all_once(contracts)


def test_a_job_that_is_repeated_invoices_nothing_twice(contracts: list[int], maker: User) -> None:
    run = calculated(maker)
    pick_all(run)
    for _each in range(3):
        work(run)
    assert all_once(contracts)
    assert (run.done, run.total) == (CONTRACTS, CONTRACTS)


def test_a_calculation_that_dies_goes_on_where_it_was(
    contracts: list[int], maker: User, small_steps: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begin(maker)
    turns = iter(range(3))

    def soon_killed(*args: Any, **options: Any) -> Any:
        return propose(*args, **options) if next(turns, None) is not None else refused()

    with monkeypatch.context() as patch:
        patch.setattr(run_steps, "propose", soon_killed)
        with pytest.raises(SystemExit):
            work(run)
    db.session.expire_all()
    assert (run.done, len(items(run))) == (2, 2)
    work(run)
    assert [item.contract_id for item in items(run)] == contracts
    assert (run.done, run.total) == (CONTRACTS, CONTRACTS)


@pytest.mark.parametrize("seed", range(2))
def test_a_worker_that_is_killed_again_and_again_still_invoices_each_contract_once(
    app: Flask, contracts: list[int], maker: User, small_steps: None, seed: int
) -> None:
    random = Random(seed)
    run = begin(maker)
    _kill_until_calm(app, run, random)
    assert [item.contract_id for item in items(run)] == contracts
    pick_all(run)
    _kill_until_calm(app, run, random)
    assert all_once(contracts)
    assert [item.state for item in items(run)] == [ItemState.INVOICED] * CONTRACTS
    assert run.state is RunState.DONE


def _kill_until_calm(app: Flask, run: InvoiceRun, random: Random) -> None:
    """Have the run worked on by processes that are killed at any line; the last one may end."""
    run_id = run.id
    db.session.commit()
    db.engine.dispose()
    for _each in range(6):
        if worker := os.fork():
            time.sleep(random.uniform(0.02, 0.25))
            os.kill(worker, signal.SIGKILL)
            os.waitpid(worker, 0)
        else:
            _work_and_leave(app, run_id)
    work(run)


def _work_and_leave(app: Flask, run_id: int) -> None:
    try:
        logging.disable()
        work_on_run(run_id)
    finally:
        os._exit(0)


def test_two_workers_on_one_run_take_turns(
    app: Flask, contracts: list[int], maker: User, small_steps: None
) -> None:
    run = begin(maker)
    run_id = run.id
    assert at_once(app, [lambda: work_on_run(run_id)] * 3) == [None] * 3
    assert [item.contract_id for item in items(run)] == contracts
    pick_all(run)
    assert at_once(app, [lambda: work_on_run(run_id)] * 3) == [None] * 3
    assert all_once(contracts)
    assert (run.done, run.total) == (CONTRACTS, CONTRACTS)


def test_two_runs_over_the_same_contracts_invoice_them_once(
    app: Flask, contracts: list[int], maker: User
) -> None:
    first, second = calculated(maker), calculated(maker)
    pick_all(first)
    pick_all(second)
    keys = [first.id, second.id]
    at_once(app, [lambda: work_on_run(keys[0]), lambda: work_on_run(keys[1])])
    assert all_once(contracts)
    made = states(first).count(ItemState.INVOICED) + states(second).count(ItemState.INVOICED)
    assert made == CONTRACTS


def test_what_nobody_expected_fails_one_invoice_and_is_logged(
    contracts: list[int],
    maker: User,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    run = calculated(maker)
    pick_all(run)
    turns = iter([RuntimeError("odd")])

    def once_odd(invoice: Any) -> None:
        if error := next(turns, None):
            raise error
        confirm_invoice(invoice)

    monkeypatch.setattr(run_steps, "confirm_invoice", once_odd)
    work(run)
    assert states(run).count(ItemState.FAILED) == 1
    assert len(invoices()) == CONTRACTS - 1
    assert "odd" in caplog.text


def test_each_reader_gets_the_reason_in_a_language_of_their_own(
    unit: BusinessUnit, maker: User
) -> None:
    contract = rented(unit)
    run = calculated(maker)
    contract.customer.city = ""
    contract.lines[0].gl_account = None
    pick_all(run)
    work(run)
    [item] = items(run)
    texts = [Message.from_json(reason).text for reason in item.reasons]
    assert texts == [
        "%(customer)s has no full address: fill in street, postcode and city.",
    ]
    told = []
    for language in ("en", "nl", "fr"):
        with in_language(language):
            told.append(why_not(item))
    assert "has no full address" in told[0]
    assert len(set(told)) == 3
    assert all(contract.customer.full_name in each for each in told)


def test_what_nobody_expected_is_told_in_the_readers_language(
    contracts: list[int], maker: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def odd(*_args: Any) -> None:
        raise RuntimeError

    run = calculated(maker)
    pick_all(run)
    monkeypatch.setattr(run_steps, "confirm_invoice", odd)
    work(run)
    with in_language("en"):
        assert why_not(items(run)[0]).startswith("Something went wrong")


def test_a_database_that_goes_away_fails_the_job_and_no_invoice(
    contracts: list[int], maker: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = calculated(maker)
    pick_all(run)

    def gone(*_args: Any, **_options: Any) -> None:
        raise OperationalError("select 1", {}, Exception("gone"))

    with monkeypatch.context() as patch:
        patch.setattr(run_steps, "confirm_invoice", gone)
        with pytest.raises(OperationalError):
            work(run)
    assert set(states(run)) == {ItemState.PROPOSED}
    work(run)
    assert all_once(contracts)


def test_what_a_run_makes_is_put_to_its_makers_name(contracts: list[int], maker: User) -> None:
    run = calculated(maker)
    pick_all(run)
    work(run)
    actors = db.session.scalars(select(Change.actor).where(Change.entity == "invoices"))
    assert set(actors) == {"Els"}


def test_each_confirmed_invoice_gets_its_pdf_when_nobody_waits_for_something_else(
    contracts: list[int], maker: User
) -> None:
    run = calculated(maker)
    pick_all(run)
    work(run)
    assert queue(LATER).count == CONTRACTS
    assert queue().count == 0


def test_drafts_get_no_pdf(contracts: list[int], maker: User) -> None:
    run = calculated(maker)
    pick_all(run, confirm=False)
    work(run)
    assert queue(LATER).count == 0


def test_the_clock_wakes_a_run_whose_worker_was_killed(contracts: list[int], maker: User) -> None:
    lost, fresh, ready = begin(maker), begin(maker), calculated(maker)
    long_ago = lost.moved_at - LOST - timedelta(seconds=1)
    old = InvoiceRun.id.in_([lost.id, ready.id])
    db.session.execute(update(InvoiceRun).where(old).values(moved_at=long_ago))
    db.session.commit()
    wake_lost_runs()
    assert [job.args for job in queue().jobs] == [(lost.id,)]
    assert fresh.state is RunState.CALCULATING
