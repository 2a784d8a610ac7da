"""With a data file, what is booked outlives the process, even when it is killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from ppplanner.integrations.exact.simulator import (
    ANTWERP,
    DEMO_APP,
    Options,
    RunningSimulator,
    code_in,
)
from tests.integrations.exact.simulator.caller import Caller
from tests.integrations.exact.simulator.conftest import CUSTOMER


@pytest.fixture
def data_file(tmp_path: Path) -> Path:
    return tmp_path / "exact.sqlite3"


@pytest.fixture
def first(data_file: Path) -> Iterator[RunningSimulator]:
    with RunningSimulator(Options(data_file=data_file)) as exact:
        yield exact


def book(exact: RunningSimulator) -> str:
    caller = Caller(exact)
    document = caller.create("documents/Documents", Subject="Invoice", Type=10)
    caller.create(
        "documents/DocumentAttachments",
        Document=document["ID"],
        FileName="a.pdf",
        Attachment="JVBERi0=",
    )
    line = {"GLAccount": exact.id_of("financial/GLAccounts", "700100"), "AmountFC": 100}
    booked = caller.create(
        "salesentry/SalesEntries",
        Customer=exact.account(CUSTOMER)["ID"],
        Journal="70",
        Document=document["ID"],
        SalesEntryLines=[line],
    )
    caller.session.close()
    return str(booked["EntryID"])


def test_bookings_and_files_are_there_after_a_restart(
    first: RunningSimulator, data_file: Path
) -> None:
    entry_id = book(first)
    before = first.entries()[0]

    with RunningSimulator(Options(data_file=data_file)) as second:
        assert second.entries()[0] == before
        assert second.attachments()[0]["Content"] == b"%PDF-"
        assert second.records("cashflow/Receivables")[0]["TransactionEntryID"] == entry_id
        second_entry = book(second)
        assert second.entries(EntryID=second_entry)[0]["EntryNumber"] == before["EntryNumber"] + 1


def test_what_was_deleted_stays_deleted(first: RunningSimulator, data_file: Path) -> None:
    first.delete_entry(book(first))

    with RunningSimulator(Options(data_file=data_file)) as second:
        assert second.entries() == []
        assert second.records("salesentry/SalesEntryLines") == []


def test_connections_live_on(first: RunningSimulator, data_file: Path) -> None:
    address = (
        f"{first.url}/api/oauth2/auth?client_id={first.client_id}"
        "&redirect_uri=http://localhost/back&response_type=code"
    )
    first.consent(address)
    grants = list(first.state.tokens.grants)

    with RunningSimulator(Options(data_file=data_file)) as second:
        assert list(second.state.tokens.grants) == grants


def test_a_closed_period_stays_closed(first: RunningSimulator, data_file: Path) -> None:
    year = first.clock.now().year
    first.close_period(year, 1)

    with RunningSimulator(Options(data_file=data_file)) as second:
        counters = second.state.books[second.division].counters
        assert counters[f"closed:70:{year}:1"] == 1


def test_a_reset_empties_the_file(first: RunningSimulator, data_file: Path) -> None:
    book(first)
    first.reset()

    with RunningSimulator(Options(data_file=data_file)) as second:
        assert second.entries() == []
        assert len(second.accounts(second.division)) == 127


@pytest.fixture
def other_process(data_file: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The simulator as `./ppp run` starts it, and its address."""
    command = [sys.executable, "-m", "ppplanner.integrations.exact.simulator"]
    options = ["--port", "0", "--data-file", str(data_file)]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process, process.stdout.readline().split()[-1].rstrip("/")
        process.kill()


def connect(url: str) -> dict[str, str]:
    """Headers with an access token, got as an application gets it."""
    back = "http://localhost/back"
    query = {"client_id": DEMO_APP.client_id, "redirect_uri": back, "response_type": "code"}
    form = {"user": "eva", "division": ANTWERP, "decision": "allow"}
    answer = requests.post(
        f"{url}/api/oauth2/auth", form, params=query, allow_redirects=False, timeout=10
    )
    pair = requests.post(
        f"{url}/api/oauth2/token",
        {
            "grant_type": "authorization_code",
            "code": code_in(answer.headers["Location"]),
            "redirect_uri": back,
            "client_id": DEMO_APP.client_id,
            "client_secret": DEMO_APP.client_secret,
        },
        timeout=10,
    ).json()
    return {"Authorization": f"Bearer {pair['access_token']}", "Accept": "application/json"}


def test_nothing_answered_is_lost_when_the_process_is_killed(
    other_process: tuple[subprocess.Popen[str], str], data_file: Path
) -> None:
    process, url = other_process
    headers = connect(url)
    for number in range(20):
        body = {"Code": f"K{number}", "Description": "Before the crash"}
        address = f"{url}/api/v1/{ANTWERP}/hrm/Costunits"
        requests.post(address, json=body, headers=headers, timeout=10).raise_for_status()
    process.send_signal(signal.SIGKILL)
    process.wait()

    with RunningSimulator(Options(data_file=data_file)) as second:
        assert len(second.records("hrm/Costunits", Description="Before the crash")) == 20
        assert len(second.state.tokens.grants) == 1


def test_a_clock_that_was_put_ahead_stays_ahead(first: RunningSimulator, data_file: Path) -> None:
    requests.post(f"{first.url}/controls/clock", json={"minutes": 60}, timeout=10)

    with RunningSimulator(Options(data_file=data_file)) as second:
        assert 3000 < second.clock.now().timestamp() - time.time() < 3700
