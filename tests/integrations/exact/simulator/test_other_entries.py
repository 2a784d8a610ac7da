"""Section 9: general journal and cash entries, and what customers still owe."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ppplanner.integrations.exact.simulator import RunningSimulator
from tests.integrations.exact.simulator.caller import Caller, Json, message, refusal
from tests.integrations.exact.simulator.conftest import CUSTOMER, EntryMaker

GENERAL = "generaljournalentry/GeneralJournalEntries"
CASH = "financialtransaction/CashEntries"
CLAIMS = "cashflow/Receivables"

General = Callable[..., Json]


@pytest.fixture
def general(line: EntryMaker) -> General:
    """A balanced entry, but for what is given."""

    def made(*lines: Json, **more: Any) -> Json:
        usual = list(lines) or [line("580000", 50), line("499000", -50)]
        return {"JournalCode": "90", "GeneralJournalEntryLines": usual} | more

    return made


@pytest.fixture
def cash(line: EntryMaker) -> General:
    def made(*lines: Json, **more: Any) -> Json:
        usual = list(lines) or [line("580000", 50)]
        return {"JournalCode": "10", "CashEntryLines": usual} | more

    return made


def test_a_general_entry_is_booked(
    exact: RunningSimulator, caller: Caller, general: General
) -> None:
    booked = caller.create(GENERAL, **general())

    assert (booked["EntryNumber"], booked["Type"]) == (269000001, 90)
    assert (booked["FinancialYear"], booked["FinancialPeriod"]) == (2026, 3)
    assert len(exact.records("generaljournalentry/GeneralJournalEntryLines")) == 2


def test_a_general_entry_must_balance(caller: Caller, general: General, line: EntryMaker) -> None:
    answer = caller.post(GENERAL, general(line("580000", 1050), line("499000", -50)))

    assert refusal(answer) == (
        500,
        "This entry is not balanced on: 2026 / 03 (Type: Other) - Difference: EUR 1.000,00",
    )


def test_it_must_balance_in_each_period(caller: Caller, general: General, line: EntryMaker) -> None:
    lines = (line("580000", 50, Date="2026-02-28"), line("499000", -50, Date="2026-03-01"))

    assert message(caller.post(GENERAL, general(*lines))).count("not balanced") == 2


def test_generated_vat_counts_in_the_balance(
    caller: Caller, general: General, line: EntryMaker
) -> None:
    excluding = (line("700100", -100, VATCode="3"), line("580000", 121))
    including = (line("700100", -121, VATCode="3I"), line("580000", 121))
    forgotten = (line("700100", -100, VATCode="3"), line("580000", 100))

    answers = [caller.post(GENERAL, general(*each)) for each in (excluding, including, forgotten)]
    assert [each.status_code for each in answers] == [201, 201, 500]


@pytest.mark.parametrize(
    ("sent", "objection"),
    [
        ({"JournalCode": "70"}, "Invalid: Journal (type)"),
        ({"JournalCode": "ZZ"}, "Invalid reference: Journals"),
        ({"JournalCode": None}, "Mandatory: Journal"),
        ({"GeneralJournalEntryLines": []}, "Mandatory: Lines"),
        ({"FinancialYear": 2024, "FinancialPeriod": 1}, "Period is closed: 2024 - 01"),
    ],
)
def test_a_general_entry_is_checked(
    caller: Caller, general: General, sent: Json, objection: str
) -> None:
    assert refusal(caller.post(GENERAL, general(**sent))) == (500, objection)


def test_a_receivable_line_needs_its_customer(
    exact: RunningSimulator, caller: Caller, general: General, line: EntryMaker
) -> None:
    customer = exact.account(CUSTOMER)["ID"]
    without = caller.post(GENERAL, general(line("400000", -50), line("580000", 50)))
    named = caller.post(GENERAL, general(line("400000", -50, Account=customer), line("580000", 50)))

    assert (message(without), named.status_code) == ("Mandatory: Account", 201)


def test_a_journal_may_refuse_vat(caller: Caller, general: General, line: EntryMaker) -> None:
    lines = (line("700100", -121, VATCode="3I"), line("580000", 121))

    answer = caller.post(GENERAL, general(*lines, JournalCode="91"))
    assert refusal(answer) == (500, "Not allowed: VAT code")


def test_a_general_entry_cannot_be_changed_but_deleted(
    exact: RunningSimulator, caller: Caller, general: General
) -> None:
    address = f"{GENERAL}(guid'{caller.create(GENERAL, **general())['EntryID']}')"

    assert caller.put(address, {}).status_code == 405
    assert caller.delete(address).status_code == 204
    assert exact.records("generaljournalentry/GeneralJournalEntryLines") == []


def test_cash_balances_follow_each_other(caller: Caller, cash: General, line: EntryMaker) -> None:
    first = caller.create(CASH, **cash())
    second = caller.create(CASH, **cash(line("580000", -20)))

    assert (first["OpeningBalanceFC"], first["ClosingBalanceFC"]) == (0.0, 50.0)
    assert (second["OpeningBalanceFC"], second["ClosingBalanceFC"]) == (50.0, 30.0)


def test_opening_plus_lines_is_closing(caller: Caller, cash: General) -> None:
    right = caller.post(CASH, cash(OpeningBalanceFC=10, ClosingBalanceFC=60))
    wrong = caller.post(CASH, cash(OpeningBalanceFC=10, ClosingBalanceFC=61))

    assert right.status_code == 201
    assert message(wrong).endswith("should result in the closing balance")


def test_a_cash_entry_needs_a_cash_journal(caller: Caller, cash: General) -> None:
    answer = caller.post(CASH, cash(JournalCode="20"))

    assert message(answer) == "Invalid journal. The journal must be a cash journal."


def test_an_invoice_is_a_claim_with_a_negative_amount(caller: Caller, entry: EntryMaker) -> None:
    booked = caller.create("salesentry/SalesEntries", **entry())

    claim = caller.rows(
        CLAIMS,
        filter=f"TransactionEntryID eq guid'{booked['EntryID']}'",
        select="AmountFC,TransactionAmountFC,IsFullyPaid,Status,YourRef,AccountName",
    )[0]
    assert (claim["AmountFC"], claim["TransactionAmountFC"]) == (-121.0, 121.0)
    assert (claim["IsFullyPaid"], claim["Status"], claim["YourRef"]) == (False, 20, "2026-0001")
    assert claim["AccountName"] == CUSTOMER


def test_an_edited_entry_gets_a_new_claim_that_keeps_its_transaction(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    booked = caller.create("salesentry/SalesEntries", **entry())
    before = exact.records(CLAIMS)[0]
    caller.put(f"salesentry/SalesEntries(guid'{booked['EntryID']}')", {"YourRef": "new"})
    after = exact.records(CLAIMS)[0]

    assert before["ID"] != after["ID"]
    assert before["TransactionID"] == after["TransactionID"]
    assert after["YourRef"] == "new"


def test_only_open_items_are_on_the_receivables_list(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    booked = caller.create("salesentry/SalesEntries", **entry())
    listed = caller.rows("read/financial/ReceivablesList")
    exact.mark_paid(booked["EntryID"])
    paid = caller.rows("read/financial/ReceivablesList")
    exact.mark_paid(booked["EntryID"], paid=False)

    assert (listed[0]["Amount"], listed[0]["InvoiceNumber"]) == (121.0, booked["EntryNumber"])
    assert paid == []
    assert len(caller.rows("read/financial/ReceivablesList")) == 1


def test_a_claim_takes_only_a_description_a_method_and_a_reference(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    caller.create("salesentry/SalesEntries", **entry())
    claim = exact.records(CLAIMS)[0]

    caller.put(f"{CLAIMS}(guid'{claim['ID']}')", {"Description": "x", "IsFullyPaid": True})

    changed = exact.records(CLAIMS)[0]
    assert (changed["Description"], changed["IsFullyPaid"]) == ("x", False)


@pytest.mark.parametrize(
    ("sent", "objection"),
    [
        ({"JournalCode": None}, "Mandatory: Journal"),
        ({"CashEntryLines": []}, "Mandatory: Lines"),
        ({"FinancialYear": 2024, "FinancialPeriod": 1}, "Period is closed: 2024 - 01"),
    ],
)
def test_a_cash_entry_is_checked(caller: Caller, cash: General, sent: Json, objection: str) -> None:
    assert refusal(caller.post(CASH, cash(**sent))) == (500, objection)


def test_a_cash_line_of_a_customer_names_the_customer(
    exact: RunningSimulator, caller: Caller, cash: General, line: EntryMaker
) -> None:
    customer = exact.account(CUSTOMER)["ID"]
    without = caller.post(CASH, cash(line("400000", 50)))
    named = caller.post(CASH, cash(line("400000", 50, Account=customer)))

    assert (message(without), named.status_code) == ("Mandatory: Account", 201)


def test_a_cash_entry_cannot_be_changed_but_deleted(
    exact: RunningSimulator, caller: Caller, cash: General
) -> None:
    address = f"{CASH}(guid'{caller.create(CASH, **cash())['EntryID']}')"

    assert caller.put(address, {}).status_code == 405
    assert caller.delete(address).status_code == 204
    assert exact.records("financialtransaction/CashEntryLines") == []


def test_a_line_can_be_added_to_a_cash_entry(
    caller: Caller, cash: General, line: EntryMaker
) -> None:
    booked = caller.create(CASH, **cash())
    added = line("580000", 25, EntryID=booked["EntryID"])

    assert caller.post("financialtransaction/CashEntryLines", added).status_code == 201
    changed = caller.get(f"{CASH}(guid'{booked['EntryID']}')").json()["d"]
    assert changed["ClosingBalanceFC"] == 75.0


def test_a_line_added_to_a_general_entry_keeps_it_in_balance(
    caller: Caller, general: General, line: EntryMaker
) -> None:
    booked = caller.create(GENERAL, **general())
    added = line("580000", 25, EntryID=booked["EntryID"])

    answer = caller.post("generaljournalentry/GeneralJournalEntryLines", added)
    assert message(answer).startswith("This entry is not balanced")
