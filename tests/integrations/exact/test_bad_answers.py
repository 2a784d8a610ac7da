"""Whatever Exact answers: the record says in plain words what is the matter and what to do, keeps
Exact's own words beside it, and nothing else is delayed.
"""

from __future__ import annotations

import json
from dataclasses import fields, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
import time_machine
from sqlalchemy import select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.integrations.exact import forwarding, mapping, queueing
from ppplanner.integrations.exact.client import ExactClient
from ppplanner.integrations.exact.items import Record, item_of
from ppplanner.integrations.exact.messages import UNKNOWN
from ppplanner.integrations.exact.models import (
    ExactConnection,
    ExactCustomerLink,
    ExactGLAccountLink,
    Kind,
)
from ppplanner.integrations.exact.records import Account, NewSalesEntry, SalesEntry
from ppplanner.integrations.exact.settings import exact_settings
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.simulator import messages as simulated
from ppplanner.integrations.exact.standing import Stage, Standing, standings
from ppplanner.integrations.exact.sync.customer_imports import import_account
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.models import (
    BusinessUnit,
    Company,
    Customer,
    CustomerKind,
    Invoice,
    MethodKind,
    TypeRole,
)
from tests.blueprints.pages import main
from tests.conftest import Login
from tests.factories import make_contract, make_cost_carrier, make_cost_centre, make_customer
from tests.integrations.exact.conftest import Connect, new_invoice
from tests.integrations.exact.money import paid, set_up

pytestmark = pytest.mark.one_database

ACCOUNTS = "crm/Accounts"
ENTRIES = "salesentry/SalesEntries"
JOURNAL_ENTRIES = "generaljournalentry/GeneralJournalEntries"

#: Section 4.7 of the API facts, in English and Dutch where they were seen in the wild; French, and
#: what is missing, as the simulator says it.
CATALOGUE = {
    "EN": [
        "Mandatory: Journal",
        "Mandatory: Customer",
        "Mandatory: Payment condition",
        "Mandatory: Cost center",
        "Mandatory: Relationship",
        "Invalid reference: Journals",
        "Invalid reference: VAT code",
        "Invalid reference: Cost unit",
        "Invalid reference: Payment condition",
        "Invalid: Customer (Type)",
        "Invalid: Journal (type)",
        "Invalid journal. The journal must be a cash journal.",
        "Invalid: G/L account type",
        "Invalid: VAT percentage []",
        "Invalid: Email []",
        "Invalid: Cost center link",
        "In use: Document number",
        "Already exists - Entry number: 26700012, Journal: 70",
        "Data already exists",
        "Not allowed: VAT code",
        "Not allowed: Exchange rate",
        "Period is closed",
        "Unknown: Financial year (Period-date table)",
        "This entry is not balanced on: 2021 / 12 (Type: Other) - Difference: EUR 1.000,00",
        "Entry 26700012 is out of balance on 2026 / 3. Difference: EUR -0,01",
        "Already processed",
        "Opening balance plus all bank entry lines should result in the closing balance",
        "Document Type not allowed",
        "Wrong Division",
        "Not found: Account (x) - G/L Account: 700100",
    ],
    "NL": [
        "Verplicht: Dagboek",
        "Verplicht: Klant",
        "Verplicht: Betalingsconditie",
        "Verplicht: Kostenplaats",
        "Ongeldige referentie: Btw-code",
        "Ongeldig: Klant (Type)",
        "Ongeldig: Grootboekrekeningtype",
        "In gebruik: Boekstuknummer",
        "Gegeven bestaat reeds",
        "Periode is afgesloten: 2024 - 01",
        "Reeds verwerkt",
    ],
    "FR": [],
}
DETAILS = {"year": 2024, "period": 1, "difference": "0,01", "limit": 30}
SUBJECTS = {
    "mandatory": ("Journal", "Customer", "PaymentCondition", "CostCenter", "CostUnit"),
    "reference": ("Journals", "VATCode", "CostUnit", "PaymentCondition", "GLAccount"),
    "invalid": ("CustomerType", "JournalType", "GLAccountType", "VATPercentage", "Email"),
    "not_allowed": ("VATCode", "ExchangeRate", "CostCenter", "CostUnit"),
    "in_use": ("DocumentNumber",),
    "blocked": ("Customer", "GLAccount", "Journal", "VATCode"),
    "too_long": ("Name",),
}


