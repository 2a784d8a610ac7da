"""Section 4 of the API facts: how answers look, and what cannot be asked."""

from __future__ import annotations

import re
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from ppplanner.integrations.exact.simulator import ESTATE, RegisteredApp, RunningSimulator
from tests.integrations.exact.simulator.caller import Caller, message, refusal
from tests.integrations.exact.simulator.conftest import CUSTOMER, EntryMaker

UNKNOWN = "guid'00000000-0000-0000-0000-000000000001'"


def test_me_tells_the_administration_last_opened(exact: RunningSimulator, caller: Caller) -> None:
    exact.current_division = ESTATE
    answer = caller.session.get(
        f"{exact.url}/api/v1/current/Me?$select=CurrentDivision", timeout=10
    )

    assert answer.json()["d"]["results"][0]["CurrentDivision"] == ESTATE


def test_a_list_stands_in_results_and_each_record_tells_its_address(caller: Caller) -> None:
    first = caller.rows("hrm/Costcenters")[0]

    assert first["__metadata"]["uri"] == caller.address(f"hrm/Costcenters(guid'{first['ID']}')")
    assert first["__metadata"]["type"] == "Exact.Web.Api.Models.Costcenter"


def test_one_record_comes_without_results(caller: Caller) -> None:
    record = caller.rows("hrm/Costcenters")[0]

    assert caller.get(f"hrm/Costcenters(guid'{record['ID']}')").json()["d"]["ID"] == record["ID"]


def test_unset_values_are_null_and_not_left_out(caller: Caller) -> None:
    assert caller.rows("hrm/Costcenters", filter="Code eq 'VERHUUR'")[0]["EndDate"] is None


def test_dates_go_out_in_milliseconds(caller: Caller) -> None:
    period = caller.rows("financial/FinancialPeriods", filter="FinYear eq 2026 and FinPeriod eq 1")

    assert period[0]["StartDate"] == "/Date(1767225600000)/"


def test_codes_go_out_padded(exact: RunningSimulator, caller: Caller) -> None:
    account = caller.rows("crm/Accounts", filter=f"Name eq '{CUSTOMER}'")[0]
    codes = {row["Code"] for row in caller.rows("vat/VATCodes", select="Code")}

    assert re.fullmatch(r" {12}\d{6}", account["Code"])
    assert (account["Country"], account["Language"]) == ("BE ", "NL        ")
    assert "3  " in codes
    assert caller.rows("financial/GLAccounts", filter="Code eq '700100'")[0]["VATCode"] == "3  "


def test_percentages_are_fractions(caller: Caller) -> None:
    code = caller.rows("vat/VATCodes", filter="Code eq '3  '")[0]
    rates = caller.rows("vat/VatPercentages", filter=f"VATCodeID eq guid'{code['ID']}'")

    assert (code["Percentage"], rates[0]["Percentage"]) == (0.21, 0.21)


def test_without_asking_for_json_xml_comes(caller: Caller) -> None:
    caller.session.headers["Accept"] = "*/*"
    answer = caller.get("hrm/Costcenters")
    wrong = caller.get("hrm/Costcenters", filter="Nothing eq 1")

    assert answer.headers["Content-Type"].startswith("application/atom+xml")
    assert "<d:Code>VERHUUR</d:Code>" in answer.text
    assert wrong.status_code == 400
    assert wrong.text.startswith("<?xml")


def test_an_unknown_key_is_not_found_but_a_filter_is_just_empty(caller: Caller) -> None:
    assert caller.get(f"hrm/Costcenters({UNKNOWN})").status_code == 404
    assert caller.rows("hrm/Costcenters", filter=f"ID eq {UNKNOWN}") == []


@pytest.mark.parametrize("path", ["crm/Nothing", "salesentry", "crm/Accounts(guid'x')/Nothing"])
def test_an_unknown_resource_is_not_found(caller: Caller, path: str) -> None:
    assert caller.get(path).status_code == 404


def test_a_malformed_key_is_a_bad_request(caller: Caller) -> None:
    assert caller.get("hrm/Costcenters('VERHUUR')").status_code == 400


