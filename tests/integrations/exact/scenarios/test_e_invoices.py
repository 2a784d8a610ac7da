"""Invoices and credit notes: overnight or by hand, with their PDF, to the cent (E1 to E17)."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
import requests
import time_machine
from dateutil.relativedelta import relativedelta
from sqlalchemy import func, select

from ppplanner.clock import midnight, now, today
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.integrations.exact import forwarding, switching
from ppplanner.integrations.exact.jobs import tick
from ppplanner.integrations.exact.models import ExactConnection, ExactRun, ExactVatLink, Kind
from ppplanner.integrations.exact.settings import ExactSettings, InvoiceMode
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.simulator.money import exact as number
from ppplanner.integrations.exact.standing import Stage, Standing, standings
from ppplanner.integrations.exact.sync import lists
from ppplanner.integrations.exact.sync.nights import last_due
from ppplanner.models import (
    BusinessUnit,
    Contract,
    ContractStatus,
    Invoice,
    InvoiceLine,
    PaymentState,
)
from ppplanner.services.invoices import confirming, crediting, draft_lines, drafts, overtaken
from ppplanner.services.invoices.totals import total
from tests.blueprints.pages import main
from tests.conftest import Browser, Login
from tests.factories import make_company, make_contract, make_unit, make_vat_code
from tests.integrations.exact.conftest import Connect, new_invoice
from tests.integrations.exact.scenarios.conftest import Switch, Work

pytestmark = pytest.mark.one_database

ENTRIES = "salesentry/SalesEntries"
DOCUMENTS = "documents/Documents"
ATTACHMENTS = "documents/DocumentAttachments"
PAYMENTS = ("read/financial/ReceivablesList", "cashflow/Receivables")
FORWARD, AGAIN = "/exact/invoices/forward", "/exact/attention/try-again"
TWO_FIFTEEN = time(2, 15)

Night = Callable[..., None]
RunJobs = Callable[[], int]


@pytest.fixture
def accountant(connection: ExactConnection, login: Login) -> Browser:
    return login("exact.view", "exact.forward", "invoices.view", "invoices.edit")


@pytest.fixture
def night(connection: ExactConnection, run_jobs: RunJobs) -> Night:
    """The clock at some minutes past the hour of the coming night, or of the next, and the work
    that follows.
    """
    zone = connection.company.timezone
    passed, _moment = last_due(now(), TWO_FIFTEEN, zone)
    first = last_due(midnight(passed + timedelta(days=2), zone), TWO_FIFTEEN, zone)[1]

    def come(which: int = 1, minutes: int = 1) -> None:
        moment = first + timedelta(days=which - 1, minutes=minutes)
        db.session.commit()
        with time_machine.travel(moment, tick=True):
            tick()
            run_jobs()
        db.session.expire_all()

    return come


def nightly(connection: ExactConnection, at: str = "02:15") -> None:
    values = ExactSettings(invoices_mode=InvoiceMode.NIGHTLY, invoices_night_time=at)
    switching.save_settings(connection.company, connection, values)
    db.session.commit()


def forward(*invoices: Invoice) -> None:
    forwarding.forward([invoice.id for invoice in invoices], by="Anke")
    db.session.commit()


def standing(invoice: Invoice) -> Standing:
    return standings(Kind.INVOICE, [invoice.id])[invoice.id]


def stages(*invoices: Invoice) -> list[Stage]:
    return [standing(invoice).stage for invoice in invoices]


def credited(invoice: Invoice, amounts: Mapping[int, Decimal] | None = None) -> Invoice:
    """A confirmed credit note: on these lines, or on all that is left."""
    if amounts is None:
        note = crediting.credit_in_full(invoice, on=today())
    else:
        note = crediting.credit(invoice, amounts, on=today())
    confirming.confirm_invoice(note)
    db.session.commit()
    return note


def invoice_over(
    connection: ExactConnection, unit: BusinessUnit, *lines: tuple[str, int]
) -> Invoice:
    """A confirmed invoice with a line for each net amount and rate, whose VAT codes are mapped."""
    invoice = new_invoice(unit, confirmed=False)
    account = invoice.lines[0].gl_account
    invoice.lines = [
        InvoiceLine(
            position=position,
            description=f"Line {position}",
            units=Decimal(1),
            unit_price=Decimal(net),
            net=Decimal(net),
            vat_code=make_vat_code(str(rate)),
            vat_percentage=Decimal(rate),
            gl_account=account,
        )
        for position, (net, rate) in enumerate(lines, start=1)
    ]
    db.session.flush()
    total(invoice)
    seen = overtaken.fingerprint(overtaken.differences(invoice))
    confirming.confirm_invoice(invoice, seen=seen)
    for rate in {rate for _net, rate in lines}:
        choice = lists.vat_choices(connection, Decimal(rate))[0]
        lists.map_vat_code(connection, make_vat_code(str(rate)), choice)
    db.session.commit()
    return invoice


# --- overnight ----------------------------------------------------------------------------------


def test_E01_all_of_the_day_goes_in_the_night_and_nothing_before(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    night: Night,
    accountant: Browser,
) -> None:
    nightly(connection)
    invoices = [new_invoice(unit) for _n in range(3)]
    note = credited(invoices[0])

    night(minutes=-1)
    assert not simulator.log.writes()

    night()
    booked = simulator.entries()
    assert [each["YourRef"] for each in booked] == [each.reference for each in (*invoices, note)]
    for each, entry in zip((*invoices, note), booked, strict=True):
        assert standing(each).stage is Stage.BOOKED
        assert standing(each).number == str(entry["EntryNumber"])
        page = main(accountant.get(f"/invoices/{each.id}"))
        assert f"Booked in Exact as entry {entry['EntryNumber']}." in page


def test_E02_drafts_stay_here(
    connection: ExactConnection, unit: BusinessUnit, simulator: RunningSimulator, night: Night
) -> None:
    nightly(connection)
    draft = new_invoice(unit, confirmed=False)
    new_invoice(unit)

    night()

    assert len(simulator.entries()) == 1
    assert stages(draft) == [Stage.NOT_SENT]


def test_E03_one_that_exact_refuses_says_why_and_goes_the_next_night(
    connection: ExactConnection, unit: BusinessUnit, simulator: RunningSimulator, night: Night
) -> None:
    nightly(connection)
    others = [new_invoice(unit) for _n in range(3)]
    odd = invoice_over(connection, unit, ("100.00", 6))
    link = db.session.scalars(select(ExactVatLink).filter_by(vat_code=make_vat_code("6"))).one()
    right, link.code = link.code, "ZZ"

    night()
    assert stages(*others, odd) == [Stage.BOOKED] * 3 + [Stage.REFUSED]
    assert "Exact does not know this VAT code." in str(standing(odd).reasons[0])
    assert standing(odd).words == ["Invalid reference: VAT code"]

    link.code = right
    night(2)
    assert stages(odd) == [Stage.BOOKED]
    assert len(simulator.entries()) == 4


def test_E04_however_often_a_night_is_begun_each_invoice_is_booked_once(
    connection: ExactConnection, unit: BusinessUnit, simulator: RunningSimulator, night: Night
) -> None:
    nightly(connection)
    invoice = new_invoice(unit)

    for minutes in (1, 1, 2, 60):
        night(minutes=minutes)
    night(2)

    assert len(simulator.entries(YourRef=invoice.reference)) == 1
    assert simulator.log.count(ENTRIES, "POST") == 1


@pytest.mark.parametrize("eve", [date(2027, 3, 27), date(2026, 10, 24)], ids=["summer", "winter"])
def test_E05_the_night_of_a_clock_change_has_one_run(
    connect: Connect, simulator: RunningSimulator, eve: date, run_jobs: RunJobs
) -> None:
    evening = datetime.combine(eve, time(18), UTC)
    with time_machine.travel(evening, tick=True):
        make_vat_code("21")
        unit = make_unit(make_company())
        connection = connect(unit.company)
        nightly(connection, at="02:30")  # left out in spring, twice in autumn
        new_invoice(unit)
    for quarters in range(16):
        moment = evening + timedelta(hours=5, minutes=15 * quarters)
        with time_machine.travel(moment, tick=True):
            tick()
    with time_machine.travel(moment, tick=True):  # a month later the login would be over
        run_jobs()

    assert db.session.scalar(select(func.count()).select_from(ExactRun)) == 1
    assert len(simulator.entries()) == 1


# --- by hand ------------------------------------------------------------------------------------


def test_E06_by_hand_exactly_the_ticked_ones_go_at_once(
    accountant: Browser,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    night: Night,
    run_jobs: RunJobs,
) -> None:
    invoices = [new_invoice(unit) for _n in range(5)]
    night()
    assert not simulator.log.writes()

    ticked = [invoices[1], invoices[3]]
    ids = [invoice.id for invoice in ticked]
    accountant.post(FORWARD, data={"ids": ids, "confirmed": "1"})
    run_jobs()

    references = [entry["YourRef"] for entry in simulator.entries()]
    assert references == [invoice.reference for invoice in ticked]


def test_E07_without_the_right_nobody_forwards(
    login: Login, invoice: Invoice, connection: ExactConnection, run_jobs: RunJobs
) -> None:
    visitor = login("exact.view", "invoices.view", "invoices.edit")

    for page in ("/invoices/", f"/invoices/{invoice.id}"):
        assert "Forward to Exact" not in visitor.get(page).text
    for data in ({"ids": invoice.id}, {"ids": invoice.id, "confirmed": "1"}):
        assert visitor.post(FORWARD, data=data).status_code == 403
    run_jobs()

    assert stages(invoice) == [Stage.NOT_SENT]


# --- amounts ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lines",
    [
        [("33.33", 21), ("0.05", 21)],
        [("19.99", 6), ("19.99", 6)],
        [("100.00", 0)],
        [("33.33", 21), ("66.67", 6), ("0.05", 21), ("100.00", 0), ("-10.01", 6)],
    ],
    ids=["21", "6", "0", "mixed"],
)
def test_E08_net_vat_and_total_are_those_of_the_invoice(
    connection: ExactConnection,
    unit: BusinessUnit,
    simulator: RunningSimulator,
    work: Work,
    lines: list[tuple[str, int]],
) -> None:
    invoice = invoice_over(connection, unit, *lines)
    forward(invoice)
    work()

    (entry,) = simulator.entries(YourRef=invoice.reference)
    assert number(entry["AmountFC"]) == invoice.gross
    by_code: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0), Decimal(0)])
    for line in entry["SalesEntryLines"]:
        by_code[line["VATCode"]][0] += number(line["AmountFC"])
        by_code[line["VATCode"]][1] += number(line["VATAmountFC"])
    codes = {link.vat_code_id: link.code for link in db.session.scalars(select(ExactVatLink))}
    ours = {codes[each.vat_code_id]: [each.base, each.vat] for each in invoice.vat_totals}
    assert by_code == ours


def test_E09_credit_notes_reduce_what_the_customer_owes_and_name_the_invoice(
    connection: ExactConnection, unit: BusinessUnit, simulator: RunningSimulator, work: Work
) -> None:
    invoice = invoice_over(connection, unit, ("100.00", 21), ("50.00", 6))
    first, _second = invoice.lines
    part = credited(invoice, {first.id: Decimal("40.00")})
    forward(invoice, part)
    work()
    assert owed(simulator, invoice) == invoice.gross + part.gross == Decimal("125.60")

    rest = credited(invoice)
    forward(rest)
    work()

    assert owed(simulator, invoice) == 0
    for note in (part, rest):
        (entry,) = simulator.entries(YourRef=note.reference)
        assert number(entry["AmountFC"]) == note.gross < 0
        assert invoice.reference in entry["Description"]
        assert note.reference in entry["Description"]


def owed(simulator: RunningSimulator, invoice: Invoice) -> Decimal:
    """What the customer of an invoice owes in Exact."""
    (entry,) = simulator.entries(YourRef=invoice.reference)
    claims = simulator.records("cashflow/Receivables", Account=entry["Customer"])
    return -sum((number(claim["AmountFC"]) for claim in claims), Decimal(0))


def test_E10_a_booking_whose_answer_was_lost_is_found_by_its_number(
    invoice: Invoice, accountant: Browser, simulator: RunningSimulator, work: Work
) -> None:
    simulator.fail_next("drop_after", ENTRIES, method="POST")
    forward(invoice)
    work()
    assert stages(invoice) == [Stage.WAITING]

    with time_machine.travel(now() + timedelta(minutes=5), tick=True):
        work()

    assert stages(invoice) == [Stage.BOOKED]
    assert simulator.log.count(ENTRIES, "POST") == 1
    assert "Found the booking, made before" in main(accountant.get(f"/invoices/{invoice.id}"))


def test_E11_what_is_paid_in_exact_is_followed_only_when_it_is_switched_on(
    invoice: Invoice,
    simulator: RunningSimulator,
    night: Night,
    switch: Switch,
    work: Work,
) -> None:
    forward(invoice)
    work()
    (entry,) = simulator.entries()
    simulator.mark_paid(entry["EntryID"])
    night()
    assert payment(invoice) is PaymentState.NOT_PAID
    assert not [call for call in simulator.log if call.resource in PAYMENTS]

    switch(payments_fetch=True)
    night(minutes=40)
    assert payment(invoice) is PaymentState.FULLY_PAID

    simulator.mark_paid(entry["EntryID"], paid=False)
    night(minutes=80)
    assert payment(invoice) is PaymentState.NOT_PAID


def payment(invoice: Invoice) -> PaymentState:
    return invoice.payment_state


# --- PDFs ---------------------------------------------------------------------------------------


def test_E12_the_stored_pdf_hangs_on_the_booking(
    invoice: Invoice, simulator: RunningSimulator, work: Work
) -> None:
    forward(invoice)
    work()

    (entry,) = simulator.entries(YourRef=invoice.reference)
    (attachment,) = simulator.attachments(Document=entry["Document"])
    assert invoice.document
    assert hashlib.sha256(attachment["Content"]).hexdigest() == invoice.document.sha256
    assert attachment["FileName"] == f"{invoice.reference}.pdf"


def test_E13_without_pdfs_the_booking_goes_alone(
    invoice: Invoice, simulator: RunningSimulator, work: Work, switch: Switch
) -> None:
    switch(invoices_pdf=False)
    forward(invoice)
    work()

    assert stages(invoice) == [Stage.BOOKED]
    assert not simulator.log.writes(DOCUMENTS)
    assert not simulator.log.writes(ATTACHMENTS)
    assert simulator.entries()[0]["Document"] is None


@pytest.mark.usefixtures("printed_paper")
def test_E14_both_systems_show_the_same_pdf(
    invoice: Invoice, accountant: Browser, simulator: RunningSimulator, work: Work
) -> None:
    note = credited(invoice)
    forward(invoice, note)
    work()

    for document in (invoice, note):
        page = accountant.get(f"/invoices/{document.id}")
        (ours,) = set(re.findall(rf'"(/invoices/{document.id}/pdf)[^"]*"', page.text))
        (entry,) = simulator.entries(YourRef=document.reference)
        there = f"{simulator.url}/entries/{simulator.division}/{entry['EntryID']}"
        (theirs,) = set(re.findall(r'href="(/files/[^"]+)"', read(there).text))

        pdf = accountant.get(ours).data
        assert pdf.startswith(b"%PDF")
        assert pdf == read(simulator.url + theirs).content


def read(url: str) -> requests.Response:
    answer = requests.get(url, timeout=10)
    answer.raise_for_status()
    return answer


TOO_STRANGE = "Invalid: File name"


def without_pdf(invoice: Invoice, simulator: RunningSimulator, work: Work) -> None:
    """Booked, after Exact has refused its file for good."""
    simulator.fail_next("objection", ATTACHMENTS, method="POST", text=TOO_STRANGE)
    forward(invoice)
    work()


def test_E15_an_invoice_whose_pdf_exact_refuses_is_booked_and_says_what_is_missing(
    invoice: Invoice, accountant: Browser, simulator: RunningSimulator, work: Work
) -> None:
    without_pdf(invoice, simulator, work)

    (entry,) = simulator.entries(YourRef=invoice.reference)
    assert entry["Document"] == simulator.documents()[0]["ID"]
    assert not simulator.attachments()
    told = standing(invoice)
    assert (told.stage, told.number) == (Stage.INCOMPLETE, str(entry["EntryNumber"]))
    assert told.words == [TOO_STRANGE]
    for url in ("/invoices/", "/invoices/?exact=incomplete", f"/invoices/{invoice.id}"):
        page = main(accountant.get(url))
        assert "booked, PDF missing" in page
        assert "Exact has booked it, but refuses its PDF." in page
    assert invoice.reference not in main(accountant.get("/invoices/?exact=refused"))
    assert "Try Exact again" in main(accountant.get(f"/invoices/{invoice.id}"))


@pytest.mark.parametrize("page", [FORWARD, AGAIN])
def test_E15_trying_again_by_hand_adds_only_the_pdf(
    invoice: Invoice,
    accountant: Browser,
    simulator: RunningSimulator,
    work: Work,
    run_jobs: RunJobs,
    page: str,
) -> None:
    without_pdf(invoice, simulator, work)
    simulator.log.clear()

    which = invoice.id if page == FORWARD else standing(invoice).entry_id
    accountant.post(page, data={"ids": which, "confirmed": "1"})
    assert stages(invoice) == [Stage.WAITING]
    run_jobs()

    only_the_pdf(invoice, simulator)


def test_E15_the_next_night_adds_only_the_pdf(
    connection: ExactConnection,
    invoice: Invoice,
    simulator: RunningSimulator,
    work: Work,
    night: Night,
) -> None:
    nightly(connection)
    without_pdf(invoice, simulator, work)
    simulator.log.clear()

    night()
    only_the_pdf(invoice, simulator)

    night(2)
    only_the_pdf(invoice, simulator)


def only_the_pdf(invoice: Invoice, simulator: RunningSimulator) -> None:
    """Went after the booking, and only it."""
    assert [call.resource for call in simulator.log.writes()] == [ATTACHMENTS]
    assert stages(invoice) == [Stage.BOOKED]
    (entry,) = simulator.entries()
    (attachment,) = simulator.attachments(Document=entry["Document"])
    assert invoice.document
    assert attachment["Content"] == invoice.document.content


def test_E15_refused_again_it_stays_as_it_is_and_can_be_tried_again(
    invoice: Invoice, simulator: RunningSimulator, work: Work
) -> None:
    without_pdf(invoice, simulator, work)

    without_pdf(invoice, simulator, work)

    assert stages(invoice) == [Stage.INCOMPLETE]
    assert len(simulator.entries()) == len(simulator.documents()) == 1
    assert simulator.log.count(ATTACHMENTS, "POST") == 2


def test_E15_with_pdfs_switched_off_meanwhile_it_is_complete(
    invoice: Invoice, simulator: RunningSimulator, work: Work, switch: Switch
) -> None:
    without_pdf(invoice, simulator, work)
    switch(invoices_pdf=False)
    simulator.log.clear()

    forward(invoice)
    work()

    assert stages(invoice) == [Stage.BOOKED]
    assert not simulator.log.writes()


@pytest.mark.parametrize("trouble", ["crash", "unavailable", "drop_before", "throttled"])
def test_E15_what_passes_by_itself_keeps_the_booking_waiting_for_its_pdf(
    invoice: Invoice, simulator: RunningSimulator, work: Work, trouble: str
) -> None:
    simulator.fail_next(trouble, ATTACHMENTS, method="POST")
    forward(invoice)
    work()
    assert stages(invoice) == [Stage.WAITING]
    assert not simulator.entries()

    with time_machine.travel(now() + timedelta(minutes=10), tick=True):
        work()
    assert stages(invoice) == [Stage.BOOKED]
    assert len(simulator.attachments()) == len(simulator.documents()) == 1


# --- contracts, and what is locked --------------------------------------------------------------


def test_E16_three_monthly_invoices_go_and_the_last_one_finishes_the_contract(
    connection: ExactConnection, unit: BusinessUnit, simulator: RunningSimulator, night: Night
) -> None:
    nightly(connection)
    contract, first = three_months(unit)
    invoices = []
    for month in (1, 2, 3):
        until = first + relativedelta(months=month, days=-1)
        made = drafts.draft_from_contract(contract, invoice_date=today(), until=until)
        confirming.confirm_invoice(made)
        db.session.commit()
        invoices.append(made)
        night(month)
        assert (contract.status is ContractStatus.INVOICED) == (month == 3)

    assert stages(*invoices) == [Stage.BOOKED] * 3
    references = [entry["YourRef"] for entry in simulator.entries()]
    assert references == [invoice.reference for invoice in invoices]


def three_months(unit: BusinessUnit) -> tuple[Contract, date]:
    """A contract over three whole months, of which the resource is back; and its first day."""
    first = today().replace(day=1) - relativedelta(months=3)
    starts_at = datetime.combine(first, time(9), UTC)
    ends_at = starts_at + relativedelta(months=3, days=-1, hours=5)
    contract = make_contract(unit=unit, starts_at=starts_at, ends_at=ends_at)
    contract.status = ContractStatus.CHECKED_IN
    db.session.commit()
    return contract, first


def test_E17_a_forwarded_invoice_can_only_be_credited(
    invoice: Invoice, accountant: Browser, simulator: RunningSimulator, work: Work
) -> None:
    forward(invoice)
    work()
    (line,) = invoice.lines
    before = content_of(invoice)

    page = f"/invoices/{invoice.id}"
    deeds = ("lines/new", f"lines/{line.id}/edit", f"lines/{line.id}/remove", "dates", "discard")
    typed = {"description": "Else", "units": "1", "unit_price": "1", "invoice_date": "2020-01-01"}
    for deed in deeds:
        for answer in (
            accountant.get(f"{page}/{deed}"),
            accountant.post(f"{page}/{deed}", data=typed),
        ):
            assert answer.status_code in (303, 404, 409), deed
            assert f"{page}/{deed}" not in accountant.get(page).text

    changes: list[Callable[[], object]] = [
        lambda: drafts.discard_draft(invoice),
        lambda: drafts.set_dates(invoice, today(), today()),
        lambda: draft_lines.add_line(invoice, draft_lines.LineData("Else", Decimal(1), Decimal(1))),
        lambda: draft_lines.remove_line(line),
        lambda: confirming.confirm_invoice(invoice),
    ]
    for change in changes:
        with pytest.raises(DomainError, match="never changes"):
            change()
        db.session.rollback()
    assert content_of(invoice) == before

    note = credited(invoice)
    forward(note)
    work()
    assert stages(invoice, note) == [Stage.BOOKED] * 2
    assert owed(simulator, invoice) == 0
    assert simulator.log.count(method="DELETE") == simulator.log.count(ENTRIES, "PUT") == 0


def content_of(invoice: Invoice) -> list[object]:
    db.session.expire_all()
    lines = [(line.description, line.net, line.vat_percentage) for line in invoice.lines]
    return [invoice.reference, invoice.invoice_date, invoice.gross, lines]
