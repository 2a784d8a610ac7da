"""Transactions: booked regularly, in the journals and on the accounts of their unit (F1 to F20)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from itertools import cycle
from typing import Any

import pytest
import time_machine
from sqlalchemy import select

from ppplanner.clock import now, today
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.integrations.exact import forwarding
from ppplanner.integrations.exact.branch_settings import (
    STAYS,
    BranchValues,
    save_branch,
    save_type_account,
    types_to_map,
)
from ppplanner.integrations.exact.models import ExactBranch, ExactConnection, ExactRun, Kind
from ppplanner.integrations.exact.settings import SendMoment
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.standing import Stage, standings
from ppplanner.integrations.exact.sync.intervals import start_due_intervals
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.models import (
    BusinessUnit,
    Company,
    Customer,
    MethodKind,
    PaymentState,
    Transaction,
    TransactionFamily,
    TypeRole,
)
from ppplanner.services.collections import refunds, registers, transactions, types, zeroing
from ppplanner.services.collections.cash import balance
from ppplanner.services.collections.registers import Entry
from tests.conftest import Login
from tests.factories import make_contract, make_customer, make_unit
from tests.integrations.exact.conftest import new_invoice
from tests.integrations.exact.money import by_terminal, cash, paid, register, set_up
from tests.integrations.exact.scenarios.conftest import Switch

pytestmark = pytest.mark.one_database

CASH = "financialtransaction/CashEntries"
CASH_LINES = "financialtransaction/CashEntryLines"
GENERAL = "generaljournalentry/GeneralJournalEntries"
GENERAL_LINES = "generaljournalentry/GeneralJournalEntryLines"
ACCOUNTS = "crm/Accounts"
ROLE = TypeRole

Pass = Callable[..., None]


@pytest.fixture
def branch(connection: ExactConnection, unit: BusinessUnit, switch: Switch) -> BusinessUnit:
    """The company's unit with all its settings, and transactions switched on; customers go to Exact
    when they are saved, unless a story says otherwise.
    """
    switch(
        transactions_send=True,
        transactions_from=today().isoformat(),
        customers_send_moment=SendMoment.ON_SAVE,
    )
    set_up(connection, unit)
    return unit


@pytest.fixture
def second(connection: ExactConnection, company: Company, branch: BusinessUnit) -> BusinessUnit:
    """Another unit of the company, without settings."""
    made = make_unit(company)
    db.session.commit()
    return made


@pytest.fixture
def interval_passes(connection: ExactConnection) -> Pass:
    """The clock reaches the next interval, and the worker sends what is due."""
    connection_id, passed = connection.id, [0]

    def next_one(**time: float) -> None:
        db.session.commit()
        passed[0] += 1
        later = timedelta(**time) if time else timedelta(minutes=16) * passed[0]
        with time_machine.travel(now() + later, tick=True):
            start_due_intervals()
            run_outbox(connection_id)
        db.session.expire_all()

    return next_one


def stage(transaction: Transaction) -> Stage:
    return standings(Kind.TRANSACTION, [transaction.id])[transaction.id].stage


def reasons(transaction: Transaction) -> str:
    standing = standings(Kind.TRANSACTION, [transaction.id])[transaction.id]
    return " ".join(map(str, standing.reasons))


def on(unit: BusinessUnit, **fields: Any) -> dict[str, Any]:
    """A contract of a unit, to be paid for."""
    return {"contract": make_contract(unit=unit, **fields)}


def lines_of(simulator: RunningSimulator, transaction: Transaction) -> list[dict[str, Any]]:
    """The lines in Exact of a transaction, whatever the journal, with account and customer."""
    found = [
        *simulator.records(CASH_LINES, Notes=f"PPP {transaction}"),
        *simulator.records(GENERAL_LINES, Notes=f"PPP {transaction}"),
    ]
    ledger = {each["ID"]: each["Code"] for each in simulator.records("financial/GLAccounts")}
    people = {each["ID"]: each["Name"] for each in simulator.accounts()}
    return [
        line | {"Ledger": ledger[line["GLAccount"]], "Customer": people.get(line["Account"])}
        for line in sorted(found, key=lambda line: line["LineNumber"])
    ]


def sides(simulator: RunningSimulator, transaction: Transaction) -> list[tuple[str, float]]:
    return [(line["Ledger"], line["AmountFC"]) for line in lines_of(simulator, transaction)]


def journal_of(simulator: RunningSimulator, transaction: Transaction) -> str:
    (entry_id,) = {line["EntryID"] for line in lines_of(simulator, transaction)}
    entries = simulator.records(CASH) + simulator.records(GENERAL)
    (journal,) = [each["JournalCode"] for each in entries if each["EntryID"] == entry_id]
    return str(journal)


def clear_branch(unit: BusinessUnit) -> None:
    db.session.delete(db.session.get_one(ExactBranch, unit.id))
    db.session.commit()


# --- when ---------------------------------------------------------------------------------------


def test_F01_when_the_interval_passes_what_is_new_is_in_exact(
    branch: BusinessUnit, simulator: RunningSimulator, interval_passes: Pass, login: Login
) -> None:
    sent = [paid(ROLE.PAYMENT, 10, **on(branch)), cash(ROLE.PAYMENT, 20, register=register(branch))]

    interval_passes()

    assert [stage(each) for each in sent] == [Stage.BOOKED] * 2
    assert len(simulator.records(CASH)) == 1
    assert len(simulator.records(GENERAL)) == 1
    later = paid(ROLE.PAYMENT, 30, **on(branch))
    page = login("collections.view", "exact.view").get("/collections/?exact=there").text
    assert f"{sent[0]}<" in page
    assert f"{later}<" not in page


def test_F02_when_nothing_is_new_the_next_interval_asks_exact_nothing(
    branch: BusinessUnit, simulator: RunningSimulator, interval_passes: Pass
) -> None:
    paid(ROLE.PAYMENT, 10, **on(branch))
    interval_passes()
    simulator.log.clear()
    runs = len(list(db.session.scalars(select(ExactRun))))

    interval_passes()

    assert len(simulator.log) == 0
    assert len(list(db.session.scalars(select(ExactRun)))) == runs


def test_F02_before_the_interval_has_passed_nothing_goes(
    branch: BusinessUnit, interval_passes: Pass
) -> None:
    interval_passes(minutes=1)
    new = paid(ROLE.PAYMENT, 10, **on(branch))
    interval_passes(minutes=10)
    assert stage(new) is Stage.NOT_SENT
    interval_passes(minutes=17)
    assert stage(new) is Stage.BOOKED


def test_F03_a_unit_without_settings_waits_with_the_name_of_what_is_missing(
    branch: BusinessUnit, second: BusinessUnit, interval_passes: Pass
) -> None:
    here, there = paid(ROLE.PAYMENT, 10, **on(branch)), paid(ROLE.PAYMENT, 10, **on(second))

    interval_passes()

    assert (stage(here), stage(there)) == (Stage.BOOKED, Stage.HELD)
    told = reasons(there)
    assert f"Business unit {second} has no journal for other transactions" in told
    assert f"Business unit {second} has no GL account for customers" in told
    assert f"Business unit {second} has no GL account for the type Payment" in told


def test_F04_once_it_is_filled_in_what_waits_goes_by_itself_once(
    branch: BusinessUnit,
    second: BusinessUnit,
    connection: ExactConnection,
    simulator: RunningSimulator,
    interval_passes: Pass,
) -> None:
    waiting = paid(ROLE.PAYMENT, 10, **on(second))
    interval_passes()
    interval_passes()
    set_up(connection, second)

    interval_passes()
    interval_passes()

    assert stage(waiting) is Stage.BOOKED
    assert len(simulator.records(GENERAL)) == 1


# --- where --------------------------------------------------------------------------------------


def test_F05_cash_is_booked_in_the_cash_journal_of_the_registers_unit(
    branch: BusinessUnit,
    second: BusinessUnit,
    connection: ExactConnection,
    simulator: RunningSimulator,
    interval_passes: Pass,
) -> None:
    set_up(connection, second, cash_journal="11")
    payment = cash(ROLE.PAYMENT, 50, register=register(branch), **on(second))

    interval_passes()

    assert journal_of(simulator, payment) == "10"


def test_F06_what_a_terminal_took_is_booked_in_the_other_journal_of_its_unit(
    branch: BusinessUnit,
    second: BusinessUnit,
    connection: ExactConnection,
    simulator: RunningSimulator,
    interval_passes: Pass,
) -> None:
    set_up(connection, second, other_journal="91")
    payment = by_terminal(second, ROLE.PAYMENT, 50, **on(branch))

    interval_passes()

    assert journal_of(simulator, payment) == "91"


def test_F07_a_bank_transfer_belongs_to_the_unit_of_the_contract_or_else_of_the_invoice(
    branch: BusinessUnit,
    second: BusinessUnit,
    connection: ExactConnection,
    simulator: RunningSimulator,
    interval_passes: Pass,
) -> None:
    set_up(connection, second, other_journal="91")
    for_contract = paid(ROLE.PAYMENT, 50, **on(branch))
    for_invoice = paid(ROLE.PAYMENT, 50, contract=None, invoice=new_invoice(second))

    interval_passes()

    assert journal_of(simulator, for_contract) == "90"
    assert journal_of(simulator, for_invoice) == "91"


def test_F08_a_cash_journal_that_exact_does_not_have_is_named_with_its_unit(
    branch: BusinessUnit, simulator: RunningSimulator, interval_passes: Pass
) -> None:
    """Whether our list knows it already, or only Exact does."""
    payment = cash(ROLE.PAYMENT, 50, register=register(branch))
    (journal,) = simulator.records("financial/Journals", simulator.division, Code="10")
    simulator.change("financial/Journals", journal, Code="15")

    interval_passes()

    assert stage(payment) is Stage.REFUSED
    assert f"Exact has no journal 10 that can be used for business unit {branch}" in reasons(
        payment
    )
    db.session.get_one(ExactBranch, branch.id).cash_journal = "ZZ"
    other = cash(ROLE.PAYMENT, 50, register=register(branch))
    interval_passes()
    assert stage(other) is Stage.HELD
    assert f"no journal ZZ that can be used for business unit {branch}" in reasons(other)


# --- what ---------------------------------------------------------------------------------------


def test_F09_the_description_is_the_units_text_filled_in(
    branch: BusinessUnit,
    connection: ExactConnection,
    simulator: RunningSimulator,
    interval_passes: Pass,
) -> None:
    def describe(text: str) -> None:
        codes = {"cash_journal": "10", "other_journal": "90", "customer_gl": "400000"}
        save_branch(connection, branch, BranchValues(**codes, description=text))

    describe("Rent {contract} of {date}: {number}")
    first = paid(ROLE.PAYMENT, 10, **on(branch))
    interval_passes()
    describe("{type} {method} {number}")
    second = paid(ROLE.PAYMENT, 10, **on(branch))
    interval_passes()

    def told(transaction: Transaction) -> set[str]:
        return {line["Description"] for line in lines_of(simulator, transaction)}

    assert told(first) == {f"Rent {first.contract} of {today():%d/%m/%Y}: {first}"}
    assert told(second) == {f"Payment Bank transfer {second}"}


def test_F10_the_customers_line_names_the_customer_the_account_and_the_invoice(
    branch: BusinessUnit,
    simulator: RunningSimulator,
    interval_passes: Pass,
) -> None:
    invoice = new_invoice(branch)
    forwarding.forward([invoice.id], by="Anke")
    interval_passes()
    payment = paid(ROLE.PAYMENT, 50, invoice=invoice, contract=None)

    interval_passes()

    (booked,) = simulator.entries(YourRef=invoice.reference)
    of_type, of_customer = lines_of(simulator, payment)
    assert (of_type["Customer"], of_type["OurRef"]) == (None, None)
    assert of_customer["Ledger"] == "400000"
    assert of_customer["Customer"] == invoice.customer.full_name
    assert of_customer["OurRef"] == booked["EntryNumber"]
    assert invoice.reference in of_customer["Description"]


def test_F11_each_type_is_booked_on_the_account_of_its_unit(
    branch: BusinessUnit,
    second: BusinessUnit,
    connection: ExactConnection,
    simulator: RunningSimulator,
    interval_passes: Pass,
) -> None:
    """All types that are not for a cash register alone, through two units that differ."""
    accounts = dict(zip(_roles(), cycle(["499000", "488000", "551000", "550000"]), strict=False))
    set_up(connection, second, accounts, customer_gl="460000")
    expected = {}
    for unit, customers in ((branch, "400000"), (second, "460000")):
        for role in _roles():
            contract = make_contract(unit=unit)
            if role in (ROLE.DEPOSIT_REFUND, ROLE.DEPOSIT_SETTLED):
                paid(ROLE.DEPOSIT, 10, contract=contract)
            made = paid(role, 10, contract=contract)
            of_type = accounts[role] if unit is second else "580000"
            expected[made] = {(of_type, float(made.amount)), (customers, -float(made.amount))}

    interval_passes()

    assert {each: set(sides(simulator, each)) for each in expected} == expected


def _roles() -> list[TypeRole]:
    """The types of money that a customer pays or gets back."""
    types.make_usual_lists()
    alone = (TransactionFamily.REGISTER,)
    return [each.role for each in types_to_map() if each.role and each.family not in alone]


def test_F11_an_account_for_type_and_method_wins_over_that_of_the_type(
    branch: BusinessUnit,
    connection: ExactConnection,
    simulator: RunningSimulator,
    interval_passes: Pass,
) -> None:
    kind, terminal = types.of_role(ROLE.PAYMENT), types.method_of(MethodKind.TERMINAL)
    save_type_account(connection, branch, kind, terminal, "551000")
    by_card = by_terminal(branch, ROLE.PAYMENT, 10, **on(branch))
    by_bank = paid(ROLE.PAYMENT, 10, **on(branch))

    interval_passes()

    assert sides(simulator, by_card)[0] == ("551000", 10.0)
    assert sides(simulator, by_bank)[0] == ("580000", 10.0)


def test_F12_a_type_without_account_waits_and_the_others_go(
    branch: BusinessUnit, connection: ExactConnection, interval_passes: Pass
) -> None:
    save_type_account(connection, branch, types.of_role(ROLE.DEPOSIT), None, "")
    payment, deposit = paid(ROLE.PAYMENT, 10, **on(branch)), paid(ROLE.DEPOSIT, 10, **on(branch))

    interval_passes()

    assert (stage(payment), stage(deposit)) == (Stage.BOOKED, Stage.HELD)
    assert reasons(deposit).count("Business unit") == 1
    assert "has no GL account for the type Deposit" in reasons(deposit)


def test_F12_a_type_that_stays_here_never_goes_and_waits_for_nobody(
    branch: BusinessUnit,
    connection: ExactConnection,
    simulator: RunningSimulator,
    interval_passes: Pass,
) -> None:
    kind, bank = types.of_role(ROLE.PAYMENT), types.method_of(MethodKind.BANK)
    save_type_account(connection, branch, kind, bank, STAYS)
    by_bank = paid(ROLE.PAYMENT, 10, **on(branch))
    by_card = by_terminal(branch, ROLE.PAYMENT, 10, **on(branch))

    interval_passes()

    assert (stage(by_bank), stage(by_card)) == (Stage.NOT_SENT, Stage.BOOKED)
    assert not lines_of(simulator, by_bank)


def test_F13_cash_without_customer_has_the_right_account_and_sign(
    branch: BusinessUnit,
    connection: ExactConnection,
    simulator: RunningSimulator,
    interval_passes: Pass,
) -> None:
    set_up(
        connection,
        branch,
        {ROLE.CORRECTION_IN: "658000", ROLE.CORRECTION_OUT: "658000", ROLE.TO_BANK: "550000"},
    )
    drawer, other = register(branch), register(branch)
    more = cash(ROLE.CORRECTION_IN, 100, register=drawer)
    less = cash(ROLE.CORRECTION_OUT, 5, register=drawer)
    leaves, arrives = registers.transfer(drawer, other, Entry(Decimal(30)), by=None)
    carried = cash(ROLE.TO_BANK, 40, register=drawer)

    interval_passes()

    assert sides(simulator, more) == [("658000", 100.0)]
    assert sides(simulator, less) == [("658000", -5.0)]
    assert sides(simulator, leaves) == [("580000", -30.0)]
    assert sides(simulator, arrives) == [("580000", 30.0)]
    assert sides(simulator, carried) == [("550000", -40.0)]
    assert {each["Account"] for each in simulator.records(CASH_LINES)} == {None}


def test_F14_a_deposit_that_went_back_leaves_the_customers_balance_as_it_was(
    branch: BusinessUnit, simulator: RunningSimulator, interval_passes: Pass
) -> None:
    drawer = register(branch)
    for pay in (paid, lambda *args, **more: cash(*args, register=drawer, **more)):
        contract = make_contract(unit=branch)
        taken = pay(ROLE.DEPOSIT, 300, contract=contract)
        back = pay(ROLE.DEPOSIT_REFUND, 300, contract=contract)
        interval_passes()
        mirrored = [(ledger, -amount) for ledger, amount in sides(simulator, back)]
        assert sides(simulator, taken) == mirrored
        of_customer = [
            line["AmountFC"]
            for each in (taken, back)
            for line in lines_of(simulator, each)
            if line["Customer"]
        ]
        assert len(of_customer) == 2
        assert sum(of_customer) == 0


def test_F15_a_refund_goes_once_it_is_paid_and_not_when_it_is_asked_for(
    branch: BusinessUnit, simulator: RunningSimulator, interval_passes: Pass
) -> None:
    contract = make_contract(unit=branch)
    paid(ROLE.PAYMENT, 100, contract=contract)
    interval_passes()
    asked = refunds.ask(refunds.Refund(amount=Decimal(40), contract=contract), by=None)
    interval_passes()
    assert len(simulator.records(GENERAL)) == 1

    refunds.process(asked, refunds.Way(types.method_of(MethodKind.BANK)), by=None)
    interval_passes()
    interval_passes()

    assert len(simulator.records(GENERAL)) == 2
    assert asked.transaction
    assert stage(asked.transaction) is Stage.BOOKED


def test_F16_what_only_brings_a_balance_to_zero_never_goes(
    branch: BusinessUnit, simulator: RunningSimulator, interval_passes: Pass
) -> None:
    invoice = new_invoice(branch)
    zero = zeroing.set_payment(invoice, PaymentState.FULLY_PAID, to_zero=True, by=None)
    assert zero

    interval_passes()

    assert stage(zero) is Stage.NOT_SENT
    assert not simulator.log.writes(CASH)
    assert not simulator.log.writes(GENERAL)


def test_F17_journal_entries_balance_and_cash_entries_are_what_the_register_moved(
    branch: BusinessUnit, simulator: RunningSimulator, interval_passes: Pass
) -> None:
    drawer, contract = register(branch), make_contract(unit=branch)
    cash(ROLE.PAYMENT, Decimal("99.99"), register=drawer, contract=contract)
    cash(ROLE.DEPOSIT, 250, register=drawer, contract=contract)
    cash(ROLE.DEPOSIT_REFUND, 100, register=drawer, contract=contract)
    cash(ROLE.TO_BANK, 120, register=drawer)
    paid(ROLE.PAYMENT, Decimal("0.01"), contract=contract)
    paid(ROLE.DEPOSIT, 75, contract=contract)

    interval_passes()

    in_entries: dict[str, float] = {}
    for line in simulator.records(GENERAL_LINES):
        entry = line["EntryID"]
        in_entries[entry] = in_entries.get(entry, 0) + line["AmountFC"]
    assert list(in_entries.values()) == [0.0, 0.0]
    booked = sum(Decimal(str(line["AmountFC"])) for line in simulator.records(CASH_LINES))
    assert booked == balance(drawer) == Decimal("129.99")


# --- what goes wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize(("resource", "in_cash"), [(CASH, True), (GENERAL, False)])
def test_F18_an_answer_that_was_lost_leads_to_no_second_entry(
    branch: BusinessUnit,
    simulator: RunningSimulator,
    interval_passes: Pass,
    resource: str,
    in_cash: bool,
) -> None:
    simulator.fail_next("drop_after", resource, method="POST")
    if in_cash:
        payment = cash(ROLE.PAYMENT, 50, register=register(branch))
    else:
        payment = paid(ROLE.PAYMENT, 50, **on(branch))
    interval_passes()
    assert stage(payment) is Stage.WAITING

    interval_passes(minutes=60)

    assert stage(payment) is Stage.BOOKED
    assert simulator.log.count(resource, "POST") == 1
    assert len(simulator.records(resource)) == 1


def test_F19_a_customer_without_invoice_is_not_made_by_a_payment(
    branch: BusinessUnit, simulator: RunningSimulator, switch: Switch, interval_passes: Pass
) -> None:
    switch(customers_send_moment=SendMoment.ON_INVOICE)
    customer: Customer = make_customer(company_name="Schilderwerken Maes")
    invoice = new_invoice(branch, customer=customer)
    payment = paid(ROLE.PAYMENT, 50, invoice=invoice, contract=None)

    interval_passes()

    assert stage(payment) is Stage.HELD
    assert "Schilderwerken Maes is not in Exact yet" in reasons(payment)
    assert not simulator.log.writes(ACCOUNTS)
    forwarding.forward([invoice.id], by="Anke")
    interval_passes()
    interval_passes()
    assert stage(payment) is Stage.BOOKED
    assert simulator.log.count(ACCOUNTS, "POST") == 1


def test_F19_with_customers_switched_off_the_payment_waits_for_the_customer(
    branch: BusinessUnit, simulator: RunningSimulator, switch: Switch, interval_passes: Pass
) -> None:
    switch(customers_send=False)
    payment = paid(ROLE.PAYMENT, 50, **on(branch))

    interval_passes()

    assert stage(payment) is Stage.HELD
    assert "sending customers is switched off" in reasons(payment)
    assert not simulator.log.writes()


def test_F20_what_was_sent_is_corrected_by_a_reversal_that_is_sent_too(
    branch: BusinessUnit, simulator: RunningSimulator, interval_passes: Pass
) -> None:
    payment = paid(ROLE.PAYMENT, 50, **on(branch))
    interval_passes()
    with pytest.raises(DomainError, match="handed on"):
        transactions.change(payment, remark="other", voucher="", invoice=None)
    db.session.rollback()

    undone = transactions.reverse(payment, by=None)
    interval_passes()

    assert stage(undone) is Stage.BOOKED
    assert sides(simulator, undone) == [("580000", -50.0), ("400000", 50.0)]
