"""Section 6.1 to 6.4: customers, contacts, addresses, cost centres and cost units."""

from __future__ import annotations

import pytest

from ppplanner.integrations.exact.simulator import RunningSimulator
from tests.integrations.exact.simulator.caller import Caller, message, refusal
from tests.integrations.exact.simulator.conftest import CUSTOMER, EntryMaker


def test_a_customer_needs_only_a_name(caller: Caller) -> None:
    assert refusal(caller.post("crm/Accounts", {})) == (500, "Mandatory: Name")
    assert caller.create("crm/Accounts", Name="New")["Status"] == "A"


def test_a_customer_without_a_code_gets_the_highest_plus_one(
    exact: RunningSimulator, caller: Caller
) -> None:
    highest = max(int(each["Code"]) for each in exact.accounts(exact.division))

    assert caller.create("crm/Accounts", Name="New")["Code"].strip() == str(highest + 1)


def test_a_code_may_be_sent_unpadded_and_comes_back_padded(caller: Caller) -> None:
    created = caller.create("crm/Accounts", Name="New", Code="77")

    assert created["Code"] == "77".rjust(18)


def test_a_code_is_used_once(exact: RunningSimulator, caller: Caller) -> None:
    answer = caller.post("crm/Accounts", {"Name": "New", "Code": exact.account(CUSTOMER)["Code"]})

    assert refusal(answer) == (500, "Data already exists")


def test_sending_an_unchanged_code_again_is_refused(
    exact: RunningSimulator, caller: Caller
) -> None:
    customer = exact.account(CUSTOMER)
    address = f"crm/Accounts(guid'{customer['ID']}')"

    assert refusal(caller.put(address, {"Code": customer["Code"]})) == (500, "Data already exists")
    assert caller.put(address, {"City": "Aalst"}).status_code == 204
    assert exact.account(CUSTOMER)["City"] == "Aalst"


@pytest.mark.parametrize(
    ("sent", "objection"),
    [
        ({"Email": "not an address"}, "Invalid: Email []"),
        ({"Country": "België"}, "Invalid reference: Country"),
        ({"PaymentConditionSales": "99"}, "Invalid reference: Payment condition"),
        ({"SalesVATCode": "99"}, "Invalid reference: VAT code"),
        ({"Code": "K12"}, "Invalid: Code"),
        ({"Status": "X"}, "Invalid: Status"),
        ({"Name": "x" * 51}, "Maximum length exceeded: Name (50)"),
        ({"AddressLine1": "x" * 81}, "Maximum length exceeded: AddressLine1 (80)"),
    ],
)
def test_a_customer_is_checked(caller: Caller, sent: dict[str, str], objection: str) -> None:
    assert refusal(caller.post("crm/Accounts", {"Name": "New"} | sent)) == (500, objection)


def test_a_ledger_account_of_another_administration_is_refused_as_such(
    exact: RunningSimulator, caller: Caller
) -> None:
    foreign = exact.id_of("financial/GLAccounts", "700100", exact.other_division)

    answer = caller.post("crm/Accounts", {"Name": "New", "GLAccountSales": foreign})

    assert message(answer) == "Wrong Division"


def test_the_same_customer_has_another_guid_in_each_administration(
    exact: RunningSimulator,
) -> None:
    here = exact.account("Janssens Jan", exact.division)
    there = exact.account("Janssens Jan", exact.other_division)

    assert here["ID"] != there["ID"]


def test_a_customer_with_entries_cannot_be_deleted(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker
) -> None:
    caller.create("salesentry/SalesEntries", **entry())
    used, unused = exact.account(CUSTOMER), exact.account("Hotel Zeezicht NV")

    answer = caller.delete(f"crm/Accounts(guid'{used['ID']}')")

    assert refusal(answer) == (500, "In use: Account")
    assert caller.delete(f"crm/Accounts(guid'{unused['ID']}')").status_code == 204


def test_a_contact_needs_a_customer_and_one_of_both_names(
    exact: RunningSimulator, caller: Caller
) -> None:
    customer = exact.account(CUSTOMER)["ID"]
    without = caller.post("crm/Contacts", {})
    created = caller.create("crm/Contacts", Account=customer, LastName="Peeters")

    assert message(without) == "Mandatory: Account\r\nMandatory: LastName"
    assert (created["AccountName"], created["FullName"]) == (CUSTOMER, "Peeters")


def test_the_main_contact_is_told_by_its_customer(exact: RunningSimulator, caller: Caller) -> None:
    customer = exact.account(CUSTOMER)["ID"]
    contact = caller.create("crm/Contacts", Account=customer, FirstName="Ann", IsMainContact=True)
    before = contact["IsMainContact"]
    caller.put(f"crm/Accounts(guid'{customer}')", {"MainContact": contact["ID"]})

    after = caller.rows("crm/Contacts", filter=f"ID eq guid'{contact['ID']}'")[0]
    assert (before, after["IsMainContact"]) == (False, True)


def test_the_same_address_is_stored_once(exact: RunningSimulator, caller: Caller) -> None:
    address = {"Account": exact.account(CUSTOMER)["ID"], "Type": 4, "AddressLine1": "Dok 4"}
    first = caller.create("crm/Addresses", **address)

    assert caller.create("crm/Addresses", **address)["ID"] == first["ID"]
    assert caller.create("crm/Addresses", **(address | {"Type": 3}))["ID"] != first["ID"]
    assert len(caller.rows("crm/Addresses")) == 2


@pytest.mark.parametrize("path", ["hrm/Costcenters", "hrm/Costunits"])
def test_a_cost_centre_or_unit_has_a_code_of_its_own(caller: Caller, path: str) -> None:
    assert message(caller.post(path, {"Code": "NEW"})) == "Mandatory: Description"
    assert caller.post(path, {"Code": "NEW", "Description": "New"}).status_code == 201
    again = caller.post(path, {"Code": "NEW", "Description": "Other"})
    too_long = caller.post(path, {"Code": "TOO-LONG-9", "Description": "x" * 61})

    assert refusal(again) == (500, "Data already exists")
    assert message(too_long) == (
        "Maximum length exceeded: Code (8)\r\nMaximum length exceeded: Description (60)"
    )


def test_the_code_of_a_cost_centre_never_changes(exact: RunningSimulator, caller: Caller) -> None:
    centre = exact.id_of("hrm/Costcenters", "VERHUUR")

    answer = caller.put(f"hrm/Costcenters(guid'{centre}')", {"Code": "X", "Description": "Y"})

    assert answer.status_code == 204
    stored = exact.records("hrm/Costcenters", ID=centre)[0]
    assert (stored["Code"], stored["Description"]) == ("VERHUUR", "Y")


def test_a_cost_unit_that_lines_name_cannot_be_deleted(
    exact: RunningSimulator, caller: Caller, entry: EntryMaker, line: EntryMaker
) -> None:
    caller.create("salesentry/SalesEntries", **entry(line(CostUnit="KRAAN01")))
    used = exact.id_of("hrm/Costunits", "KRAAN01")

    assert message(caller.delete(f"hrm/Costunits(guid'{used}')")) == "In use: Cost unit"
