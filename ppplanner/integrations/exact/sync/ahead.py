"""Asks Exact for many of the next records at once whether it has them, before the first is sent.

Also for what was never sent as far as we remember: a database that was restored from an older copy
has forgotten what was booked since. Each booking carries our number. For covers of PDFs Exact is
asked only when something hints at such a past: a second one does no harm to anybody's books.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import TypeAlias, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.models import BusinessUnit, DocumentState, Invoice, Transaction

from .. import mapping
from ..client import ExactClient
from ..connect import get_connection
from ..errors import ExactError, ExactRejected, ExactUnavailable
from ..lease import LeaseLost
from ..models import ExactCustomerLink, ExactOutboxEntry, ExactStep, Kind, StepState
from ..settings import exact_settings
from ..standing import BOOKS
from .asked import Found, document_key, entry_key, found, keep, lines_key
from .failures import OUTAGE
from .pdfs import DOCUMENT

log = logging.getLogger(__name__)

T = TypeVar("T")
#: The state and the label of each step that is noted, by record and action.
Steps: TypeAlias = Mapping[tuple[int, str], tuple[StepState, str]]
#: An answer, under the key by which it is looked for later.
Hit: TypeAlias = tuple[Hashable, object]

#: How often the same is asked, at once, before each record has to be asked for alone.
TRIES = 3
STUMBLES = {"crash", "unusable_answer"}
#: After so long without an answer, the database may be an older copy.
SILENCE = timedelta(minutes=10)


class LookAhead:
    """What a run asks for before each of its batches."""

    def __init__(self, client: ExactClient, connection_id: int) -> None:
        self._client = client
        self._connection_id = connection_id
        connection = get_connection(connection_id)
        last = connection.last_answer_at
        #: Whether Exact may have covers that we do not remember.
        self._wary = last is None or last < now() - SILENCE
        #: Whether nothing came of the last runs: it may answer smaller questions.
        self._in_vain = connection.failures >= OUTAGE
        db.session.commit()

    def ask(self, entry_ids: Sequence[int]) -> None:
        """Find out what Exact has of these records. Commits. Raises what stops the whole; what
        Exact does not tell, or nobody can ask for together, is asked for one by one, in its turn.
        """
        if self._in_vain:
            return
        self._try(self._ask_for_invoices, _records(Kind.INVOICE, entry_ids))
        self._try(self._ask_for_transactions, _records(Kind.TRANSACTION, entry_ids))

    def _try(self, ask: Callable[[Sequence[int]], None], record_ids: Sequence[int]) -> None:
        """One record with which something unexpected goes wrong delays no other."""
        try:
            ask(record_ids)
        except (ExactError, LeaseLost):
            raise
        except Exception:
            db.session.rollback()
            log.exception("connection %s: nothing is asked ahead", self._connection_id)

    # invoices

    def _ask_for_invoices(self, invoice_ids: Sequence[int]) -> None:
        steps = self._steps(Kind.INVOICE, invoice_ids)
        invoices = _unbooked_invoices(invoice_ids, steps)
        references = {each.id: each.reference or "" for each in invoices}
        subjects = {each.id: mapping.document_subject(each) for each in invoices}
        subjects |= _subjects_in_doubt(steps)
        db.session.commit()
        there = self._ask({entry_key(each): each for each in references.values()}, self._entries)
        booked = {key for key, reference in references.items() if entry_key(reference) in there}
        doubtful = {key for key in steps if _state(steps, key) is StepState.SENDING}
        forgotten = any((key, BOOKS[Kind.INVOICE]) not in doubtful for key in booked)
        wary, self._wary = self._wary or forgotten, forgotten
        self._ask_for_documents(
            subjects[key]
            for key in references.keys() - booked
            if (key, DOCUMENT) in doubtful
            or (wary and _state(steps, (key, DOCUMENT)) is not StepState.CONFIRMED)
        )

    def _ask_for_documents(self, subjects: Iterable[str]) -> None:
        connection = get_connection(self._connection_id)
        wanted = exact_settings.load(connection.company_id).invoices_pdf
        db.session.commit()
        if wanted:
            self._ask({document_key(each): each for each in subjects}, self._documents)

    def _entries(self, references: Collection[str]) -> Iterator[Hit]:
        for entry in self._client.find_sales_entries(references):
            yield entry_key(entry.your_ref), entry

    def _documents(self, subjects: Collection[str]) -> Iterator[Hit]:
        for document in self._client.documents_of(subjects):
            yield document_key(document.subject), document

    # transactions

    def _ask_for_transactions(self, transaction_ids: Sequence[int]) -> None:
        """Exact cannot look for our reference in the notes: it is asked for the lines of a day, of
        the relations concerned; for a cash register alone, for all of them, once in a run.
        """
        steps = self._steps(Kind.TRANSACTION, transaction_ids)
        transactions = _unbooked_transactions(transaction_ids, steps)
        linked = self._linked(transactions)
        wanted: dict[tuple[bool, date], set[UUID | None]] = defaultdict(set)
        for each in transactions:
            book = mapping.is_cash(each), mapping.booking_day(each)
            if not mapping.is_of_customer(each):
                wanted[book].add(None)
            elif each.customer_id in linked:
                wanted[book].add(linked[each.customer_id])
        db.session.commit()
        for (cash, day), account_ids in wanted.items():
            self._ask_for_lines(cash, day, account_ids)

    def _ask_for_lines(self, cash: bool, day: date, account_ids: set[UUID | None]) -> None:
        find = self._client.find_cash_lines if cash else self._client.find_journal_lines
        whole_day = lines_key(cash, day, None)
        relations = {lines_key(cash, day, one): one for one in account_ids if one}

        def of_relations(ids: Collection[UUID]) -> Iterator[Hit]:
            for line in find(day, ids):
                yield lines_key(cash, day, line.account_id), line

        def of_day(_none: Collection[None]) -> Iterator[Hit]:
            for line in find(day):
                yield whole_day, line

        self._ask(relations, of_relations)
        if None in account_ids and found(self._client, whole_day) is None:
            self._ask({whole_day: None}, of_day)

    def _linked(self, transactions: Iterable[Transaction]) -> dict[int | None, UUID]:
        """The relations in Exact of their customers, as far as they are known."""
        query = select(ExactCustomerLink.customer_id, ExactCustomerLink.account_id).where(
            ExactCustomerLink.connection_id == self._connection_id,
            ExactCustomerLink.customer_id.in_({each.customer_id for each in transactions}),
        )
        return {each.customer_id: each.account_id for each in db.session.execute(query)}

    # of whatever kind

    def _steps(self, kind: Kind, record_ids: Sequence[int]) -> Steps:
        columns = (ExactStep.record_id, ExactStep.action, ExactStep.state, ExactStep.label)
        query = select(*columns).where(
            ExactStep.connection_id == self._connection_id,
            ExactStep.kind == kind,
            ExactStep.record_id.in_(record_ids),
        )
        rows = db.session.execute(query)
        return {(each.record_id, each.action): (each.state, each.label) for each in rows}

    def _ask(
        self, wanted: Mapping[Hashable, T], question: Callable[[Collection[T]], Iterable[Hit]]
    ) -> Collection[Hashable]:
        """Ask for all that is wanted and keep what is found, or not, under its key; the keys that
        Exact has.
        """
        if not wanted:
            return ()
        asked_at = now()
        try:
            hits = self._hits(lambda: question(wanted.values()))
        except (ExactRejected, ExactUnavailable) as error:
            if not self._is_about_question(error):
                raise
            log.warning("connection %s: asked ahead in vain: %s", self._connection_id, error)
            return ()
        for key in wanted:
            keep(self._client, key, Found(hits.get(key, ()), asked_at))
        return hits.keys() & wanted.keys()

    def _hits(
        self, ask: Callable[[], Iterable[Hit]], tries: int = TRIES
    ) -> Mapping[Hashable, Sequence[object]]:
        """What Exact has, by key; when it stumbles over the question, it is asked again at once."""
        try:
            return _by_key(ask())
        except ExactUnavailable as error:
            if tries == 1 or not self._stumbled(error):
                raise
        return self._hits(ask, tries - 1)

    def _stumbled(self, error: ExactUnavailable) -> bool:
        """Whether it is at work all the same."""
        lost = error.reason == "no_answer" and self._client.unanswered < OUTAGE
        return lost or error.reason in STUMBLES

    def _is_about_question(self, error: ExactRejected | ExactUnavailable) -> bool:
        """Whether Exact may answer smaller ones; else all has to wait."""
        if isinstance(error, ExactUnavailable):
            return error.reason == "fuse" or self._stumbled(error)
        return not error.about_link


def _by_key(hits: Iterable[Hit]) -> Mapping[Hashable, Sequence[object]]:
    found: dict[Hashable, list[object]] = defaultdict(list)
    for key, item in hits:
        found[key].append(item)
    return found


def _records(kind: Kind, entry_ids: Sequence[int]) -> Sequence[int]:
    """Those of the entries that are of a kind."""
    query = select(ExactOutboxEntry.record_id).where(
        ExactOutboxEntry.id.in_(entry_ids), ExactOutboxEntry.kind == kind
    )
    return db.session.scalars(query).all()


def _state(steps: Steps, key: tuple[int, str]) -> StepState | None:
    return steps[key][0] if key in steps else None


def _subjects_in_doubt(steps: Steps) -> Mapping[int, str]:
    """With which covers were sent of which nobody knows whether they arrived."""
    return {
        key: label
        for (key, action), (state, label) in steps.items()
        if action == DOCUMENT and state is StepState.SENDING and label
    }


def _unbooked(kind: Kind, record_ids: Iterable[int], steps: Steps) -> list[int]:
    book = BOOKS[kind]
    return [key for key in record_ids if _state(steps, (key, book)) is not StepState.CONFIRMED]


def _unbooked_invoices(invoice_ids: Iterable[int], steps: Steps) -> Sequence[Invoice]:
    query = select(Invoice).where(
        Invoice.id.in_(_unbooked(Kind.INVOICE, invoice_ids, steps)),
        Invoice.state == DocumentState.CONFIRMED,
    )
    return db.session.scalars(query.options(joinedload(Invoice.customer))).all()


def _unbooked_transactions(transaction_ids: Iterable[int], steps: Steps) -> Sequence[Transaction]:
    query = select(Transaction).where(
        Transaction.id.in_(_unbooked(Kind.TRANSACTION, transaction_ids, steps))
    )
    parts = (
        joinedload(Transaction.type),
        joinedload(Transaction.method),
        joinedload(Transaction.business_unit).joinedload(BusinessUnit.company),
    )
    return db.session.scalars(query.options(*parts)).all()
