"""Section 10: reading what changed, what was deleted, and much at once."""

from __future__ import annotations

import uuid

import pytest

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


@pytest.mark.parametrize(
    "condition",
    ["Timestamp lt 5L", "Timestamp gt 1L and Timestamp lt 9L", "Timestamp gt 1L or true"],
)
def test_sync_only_asks_what_came_after(caller: Caller, condition: str) -> None:
    assert caller.get("sync/CRM/Accounts", filter=condition).status_code == 400


@pytest.mark.parametrize(
    ("path", "condition"),
    [("sync/CRM/Accounts", "Timestamp gt 1L"), ("bulk/CRM/Accounts", "Status eq 'C'")],
)
def test_large_pages_have_a_thousand_and_cannot_be_skipped(
    exact: RunningSimulator, caller: Caller, path: str, condition: str
) -> None:
    books = exact.state.books[exact.division]
    model = exact.account(CUSTOMER)
    for number in range(1_000):
        books.table("crm/Accounts").put(model | {"ID": str(uuid.UUID(int=number))})

    found = caller.get(path, filter=condition, select="ID").json()["d"]
    rest = caller.session.get(found["__next"], timeout=10).json()["d"]["results"]

    assert len(found["results"]) == 1_000
    assert len(rest) in (125, 127)
    assert caller.get(path, filter=condition, select="ID", skip=5).status_code == 400


def test_deletions_are_forgotten_after_two_months(exact: RunningSimulator, caller: Caller) -> None:
    created = caller.create("crm/Accounts", Name="New")
    caller.delete(f"crm/Accounts(guid'{created['ID']}')")
    exact.clock.jump(days=62)
    caller.session.headers["Authorization"] = f"Bearer {exact.token()}"

    assert caller.rows("sync/Deleted", filter="Timestamp gt 1L") == []
