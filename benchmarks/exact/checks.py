"""Whether Exact has each invoice exactly once, and we know it: nothing else is good enough."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.integrations.exact import bodies, mapping
from ppplanner.integrations.exact.models import (
    ExactAttempt,
    ExactConnection,
    ExactCustomerLink,
    ExactOutboxEntry,
    ExactStep,
    Kind,
    StepState,
    WorkState,
)
from ppplanner.integrations.exact.simulator.values import Record
from ppplanner.integrations.exact.standing import BOOKS
from ppplanner.integrations.exact.sync.pdfs import ATTACH, DOCUMENT
from ppplanner.models import Customer, Invoice, InvoiceDocument

from .exact import ACCOUNTS, Exact
from .harness import Trial

#: Of a finding, so many stories are told.
STORIES = 3
ByKey = dict[str, list[Record]]


@dataclass
class Booked:
    """All that one administration of Exact holds, by what we find it with."""

    entries: ByKey
    documents: ByKey
    files: ByKey

    @classmethod
    def read(cls, exact: Exact, division: int) -> Booked:
        return cls(
            _by("YourRef", exact.entries(division)),
            _by("Subject", exact.documents(division)),
            _by("Document", exact.attached(division)),
        )


def _by(name: str, records: list[Record]) -> ByKey:
    found: ByKey = defaultdict(list)
    for record in records:
        found[record[name]].append(record)
    return found


@dataclass
class Findings:
    """What is wrong, by what it is called, with the references of the invoices it is about."""

    invoices: int = 0
    entries: int = 0
    documents: int = 0
    files: int = 0
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def look_through(trial: Trial) -> Findings:
    """Compare what we have with what Exact has, of all companies of the trial."""
    findings = Findings()
    with trial.app.app_context():
        for connection_id in trial.books:
            _compare(trial, db.session.get_one(ExactConnection, connection_id), findings)
        findings.wrong["need a person"] += _needing_a_person()
        findings.wrong["logged out"] += _logged_out()
    findings.wrong = {what: found for what, found in findings.wrong.items() if found}
    return findings


def _compare(trial: Trial, connection: ExactConnection, findings: Findings) -> None:
    books, steps = trial.books[connection.id], _steps(connection.id)
    booked = Booked.read(trial.exact, books.division)
    wanted = _invoices(connection.company_id)
    for invoice, digest in wanted:
        known = steps.get(invoice.id, {})
        for fault in _faults(invoice, digest if books.pdf else None, booked, known):
            findings.wrong[fault].append(invoice.reference)
    references = {invoice.reference for invoice, _digest in wanted}
    subjects = {_subject(invoice): invoice.reference for invoice, _digest in wanted}
    findings.invoices += len(references)
    findings.entries += sum(len(booked.entries.get(each, [])) for each in references)
    ours = [each for subject in subjects for each in booked.documents.get(subject, [])]
    findings.documents += len(ours)
    findings.files += sum(len(booked.files.get(each["ID"], [])) for each in ours)
    named = {entry["Document"] for found in booked.entries.values() for entry in found}
    orphans = [each["Subject"] for each in ours if each["ID"] not in named]
    findings.wrong["customers made twice"] += _made_twice(trial, connection)
    findings.wrong["orphan documents"] += [subjects[subject] for subject in orphans]


def _subject(invoice: Invoice) -> str:
    """As Exact has it."""
    return bodies.subject(mapping.document_subject(invoice))


def _invoices(company_id: int) -> list[tuple[Invoice, str | None]]:
    """With the digest of the PDF that they have."""
    query = (
        select(Invoice, InvoiceDocument.sha256)
        .outerjoin(InvoiceDocument)
        .where(Invoice.company_id == company_id)
        .order_by(Invoice.id)
    )
    return [(invoice, digest) for invoice, digest in db.session.execute(query)]


def _steps(connection_id: int) -> dict[int, dict[str, ExactStep]]:
    query = select(ExactStep).filter_by(connection_id=connection_id, kind=Kind.INVOICE)
    found: dict[int, dict[str, ExactStep]] = defaultdict(dict)
    for step in db.session.scalars(query):
        found[step.record_id][step.action] = step
    return found


def _faults(
    invoice: Invoice, digest: str | None, booked: Booked, known: dict[str, ExactStep]
) -> Iterator[str]:
    entries = booked.entries.get(invoice.reference, [])
    if len(entries) != 1:
        yield "missing" if not entries else "booked more than once"
        return
    (entry,) = entries
    if Decimal(str(entry["AmountDC"])) != invoice.gross:
        yield "another amount"
    if not _confirms(known.get(BOOKS[Kind.INVOICE]), entry["EntryID"]):
        yield "booking not remembered"
    if digest:
        yield from _faults_of_pdf(entry, digest, booked, known)
    elif entry["Document"]:
        yield "a document that nobody wants"


def _faults_of_pdf(
    entry: Record, digest: str, booked: Booked, known: dict[str, ExactStep]
) -> Iterator[str]:
    if not entry["Document"]:
        yield "without document"
        return
    files = booked.files.get(entry["Document"], [])
    if len(files) != 1:
        yield "without PDF" if not files else "PDF more than once"
        return
    if files[0]["Content"] != digest:
        yield "another PDF"
    if not _confirms(known.get(DOCUMENT), entry["Document"]):
        yield "document not remembered"
    if not _confirms(known.get(ATTACH), files[0]["ID"]):
        yield "PDF not remembered"


def _confirms(step: ExactStep | None, exact_id: str) -> bool:
    remembered = step and step.state is StepState.CONFIRMED and str(step.exact_id)
    return remembered == exact_id


def _needing_a_person() -> list[str]:
    stuck = (WorkState.REFUSED, WorkState.HELD)
    query = select(ExactOutboxEntry.title).where(ExactOutboxEntry.state.in_(stuck))
    return list(db.session.scalars(query))


def _logged_out() -> list[str]:
    connections = db.session.scalars(select(ExactConnection))
    return [str(each.company) for each in connections if not each.is_connected]


def _made_twice(trial: Trial, connection: ExactConnection) -> Iterator[str]:
    """The customers whom Exact did not know, and has now more than once."""
    books = trial.books[connection.id]
    names = _by("Name", trial.exact.accounts(books.division))
    query = (
        select(Customer.company_name)
        .join(ExactCustomerLink)
        .where(ExactCustomerLink.connection_id == connection.id)
    )
    if not books.known:
        yield from (name for name in db.session.scalars(query) if len(names[name]) != 1)


def stories(trial: Trial, findings: Findings) -> Iterator[str]:
    """What happened to some of what is wrong: what we did, and what Exact saw."""
    for what, references in findings.wrong.items():
        for reference in references[:STORIES]:
            yield f"\n--- {reference}: {what}"
            yield from _our_story(trial, reference)
            yield from trial.exact.story(reference, ACCOUNTS)


def _our_story(trial: Trial, reference: str) -> Iterator[str]:
    with trial.app.app_context():
        invoice = db.session.scalar(select(Invoice).filter_by(reference=reference))
        if invoice is None:
            return
        about = {"kind": Kind.INVOICE, "record_id": invoice.id}
        for step in db.session.scalars(select(ExactStep).filter_by(**about)):
            yield (
                f"{step.action}: {step.state} {step.exact_id}, begun {step.started_at},"
                f" confirmed {step.confirmed_at}"
            )
        for attempt in db.session.scalars(select(ExactAttempt).filter_by(**about)):
            reasons = ", ".join(reason["text"] for reason in attempt.reasons)
            yield f"{attempt.at} {attempt.action} {attempt.result} {reasons} {attempt.words}"
