"""The simulator's own screens and controls."""

from __future__ import annotations

import re

import pytest
import requests

from ppplanner.integrations.exact.simulator import RunningSimulator
from tests.integrations.exact.simulator.caller import Caller, Json
from tests.integrations.exact.simulator.conftest import CUSTOMER, EntryMaker


@pytest.fixture
def booked(caller: Caller, entry: EntryMaker, line: EntryMaker) -> Json:
    document = caller.create("documents/Documents", Subject="Invoice <1>", Type=10)
    caller.create(
        "documents/DocumentAttachments",
        Document=document["ID"],
        FileName="2026-0001.pdf",
        Attachment="JVBERi0=",
    )
    lines = (line(Description="Van, 3 days", CostUnit="1ABC234"), line("704000", 15))
    return caller.create("salesentry/SalesEntries", **entry(*lines, Document=document["ID"]))


def page(exact: RunningSimulator, path: str) -> str:
    answer = requests.get(exact.url + path, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.text


def test_the_overview_shows_what_is_booked(exact: RunningSimulator, booked: Json) -> None:
    text = page(exact, "/")

    for words in ("267000001", "Van den Bossche &amp; Zonen NV", "2026-0001", "136.00"):
        assert words in text
    for words in ("700100", "Verhuur bestelwagens", "Van, 3 days", "1ABC234", "Verkoop 21 %"):
        assert words in text


def test_an_entry_shows_its_document_and_the_file_opens(
    exact: RunningSimulator, booked: Json
) -> None:
    text = page(exact, f"/entries/{exact.division}/{booked['EntryID']}")
    address = re.findall(r'href="(/files/[^"]+)"', text)[0]

    file = requests.get(exact.url + address, timeout=10)
    assert "Invoice &lt;1&gt;" in text
    assert (file.content, file.headers["Content-Type"]) == (b"%PDF-", "application/pdf")


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/customers?q=zonen", CUSTOMER.replace("&", "&amp;")),
        ("/documents", "Invoice &lt;1&gt;"),
        ("/other", "General journal"),
        ("/requests", "salesentry/<wbr>SalesEntries"),
        ("/requests?only=errors", "Requests"),
        ("/requests/1", "documents/Documents"),
        ("/controls", "The connection closes before the request is handled."),
        ("/requests?only=trouble", "No such request."),
        ("/other?kind=journal", "Nothing is booked here yet."),
        ("/lists", "Verhuur bestelwagens"),
        ("/lists?kind=cost-centres", "Transport &amp; levering"),
        ("/lists?kind=cost-units", "Minigraver Kubota U17"),
        ("/lists?kind=journals", "Verkopen filiaal"),
        ("/lists?kind=vat-codes", "Medecontractant"),
        ("/lists?kind=payment-conditions", "30 dagen einde maand"),
        ("/check", "Each reference is booked once."),
        ("/?q=2026-0001", "267000001"),
        ("/?q=nothing", "No entry has this reference or number."),
        ("/documents?q=invoice", "2026-0001.pdf"),
        ("/?division=2468014", "Nothing is booked in this administration yet."),
    ],
)
def test_every_screen_opens(exact: RunningSimulator, booked: Json, path: str, words: str) -> None:
    assert words in page(exact, path)


def test_a_customer_shows_entries_and_a_document_its_entry(
    exact: RunningSimulator, booked: Json
) -> None:
    customer = exact.account(CUSTOMER)["ID"]
    document = exact.documents()[0]["ID"]

    assert "267000001" in page(exact, f"/customers/{exact.division}/{customer}")
    assert "267000001" in page(exact, f"/documents/{exact.division}/{document}")
    shown = f"/docs/DocView.aspx?DocumentID={document}&_Division_={exact.division}"
    assert "267000001" in page(exact, shown)


def test_a_cash_entry_shows_its_journal(
    exact: RunningSimulator, caller: Caller, line: EntryMaker
) -> None:
    lines = [line("580000", 50, Description="To the bank")]
    caller.create("financialtransaction/CashEntries", JournalCode="10", CashEntryLines=lines)
    text = page(exact, "/other")
    assert "10 Kas hoofdzetel" in text
    assert "To the bank" in text


