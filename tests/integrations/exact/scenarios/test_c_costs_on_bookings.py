"""Cost centres and cost carriers that bookings name (C11 to C14)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.integrations.exact import outbox
from ppplanner.integrations.exact.models import ExactConnection
from ppplanner.integrations.exact.settings import Source
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Stage
from ppplanner.models import (
    BusinessUnit,
    Company,
)
from ppplanner.services.invoices import crediting
from ppplanner.services.invoices.confirming import confirm_invoice
from tests.factories import (
    make_gl_account,
)
from tests.integrations.exact.scenarios.conftest import Switch, Work
from tests.integrations.exact.scenarios.costs import (
    CARRIERS,
    CENTRES,
    ENTRIES,
    Costs,
    Make,
    SwitchCosts,
    booked_lines,
    delete_in_exact,
    forward,
    in_exact,
    invoice_on,
    invoice_standing,
    known_to_exact,
    later,
)

pytestmark = pytest.mark.one_database


def test_C11_each_line_carries_the_code_of_its_resource(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    invoices = [invoice_on(unit, **{costs.field: make(code)}) for code in ("K1", "K2")]
    invoices.append(invoice_on(unit))
    forward(*invoices)
    work()

    assert [line[costs.on_line] for line in booked_lines(simulator)] == ["K1", "K2", None]


def test_C11_a_credit_note_carries_it_too(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    invoice = invoice_on(unit, **{costs.field: make("K1")})
    credit_note = crediting.credit_in_full(invoice, on=invoice.invoice_date)
    confirm_invoice(credit_note)
    forward(invoice, credit_note)
    work()

    assert [line[costs.on_line] for line in booked_lines(simulator)] == ["K1", "K1"]


def test_C12_switched_off_the_same_invoice_goes_without(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    switch_costs: SwitchCosts,
    work: Work,
) -> None:
    invoice = invoice_on(unit, **{costs.field: make("K1")})
    switch_costs(on_invoice=False)
    forward(invoice)
    work()

    assert [line[costs.on_line] for line in booked_lines(simulator)] == [None]


def test_C13_only_the_kind_that_is_switched_on_is_on_the_lines(
    connection: ExactConnection,
    company: Company,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    switch_costs: SwitchCosts,
    work: Work,
) -> None:
    other = CARRIERS if costs is CENTRES else CENTRES
    items = {
        costs.field: make("K1"),
        other.field: other.save(group_id=company.group_id, code="K2", name="Another"),
    }
    switch_costs(on_invoice=False)
    forward(invoice_on(unit, **items))
    work()

    (line,) = booked_lines(simulator)
    assert (line[costs.on_line], line[other.on_line]) == (None, "K2")


def test_C14_what_exact_does_not_have_goes_first(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    switch: Switch,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    switch(enabled=False)
    invoice = invoice_on(unit, **{costs.field: make("K1")})
    switch(enabled=True)
    forward(invoice)
    work()

    written = [call.resource for call in simulator.log.writes()]
    assert written[0] == costs.path
    assert written[-1] == ENTRIES
    assert [line[costs.on_line] for line in booked_lines(simulator)] == ["K1"]


def test_C14_when_that_fails_the_invoice_is_not_posted(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    simulator.fail_next("objection", costs.path, method="POST", text="Sorry", times=None)
    invoice = invoice_on(unit, **{costs.field: make("K1")})
    forward(invoice)
    work()

    told = outbox.attempts(costs.kind, db.session.scalars(select(costs.model.id)).one())
    assert "Sorry" in told[0].words
    reasons = " ".join(map(str, invoice_standing(invoice).reasons))
    assert invoice_standing(invoice).stage is Stage.REFUSED
    assert "does not take cost" in reasons
    assert "K1 Van one" in reasons
    assert "Sorry" in reasons
    assert {call.resource for call in simulator.log.writes()} == {costs.path}

    simulator.faults.clear()
    forward(invoice)
    work()
    assert invoice_standing(invoice).stage is Stage.BOOKED


def test_C14_an_answer_that_was_lost_makes_neither_a_second_item_nor_a_second_booking(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    switch: Switch,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    switch(enabled=False)
    invoice = invoice_on(unit, **{costs.field: make("K1")})
    switch(enabled=True)
    simulator.fail_next("drop_after", costs.path, method="POST")
    forward(invoice)
    work()
    with later(minutes=10):
        work()

    assert invoice_standing(invoice).stage is Stage.BOOKED
    assert simulator.log.count(costs.path, "POST") == 1
    assert len(simulator.entries()) == 1


def test_C14_what_comes_from_exact_is_found_there_by_its_code_and_not_made(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    switch_costs: SwitchCosts,
    work: Work,
) -> None:
    switch_costs(source=Source.EXACT)
    known = known_to_exact(simulator, costs)["Code"]
    found = invoice_on(unit, **{costs.field: make(known)})
    missing = make("K1")
    lost = [invoice_on(unit, **{costs.field: missing}) for _n in range(2)]
    forward(found, *lost)
    work()

    assert [line[costs.on_line] for line in booked_lines(simulator)] == [known]
    for invoice in lost:
        assert "K1 Van one is not in Exact" in str(invoice_standing(invoice).reasons[0])
    assert not simulator.log.writes(costs.path)
    assert simulator.log.count(costs.path, "GET") == 2


def test_C14_one_that_was_deleted_in_exact_is_said_so_and_the_next_try_cures_it(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    invoice = invoice_on(unit, **{costs.field: make("K1")})
    work()
    delete_in_exact(simulator, costs, "K1")
    forward(invoice)
    work()
    assert "K1 Van one is no longer in Exact" in str(invoice_standing(invoice).reasons[0])

    forward(invoice)
    work()
    assert [line[costs.on_line] for line in booked_lines(simulator)] == ["K1"]


def test_C14_a_code_that_was_changed_in_exact_is_learnt(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    invoice = invoice_on(unit, **{costs.field: make("K1")})
    work()
    (stored,) = in_exact(simulator, costs, "K1")
    simulator.change(costs.path, stored, Code="K9")
    forward(invoice)
    work()
    forward(invoice)
    work()

    assert [line[costs.on_line] for line in booked_lines(simulator)] == ["K9"]


def test_C14_one_that_has_ended_in_exact_is_refused_in_words(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    ended = next(each for each in simulator.records(costs.path) if each["EndDate"])
    invoice = invoice_on(unit, **{costs.field: make(ended["Code"])})
    forward(invoice)
    work()

    assert "blocked in Exact" in str(invoice_standing(invoice).reasons[0])
    assert not simulator.entries()


def test_C14_an_account_that_asks_for_one_says_so_when_the_line_has_none(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    costs: Costs,
    make: Make,
    work: Work,
) -> None:
    code = {CENTRES: "700600", CARRIERS: "700700"}[costs]
    account = make_gl_account(unit, code=code, default_revenue=True)
    without, with_one = invoice_on(unit), invoice_on(unit, **{costs.field: make("K1")})
    assert account in {line.gl_account for line in without.lines}
    forward(without, with_one)
    work()

    assert "asks for a cost" in str(invoice_standing(without).reasons[0])
    assert [line[costs.on_line] for line in booked_lines(simulator)] == ["K1"]
