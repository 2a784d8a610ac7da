"""How many calls the simulator answers on one core: python -m benchmarks.exact.simulator

The trials of the link are measured against it, so it has to be faster than what they try. Callers,
each a process with one connection, book invoices with a PDF (three calls each) and look references
up, 25 to a call, until more than 20,000 records are there. Fails below 150 calls for each second of
processor time that the simulator used.
"""

from __future__ import annotations

import base64
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context

import click
import psutil
import requests

from ppplanner.integrations.exact.simulator import ANTWERP, DEMO_APP, code_in

from .exact import ATTACHMENTS, DOCUMENTS, ENTRIES

LEAST_CALLS = 150  # for each second of processor time
TERMS = 25
PDF = 40 * 1024  # bytes
CALLERS, INVOICES = 2, 2_200
#: A document, its file, the entry and its two lines.
RECORDS = 5
BACK = "http://127.0.0.1/back"


@dataclass(frozen=True)
class Measured:
    """So many calls in so many seconds, and what they cost the simulator."""

    calls: int
    seconds: float
    processor_seconds: float

    @property
    def per_core(self) -> float:
        return self.calls / max(self.processor_seconds, 0.01)

    def __str__(self) -> str:
        wall = self.calls / self.seconds
        return f"{self.calls:,} calls: {wall:.0f} a second, {self.per_core:.0f} on a whole core"


@dataclass(frozen=True)
class Caller:
    """One connection with an administration of the simulator."""

    url: str
    token: str
    number: int

    def session(self) -> requests.Session:
        session = requests.Session()
        session.headers["Accept"] = "application/json"
        session.headers["Authorization"] = f"Bearer {self.token}"
        return session

    def address(self, resource: str) -> str:
        return f"{self.url}/api/v1/{ANTWERP}/{resource}"

    def reference(self, number: int) -> str:
        return f"{self.number}-{number:05}"


Work = Callable[[Caller, int], None]


def book(caller: Caller, invoices: int) -> None:
    """Book so many invoices, each with a document and a file."""
    pdf = base64.b64encode(b"%PDF" + os.urandom(PDF)).decode()
    with caller.session() as session:
        customer = _id(session, caller, "crm/Accounts", "Name eq 'Van den Bossche & Zonen NV'")
        account = _id(session, caller, "financial/GLAccounts", "Code eq '700100'")
        for number in range(invoices):
            reference = caller.reference(number)
            document = _created(session, caller, DOCUMENTS, Subject=reference, Type=10)["ID"]
            file = {"FileName": f"{reference}.pdf", "Attachment": pdf}
            _created(session, caller, ATTACHMENTS, Document=document, **file)
            line = {"GLAccount": account, "AmountFC": 100, "VATCode": "3"}
            header = {"Customer": customer, "Journal": "70", "YourRef": reference}
            lines = {"Document": document, "SalesEntryLines": [line, line]}
            _created(session, caller, ENTRIES, **header, **lines)


def look_up(caller: Caller, calls: int) -> None:
    """Ask so many times which of 25 references are booked."""
    with caller.session() as session:
        for call in range(calls):
            numbers = range(call * TERMS, (call + 1) * TERMS)
            terms = (f"YourRef eq '{caller.reference(number)}'" for number in numbers)
            query = {"$filter": " or ".join(terms), "$select": "EntryID,YourRef"}
            found = session.get(caller.address(ENTRIES), params=query, timeout=30).json()["d"]
            assert len(found["results"]) == TERMS


def _id(session: requests.Session, caller: Caller, resource: str, where: str) -> str:
    query = {"$filter": where, "$select": "ID"}
    found = session.get(caller.address(resource), params=query, timeout=30).json()
    return str(found["d"]["results"][0]["ID"])


def _created(
    session: requests.Session, caller: Caller, resource: str, **body: object
) -> dict[str, str]:
    wish = {"Prefer": "return=representation"}
    answer = session.post(caller.address(resource), json=body, headers=wish, timeout=30)
    assert answer.status_code == 201, answer.text
    created: dict[str, str] = answer.json()["d"]
    return created


@contextmanager
def simulator() -> Iterator[tuple[str, psutil.Process]]:
    """A simulator without limits as a process of its own: its address, and the process."""
    command = [sys.executable, "-m", "ppplanner.integrations.exact.simulator", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1].rstrip("/")
        unlimited = {"calls_per_minute": None, "calls_per_day": None}
        requests.post(f"{url}/controls/options", json=unlimited, timeout=30)
        yield url, psutil.Process(process.pid)
        process.kill()


def log_in(url: str) -> str:
    """An access token, got as an application gets it."""
    query = {"client_id": DEMO_APP.client_id, "redirect_uri": BACK, "response_type": "code"}
    yes = {"user": "eva", "division": ANTWERP, "decision": "allow"}
    address = f"{url}/api/oauth2"
    answer = requests.post(
        f"{address}/auth", yes, params=query, allow_redirects=False, timeout=30
    ).headers["Location"]
    form = {
        "grant_type": "authorization_code",
        "code": code_in(answer),
        "redirect_uri": BACK,
        "client_id": DEMO_APP.client_id,
        "client_secret": DEMO_APP.client_secret,
    }
    return str(requests.post(f"{address}/token", form, timeout=30).json()["access_token"])


def measure(
    work: Work, callers: Sequence[Caller], size: int, calls: int, process: psutil.Process
) -> Measured:
    """All callers at once, each in a process of its own."""
    spawn = get_context("spawn")
    workers = [spawn.Process(target=work, args=(caller, size)) for caller in callers]
    began, used = time.monotonic(), sum(process.cpu_times()[:2])
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not any(worker.exitcode for worker in workers)
    spent = sum(process.cpu_times()[:2]) - used
    return Measured(calls * len(callers), time.monotonic() - began, spent)


@click.command()
@click.option("--callers", default=CALLERS, help="How many call at once (2).")
@click.option("--invoices", default=INVOICES, help="How many invoices each of them books (2,200).")
def main(callers: int, invoices: int) -> None:
    """Fill the simulator and ask it; fail when it is too slow to measure anything with."""
    with simulator() as (url, process):
        token = log_in(url)
        all_callers = [Caller(url, token, number) for number in range(callers)]
        booked = measure(book, all_callers, invoices, 3 * invoices, process)
        found = measure(look_up, all_callers, invoices // TERMS, invoices // TERMS, process)
    click.echo(f"{RECORDS * invoices * callers:,} records")
    click.echo(f"booking     {booked}")
    click.echo(f"looking up  {found}")
    if min(booked.per_core, found.per_core) < LEAST_CALLS:
        raise SystemExit(f"Too slow: at least {LEAST_CALLS} calls on a whole core.")


if __name__ == "__main__":
    main()