@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("POST", "financial/FinancialPeriods"),
        ("PUT", f"cashflow/PaymentConditions({UNKNOWN})"),
        ("PUT", f"documents/DocumentAttachments({UNKNOWN})"),
        ("PUT", "hrm/Costcenters"),
        ("DELETE", f"financialtransaction/CashEntryLines({UNKNOWN})"),
        ("PATCH", f"hrm/Costcenters({UNKNOWN})"),
    ],
)
def test_a_verb_that_a_resource_does_not_offer_is_not_allowed(
    caller: Caller, verb: str, path: str
) -> None:
    assert caller.session.request(verb, caller.address(path), timeout=10).status_code == 405


def test_a_created_record_echoes_only_what_was_sent(caller: Caller) -> None:
    answer = caller.post("hrm/Costcenters", {"Code": "NEW", "Description": "New"})

    created = answer.json()["d"]
    assert answer.status_code == 201
    assert (created["Code"], created["Created"], created["Division"]) == ("NEW", None, None)
    assert answer.headers["Location"] == caller.address(f"hrm/Costcenters(guid'{created['ID']}')")


def test_prefer_representation_shows_what_the_server_filled_in(caller: Caller) -> None:
    created = caller.create("hrm/Costcenters", Code="NEW", Description="New")

    assert created["Division"] == caller.division
    assert created["CreatorFullName"] == "Eva Claes"


def test_lines_are_deferred_in_the_answer_to_a_post(caller: Caller, entry: EntryMaker) -> None:
    created = caller.post("salesentry/SalesEntries", entry()).json()["d"]

    assert created["SalesEntryLines"]["__deferred"]["uri"].endswith("/SalesEntryLines")
    assert created["EntryID"]
    assert created["EntryNumber"] is None


def test_an_unknown_property_is_refused_by_name(caller: Caller) -> None:
    answer = caller.post("hrm/Costcenters", {"Code": "NEW", "Name": "New"})

    assert refusal(answer) == (
        400,
        "Error processing request stream. The property name 'Name' specified for type "
        "'Exact.Web.Api.Models.Costcenter' is not valid.",
    )


def test_an_unknown_property_of_a_line_is_refused_too(
    caller: Caller, entry: EntryMaker, line: EntryMaker
) -> None:
    answer = caller.post("salesentry/SalesEntries", entry(line(Amount=1)))

    assert answer.status_code == 400
    assert "'Exact.Web.Api.Models.SalesEntryLine'" in message(answer)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"Customer": "70"}, "Guid"),
        ({"Journal": 70}, "String"),
        ({"EntryDate": "31/01/2026"}, "DateTime"),
        ({"Reversal": "true"}, "Boolean"),
        ({"OrderNumber": 1.5}, "Int32"),
        ({"ReportingYear": 70000}, "Int16"),
        ({"VATAmountFC": "1,50"}, "Double"),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(
    caller: Caller, body: dict[str, object], kind: str
) -> None:
    answer = caller.post("salesentry/SalesEntries", body)

    assert answer.status_code == 400
    assert f"to type '{kind}', which is the property's expected type." in message(answer)


def test_numbers_may_be_sent_as_text_with_a_point(
    caller: Caller, entry: EntryMaker, line: EntryMaker
) -> None:
    created = caller.create("salesentry/SalesEntries", **entry(line() | {"AmountFC": "12.50"}))

    assert created["VATAmountFC"] == 2.63


def test_a_list_of_records_cannot_be_posted(caller: Caller) -> None:
    answer = caller.post("hrm/Costcenters", [{"Code": "NEW"}])

    assert message(answer).endswith("The request should be a valid top-level resource object.")


def test_a_body_that_is_not_json_is_refused(caller: Caller) -> None:
    broken = caller.session.post(
        caller.address("hrm/Costcenters"),
        data="{",
        headers={"Content-Type": "application/json"},
        timeout=10,
    )
    form = caller.session.post(caller.address("hrm/Costcenters"), data={"Code": "1"}, timeout=10)

    assert (broken.status_code, form.status_code) == (400, 415)


