"""Section 10: reading what changed, what was deleted, and much at once."""

from __future__ import annotations

from ppplanner.integrations.exact.simulator import RunningSimulator
from tests.integrations.exact.simulator.caller import Caller, refusal
from tests.integrations.exact.simulator.conftest import CUSTOMER


def test_sync_needs_a_row_version_and_gives_what_came_after(
    exact: RunningSimulator, caller: Caller
) -> None:
    every = caller.rows("sync/CRM/Accounts", filter="Timestamp gt 1L", select="ID,Timestamp")
    last = every[-1]["Timestamp"]
    caller.put(f"crm/Accounts(guid'{exact.account(CUSTOMER)['ID']}')", {"City": "Aalst"})
    changed = caller.rows("sync/CRM/Accounts", filter=f"Timestamp gt {last}L")

    assert len(every) == 127
    assert [row["Name"] for row in changed] == [CUSTOMER]


def test_sync_refuses_any_other_filter(caller: Caller) -> None:
    assert caller.get("sync/CRM/Accounts").status_code == 400
    assert caller.get("sync/CRM/Accounts", filter="Name eq 'x'").status_code == 400


def test_row_versions_grow_across_resources(caller: Caller) -> None:
    caller.create("crm/Accounts", Name="New")
    caller.create("documents/Documents", Subject="x", Type=10)

    account = caller.rows("sync/CRM/Accounts", filter="Timestamp gt 1L")[-1]
    document = caller.rows("sync/Documents/Documents", filter="Timestamp gt 1L")[-1]
    assert document["Timestamp"] > account["Timestamp"]


def test_deletions_are_told_by_number_and_guid(caller: Caller) -> None:
    created = caller.create("crm/Accounts", Name="New")
    caller.delete(f"crm/Accounts(guid'{created['ID']}')")

    gone = caller.rows("sync/Deleted", filter="Timestamp gt 1L")
    assert [(row["EntityType"], row["EntityKey"]) for row in gone] == [(2, created["ID"])]


def test_bulk_needs_a_selection_and_gives_a_thousand_at_once(caller: Caller) -> None:
    condition = "Status eq 'C'"
    rows = caller.rows("bulk/CRM/Accounts", filter=condition, select="ID")

    assert refusal(caller.get("bulk/CRM/Accounts", filter=condition)) == (
        400,
        "Please add a $select or a $top=1 statement to the query string.",
    )
    assert len(rows) == 125


def test_bulk_only_reads(caller: Caller) -> None:
    assert caller.post("bulk/CRM/Accounts", {"Name": "New"}).status_code == 405
