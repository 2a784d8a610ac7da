"""What the client sends, and what it makes of regular and of odd answers."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
import requests
import responses
from authlib.integrations.requests_client import OAuth2Session

from ppplanner.integrations.exact import client as client_module
from ppplanner.integrations.exact.client import LARGEST_FILE, UPLOAD_TIMEOUT, ExactClient
from ppplanner.integrations.exact.errors import (
    Call,
    ExactNotConnected,
    ExactRejected,
    ExactUnavailable,
    OutcomeUnknown,
)
from ppplanner.integrations.exact.limits import Limits
from ppplanner.integrations.exact.records import (
    JournalKind,
    NewAccount,
    NewDocument,
    NewSalesEntry,
    NewSalesEntryLine,
)

SITE = "https://start.exactonline.be"
HOME = f"{SITE}/api/v1/1234"
ACCOUNTS = f"{HOME}/crm/Accounts"
ENTRIES = f"{HOME}/salesentry/SalesEntries"
KEY = UUID("0f8fad5b-d9cb-469f-a165-70867728950e")
OTHER = UUID("7c9e6679-7425-40de-944b-e07fc1f90ae7")

ACCOUNT = {
    "__metadata": {"uri": f"{ACCOUNTS}(guid'{KEY}')"},
    "ID": str(KEY),
    "Code": "            100100",
    "Name": "Bakkerij Jansen",
    "Status": "C",
    "VATNumber": "BE 0123.456.749",
    "Country": "BE ",
    "Language": "NL        ",
    "SalesVATCode": "2  ",
    "Email": None,
    "Blocked": False,
    "StartDate": "/Date(1392163200000)/",
    "EndDate": None,
}
ENTRY = {
    "EntryID": str(KEY),
    "EntryNumber": 26700001,
    "Journal": "70",
    "Customer": str(OTHER),
    "YourRef": "2026-0042",
    "AmountFC": 121.1,
    "VATAmountFC": "21.02",
}
NEW_ENTRY = NewSalesEntry(
    customer_id=OTHER,
    journal="70",
    entry_date=date(2026, 3, 10),
    due_date=date(2026, 4, 9),
    your_ref="2026-0042",
    description="Rent of a van",
    document_id=KEY,
    payment_reference="+++090/9337/55493+++",
    lines=[
        NewSalesEntryLine(KEY, Decimal("100.10"), "2", Decimal("21.02"), "Van", "K10", "P7"),
        NewSalesEntryLine(OTHER, Decimal("-5")),
    ],
)


@pytest.fixture
def site() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock() as mock:
        yield mock


@pytest.fixture(autouse=True)
def forget_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_refused", {})


@pytest.fixture
def exact() -> ExactClient:
    return make_client()


def make_client(**hooks: Any) -> ExactClient:
    session = OAuth2Session("id", token={"access_token": "a-token", "token_type": "Bearer"})
    return ExactClient(session, SITE, 1234, **hooks)


def found(*rows: dict[str, Any], more: str | None = None) -> dict[str, Any]:
    body: dict[str, Any] = {"results": list(rows)}
    if more:
        body["__next"] = more
    return {"d": body}


def asked(site: responses.RequestsMock, call: int = 0) -> dict[str, str]:
    """The query options of a call, decoded as a server that does not read "+" would."""
    query = urlsplit(site.calls[call].request.url or "").query
    assert "+" not in query
    return {name: values[0] for name, values in parse_qs(query).items()}


def sent(site: responses.RequestsMock, call: int = 0) -> Any:
    body = site.calls[call].request.body
    assert isinstance(body, bytes)
    return json.loads(body, parse_float=Decimal)


# --- reading ------------------------------------------------------------------------------------


def test_an_account_arrives_without_padding(
    site: responses.RequestsMock, exact: ExactClient
) -> None:
    site.get(ACCOUNTS, json=found(ACCOUNT))
    account = exact.account(KEY)
    assert account is not None
    assert (account.id, account.code, account.country) == (KEY, "100100", "BE")
    assert (account.language, account.vat_code, account.email) == ("NL", "2", "")
    assert (account.active_from, account.active_until) == (date(2014, 2, 12), None)
    assert account.is_customer


def test_a_look_up_goes_by_filter_and_names_its_fields(
    site: responses.RequestsMock, exact: ExactClient
) -> None:
    site.get(ACCOUNTS, json=found())
    assert exact.account(KEY) is None
    assert asked(site)["$filter"] == f"ID eq guid'{KEY}'"
    assert asked(site)["$select"].startswith("ID,Code,Name,Status,")
    headers = site.calls[0].request.headers
    assert headers["Accept"] == "application/json"
    assert headers["Authorization"] == "Bearer a-token"


def test_an_account_code_is_asked_for_with_its_padding(
    site: responses.RequestsMock, exact: ExactClient
) -> None:
    site.get(ACCOUNTS, json=found(ACCOUNT))
    assert [account.code for account in exact.search_accounts("100100")] == ["100100"]
    assert "Code eq '            100100'" in asked(site)["$filter"]
    assert "%20%20100100" in (site.calls[0].request.url or "")


def test_many_keys_share_a_call(site: responses.RequestsMock, exact: ExactClient) -> None:
    site.get(ACCOUNTS, json=found())
    list(exact.accounts(UUID(int=n) for n in range(26)))
    assert len(site.calls) == 2
    assert asked(site, 0)["$filter"].count(" or ") == 24
    assert asked(site, 1)["$filter"] == f"ID eq guid'{UUID(int=25)}'"


def test_no_keys_cost_no_call(site: responses.RequestsMock, exact: ExactClient) -> None:
    assert list(exact.accounts([])) == []
    assert list(exact.gl_accounts_by_code([])) == []
    assert list(exact.search_accounts("  ")) == []


def test_pages_are_fetched_when_they_are_needed(
    site: responses.RequestsMock, exact: ExactClient
) -> None:
    second = f"{ACCOUNTS}?$filter=x&$skiptoken=guid'{KEY}'"
    site.get(ACCOUNTS, json=found({**ACCOUNT, "Name": "One"}, more=second))
    site.get(ACCOUNTS, json=found({**ACCOUNT, "Name": "Two"}))
    accounts = exact.search_accounts("jansen")
    assert next(accounts).name == "One"
    assert len(site.calls) == 1
    assert [account.name for account in accounts] == ["Two"]
    assert site.calls[1].request.url == second


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/api/v1/1234/crm/Accounts?$skiptoken=1",
        "http://start.exactonline.be/api/v1/1234/crm/Accounts?$skiptoken=1",
        f"{SITE}:8443/api/v1/1234/crm/Accounts?$skiptoken=1",
        "https://start.exactonline.be@evil.example/api/v1/1234/crm/Accounts",
        f"{SITE}/api/v1/99/crm/Accounts?$skiptoken=1",
        f"{HOME}/../99/crm/Accounts?$skiptoken=1",
        f"{HOME}/%2e%2e/99/crm/Accounts?$skiptoken=1",
        "/api/v1/1234/crm/Accounts?$skiptoken=1",
    ],
)
def test_the_token_never_goes_elsewhere(
    site: responses.RequestsMock, exact: ExactClient, elsewhere: str
) -> None:
    site.get(ACCOUNTS, json=found(ACCOUNT, more=elsewhere))
    with pytest.raises(ExactUnavailable):
        list(exact.search_accounts("jansen"))
    assert len(site.calls) == 1


def test_pages_that_go_in_circles_end(site: responses.RequestsMock, exact: ExactClient) -> None:
    second = f"{ACCOUNTS}?$skiptoken=1"
    site.get(ACCOUNTS, json=found(ACCOUNT, more=second))
    with pytest.raises(ExactUnavailable):
        list(exact.search_accounts("jansen"))
    assert len(site.calls) == 2


ODD: list[dict[str, Any]] = [
    {"body": ""},
    {"body": "<html>maintenance</html>"},
    {"body": "null"},
    {"json": {"d": None}},
    {"json": {"value": []}},
    {"json": found({"ID": "not a guid"})},
    {"json": found({**ACCOUNT, "Name": 5})},
    {"json": {"d": {"results": [], "__next": 7}}},
    {"status": 302, "headers": {"Location": "https://login.example/"}},
    {"status": 304},
]


@pytest.mark.parametrize("answer", ODD)
def test_an_odd_answer_to_a_question_is_a_matter_of_time(
    site: responses.RequestsMock, exact: ExactClient, answer: dict[str, Any]
) -> None:
    site.get(ACCOUNTS, **answer)
    with pytest.raises(ExactUnavailable) as trouble:
        exact.account(KEY)
    assert trouble.value.reason == "unusable_answer"


@pytest.mark.parametrize("shape", [{"d": [ACCOUNT]}, {"d": ACCOUNT}, found(ACCOUNT)])
def test_every_usual_shape_of_answer_is_read(
    site: responses.RequestsMock, exact: ExactClient, shape: Any
) -> None:
    site.get(ACCOUNTS, json=shape)
    assert [account.id for account in exact.accounts([KEY])] == [KEY]


def test_numbers_may_come_as_text(site: responses.RequestsMock, exact: ExactClient) -> None:
    site.get(
        f"{HOME}/vat/VATCodes",
        json=found(
            {"ID": str(KEY), "Code": "2  ", "Percentage": "0.21", "VATTransactionType": "S"},
            {"ID": str(KEY), "Code": "0  ", "Percentage": 0, "VATTransactionType": "P"},
        ),
    )
    high, none = exact.vat_codes()
    assert (high.code, high.percentage, high.for_sales) == ("2", Decimal(21), True)
    assert (none.code, none.percentage, none.for_sales) == ("0", Decimal(0), False)


def test_amounts_keep_their_cents(site: responses.RequestsMock, exact: ExactClient) -> None:
    site.get(ENTRIES, json=found(ENTRY))
    (entry,) = exact.find_sales_entries(["2026-0042"])
    assert (entry.amount, entry.vat_amount) == (Decimal("121.1"), Decimal("21.02"))
    assert asked(site)["$filter"] == "YourRef eq '2026-0042'"


def test_a_long_reference_is_looked_up_as_it_is_booked(
    site: responses.RequestsMock, exact: ExactClient
) -> None:
    long = "A very long prefix before the number 2026-0042"
    site.post(ENTRIES, status=201, json={"d": ENTRY})
    site.get(ENTRIES, json=found())
    exact.create_sales_entry(NewSalesEntry(OTHER, "70", date(2026, 3, 10), None, long, ""))
    list(exact.find_sales_entries([long]))
    assert sent(site)["YourRef"] == "refix before the number 2026-0042"[-30:]
    assert f"YourRef eq '{sent(site)['YourRef']}'" in asked(site, 1)["$filter"]


# --- the lists of an administration -------------------------------------------------------------


def test_me_is_asked_without_an_administration(site: responses.RequestsMock) -> None:
    site.get(f"{SITE}/api/v1/current/Me", json=found({"CurrentDivision": 77, "FullName": "Eva"}))
    me = ExactClient(requests.Session(), SITE).me()
    assert (me.division, me.full_name) == (77, "Eva")


def test_nobody_at_all_is_an_unusable_answer(site: responses.RequestsMock) -> None:
    site.get(f"{SITE}/api/v1/current/Me", json=found())
    with pytest.raises(ExactUnavailable):
        ExactClient(requests.Session(), SITE).me()


def test_administrations_can_be_listed_before_one_is_chosen(site: responses.RequestsMock) -> None:
    site.get(f"{SITE}/api/v1/current/Me", json=found({"CurrentDivision": 77}))
    rows: list[dict[str, Any]] = [
        {"Code": 77, "HID": "1", "Description": "Verhuur", "Status": 0, "BlockingStatus": 0},
        {"Code": 78, "Status": 1, "BlockingStatus": None},
        {"Code": 79, "Status": 0, "BlockingStatus": 4},
    ]
    site.get(f"{SITE}/api/v1/77/hrm/Divisions", json=found(*rows))
    administrations = list(ExactClient(requests.Session(), SITE).administrations())
    assert [one.usable for one in administrations] == [True, False, False]
    assert (administrations[0].name, administrations[0].number) == ("Verhuur", 1)


def test_without_an_administration_nothing_else_is_asked(site: responses.RequestsMock) -> None:
    with pytest.raises(ValueError, match="No administration"):
        list(ExactClient(requests.Session(), SITE).vat_codes())


def test_journals_can_be_narrowed_to_a_kind(
    site: responses.RequestsMock, exact: ExactClient
) -> None:
    row = {"ID": str(KEY), "Code": "70", "Description": "Verkoop", "Type": 20}
    site.get(f"{HOME}/financial/Journals", json=found(row))
    (journal,) = exact.journals(JournalKind.SALES)
    assert (journal.code, journal.kind) == ("70", JournalKind.SALES)
    assert asked(site)["$filter"] == "Type eq 20"


def test_the_whole_ledger_comes_in_large_pages(
    site: responses.RequestsMock, exact: ExactClient
) -> None:
    row = {"ID": str(KEY), "Code": "700000", "Type": 110, "UseCostcenter": 1, "IsBlocked": False}
    site.get(f"{HOME}/bulk/Financial/GLAccounts", json=found(row))
    (account,) = exact.gl_accounts()
    assert (account.code, account.cost_centre, account.cost_unit) == ("700000", 1, 0)
    assert "$select" in asked(site)


def test_the_ledger_can_be_searched_and_narrowed(
    site: responses.RequestsMock, exact: ExactClient
) -> None:
    site.get(f"{HOME}/financial/GLAccounts", json=found())
    list(exact.gl_accounts("verhuur", kinds=[110, 90]))
    list(exact.gl_accounts(kinds=[110]))
    list(exact.gl_accounts_by_code(["700000"]))
    assert asked(site, 0)["$filter"].endswith(" and (Type eq 110 or Type eq 90)")
    assert asked(site, 1)["$filter"] == "Type eq 110"
    assert asked(site, 2)["$filter"] == "Code eq '700000'"


def test_payment_conditions_and_document_types_are_read(
    site: responses.RequestsMock, exact: ExactClient
) -> None:
    condition = {"ID": str(KEY), "Code": "30", "PaymentDays": 30, "PaymentEndOfMonths": None}
    kind = {"ID": 10, "Description": "Sales invoice", "DocumentIsCreatable": True}
    site.get(f"{HOME}/cashflow/PaymentConditions", json=found(condition))
    site.get(f"{HOME}/documents/DocumentTypes", json=found(kind))
    assert [(one.code, one.days, one.month_ends) for one in exact.payment_conditions()] == [
        ("30", 30, 0)
    ]
    assert [(one.id, one.creatable) for one in exact.document_types()] == [(10, True)]


# --- searching ----------------------------------------------------------------------------------

NOT_IMPLEMENTED = {"error": {"message": {"value": "Not implemented"}}}


def test_a_search_is_one_call(site: responses.RequestsMock, exact: ExactClient) -> None:
    site.get(ACCOUNTS, json=found(ACCOUNT))
    assert [one.name for one in exact.search_accounts("BE 0123.456.749")] == ["Bakkerij Jansen"]
    assert len(site.calls) == 1
    assert "VATNumber eq 'BE0123456749'" in asked(site)["$filter"]


def test_another_way_is_tried_once_and_remembered(
    site: responses.RequestsMock, exact: ExactClient
) -> None:
    site.get(ACCOUNTS, status=501, json=NOT_IMPLEMENTED)
    site.get(ACCOUNTS, json=found(ACCOUNT))
    site.get(ACCOUNTS, json=found(ACCOUNT))
    assert len(list(exact.search_accounts("jansen"))) == 1
    assert len(list(make_client().search_accounts("jansen"))) == 1
    ways = [asked(site, call)["$filter"].split("(")[2] for call in range(3)]
    assert ways == ["indexof", "substringof", "substringof"]


def test_a_site_that_cannot_search_at_all_says_so(
    site: responses.RequestsMock, exact: ExactClient
) -> None:
    site.get(ACCOUNTS, status=501, json=NOT_IMPLEMENTED)
    for _ in range(2):
        with pytest.raises(ExactRejected):
            list(exact.search_accounts("jansen"))
    assert len(site.calls) == 4


def test_any_other_refusal_is_not_tried_in_another_way(
    site: responses.RequestsMock, exact: ExactClient
) -> None:
    site.get(ACCOUNTS, status=403, body="Forbidden")
    with pytest.raises(ExactRejected):
        list(exact.search_accounts("jansen"))
    assert len(site.calls) == 1


# --- writing ------------------------------------------------------------------------------------


def test_a_sales_entry_is_sent_in_exacts_fields(
    site: responses.RequestsMock, exact: ExactClient
) -> None:
    site.post(ENTRIES, status=201, json={"d": ENTRY})
    entry = exact.create_sales_entry(NEW_ENTRY)
    assert (entry.id, entry.number, entry.amount) == (KEY, 26700001, Decimal("121.1"))
    assert sent(site) == {
        "Customer": str(OTHER),
        "Journal": "70",
        "EntryDate": "2026-03-10T00:00:00",
        "DueDate": "2026-04-09T00:00:00",
        "YourRef": "2026-0042",
        "Description": "Rent of a van",
        "Document": str(KEY),
        "PaymentReference": "+++090/9337/55493+++",
        "SalesEntryLines": [
            {
                "GLAccount": str(KEY),
                "AmountFC": Decimal("100.10"),
                "VATCode": "2",
                "VATAmountFC": Decimal("21.02"),
                "Description": "Van",
                "CostCenter": "K10",
                "CostUnit": "P7",
            },
            {"GLAccount": str(OTHER), "AmountFC": Decimal("-5.00")},
        ],
    }
    assert b'"AmountFC":100.10,' in (site.calls[0].request.body or b"")
    headers = site.calls[0].request.headers
    assert headers["Prefer"] == "return=representation"
    assert headers["Content-Type"] == "application/json"


def test_a_vat_amount_of_nothing_is_sent(site: responses.RequestsMock, exact: ExactClient) -> None:
    site.post(ENTRIES, status=201, json={"d": ENTRY})
    line = NewSalesEntryLine(KEY, Decimal(10), vat_amount=Decimal(0))
    exact.create_sales_entry(
        NewSalesEntry(OTHER, "70", date(2026, 3, 10), None, "1", "", lines=[line])
    )
    assert sent(site)["SalesEntryLines"][0]["VATAmountFC"] == 0


def test_an_account_is_made_of_what_is_known(
    site: responses.RequestsMock, exact: ExactClient
) -> None:
    site.post(ACCOUNTS, status=201, json={"d": ACCOUNT})
    made = exact.create_account(NewAccount(name="Bakkerij  " + "x" * 60, city="Gent"))
    assert made.id == KEY
    assert sent(site) == {"Name": "Bakkerij " + "x" * 41, "Status": "C", "City": "Gent"}


def test_a_change_sends_only_what_differs(site: responses.RequestsMock, exact: ExactClient) -> None:
    url = f"{ACCOUNTS}(guid'{KEY}')"
    site.put(url, status=204)
    exact.update_account(KEY, {"email": "info@bakker.be", "phone": ""})
    assert sent(site) == {"Email": "info@bakker.be", "Phone": None}
    exact.update_account(KEY, {})
    assert len(site.calls) == 1


def test_an_unknown_field_is_a_mistake_of_ours(exact: ExactClient) -> None:
    with pytest.raises(KeyError):
        exact.update_account(KEY, {"Email": "x"})


def test_a_document_is_made_found_and_filled(
    site: responses.RequestsMock, exact: ExactClient
) -> None:
    documents, attachments = f"{HOME}/documents/Documents", f"{HOME}/documents/DocumentAttachments"
    cover = {"ID": str(KEY), "Subject": "Invoice 42", "Type": 10, "Account": str(OTHER)}
    file = {"ID": str(OTHER), "Document": str(KEY), "FileName": "42.pdf", "FileSize": 4.0}
    site.post(documents, status=201, json={"d": cover})
    site.post(attachments, status=201, json={"d": file})
    site.get(documents, json=found(cover))
    site.get(attachments, json=found(file))

    made = exact.create_document(NewDocument("Invoice 42", OTHER, date(2026, 3, 10)))
    attached = exact.attach_file(made.id, "42.pdf", b"%PDF")
    assert [one.id for one in exact.find_documents("Invoice 42", OTHER)] == [made.id]
    assert [one.id for one in exact.find_attachments(made.id)] == [attached.id]

    assert sent(site, 0) == {
        "Subject": "Invoice 42",
        "Type": 10,
        "Account": str(OTHER),
        "DocumentDate": "2026-03-10T00:00:00",
    }
    assert sent(site, 1) == {
        "Document": str(KEY),
        "FileName": "42.pdf",
        "Attachment": "JVBERg==",
    }
    assert attached.size == 4
    assert asked(site, 2)["$filter"] == f"Subject eq 'Invoice 42' and Account eq guid'{OTHER}'"
    assert site.calls[1].request.req_kwargs["timeout"] == UPLOAD_TIMEOUT  # type: ignore[attr-defined]


def test_a_file_that_is_too_large_is_not_sent(
    site: responses.RequestsMock, exact: ExactClient
) -> None:
    with pytest.raises(ExactRejected) as refused:
        exact.attach_file(KEY, "large.pdf", bytes(LARGEST_FILE + 1))
    assert "too large" in refused.value.messages[0].text


@pytest.mark.parametrize(
    "answer",
    [
        *[{"status": 201, **odd} for odd in ODD if "status" not in odd],
        {"status": 302},
        {"status": 503},
        {"status": 504, "body": "<html>"},
        {"status": 500, "body": ""},
        {"status": 201, "json": found(ENTRY, ENTRY)},
        {"body": requests.ReadTimeout()},
        {"body": requests.ConnectionError("reset")},
    ],
)
def test_a_write_without_a_usable_answer_may_have_landed(
    site: responses.RequestsMock, exact: ExactClient, answer: dict[str, Any]
) -> None:
    site.post(ENTRIES, **answer)
    with pytest.raises(OutcomeUnknown) as trouble:
        exact.create_sales_entry(NEW_ENTRY)
    assert trouble.value.resource == "salesentry/SalesEntries"
    assert len(site.calls) == 1


def test_a_refused_write_gives_exacts_words(
    site: responses.RequestsMock, exact: ExactClient
) -> None:
    words = "Mandatory: Customer\r\nMandatory: Journal"
    site.post(ENTRIES, status=500, json={"error": {"message": {"lang": "", "value": words}}})
    with pytest.raises(ExactRejected) as refused:
        exact.create_sales_entry(NEW_ENTRY)
    assert refused.value.texts == ["Mandatory: Customer", "Mandatory: Journal"]
    assert len(refused.value.messages) == 2


def test_gl_accounts_cannot_be_written(exact: ExactClient) -> None:
    assert not [name for name in dir(exact) if "gl_account" in name and "gl_accounts" not in name]
    for path in ("financial/GLAccounts", "bulk/Financial/GLAccounts", "FINANCIAL/glaccounts"):
        with pytest.raises(PermissionError):
            exact._api.create(path, {"Code": "1"}, dict)
        with pytest.raises(PermissionError):
            exact._api.change(path, KEY, {"Code": "1"})


# --- login, limits, trail -----------------------------------------------------------------------


def test_a_login_that_ran_out_is_renewed_once(site: responses.RequestsMock) -> None:
    site.post(ENTRIES, status=401)
    site.post(ENTRIES, status=201, json={"d": ENTRY})
    renewals: list[str] = []

    def renew() -> bool:
        renewals.append("renewed")
        return True

    assert make_client(on_unauthorized=renew).create_sales_entry(NEW_ENTRY).id == KEY
    assert renewals == ["renewed"]


@pytest.mark.parametrize(("renewed", "calls"), [(True, 2), (False, 1)])
def test_a_login_that_is_gone_is_not_asked_for_again_and_again(
    site: responses.RequestsMock, renewed: bool, calls: int
) -> None:
    site.get(ACCOUNTS, status=401)
    with pytest.raises(ExactNotConnected):
        make_client(on_unauthorized=lambda: renewed).account(KEY)
    assert len(site.calls) == calls


def test_without_a_token_nothing_is_sent(site: responses.RequestsMock) -> None:
    with pytest.raises(ExactNotConnected):
        ExactClient(OAuth2Session("id"), SITE, 1234).account(KEY)


def test_every_answer_tells_of_the_limits(site: responses.RequestsMock) -> None:
    headers = {"X-RateLimit-Minutely-Limit": "60", "X-RateLimit-Minutely-Remaining": "12"}
    site.get(ACCOUNTS, json=found(), headers=headers)
    site.get(ACCOUNTS, status=429, headers={"X-RateLimit-Minutely-Remaining": "0"})
    heard: list[Limits] = []
    exact = make_client(on_limits=heard.append)
    exact.account(KEY)
    with pytest.raises(ExactUnavailable) as trouble:
        exact.account(KEY)
    assert heard[0].minute is not None
    assert (heard[0].minute.allowed, heard[0].minute.left) == (60, 12)
    assert (heard[0].day, heard[0].blocked_until) == (None, None)
    assert heard[-1].blocked_until == trouble.value.retry_at


def test_a_call_that_exact_puts_off_for_a_moment_is_made_again_once_in_its_turn(
    site: responses.RequestsMock,
) -> None:
    full = {"X-RateLimit-Minutely-Limit": "60", "X-RateLimit-Minutely-Remaining": "0"}
    turns: list[Call] = []
    exact = make_client(before_call=turns.append)
    site.get(ACCOUNTS, status=429, headers=full)
    site.get(ACCOUNTS, json=found())
    exact.account(KEY)
    assert len(turns) == len(site.calls) == 2

    site.reset()
    site.get(ACCOUNTS, status=429, headers=full)
    with pytest.raises(ExactUnavailable):
        exact.account(KEY)
    assert len(site.calls) == 2


def test_who_watches_the_limits_is_asked_before_each_call(site: responses.RequestsMock) -> None:
    calls: list[Call] = []

    def refuse(call: Call) -> None:
        calls.append(call)
        raise ExactUnavailable("minute")

    exact = make_client(before_call=refuse)
    for attempt in (lambda: exact.account(KEY), lambda: exact.create_sales_entry(NEW_ENTRY)):
        with pytest.raises(ExactUnavailable):
            attempt()
    assert calls == [Call("GET", "crm/Accounts"), Call("POST", "salesentry/SalesEntries")]


def test_only_calls_that_were_made_count_as_unanswered(site: responses.RequestsMock) -> None:
    stops = [False, True, False]

    def stop(call: Call) -> None:
        if stops.pop(0):
            raise ExactUnavailable("minute")

    exact = make_client(before_call=stop)
    site.get(ACCOUNTS, json=found())
    exact.account(KEY)
    with pytest.raises(ExactUnavailable):
        exact.account(KEY)
    assert exact.unanswered == 0

    site.get(ACCOUNTS, body=requests.ConnectionError())
    with pytest.raises(ExactUnavailable):
        exact.account(KEY)
    assert exact.unanswered == 1


def test_a_login_to_which_nobody_answers_counts_as_unanswered(site: responses.RequestsMock) -> None:
    troubles = ["", "no_answer", "no_answer"]

    def renew(call: Call) -> None:
        if reason := troubles.pop(0):
            raise ExactUnavailable(reason)

    exact = make_client(before_call=renew)
    site.get(ACCOUNTS, json=found())
    exact.account(KEY)
    for _n in range(2):
        with pytest.raises(ExactUnavailable):
            exact.account(KEY)
    assert exact.unanswered == 2


def test_every_call_has_time_outs(site: responses.RequestsMock, exact: ExactClient) -> None:
    site.get(ACCOUNTS, json=found())
    exact.account(KEY)
    options = site.calls[0].request.req_kwargs  # type: ignore[attr-defined]
    assert options["timeout"] == client_module.TIMEOUT


def _ask_accounts(exact: ExactClient) -> object:
    return list(exact.search_accounts("Jansen"))


def _book(exact: ExactClient) -> object:
    return exact.create_sales_entry(NEW_ENTRY)


@pytest.mark.parametrize(
    ("act", "line"),
    [
        (_ask_accounts, "GET /api/v1/1234/crm/Accounts -> 200 in "),
        (_book, "POST /api/v1/1234/salesentry/SalesEntries -> 201 in "),
    ],
)
def test_the_trail_names_neither_people_nor_secrets(
    site: responses.RequestsMock,
    exact: ExactClient,
    caplog: pytest.LogCaptureFixture,
    act: Callable[[ExactClient], object],
    line: str,
) -> None:
    site.assert_all_requests_are_fired = False
    site.get(ACCOUNTS, json=found(ACCOUNT))
    site.post(ENTRIES, status=201, json={"d": ENTRY})
    with caplog.at_level(logging.INFO, "ppplanner"):
        act(exact)
    assert line in caplog.text
    for secret in ("a-token", "Jansen", "2026-0042", "filter"):
        assert secret not in caplog.text


def test_trouble_on_the_way_does_not_carry_the_question_along(
    site: responses.RequestsMock, exact: ExactClient, caplog: pytest.LogCaptureFixture
) -> None:
    site.get(ACCOUNTS, body=requests.ConnectionError("url: /crm/Accounts?$filter=Jansen"))
    with caplog.at_level(logging.INFO, "ppplanner"), pytest.raises(ExactUnavailable) as trouble:
        list(exact.search_accounts("Jansen"))
    assert trouble.value.__cause__ is None
    assert trouble.value.__suppress_context__
    assert "Jansen" not in caplog.text + str(trouble.value)