def texts_in(language: str) -> list[str]:
    """All that was seen, and all that the simulator says."""
    said = [
        simulated.sentence(language, kind, subject, **DETAILS)
        for kind in simulated.SENTENCES
        for subject in SUBJECTS.get(kind, ("",))
    ]
    return list(dict.fromkeys([*CATALOGUE[language], *said]))


@pytest.fixture
def accountant(connection: ExactConnection, login: Login) -> Any:
    return login("exact.view", "invoices.view")


@pytest.fixture
def patient(simulator: RunningSimulator) -> RunningSimulator:
    """An Exact that counts neither calls nor refusals."""
    simulator.options.calls_per_minute = simulator.options.errors_per_hour = None
    return simulator


def forward(*invoices: Invoice) -> None:
    forwarding.forward([invoice.id for invoice in invoices], by="Anke")
    db.session.commit()


def standing(record: Record, kind: Kind = Kind.INVOICE) -> Standing:
    return standings(kind, [record.id])[record.id]


def says(record: Record, kind: Kind = Kind.INVOICE) -> str:
    return " ".join(map(str, standing(record, kind).reasons))


def later(connection: ExactConnection, **time: float) -> None:
    connection_id = connection.id
    db.session.commit()
    with time_machine.travel(now() + timedelta(**time), tick=True):
        run_outbox(connection_id)


# --- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", CATALOGUE)
def test_every_text_of_exact_becomes_a_sentence_and_delays_nothing(
    connection: ExactConnection,
    patient: RunningSimulator,
    unit: BusinessUnit,
    accountant: Any,
    language: str,
) -> None:
    exact_settings.save(connection.company_id, invoices_pdf=False)
    customer, texts = make_customer(), texts_in(language)
    link(connection, customer, patient)
    refused = [new_invoice(unit, customer=customer) for _text in texts]
    last = new_invoice(unit, customer=customer)
    for text in texts:
        patient.fail_next("objection", ENTRIES, method="POST", text=text)

    forward(*refused, last)
    run_outbox(connection.id)

    assert standing(last).stage is Stage.BOOKED
    for invoice, text in zip(refused, texts, strict=True):
        told = standing(invoice)
        assert (told.stage, told.words) == (Stage.REFUSED, [text])
        (reason,) = told.reasons
        assert reason.text != UNKNOWN, text
        assert "%(" not in str(reason)
    page = main(accountant.get(f"/invoices/{refused[0].id}"))
    assert says(refused[0]) in page
    assert f"Exact's own words: {texts[0]}" in page


