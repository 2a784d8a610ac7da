"""Section 7: what a sales entry needs, and what becomes of it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from ppplanner.integrations.exact.simulator import RunningSimulator
from tests.integrations.exact.simulator.caller import Caller, message, refusal
from tests.integrations.exact.simulator.conftest import EntryMaker

ENTRIES = "salesentry/SalesEntries"
LINES = "salesentry/SalesEntryLines"


def at(entry_id: str) -> str:
    return f"{ENTRIES}(guid'{entry_id}')"


def test_an_entry_is_booked_with_its_lines(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker, line: EntryMaker
) -> None:
    lines = (line(amount=100.05, Description="Van, 3 days"), line("704000", 15))
    caller.create(ENTRIES, **entry(*lines, Description="March"))

    booked = exact.entries()[0]
    assert (booked["AmountFC"], booked["VATAmountFC"], booked["Type"]) == (136.06, 21.01, 20)
    assert [each["LineNumber"] for each in booked["SalesEntryLines"]] == [1, 2]
    assert booked["SalesEntryLines"][0]["Description"] == "Van, 3 days"


def test_what_is_not_sent_follows_from_customer_and_date(caller: Caller, entry: EntryMaker) -> None:
    booked = caller.create(ENTRIES, **entry())

    assert booked["PaymentCondition"] == "30"
    assert booked["EntryDate"] == "/Date(1773619200000)/"
    assert booked["DueDate"] == "/Date(1776211200000)/"
    assert (booked["ReportingYear"], booked["ReportingPeriod"]) == (2026, 3)
    assert (booked["Currency"], booked["Status"]) == ("EUR", 20)


def test_end_of_month_comes_before_the_days(caller: Caller, entry: EntryMaker) -> None:
    caller.create(
        "cashflow/PaymentConditions",
        Code="2E15",
        Description="Two month ends and 15 days",
        PaymentEndOfMonths=2,
        PaymentDays=15,
    )

    booked = caller.create(ENTRIES, **entry(EntryDate="2026-01-17", PaymentCondition="2E15"))

    assert booked["DueDate"] == "/Date(1776211200000)/"


def test_numbers_count_up_per_journal_and_year(caller: Caller, entry: EntryMaker) -> None:
    sent = [{}, {}, {"Journal": "V1"}, {"EntryDate": "2025-12-31"}, {}]

    numbers = [caller.create(ENTRIES, **entry(**each))["EntryNumber"] for each in sent]

    assert numbers == [267000001, 267000002, 260100001, 257000001, 267000003]


def test_entries_booked_at_once_get_different_numbers(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    body = entry()
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda _: caller.post(ENTRIES, body), range(24)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({each["EntryNumber"] for each in exact.entries()}) == 24


def test_the_invoice_number_is_the_entry_number(caller: Caller, entry: EntryMaker) -> None:
    booked = caller.create(ENTRIES, **entry(InvoiceNumber=5))

    assert booked["InvoiceNumber"] == booked["EntryNumber"]


def test_a_number_in_use_is_refused_and_one_that_goes_back_is_ignored(
    caller: Caller, entry: EntryMaker
) -> None:
    chosen = caller.create(ENTRIES, **entry(EntryNumber=267000100))["EntryNumber"]
    again = caller.post(ENTRIES, entry(EntryNumber=267000100))
    back = caller.create(ENTRIES, **entry(EntryNumber=267000050))["EntryNumber"]

    assert chosen == 267000100
    assert refusal(again) == (500, "In use: Document number")
    assert back == 267000101


def test_the_same_reference_can_be_booked_twice(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    caller.create(ENTRIES, **entry())
    caller.create(ENTRIES, **entry())

    found = caller.rows(ENTRIES, filter="YourRef eq '2026-0001' and Journal eq '70'")
    assert len(found) == len(exact.entries(YourRef="2026-0001")) == 2


@pytest.mark.parametrize(
    ("name", "objection"),
    [
        ("Garage Van Hove NV", "Invalid: Customer (Type)"),
        ("Podotherapie Stevens BV", "Invalid: Customer (Type)"),
        ("Decoster Verhuizingen BV", "Blocked: Customer"),
        ("Ronse Textiel NV", "Blocked: Customer"),
    ],
)
def test_not_every_relation_can_be_booked_on(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker, name: str, objection: str
) -> None:
    answer = caller.post(ENTRIES, entry(Customer=exact.account(name)["ID"]))

    assert refusal(answer) == (500, objection)


@pytest.mark.parametrize(
    ("sent", "objection"),
    [
        ({"Journal": "ZZ"}, "Invalid reference: Journals"),
        ({"Journal": "60"}, "Invalid: Journal (type)"),
        ({"Journal": "71"}, "Invalid: Journal (type)"),
        ({"Journal": "VX"}, "Blocked: Journal"),
        ({"PaymentCondition": "ZZ"}, "Invalid reference: Payment condition"),
        ({"EntryDate": "2024-06-01"}, "Period is closed: 2024 - 06"),
        ({"EntryDate": "2019-06-01"}, "Unknown: Financial year (Period-date table)"),
        ({"ReportingYear": 2026, "ReportingPeriod": 13}, "Unknown: Financial year (Period-"),
        ({"Rate": 1.0}, "Not allowed: Exchange rate"),
        ({"Currency": "XYZ"}, "Invalid reference: Currency"),
        ({"Customer": "00000000-0000-0000-0000-000000000001"}, "Invalid reference: Customer"),
        ({"Document": "00000000-0000-0000-0000-000000000001"}, "Invalid reference: Document"),
        ({"SalesEntryLines": []}, "Mandatory: Lines"),
    ],
)
def test_the_header_is_checked(
    exact: RunningSimulator,
    caller: Caller,
    entry: EntryMaker,
    sent: dict[str, object],
    objection: str,
) -> None:
    answer = caller.post(ENTRIES, entry(**sent))

    assert answer.status_code == 500
    assert message(answer).startswith(objection)
    assert exact.entries() == []


def test_a_journal_is_named_by_code_and_not_by_guid(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    answer = caller.post(ENTRIES, entry(Journal=exact.id_of("financial/Journals", "70")))

    assert refusal(answer) == (500, "Invalid reference: Journals")


def test_a_customer_of_another_administration_is_the_wrong_division(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    foreign = exact.account("Janssens Jan", exact.other_division)["ID"]

    assert message(caller.post(ENTRIES, entry(Customer=foreign))) == "Wrong Division"


@pytest.mark.parametrize(
    ("account", "more", "objection"),
    [
        ("400000", {}, "Invalid: G/L account type"),
        ("451000", {}, "Invalid: G/L account type"),
        ("700900", {}, "Invalid: G/L account type"),
        ("700600", {}, "Mandatory: Cost center"),
        ("700700", {}, "Mandatory: Cost unit"),
        ("703000", {"CostCenter": "VERHUUR"}, "Not allowed: Cost center"),
        ("700100", {"CostCenter": "NONE"}, "Invalid reference: Cost center"),
        ("700100", {"CostUnit": "NONE"}, "Invalid reference: Cost unit"),
        ("700100", {"CostCenter": "OUD"}, "Blocked: Cost center"),
        ("700100", {"VATCode": "99"}, "Invalid reference: VAT code"),
        ("700100", {"VATCode": "X"}, "Blocked: VAT code"),
        ("700100", {"VATCode": "A3"}, "Invalid: VAT code"),
        ("700100", {"VATCode": "H"}, "Invalid: VAT percentage []"),
        ("700100", {"AmountFC": None}, "Mandatory: Amount"),
        ("700100", {"GLAccount": None}, "Mandatory: G/L Account"),
        ("700100", {"From": "2026-03-01"}, "Mandatory: To"),
    ],
)
def test_each_line_is_checked(
    caller: Caller,
    entry: EntryMaker,
    line: EntryMaker,
    account: str,
    more: dict[str, object],
    objection: str,
) -> None:
    answer = caller.post(ENTRIES, entry(line(account) | more))

    assert refusal(answer) == (500, objection)


def test_an_account_may_propose_its_cost_centre(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker, line: EntryMaker
) -> None:
    caller.create(ENTRIES, **entry(line("705000")))

    assert exact.entries()[0]["SalesEntryLines"][0]["CostCenter"] == "TRANSP"


def test_a_period_can_be_closed_for_one_journal(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    exact.close_period(2026, 3)
    closed = caller.post(ENTRIES, entry())
    other = caller.post(ENTRIES, entry(Journal="V1"))
    status = caller.rows(
        "read/financial/JournalStatusList",
        filter="Journal eq '70' and Year eq 2026 and Period eq 3",
    )

    assert refusal(closed) == (500, "Period is closed: 2026 - 03")
    assert (other.status_code, status[0]["Status"]) == (201, 1)


def test_a_negative_total_makes_a_credit_note(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker, line: EntryMaker
) -> None:
    caller.create(ENTRIES, **entry(line(amount=-50)))

    booked = exact.entries()[0]
    assert (booked["Type"], booked["AmountFC"], booked["VATAmountFC"]) == (21, -60.5, -10.5)
    assert booked["SalesEntryLines"][0]["Type"] == 21


@pytest.mark.parametrize(
    ("amount", "more", "base", "vat"),
    [
        (100.0, {}, 100.0, 21.0),
        (0.5, {}, 0.5, 0.11),
        (1.5, {"VATCode": "1"}, 1.5, 0.09),
        (7.5, {"VATCode": "1"}, 7.5, 0.45),
        (2.5, {"VATCode": "3"}, 2.5, 0.53),
        (-2.5, {"VATCode": "3"}, -2.5, -0.53),
        (121.0, {"VATCode": "3I"}, 100.0, 21.0),
        (10.0, {"VATCode": "3I"}, 8.26, 1.74),
        (100.0, {"VATCode": "5"}, 100.0, 0.0),
        (100.0, {"VATCode": ""}, 100.0, 0.0),
        (100.0, {"VATCode": None}, 100.0, 0.0),
        (100.0, {"VATPercentage": 0.12}, 100.0, 12.0),
        (100.0, {"VATPercentage": 0.0}, 100.0, 21.0),
        (100.0, {"VATAmountFC": 20.99}, 100.0, 20.99),
        (121.0, {"VATCode": "3I", "VATAmountFC": 20.99}, 100.01, 20.99),
    ],
)
def test_vat_is_computed_per_line(
    exact: RunningSimulator,
    caller: Caller,
    entry: EntryMaker,
    line: EntryMaker,
    amount: float,
    more: dict[str, object],
    base: float,
    vat: float,
) -> None:
    caller.create(ENTRIES, **entry(line(amount=amount) | more))

    booked = exact.entries()[0]["SalesEntryLines"][0]
    assert (booked["VATBaseAmountFC"], booked["VATAmountFC"]) == (base, vat)


def test_rounding_per_line_can_differ_from_rounding_the_whole(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker, line: EntryMaker
) -> None:
    caller.create(ENTRIES, **entry(*(line(amount=0.50) for _ in range(4))))

    assert exact.entries()[0]["VATAmountFC"] == 0.44


def test_a_line_can_be_added_and_the_totals_follow(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker, line: EntryMaker
) -> None:
    booked = caller.create(ENTRIES, **entry())

    answer = caller.post(LINES, line(amount=10) | {"EntryID": booked["EntryID"]})

    assert answer.status_code == 201
    assert exact.entries()[0]["AmountFC"] == 133.1
    assert len(exact.entries()[0]["SalesEntryLines"]) == 2


def test_a_line_on_its_own_needs_its_entry(caller: Caller, line: EntryMaker) -> None:
    assert refusal(caller.post(LINES, line())) == (500, "Mandatory: EntryID")


def test_changing_a_line_computes_its_vat_again(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    caller.create(ENTRIES, **entry())
    line_id = exact.entries()[0]["SalesEntryLines"][0]["ID"]

    answer = caller.put(f"{LINES}(guid'{line_id}')", {"AmountFC": 200})

    assert answer.status_code == 204
    assert exact.entries()[0]["AmountFC"] == 242.0


def test_deleting_the_last_line_deletes_the_entry(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker, line: EntryMaker
) -> None:
    caller.create(ENTRIES, **entry(line(), line("704000", 5)))
    first, second = (each["ID"] for each in exact.entries()[0]["SalesEntryLines"])

    caller.delete(f"{LINES}(guid'{first}')")
    left = exact.entries()[0]["AmountFC"]
    caller.delete(f"{LINES}(guid'{second}')")

    assert (left, exact.entries(), exact.records("cashflow/Receivables")) == (5.0, [], [])


def test_the_header_of_an_open_entry_can_be_changed(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    booked = caller.create(ENTRIES, **entry())

    answer = caller.put(at(booked["EntryID"]), {"YourRef": "2026-0002"})

    changed = exact.entries()[0]
    assert answer.status_code == 204
    assert (changed["YourRef"], changed["EntryNumber"]) == ("2026-0002", booked["EntryNumber"])


def test_a_processed_entry_resists(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker, line: EntryMaker
) -> None:
    booked = caller.create(ENTRIES, **entry())
    exact.process(booked["EntryID"])

    answers = [
        caller.put(at(booked["EntryID"]), {"YourRef": "x"}),
        caller.delete(at(booked["EntryID"])),
        caller.post(LINES, line() | {"EntryID": booked["EntryID"]}),
    ]

    assert [refusal(each) for each in answers] == [(500, "Already processed")] * 3


def test_an_open_entry_is_deleted_with_its_lines_and_claim(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    booked = caller.create(ENTRIES, **entry())

    assert caller.delete(at(booked["EntryID"])).status_code == 204
    assert [exact.records(path) for path in (ENTRIES, LINES, "cashflow/Receivables")] == [[]] * 3


def test_names_of_linked_records_are_those_of_today(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    booked = caller.create(ENTRIES, **entry())
    exact.change("crm/Accounts", exact.account("Van den Bossche & Zonen NV"), Name="Renamed")

    shown = caller.get(at(booked["EntryID"])).json()["d"]
    assert (shown["CustomerName"], shown["JournalDescription"]) == ("Renamed", "Verkopen")


def test_a_foreign_currency_is_converted(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    caller.create(ENTRIES, **entry(Currency="USD", Rate=0.9))

    booked = exact.entries()[0]
    assert (booked["AmountFC"], booked["AmountDC"]) == (121.0, 108.9)


def test_an_entry_is_known_by_its_entry_id(caller: Caller, entry: EntryMaker) -> None:
    created = caller.post(ENTRIES, entry()).json()["d"]

    assert "ID" not in created
    assert caller.get(at(created["EntryID"])).json()["d"]["YourRef"] == "2026-0001"


@pytest.mark.parametrize(
    ("account", "more"), [("700100", {"VATCode": "3"}), ("700400", {})], ids=["sent", "proposed"]
)
def test_a_journal_without_vat_takes_no_vat_code(
    exact: RunningSimulator,
    caller: Caller,
    entry: EntryMaker,
    line: EntryMaker,
    account: str,
    more: dict[str, object],
) -> None:
    journal = exact.records("financial/Journals", exact.division, Code="V1")[0]
    exact.change("financial/Journals", journal, AllowVAT=False)
    refused = caller.post(ENTRIES, entry(line(account) | more, Journal="V1"))
    cured = caller.post(ENTRIES, entry(line(account, VATCode=""), Journal="V1"))

    assert refusal(refused) == (500, "Not allowed: VAT code")
    assert cured.status_code == 201


def test_deferred_revenue_lies_in_periods_that_exist(
    caller: Caller, entry: EntryMaker, line: EntryMaker
) -> None:
    known = caller.post(ENTRIES, entry(line(From="2026-03-01", To="2026-12-31")))
    unknown = caller.post(ENTRIES, entry(line(From="2026-03-01", To="2031-12-31")))

    assert known.status_code == 201
    assert refusal(unknown) == (500, "Unknown: Financial year (Period-date table)")


def test_vat_of_the_header_is_that_of_the_lines(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    caller.create(ENTRIES, **entry(VATAmountFC=99.99))

    assert exact.entries()[0]["VATAmountFC"] == 21.0


@pytest.mark.parametrize("name", ["VATCode", "CostCenter", "CostUnit"])
def test_lines_name_codes_and_no_guids(
    caller: Caller, entry: EntryMaker, line: EntryMaker, name: str
) -> None:
    guid = "0d571b73-bdfa-5a67-a66e-5ec7d8b27814"

    assert message(caller.post(ENTRIES, entry(line() | {name: guid}))).startswith("Invalid ref")