@pytest.mark.parametrize(
    "path",
    ["/entries/2468013/x", "/entries/1/x", "/customers/2468013/x", "/files/2468013/x/a.pdf",
     "/requests/99", "/documents/2468013/x", "/lists?kind=x", "/other?kind=x"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(exact: RunningSimulator, path: str) -> None:
    assert requests.get(exact.url + path, timeout=10).status_code == 404


def test_pages_load_nothing_from_elsewhere(exact: RunningSimulator) -> None:
    answer = requests.get(exact.url, timeout=10)

    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert re.findall(r'(?:src|href)="https?://', answer.text) == []
    assert "style=" not in answer.text


def test_opening_an_administration_is_remembered_by_me(exact: RunningSimulator) -> None:
    page(exact, f"/?division={exact.other_division}")

    assert exact.current_division == exact.other_division


def test_trouble_can_be_planned_on_the_page(exact: RunningSimulator, caller: Caller) -> None:
    form = {"kind": "unavailable", "method": "", "resource": "hrm/Costunits", "times": "1"}
    requests.post(f"{exact.url}/controls/faults", form, timeout=10)

    assert "unavailable" in page(exact, "/controls")
    assert caller.get("hrm/Costunits").status_code == 503
    assert caller.get("hrm/Costunits").status_code == 200


def test_scripts_plan_trouble_by_json(exact: RunningSimulator, caller: Caller) -> None:
    control = f"{exact.url}/controls"
    planned = requests.post(f"{control}/faults", json={"kind": "crash", "times": 0}, timeout=10)
    state = requests.get(f"{control}/state.json", timeout=10).json()
    requests.post(f"{control}/faults/clear", json={}, timeout=10)

    assert planned.status_code == 204
    assert state["faults"][0]["kind"] == "crash"
    assert caller.get("hrm/Costunits").status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("faults", {"kind": "earthquake"}),
        ("faults", {"kind": "crash", "times": "many"}),
        ("options", {"calls_per_minute": "x"}),
        ("clock", {"minutes": "x"}),
    ],
)
def test_a_control_that_makes_no_sense_is_refused(
    exact: RunningSimulator, path: str, body: Json
) -> None:
    answer = requests.post(f"{exact.url}/controls/{path}", json=body, timeout=10)

    assert answer.status_code == 400


def test_another_site_cannot_steer_the_simulator(exact: RunningSimulator) -> None:
    answer = requests.post(
        f"{exact.url}/controls/reset", headers={"Origin": "https://evil.example"}, timeout=10
    )

    assert answer.status_code == 403


def test_limits_switches_and_latency_can_be_set(exact: RunningSimulator) -> None:
    sent = {"calls_per_minute": "", "calls_per_day": "7", "substringof": "true", "latency": "0.01"}
    requests.post(f"{exact.url}/controls/options", sent, timeout=10)

    assert (exact.options.calls_per_minute, exact.options.calls_per_day) == (None, 7)
    assert (exact.options.substringof, exact.options.latency) == (True, 0.01)


def test_the_clock_can_be_moved_on_the_page(exact: RunningSimulator) -> None:
    before = exact.clock.now()
    requests.post(f"{exact.url}/controls/clock", {"minutes": "60", "speed": "2"}, timeout=10)

    assert (exact.clock.now() - before).total_seconds() >= 3600
    assert exact.clock.speed == 2
    requests.post(f"{exact.url}/controls/clock", {"real": "1"}, timeout=10)
    assert exact.clock.speed == 1


def test_an_accountant_can_mark_process_and_delete(exact: RunningSimulator, booked: Json) -> None:
    steer = f"{exact.url}/controls/entries/{booked['EntryID']}"
    requests.post(f"{steer}/paid", timeout=10)
    paid = exact.records("cashflow/Receivables")[0]["IsFullyPaid"]
    requests.post(f"{steer}/process", timeout=10)
    status = exact.entries()[0]["Status"]
    requests.post(f"{steer}/delete", timeout=10)

    assert (paid, status, exact.entries()) == (True, 50, [])
    assert requests.post(f"{steer}/burn", timeout=10).status_code == 404


def test_logins_can_be_ended_and_everything_reset(
    exact: RunningSimulator, caller: Caller, booked: Json
) -> None:
    requests.post(f"{exact.url}/controls/revoke", timeout=10)
    revoked = caller.get("hrm/Costunits").status_code
    requests.post(f"{exact.url}/controls/reset", timeout=10)

    assert (revoked, exact.entries()) == (401, [])


def test_what_is_booked_twice_is_seen_at_a_glance(
    exact: RunningSimulator, caller: Caller, booked: Json, entry: EntryMaker
) -> None:
    again = caller.create("salesentry/SalesEntries", **entry())

    text = page(exact, "/")
    assert "1 reference is booked more than once." in text
    assert text.count("Booked twice") == 2
    assert str(again["EntryNumber"]) in page(exact, "/check")


def test_documents_that_are_there_in_part_are_listed(
    exact: RunningSimulator, caller: Caller, booked: Json
) -> None:
    caller.create("documents/Documents", Subject="Lost", Type=10)

    assert page(exact, "/check").count("Lost") == 2


def test_long_lists_come_in_pages(exact: RunningSimulator, booked: Json) -> None:
    books = exact.state.books[exact.division]
    model = exact.records("salesentry/SalesEntries")[0]
    for number in range(1, 121):
        copy = {"EntryID": str(number), "EntryNumber": number, "YourRef": f"P{number}"}
        books.table("salesentry/SalesEntries").put(model | copy)

    first, last = page(exact, "/?q=p"), page(exact, "/?page=3")
    assert "Page 1 of 3" in page(exact, "/")
    assert last.count("Your reference</dt>") == 21
    assert re.findall(r'href="(/\?q=p&amp;page=2)" rel="next"', first)
    assert "Page 3 of 3" in page(exact, "/?page=99")
