"""Section 4.3 and 4.4: filters, selections, orders and pages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ppplanner.integrations.exact.simulator import RunningSimulator
from tests.integrations.exact.simulator.caller import Caller, Json, message, refusal
from tests.integrations.exact.simulator.conftest import EntryMaker


def names(caller: Caller, condition: str) -> list[str]:
    rows = caller.rows("crm/Accounts", filter=condition, select="Name", orderby="Name")
    return [row["Name"] for row in rows]


def codes(caller: Caller, path: str, condition: str) -> list[str]:
    rows = caller.rows(path, filter=condition, select="Code", orderby="Code")
    return [row["Code"].strip() for row in rows]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("Code eq '70'", ["70"]),
        ("Type eq 20", ["70", "V1", "VX"]),
        ("Type eq 20L", ["70", "V1", "VX"]),
        ("Type eq 20 and IsBlocked eq false", ["70", "V1"]),
        ("Type eq 20 and not (IsBlocked eq true)", ["70", "V1"]),
        ("Type eq 20 and not IsBlocked", ["70", "V1"]),
        ("Type gt 16 and Type le 21", ["70", "71", "V1", "VX"]),
        ("Type ge 90", ["90", "91"]),
        ("Type lt 12", ["10", "11"]),
        ("Type eq 10 or Type eq 12 and Code eq '20'", ["10", "11", "20"]),
        ("(Type eq 10 or Type eq 12) and Code ne '10'", ["11", "20"]),
        ("BankAccountIBAN ne null", ["20"]),
        ("BankAccountIBAN eq 'BE68539007547034'", ["20"]),
        ("BankAccountIBAN ne 'BE68539007547034'", []),
        ("startswith(Code,'V')", ["V1", "VX"]),
        ("startswith(Code,'V') eq true", ["V1", "VX"]),
        ("endswith(tolower(Description),'kas')", []),
        ("startswith(toupper(Description),'KAS')", ["10", "11"]),
        ("indexof(Description,'filiaal') ge 0", ["11", "V1"]),
        ("length(Description) eq 3", ["20"]),
        ("substring(Code,1) eq '1'", ["11", "21", "71", "91", "V1"]),
        ("Created gt datetime'2019-01-01' and Type eq 22", ["60"]),
        ("Created lt datetime'2019-01-01T00:00:00'", []),
        ("Description eq 'Verkoopcreditnota''s'", ["71"]),
        ("year(Created) eq 2019 and Type eq 12", ["20"]),
    ],
)
def test_a_filter_finds_what_it_says(caller: Caller, condition: str, expected: list[str]) -> None:
    assert codes(caller, "financial/Journals", condition) == expected


@pytest.mark.parametrize(
    "condition",
    [
        "Nothing eq 1",
        "Code eq 70",
        "Type eq '20'",
        "ID eq '0d571b73-bdfa-5a67-a66e-5ec7d8b27814'",
        "ID eq guid'12'",
        "IsBlocked eq 1",
        "Created gt '2019-01-01'",
        "Created gt datetime'01/01/2019'",
        "Type eq",
        "Type eq 20 and",
        "(Type eq 20",
        "Type eq 20)",
        "Type = 20",
        "Type gt null",
        "startswith(Code)",
        "",
    ],
)
def test_a_filter_that_cannot_be_read_is_a_syntax_error(caller: Caller, condition: str) -> None:
    assert refusal(caller.get("financial/Journals", filter=condition)) == (
        400,
        "Bad Request - Error in query syntax.",
    )


@pytest.mark.parametrize("condition", ["contains(Description,'Kas')", "like(Code,'7')", "Code"])
def test_contains_and_like_do_not_exist(caller: Caller, condition: str) -> None:
    assert refusal(caller.get("financial/Journals", filter=condition)) == (
        400,
        "Expression of type 'System.Boolean' expected at position 0",
    )


def test_substringof_is_not_implemented_unless_switched_on(
    exact: RunningSimulator, caller: Caller
) -> None:
    condition = "substringof('filiaal',Description) eq true"
    off = caller.get("financial/Journals", filter=condition)
    exact.options.substringof = True

    assert off.status_code == 501
    assert codes(caller, "financial/Journals", condition) == ["11", "V1"]


def test_an_unpadded_account_code_finds_nothing_without_an_error(caller: Caller) -> None:
    assert names(caller, "Code eq '100100'") == []
    assert names(caller, "Code eq '            100100'") == ["Aannemingen De Backer & Zonen NV"]
    assert names(caller, "trim(Code) eq '100100'") == ["Aannemingen De Backer & Zonen NV"]


def test_text_is_compared_as_written_unless_switched(
    exact: RunningSimulator, caller: Caller
) -> None:
    condition = "City eq 'GENT' and Name eq 'bakkerij de smet bv'"
    as_written = names(caller, condition)
    exact.options.case_sensitive = False

    assert (as_written, names(caller, condition)) == ([], ["Bakkerij De Smet BV"])


def test_trailing_blanks_do_not_count_when_comparing_as_sql_server(
    exact: RunningSimulator, caller: Caller
) -> None:
    as_written = codes(caller, "vat/VATCodes", "Code eq '3'")
    exact.options.case_sensitive = False

    assert (as_written, codes(caller, "vat/VATCodes", "Code eq '3'")) == ([], ["3"])


def test_customers_are_not_listed_without_a_filter(caller: Caller) -> None:
    answer = caller.get("crm/Accounts", select="ID")

    assert answer.status_code == 400
    assert message(answer).startswith("This endpoint has mandatory filtering applied.")


def test_customers_can_be_filtered_by_marked_fields_only(caller: Caller) -> None:
    assert caller.get("crm/Accounts", filter="Remarks eq 'x'").status_code == 400
    assert caller.get("crm/Accounts", filter="Name eq 'x' and Remarks eq 'x'").status_code == 400


def test_a_customer_is_read_by_key_without_a_filter(
    exact: RunningSimulator, caller: Caller
) -> None:
    customer = exact.account("Janssens Jan")

    assert caller.get(f"crm/Accounts(guid'{customer['ID']}')").status_code == 200


@pytest.mark.parametrize(
    "path", ["cashflow/Receivables", "generaljournalentry/GeneralJournalEntries"]
)
def test_some_lists_need_a_selection(caller: Caller, path: str) -> None:
    wanted = "Please add a $select or a $top=1 statement to the query string."

    assert refusal(caller.get(path)) == (400, wanted)
    assert caller.rows(path, top=1) == []
    assert caller.rows(path, select="EntryNumber") == []


def test_a_selection_leaves_the_rest_out(caller: Caller) -> None:
    row = caller.rows("hrm/Costcenters", select="Code, Description", top=1)[0]

    assert row.keys() == {"__metadata", "Code", "Description"}


@pytest.mark.parametrize(
    "options",
    [
        {"select": "Code,Nothing"},
        {"orderby": "Nothing"},
        {"orderby": "Code sideways"},
        {"expand": "Code"},
        {"top": "many"},
        {"skip": "-1"},
        {"skiptoken": "guid'x'"},
        {"skiptoken": "guid'0d571b73-bdfa-5a67-a66e-5ec7d8b27814',5"},
        {"inlinecount": "yes"},
        {"search": "x"},
    ],
)
def test_an_option_that_cannot_be_read_is_a_syntax_error(
    caller: Caller, options: dict[str, str]
) -> None:
    assert caller.get("hrm/Costcenters", **options).status_code == 400


def test_lines_are_unfolded_on_demand(caller: Caller, entry: EntryMaker, line: EntryMaker) -> None:
    caller.post("salesentry/SalesEntries", entry(line(), line("704000", 5)))
    plain = caller.rows("salesentry/SalesEntries")[0]
    unfolded = caller.rows(
        "salesentry/SalesEntries",
        expand="SalesEntryLines",
        select="EntryNumber,SalesEntryLines/AmountFC,SalesEntryLines/GLAccountCode",
    )[0]

    assert "__deferred" in plain["SalesEntryLines"]
    assert [
        (each["GLAccountCode"], each["AmountFC"]) for each in unfolded["SalesEntryLines"]["results"]
    ] == [("700100", 100.0), ("704000", 5.0)]
    assert "GLAccount" not in unfolded["SalesEntryLines"]["results"][0]


def test_the_deferred_address_gives_the_lines(caller: Caller, entry: EntryMaker) -> None:
    caller.post("salesentry/SalesEntries", entry())
    deferred = caller.rows("salesentry/SalesEntries")[0]["SalesEntryLines"]["__deferred"]

    answer = caller.session.get(deferred["uri"], timeout=10)

    assert [row["AmountFC"] for row in answer.json()["d"]["results"]] == [100.0]


def test_records_can_be_ordered_down(caller: Caller) -> None:
    found = caller.rows("financial/Journals", orderby="Type desc,Code", select="Code", top=3)

    assert [row["Code"] for row in found] == ["90", "91", "60"]


def test_skip_leaves_out_the_first(caller: Caller) -> None:
    every = caller.rows("financial/Journals", orderby="Code", select="Code")

    assert caller.rows("financial/Journals", orderby="Code", select="Code", skip=2) == every[2:]


def test_the_count_comes_as_text_beside_the_results(caller: Caller) -> None:
    answer = caller.get("crm/Accounts", filter="Status eq 'C'", inlinecount="allpages", top=1)

    assert answer.json()["d"]["__count"] == "125"


def test_count_alone_is_a_plain_number_and_not_json(caller: Caller) -> None:
    as_json = caller.get("crm/Accounts/$count", filter="Status eq 'C'")
    caller.session.headers["Accept"] = "text/plain"
    plain = caller.get("crm/Accounts/$count", filter="Status eq 'C'")

    assert (as_json.status_code, plain.text) == (415, "125")


def pages(caller: Caller, **options: object) -> Iterator[list[Json]]:
    answer = caller.get("crm/Accounts", **options).json()["d"]
    yield answer["results"]
    while "__next" in answer:
        answer = caller.session.get(answer["__next"], timeout=10).json()["d"]
        yield answer["results"]


def test_sixty_records_come_at_a_time(caller: Caller) -> None:
    found = list(pages(caller, filter="Status eq 'C'", select="ID"))

    assert [len(each) for each in found] == [60, 60, 5]
    assert len({row["ID"] for each in found for row in each}) == 125


def test_the_next_page_is_a_whole_address_with_a_token(caller: Caller) -> None:
    answer = caller.get("crm/Accounts", filter="Status eq 'C'", select="ID").json()["d"]

    assert answer["__next"].startswith(caller.address("crm/Accounts?"))
    assert f"$skiptoken=guid'{answer['results'][-1]['ID']}'" in answer["__next"]


def test_ordered_pages_continue_where_they_stopped(caller: Caller) -> None:
    found = list(pages(caller, filter="Status eq 'C'", select="Name", orderby="Name desc"))

    every = [row["Name"] for each in found for row in each]
    assert len(every) == 125
    assert every == sorted(every, reverse=True)


def test_pages_can_be_ordered_by_something_that_is_often_missing(caller: Caller) -> None:
    options = {"filter": "Status eq 'C'", "select": "ID,VATNumber", "orderby": "VATNumber"}
    found = [row for each in pages(caller, **options) for row in each]

    assert len({row["ID"] for row in found}) == 125
    assert found[0]["VATNumber"] is None


def test_a_full_last_page_is_followed_by_an_empty_one(
    exact: RunningSimulator, caller: Caller
) -> None:
    exact.options.page_size = 5

    found = list(pages(caller, filter="Status eq 'C'", select="ID", top=20))
    every = list(pages(caller, filter="Status eq 'C'", select="ID"))

    assert [len(each) for each in found] == [5, 5, 5, 5]
    assert [len(each) for each in every] == [5] * 25 + [0]


def test_top_never_gives_more_than_a_page_at_once(caller: Caller) -> None:
    found = list(pages(caller, filter="Status eq 'C'", select="ID", top=100))

    assert [len(each) for each in found] == [60, 40]


def test_journal_statuses_have_a_key_of_three_parts(caller: Caller) -> None:
    address = "read/financial/JournalStatusList(Journal='70',Year=2026,Period=1)"

    assert caller.get(address).json()["d"]["Status"] == 0
    assert caller.get("read/financial/JournalStatusList(Journal='70')").status_code == 400


def test_many_things_are_asked_for_at_once_by_their_references(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    for number in range(3):
        caller.post("salesentry/SalesEntries", entry(YourRef=f"2026-{number}"))
    either = " or ".join(f"YourRef eq '2026-{number}'" for number in range(1, 26))

    found = caller.rows("salesentry/SalesEntries", filter=f"({either}) and Journal eq '70'")
    none = caller.rows("salesentry/SalesEntries", filter="YourRef eq '2026-1' or Journal eq '71'")

    assert sorted(row["YourRef"] for row in found) == ["2026-1", "2026-2"]
    assert [row["YourRef"] for row in none] == ["2026-1"]


def test_what_is_computed_can_be_filtered_too(caller: Caller) -> None:
    assert "3" in codes(caller, "vat/VATCodes", "Percentage eq 0.21 and Type eq 'E'")


def test_an_address_may_not_be_endless(caller: Caller) -> None:
    either = " or ".join(f"Code eq '{number}'" for number in range(800))

    assert caller.get("hrm/Costcenters", filter=either).status_code == 414


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("salesentry/SalesEntries", "ID"),
        ("cashflow/PaymentConditions", "PaymentTermDays"),
        ("financial/GLAccounts", "IsSales"),
        ("generaljournalentry/GeneralJournalEntries", "Journal"),
    ],
)
def test_properties_that_people_believe_in_do_not_exist(
    caller: Caller, path: str, name: str
) -> None:
    assert caller.get(path, select=name).status_code == 400


@pytest.mark.parametrize("path", ["crm/Accounts", "bulk/CRM/Accounts"])
def test_the_fields_that_customers_can_be_filtered_by_are_named(caller: Caller, path: str) -> None:
    text = message(caller.get(path, select="ID"))

    assert text.startswith("This endpoint has mandatory filtering applied.")
    assert len(text.partition("in the url:")[2].split(",")) == 47


def test_pages_stay_unfolded_though_the_last_record_is_gone(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    exact.options.page_size = 2
    for number in range(5):
        caller.post("salesentry/SalesEntries", entry(YourRef=f"P{number}"))
    options = {"expand": "SalesEntryLines", "select": "EntryID,YourRef,SalesEntryLines/AmountFC"}
    first = caller.get("salesentry/SalesEntries", orderby="YourRef", **options).json()["d"]
    exact.delete_entry(first["results"][-1]["EntryID"])
    rest = caller.session.get(first["__next"], timeout=10).json()["d"]["results"]

    assert [row["YourRef"] for row in rest] == ["P2", "P3"]
    assert [line["AmountFC"] for line in rest[0]["SalesEntryLines"]["results"]] == [100.0]


def test_ledger_accounts_are_named_in_the_language_asked_for(
    exact: RunningSimulator, caller: Caller, no_gl_account_is_written: None
) -> None:
    def name() -> str:
        row = caller.rows("financial/GLAccounts", filter="Code eq '700100'")[0]
        return str(row["Description"])

    own = name()
    caller.session.headers["CustomDescriptionLanguage"] = "FR-BE"
    french = name()
    account = exact.id_of("financial/GLAccounts", "700100")
    caller.put(f"financial/GLAccounts(guid'{account}')", {"Description": "Vans"})

    assert (own, french, name()) == ("Verhuur bestelwagens", "Location camionnettes", "Vans")