def test_read_only_properties_are_ignored(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    caller.post("salesentry/SalesEntries", entry(Type=21, AmountDC=5, Status=50))

    booked = exact.entries()[0]
    assert (booked["Type"], booked["AmountDC"], booked["Status"]) == (20, 121.0, 20)


def test_a_zone_in_a_date_shifts_it(caller: Caller, entry: EntryMaker) -> None:
    body = entry(EntryDate="2026-01-31T23:30:00Z")

    assert caller.create("salesentry/SalesEntries", **body)["ReportingPeriod"] == 2


def test_put_merges_and_answers_nothing(caller: Caller) -> None:
    created = caller.create("hrm/Costunits", Code="NEW", Description="New")

    answer = caller.put(f"hrm/Costunits(guid'{created['ID']}')", {"Description": "Newer"})

    assert (answer.status_code, answer.text) == (204, "")
    stored = caller.rows("hrm/Costunits", filter="Code eq 'NEW'")[0]
    assert stored["Description"] == "Newer"


def test_put_cannot_create_lines(caller: Caller, entry: EntryMaker, line: EntryMaker) -> None:
    created = caller.create("salesentry/SalesEntries", **entry())

    answer = caller.put(
        f"salesentry/SalesEntries(guid'{created['EntryID']}')", {"SalesEntryLines": [line()]}
    )

    assert answer.status_code == 400
    assert "Binding to new entities" in message(answer)


def test_delete_answers_nothing_and_the_record_is_gone(caller: Caller) -> None:
    created = caller.create("hrm/Costunits", Code="NEW", Description="New")
    address = f"hrm/Costunits(guid'{created['ID']}')"

    assert caller.delete(address).status_code == 204
    assert caller.delete(address).status_code == 404


def test_all_objections_come_at_once(caller: Caller) -> None:
    answer = caller.post("salesentry/SalesEntries", {})

    assert refusal(answer) == (
        500,
        "Mandatory: Customer\r\nMandatory: Journal\r\nMandatory: Lines",
    )
    assert answer.json()["error"]["code"] == ""


@pytest.mark.parametrize(
    ("user", "text"),
    [("joris", "Verplicht: Dagboek"), ("celine", "Obligatoire : Journal")],
)
def test_objections_are_in_the_language_of_the_user(
    exact: RunningSimulator, entry: EntryMaker, user: str, text: str
) -> None:
    caller = Caller(exact, user)
    answer = caller.post("salesentry/SalesEntries", entry(Journal=None))
    caller.session.close()

    assert message(answer) == text


def test_an_unknown_administration_is_forbidden(exact: RunningSimulator, caller: Caller) -> None:
    caller.division = 1
    answer = caller.get("hrm/Costcenters")

    assert answer.status_code == 403
    assert answer.headers["Reason"] == "NoDivisionAccess"


def test_a_user_without_rights_is_forbidden(exact: RunningSimulator) -> None:
    caller = Caller(exact, "tom")
    answer, me = caller.get("hrm/Costcenters"), caller.get("hrm/Divisions")
    caller.session.close()

    assert (answer.status_code, answer.headers["Reason"]) == (403, "NoAccess")
    assert me.status_code == 200


def test_missing_rights_may_also_show_as_an_empty_list(exact: RunningSimulator) -> None:
    exact.options.missing_rights = "empty"
    caller = Caller(exact, "tom")

    assert caller.rows("hrm/Costcenters") == []
    caller.session.close()


def test_an_administration_may_lack_financial_rights(
    exact: RunningSimulator, caller: Caller
) -> None:
    caller.division = ESTATE

    assert caller.get("financial/Journals").status_code == 403
    assert len(caller.rows("crm/Accounts", filter="Status eq 'C'")) > 3


def test_a_blocked_administration_is_forbidden(exact: RunningSimulator, caller: Caller) -> None:
    exact.block_division(exact.division)
    answer = caller.get("hrm/Costcenters")

    assert (answer.status_code, answer.headers["Reason"]) == (403, "DivisionBlocked")


def test_a_blocked_user_is_told_why(exact: RunningSimulator, caller: Caller) -> None:
    exact.refused_users["eva"] = "BlockedUser"

    assert caller.get("hrm/Costcenters").headers["Reason"] == "BlockedUser"


def test_a_missing_scope_is_named(exact: RunningSimulator, caller: Caller) -> None:
    app = exact.options.apps[0]
    scopes = {"crm accounts": "read"}
    exact.options.apps = (RegisteredApp(app.client_id, app.client_secret, app.name, scopes=scopes),)

    missing = caller.get("documents/Documents")
    too_low = caller.post("crm/Accounts", {"Name": "New"})

    assert refusal(missing) == (
        403,
        "Forbidden - Application Scope Violated. Cannot read 'organization.documents' scope.",
    )
    assert "Cannot manage 'crm.accounts' scope." in message(too_low)


def test_lists_of_administrations_have_numbers_of_their_own(caller: Caller) -> None:
    ours, systems = (
        caller.rows(f"{service}/Divisions", select="Code,Status") for service in ("hrm", "system")
    )

    assert {each["Status"] for each in ours} == {0}
    assert {each["Status"] for each in systems} == {1}


def test_some_lists_stand_in_d_itself(exact: RunningSimulator, caller: Caller) -> None:
    exact.options.bare_lists = True
    exact.options.page_size = 5
    whole = caller.get("hrm/Costcenters", filter="Code eq 'VERHUUR'").json()["d"]
    cut = caller.get("hrm/Costcenters").json()["d"]

    assert [row["Code"] for row in whole] == ["VERHUUR"]
    assert len(cut["results"]) == 5


def test_the_number_a_customer_chose_is_no_address(caller: Caller) -> None:
    numbers = {row["HID"] for row in caller.rows("hrm/Divisions", select="HID")}
    caller.division = 1

    assert caller.division in numbers
    assert caller.get("hrm/Costcenters").status_code == 403


def test_some_rights_may_be_missing(exact: RunningSimulator) -> None:
    caller = Caller(exact, "lucas")
    documents, booked = caller.get("documents/Documents"), caller.get("salesentry/SalesEntries")
    exact.options.missing_rights = "empty"
    read = caller.rows("documents/Documents")
    written = caller.post("documents/Documents", {"Subject": "x", "Type": 10})
    caller.session.close()

    assert (documents.headers["Reason"], booked.status_code) == ("NoAccess", 200)
    assert (read, written.status_code) == ([], 403)


def test_guids_go_out_in_small_letters(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    customer = exact.account(CUSTOMER)["ID"]

    created = caller.create("salesentry/SalesEntries", **entry(Customer=customer.upper()))

    assert created["Customer"] == customer


def test_account_codes_are_padded_wherever_they_are_shown(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    customer = exact.account(CUSTOMER)
    caller.create("documents/Documents", Subject="x", Type=10, Account=customer["ID"])
    caller.create("crm/Contacts", Account=customer["ID"], LastName="Claes")
    caller.create("salesentry/SalesEntries", **entry())

    contact = caller.rows("crm/Contacts", filter="LastName eq 'Claes'")[0]
    places = ("documents/Documents", "cashflow/Receivables", "read/financial/ReceivablesList")
    shown = [caller.rows(path, select="AccountCode")[0]["AccountCode"] for path in places]
    assert [contact["Code"], *shown] == [customer["Code"].rjust(18)] * 4


@pytest.mark.parametrize(
    "path", ["cashentry/CashEntries", "sync/HRM/Costcenters", "bulk/VAT/VATCodes"]
)
def test_what_other_services_have_is_not_found_here(caller: Caller, path: str) -> None:
    """Cash entries are financial transactions; there is no sync of costs, VAT codes or journals."""
    assert caller.get(path, select="ID", filter="Timestamp gt 1L").status_code == 404


def test_the_objections_to_header_and_lines_come_in_order(
    caller: Caller, entry: EntryMaker, line: EntryMaker
) -> None:
    body = entry(line("700600"), line(VATCode="99"), Journal="VX", EntryDate="2024-06-01")

    assert message(caller.post("salesentry/SalesEntries", body)).split("\r\n") == [
        "Blocked: Journal",
        "Period is closed: 2024 - 06",
        "Mandatory: Cost center",
        "Invalid reference: VAT code",
    ]


def test_answers_tell_the_service_s_own_time(exact: RunningSimulator, caller: Caller) -> None:
    assert caller.get("hrm/Costcenters").headers["Date"].startswith("Mon, 16 Mar 2026 08:00")


def test_the_connection_stays_open(exact: RunningSimulator) -> None:
    connection = HTTPConnection(urlsplit(exact.url).netloc, timeout=10)
    used = []
    for _ in range(2):
        connection.request("GET", "/api/v1/current/Me")
        connection.getresponse().read()
        used.append(connection.sock)
    connection.close()

    assert used[0] is used[1] is not None