def test_several_objections_at_once_are_told_one_by_one(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    both = ["Mandatory: Journal", "Period is closed: 2026 - 11"]
    simulator.fail_next("objection", ENTRIES, method="POST", text="\r\n".join(both))
    forward(invoice)
    run_outbox(connection.id)

    told = standing(invoice)
    assert told.words == both
    assert [str(reason).split(".")[0] for reason in told.reasons] == [
        "Exact misses the journal",
        "This period is closed in Exact: 2026 - 11",
    ]


def test_words_that_nobody_knows_are_shown_as_they_came(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice, accountant: Any
) -> None:
    odd = "<script>alert(1)</script> 100 % %(words)s é"
    simulator.fail_next("objection", ENTRIES, method="POST", text=odd)
    forward(invoice)
    run_outbox(connection.id)

    answer = accountant.get(f"/invoices/{invoice.id}")

    assert f"Exact does not accept this. Exact says: {odd}" in says(invoice)
    assert "<script>alert" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; 100 % %(words)s é" in answer.text


@pytest.mark.parametrize(("user", "says_closed"), [("joris", "afgesloten"), ("celine", "clôturée")])
def test_people_read_their_language_and_exact_its_own(
    company: Company,
    connect: Connect,
    simulator: RunningSimulator,
    unit: BusinessUnit,
    user: str,
    says_closed: str,
) -> None:
    connection, invoice = connect(company, user=user), new_invoice(unit)
    simulator.close_period(invoice.invoice_date.year, invoice.invoice_date.month)
    forward(invoice)
    run_outbox(connection.id)

    assert says(invoice).startswith("This period is closed in Exact:")
    assert says_closed in standing(invoice).words[0]


# --- what is wrong in Exact ---------------------------------------------------------------------


def _no_rate(connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice) -> None:
    later = simulator.clock.wall() + timedelta(days=900)
    for rate in simulator.records("vat/VatPercentages", simulator.division):
        simulator.change("vat/VatPercentages", rate, StartDate=later)


def _closed_period(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    simulator.close_period(invoice.invoice_date.year, invoice.invoice_date.month)


def _blocked_customer(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    (account, *_more) = simulator.accounts(simulator.division, Blocked=True)
    link(connection, invoice.customer, simulator, account)


def _blocked_account(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    account = db.session.scalars(select(ExactGLAccountLink.exact_id)).first()
    (found,) = simulator.records("financial/GLAccounts", simulator.division, ID=str(account))
    simulator.change("financial/GLAccounts", found, IsBlocked=True)


def _unknown_journal(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice
) -> None:
    connection.sales_journal = "ZZ"


WRONG = {
    "no rate": (_no_rate, "This VAT code has no rate in Exact for the date."),
    "closed period": (_closed_period, "Ask the bookkeeper to open it"),
    "blocked customer": (_blocked_customer, "This customer is blocked in Exact."),
    "blocked account": (_blocked_account, "This GL account is blocked in Exact"),
    "unknown journal": (_unknown_journal, "Exact does not know this journal."),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_in_exact_is_told_with_the_cure(
    connection: ExactConnection, simulator: RunningSimulator, invoice: Invoice, what: str
) -> None:
    spoil, sentence = WRONG[what]
    spoil(connection, simulator, invoice)
    forward(invoice)
    run_outbox(connection.id)

    told = standing(invoice)
    assert told.stage is Stage.REFUSED
    assert sentence in says(invoice)
    assert len(told.words) == 1
    assert not simulator.entries()


def link(
    connection: ExactConnection,
    customer: Customer,
    simulator: RunningSimulator,
    account: Any = None,
) -> None:
    """Say that a customer is this relation in Exact, or any that can be invoiced."""
    usable = simulator.accounts(simulator.division, Status="C", Blocked=False)
    known = ExactCustomerLink(
        customer_id=customer.id,
        connection_id=connection.id,
        account_id=UUID((account or usable[0])["ID"]),
        known=mapping.told(customer),
    )
    db.session.add(known)
    db.session.commit()


# --- answers that are none ----------------------------------------------------------------------

HUGE = "x" * 10_000_000
UNUSABLE = {
    "empty": "",
    "a page": "<!DOCTYPE html><html><body><h1>Welcome</h1></body></html>",
    "half of it": '{"d": {"EntryID": "',
    "no entity": '{"d": {"results": []}}',
    "nothing": "null",
    "wrong types": json.dumps({"d": {"EntryID": 5, "EntryNumber": ["x"], "AmountFC": "much"}}),
    "no key": json.dumps({"d": {"EntryNumber": 1}}),
    "no number": '{"d": {"EntryNumber": NaN}}',
    "10 MB": HUGE,
    "10 MB of JSON": json.dumps({"d": {"EntryID": HUGE}}),
    "depths": "[" * 100_000,
}
ANOTHER_ENTRY = {
    "EntryID": "11111111-1111-1111-1111-111111111111",
    "EntryNumber": 7,
    "Journal": "70",
    "Customer": "22222222-2222-2222-2222-222222222222",
    "YourRef": "1999-00001",
}


@pytest.mark.parametrize("answer", [*UNUSABLE, "another entry"])
def test_a_booking_with_an_unusable_answer_is_looked_up_and_delays_nothing(
    connection: ExactConnection,
    simulator: RunningSimulator,
    unit: BusinessUnit,
    invoice: Invoice,
    answer: str,
) -> None:
    second = new_invoice(unit)
    text = UNUSABLE.get(answer, json.dumps({"d": ANOTHER_ENTRY}))
    simulator.fail_next("other_answer", ENTRIES, method="POST", text=text)
    forward(invoice, second)
    run_outbox(connection.id)

    assert [standing(invoice).stage, standing(second).stage] == [Stage.WAITING, Stage.BOOKED]
    assert "ppplanner looks up in Exact whether it arrived" in says(invoice)

    later(connection, minutes=5)
    assert standing(invoice).stage is Stage.BOOKED
    assert len(simulator.entries(YourRef=invoice.reference)) == 1


def test_a_booking_whose_reference_exact_writes_otherwise_is_booked_once(
    connection: ExactConnection,
    simulator: RunningSimulator,
    invoice: Invoice,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Looked up, it would never be found, and be sent again and again."""
    create = ExactClient.create_sales_entry

    def write_otherwise(self: ExactClient, new: NewSalesEntry) -> SalesEntry:
        return create(self, replace(new, your_ref=new.your_ref.replace("-", "/")))

    monkeypatch.setattr(ExactClient, "create_sales_entry", write_otherwise)
    forward(invoice)
    run_outbox(connection.id)
    later(connection, minutes=5)

    assert standing(invoice).stage is Stage.BOOKED
    assert len(simulator.entries()) == 1


@pytest.mark.parametrize("answer", [*UNUSABLE, "another page"])
def test_an_unusable_answer_to_a_question_delays_only_who_asked(
    connection: ExactConnection,
    simulator: RunningSimulator,
    unit: BusinessUnit,
    invoice: Invoice,
    answer: str,
) -> None:
    elsewhere = {"d": {"results": [], "__next": "https://elsewhere.example/"}}
    text = UNUSABLE.get(answer, json.dumps(elsewhere))
    if answer == "no entity":
        text = '{"d": {}}'  # nothing found is an answer
    second = new_invoice(unit)
    link(connection, second.customer, simulator)
    simulator.fail_next("other_answer", ACCOUNTS, method="GET", text=text)
    forward(invoice, second)
    run_outbox(connection.id)

    assert [standing(invoice).stage, standing(second).stage] == [Stage.WAITING, Stage.BOOKED]
    assert "answer cannot be read" in says(invoice)

    later(connection, minutes=5)
    assert standing(invoice).stage is Stage.BOOKED


def test_a_customer_whom_exact_always_answers_badly_holds_up_nobody_for_good(
    connection: ExactConnection, patient: RunningSimulator, unit: BusinessUnit, invoice: Invoice
) -> None:
    patient.fail_next("other_answer", ACCOUNTS, method="GET", text="?", times=None)
    forward(invoice)
    for minutes in (0, 10, 20):
        later(connection, minutes=minutes)
    second = new_invoice(unit)
    link(connection, second.customer, patient)
    forward(second)
    later(connection, minutes=21)

    assert standing(invoice).stage is Stage.WAITING
    assert standing(second).stage is Stage.BOOKED


# --- names --------------------------------------------------------------------------------------

NAMES = {
    "long": "Aannemingsbedrijf " + "Vandenbroucke-Desmedt " * 8,
    "accents": "Électricité Ångström & Çelik – Łódź «Été»",
    "signs": """O'Neill & Sons <b>"Best" + 100 %</b> {x} \\ ; -- 'or' 1=1""",
    "emoji": "Verhuur 🚐 Peeters",
    "from the right": "مؤسسة النور & Zonen",
}


@pytest.mark.parametrize("name", NAMES)
def test_a_name_arrives_in_exact_as_it_is_or_cut_at_fifty_characters(
    connection: ExactConnection, simulator: RunningSimulator, unit: BusinessUnit, name: str
) -> None:
    customer = make_customer(company_name=NAMES[name][:100].strip())
    invoice = new_invoice(unit, customer=customer)
    forward(invoice)
    run_outbox(connection.id)

    (entry,) = simulator.entries(YourRef=invoice.reference)
    (account,) = simulator.accounts(ID=entry["Customer"])
    assert account["Name"] == customer.company_name[:50].rstrip()
    assert customer.company_name[:20] in simulator.documents(ID=entry["Document"])[0]["Subject"]
    assert standing(customer, Kind.CUSTOMER).stage is Stage.LINKED


def some_account(name: str) -> Account:
    """A relation of which every text is too long."""
    texts = {field.name: "1" * 200 for field in fields(Account)}
    values = {"id": uuid4(), "name": name, "country": "BE", "language": "NL", "vat_number": ""}
    return Account(**{**texts, **values, "blocked": False})  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", CustomerKind)
@pytest.mark.parametrize("name", [*NAMES.values(), "x" * 200, "De " + "y" * 197])
def test_a_name_of_two_hundred_characters_is_imported_as_far_as_it_fits(
    connection: ExactConnection, kind: CustomerKind, name: str
) -> None:
    found = some_account(name)
    customer = import_account(connection, found, kind).customer

    limits = {
        column.name: getattr(column.type, "length", None) for column in Customer.__table__.columns
    }
    for field, limit in limits.items():
        value = getattr(customer, field)
        assert limit is None or value is None or len(value) <= limit, field
    assert customer.full_name.startswith(" ".join(name.split())[:20])


# --- everything else that goes ------------------------------------------------------------------


@pytest.fixture
def of_each_kind(
    connection: ExactConnection, simulator: RunningSimulator, unit: BusinessUnit
) -> dict[Kind, Record]:
    """A customer, a cost centre, a cost carrier and a transaction that can go to Exact."""
    exact_settings.save(connection.company_id, transactions_send=True)
    set_up(connection, unit)
    payer = make_contract(unit=unit)
    link(connection, payer.customer, simulator)
    return {
        Kind.CUSTOMER: make_customer(),
        Kind.COST_CENTRE: make_cost_centre(code="NORTH"),
        Kind.COST_CARRIER: make_cost_carrier(code="VAN1"),
        Kind.TRANSACTION: paid(TypeRole.PAYMENT, Decimal(50), MethodKind.BANK, contract=payer),
    }


RESOURCES = {
    Kind.CUSTOMER: ACCOUNTS,
    Kind.COST_CENTRE: "hrm/Costcenters",
    Kind.COST_CARRIER: "hrm/Costunits",
    Kind.TRANSACTION: JOURNAL_ENTRIES,
}
OBJECTIONS = {
    Kind.CUSTOMER: {
        "Invalid: Email []": "Exact does not accept the e-mail address. Correct it",
        "Mandatory: Name": "Exact asks for something that is missing: Name. Fill it in",
        "Maximum length exceeded: Name (50)": "This is too long for Exact: Name (50). Shorten it",
        "Data already exists": "Exact already has a record with this code. Link that one",
    },
    Kind.COST_CENTRE: {
        "Data already exists": "Exact already has a record with this code. Link that one",
        "Mandatory: Description": "Exact asks for something that is missing: Description.",
    },
    Kind.COST_CARRIER: {
        "Gegeven bestaat reeds": "Exact already has a record with this code. Link that one",
        "In use: Code": "Exact has already given this to something else: Code. Choose another.",
    },
    Kind.TRANSACTION: {
        "Period is closed: 2026 - 11": "This period is closed in Exact: 2026 - 11. Ask the book",
        "Invalid: G/L account type": "Choose another counterpart for it in the settings of Exact",
        "Mandatory: VAT code": "Exact asks for something that is missing: VAT code.",
        "Mandatory: Cost center": "have the bookkeeper make it optional in Exact",
        "Blocked: G/L Account": "This is blocked in Exact: G/L Account. Choose another, or have",
    },
}


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in OBJECTIONS.items() for text in texts]
)
def test_whatever_kind_is_refused_says_why_and_delays_nothing(
    connection: ExactConnection,
    simulator: RunningSimulator,
    unit: BusinessUnit,
    of_each_kind: dict[Kind, Record],
    kind: Kind,
    text: str,
) -> None:
    record, invoice = of_each_kind[kind], new_invoice(unit)
    simulator.fail_next("objection", RESOURCES[kind], method="POST", text=text)
    queueing.queue(connection, item_of(record), by="Anke")
    forward(invoice)
    run_outbox(connection.id)

    told = standing(record, kind)
    assert (told.stage, told.words) == (Stage.REFUSED, [text])
    assert OBJECTIONS[kind][text] in says(record, kind)
    assert standing(invoice).stage is Stage.BOOKED


@pytest.mark.parametrize("kind", RESOURCES)
def test_whatever_kind_is_answered_badly_is_looked_up_and_not_made_twice(
    connection: ExactConnection,
    simulator: RunningSimulator,
    of_each_kind: dict[Kind, Record],
    kind: Kind,
) -> None:
    record, resource = of_each_kind[kind], RESOURCES[kind]
    before = len(simulator.records(resource))
    simulator.fail_next("other_answer", resource, method="POST", text=UNUSABLE["a page"])
    queueing.queue(connection, item_of(record), by="Anke")
    later(connection, minutes=0)
    assert standing(record, kind).stage is Stage.WAITING

    later(connection, minutes=10)

    assert standing(record, kind).stage in (Stage.LINKED, Stage.BOOKED)
    assert simulator.log.count(resource, "POST") == 1
    assert len(simulator.records(resource)) == before + 1
