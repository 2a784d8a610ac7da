"""Exact Online's REST API in our words. Knows HTTP and Exact's resources; no database, no Flask.

Lists are lazy: a page is fetched when its first record is asked for, and calls count. Look-ups go
by filter, never by the address of a key, since a 404 counts towards Exact's limit on errors. There
is no method that deletes anything, and none that writes a GL account.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

import requests

from ppplanner.clock import now

from . import bodies, fields, odata
from .endpoints import Endpoint
from .errors import Call, ExactRejected, classify
from .fields import Shape
from .limits import Limits
from .odata import any_of, equals, in_chunks
from .records import (
    Account,
    Administration,
    Attachment,
    Claim,
    CostItem,
    CostKind,
    Document,
    DocumentType,
    Entry,
    EntryLine,
    GLAccountRecord,
    Journal,
    JournalKind,
    Me,
    NewAccount,
    NewCostItem,
    NewDocument,
    NewEntry,
    NewSalesEntry,
    OpenItem,
    PaymentCondition,
    SalesEntry,
    VatCode,
)
from .search import (
    CONTAINS,
    Contains,
    account_filter,
    ledger_filter,
    spellings_of_code,
    vat_notations,
)
from .transport import Timeout, Transport

R = TypeVar("R")

TIMEOUT: Timeout = (5.0, 30.0)  # seconds to connect, seconds between two bytes
UPLOAD_TIMEOUT: Timeout = (5.0, 120.0)
LARGEST_FILE = 10 * 1024 * 1024  # bytes; Exact names no limit, larger ones were seen to fail

COSTS = {CostKind.COST_CENTRE: "hrm/Costcenters", CostKind.COST_UNIT: "hrm/Costunits"}

_refused: dict[str, set[int]] = {}  # per site, the ways of CONTAINS that it does not know


class ExactClient:
    """One administration of one site, through a session that carries the access token.

    `before_call` is asked before each call and may raise `ExactUnavailable`; `after_call` hears the
    status of the answer, None without one; `on_limits` hears what each answer says of the limits;
    `on_unauthorized` may renew the session's token and say True, then the refused call is made once
    more. Without a `division` only `me` and `administrations` can be asked for. Every failure is an
    `ExactError`.
    """

    def __init__(
        self,
        session: requests.Session,
        base_url: str,
        division: int | None = None,
        *,
        on_limits: Callable[[Limits], None] | None = None,
        before_call: Callable[[Call], None] | None = None,
        after_call: Callable[[Call, int | None], None] | None = None,
        on_unauthorized: Callable[[], bool] | None = None,
        timeout: Timeout = TIMEOUT,
    ) -> None:
        self._api = Transport(
            session,
            base_url,
            division,
            before_call=before_call,
            after_call=after_call,
            on_limits=on_limits,
            on_unauthorized=on_unauthorized,
            timeout=timeout,
        )

    @property
    def unanswered(self) -> float:
        """How many of its calls in a row, up to the last, had no usable answer; infinite until the
        first that has one.
        """
        return self._api.unanswered

    # --- the connection -----------------------------------------------------------------------

    def me(self) -> Me:
        """Who gave consent, and which administration is open in that person's browser."""
        return self._only(self._list("Me", fields.ME, division="current"), "Me")

    def administrations(self) -> Iterator[Administration]:
        """The administrations that were granted at consent."""
        division = self._api.division or self.me().division
        return self._list("hrm/Divisions", fields.ADMINISTRATION, division=str(division))

    def peek(self, endpoint: Endpoint) -> datetime | None:
        """Ask for one record, only to see whether the login may; the moment that it is at Exact."""
        return self._api.peek(endpoint.resource, endpoint.options)

    # --- lists to choose from -----------------------------------------------------------------

    def journals(self, kind: JournalKind | None = None) -> Iterator[Journal]:
        where = "" if kind is None else equals("Type", int(kind))
        return self._list("financial/Journals", fields.JOURNAL, where)

    def vat_codes(self) -> Iterator[VatCode]:
        return self._list("vat/VATCodes", fields.VAT_CODE)

    def payment_conditions(self) -> Iterator[PaymentCondition]:
        return self._list("cashflow/PaymentConditions", fields.PAYMENT_CONDITION)

    def document_types(self) -> Iterator[DocumentType]:
        return self._list("documents/DocumentTypes", fields.DOCUMENT_TYPE)

    def gl_accounts(
        self, search: str = "", kinds: Collection[int] = ()
    ) -> Iterator[GLAccountRecord]:
        """All, in pages of a thousand; or those whose code or name fits, and of these kinds."""
        of_kind = [any_of([equals("Type", int(kind)) for kind in kinds])] if kinds else []
        if search.strip():
            yield from self._search(
                "financial/GLAccounts",
                fields.GL_ACCOUNT,
                lambda contains: " and ".join([ledger_filter(search, contains), *of_kind]),
                order="Code",
            )
        elif of_kind:
            yield from self._list("financial/GLAccounts", fields.GL_ACCOUNT, of_kind[0])
        else:
            yield from self._list("bulk/Financial/GLAccounts", fields.GL_ACCOUNT)

    def gl_accounts_by_code(self, codes: Iterable[str]) -> Iterator[GLAccountRecord]:
        terms = (equals("Code", code.strip()) for code in codes)
        return self._any_of("financial/GLAccounts", fields.GL_ACCOUNT, terms)

    def gl_accounts_by_id(self, ids: Iterable[UUID]) -> Iterator[GLAccountRecord]:
        """Those that exist, 25 to a call."""
        terms = (equals("ID", one) for one in ids)
        return self._any_of("financial/GLAccounts", fields.GL_ACCOUNT, terms)

    # --- cost centres and cost units ----------------------------------------------------------

    def cost_items(self, kind: CostKind, search: str = "") -> Iterator[CostItem]:
        """All by code, or those whose code or name fits; those that have ended, too."""
        if search.strip():
            yield from self._search(
                COSTS[kind],
                fields.COST_ITEM,
                lambda contains: ledger_filter(search, contains),
                order="Code",
            )
        else:
            yield from self._list(COSTS[kind], fields.COST_ITEM, order="Code")

    def cost_items_by_code(self, kind: CostKind, codes: Iterable[str]) -> Iterator[CostItem]:
        """In capitals, in small letters, or as they are given."""
        terms = (equals("Code", one) for code in codes for one in spellings_of_code(code))
        return self._any_of(COSTS[kind], fields.COST_ITEM, terms)

    def cost_items_by_id(self, kind: CostKind, ids: Iterable[UUID]) -> Iterator[CostItem]:
        """Those that exist, 25 to a call."""
        return self._any_of(COSTS[kind], fields.COST_ITEM, (equals("ID", one) for one in ids))

    def create_cost_item(self, kind: CostKind, new: NewCostItem) -> CostItem:
        """Exact refuses a code that it has already."""
        return self._api.create(COSTS[kind], bodies.new_cost_item(new), fields.COST_ITEM.read)

    def rename_cost_item(self, kind: CostKind, item_id: UUID, name: str) -> None:
        """The name is all that can be changed of it."""
        self._api.change(COSTS[kind], item_id, bodies.cost_item_name(name))

    # --- accounts: customers and other relations ----------------------------------------------

    def search_accounts(self, text: str) -> Iterator[Account]:
        """Accounts that fit by part of the name, VAT number, code, search code or e-mail, by name.

        One call per sixty hits; nothing is asked for an empty text.
        """
        if text.strip():
            yield from self._search(
                "crm/Accounts",
                fields.ACCOUNT,
                lambda contains: account_filter(text, contains),
                order="Name",
            )

    def account(self, account_id: UUID) -> Account | None:
        return next(self.accounts([account_id]), None)

    def accounts(self, account_ids: Iterable[UUID]) -> Iterator[Account]:
        """Those that exist, 25 to a call."""
        return self._any_of(
            "crm/Accounts", fields.ACCOUNT, (equals("ID", one) for one in account_ids)
        )

    def accounts_known_as(self, search_code: str, vat_number: str) -> Iterator[Account]:
        """Those with this search code or this VAT number, in whatever notation; in one call."""
        terms = [equals("SearchCode", search_code)]
        terms += [equals("VATNumber", notation) for notation in vat_notations(vat_number)]
        return self._any_of("crm/Accounts", fields.ACCOUNT, terms)

    def create_account(self, new: NewAccount) -> Account:
        return self._api.create("crm/Accounts", bodies.new_account(new), fields.ACCOUNT.read)

    def update_account(self, account_id: UUID, changes: Mapping[str, str]) -> None:
        """Change some fields, named as in `NewAccount`; an empty text clears a field.

        Give only what differs: to repeat an unchanged code can be refused as "already exists".
        """
        if changes:
            self._api.change("crm/Accounts", account_id, bodies.account_body(changes))

    # --- documents ----------------------------------------------------------------------------

    def create_document(self, new: NewDocument) -> Document:
        """The cover; files are attached to it one by one."""
        return self._api.create(
            "documents/Documents", bodies.new_document(new), fields.DOCUMENT.read
        )

    def document(self, document_id: UUID) -> Document | None:
        where = equals("ID", document_id)
        return next(self._list("documents/Documents", fields.DOCUMENT, where), None)

    def find_documents(self, subject: str, account_id: UUID | None = None) -> Iterator[Document]:
        """Documents of this subject, cut as `create_document` cuts it."""
        terms = [equals("Subject", bodies.subject(subject))]
        if account_id:
            terms.append(equals("Account", account_id))
        return self._list("documents/Documents", fields.DOCUMENT, " and ".join(terms))

    def documents_of(self, subjects: Iterable[str]) -> Iterator[Document]:
        """Those with one of these subjects, of whichever customer, 25 subjects to a call."""
        terms = (equals("Subject", bodies.subject(one)) for one in subjects)
        return self._any_of("documents/Documents", fields.DOCUMENT, terms)

    def attach_file(self, document_id: UUID, file_name: str, content: bytes) -> Attachment:
        """Raises `ExactRejected` with status 413 beyond 10 MB, without asking Exact."""
        if len(content) > LARGEST_FILE:
            raise ExactRejected(413)
        return self._api.create(
            "documents/DocumentAttachments",
            bodies.new_attachment(document_id, file_name, content),
            fields.ATTACHMENT.read,
            UPLOAD_TIMEOUT,
        )

    def find_attachments(self, document_id: UUID) -> Iterator[Attachment]:
        where = equals("Document", document_id)
        return self._list("documents/DocumentAttachments", fields.ATTACHMENT, where)

    # --- sales entries: invoices and credit notes ---------------------------------------------

    def create_sales_entry(self, new: NewSalesEntry) -> SalesEntry:
        """Book it at once; there is no draft. Exact does not notice a second one of the same."""
        return self._api.create(
            "salesentry/SalesEntries", bodies.new_sales_entry(new), fields.SALES_ENTRY.read
        )

    def find_sales_entries(self, your_refs: Iterable[str]) -> Iterator[SalesEntry]:
        """Entries, in any journal, that carry one of our references, cut as they were booked."""
        terms = (equals("YourRef", bodies.your_ref(one)) for one in your_refs)
        return self._any_of("salesentry/SalesEntries", fields.SALES_ENTRY, terms)

    # --- transactions: cash entries, and general journal entries ------------------------------

    def create_cash_entry(self, new: NewEntry) -> Entry:
        """Book it at once in a cash journal, whose own account is the other side. Exact does not
        notice a second one of the same.
        """
        return self._api.create(
            "financialtransaction/CashEntries", bodies.new_cash_entry(new), fields.ENTRY.read
        )

    def create_journal_entry(self, new: NewEntry) -> Entry:
        """The same in a general journal; the lines have to add up to nil."""
        return self._api.create(
            "generaljournalentry/GeneralJournalEntries",
            bodies.new_journal_entry(new),
            fields.ENTRY.read,
        )

    def find_cash_lines(self, day: date, account_ids: Collection[UUID] = ()) -> Iterator[EntryLine]:
        """The lines of cash entries of a day, in any journal; those of some relations, if given."""
        return self._lines("financialtransaction/CashEntryLines", day, account_ids)

    def find_journal_lines(
        self, day: date, account_ids: Collection[UUID] = ()
    ) -> Iterator[EntryLine]:
        """The same of general journal entries."""
        return self._lines("generaljournalentry/GeneralJournalEntryLines", day, account_ids)

    def _lines(
        self, resource: str, day: date, account_ids: Collection[UUID]
    ) -> Iterator[EntryLine]:
        of_day = equals("Date", day)
        if not account_ids:
            yield from self._list(resource, fields.ENTRY_LINE, of_day)
        for chunk in in_chunks(equals("Account", one) for one in account_ids):
            yield from self._list(resource, fields.ENTRY_LINE, f"{of_day} and {any_of(chunk)}")

    # --- what is paid -------------------------------------------------------------------------

    def open_items(self) -> Iterator[OpenItem]:
        """All bookings on which customers still owe something."""
        return self._list("read/financial/ReceivablesList", fields.OPEN_ITEM)

    def claims_of(self, entry_ids: Iterable[UUID]) -> Iterator[Claim]:
        """What customers owe, or owed, for these sales entries."""
        terms = (equals("TransactionEntryID", one) for one in entry_ids)
        return self._any_of("cashflow/Receivables", fields.CLAIM, terms)

    # --- how lists are asked for --------------------------------------------------------------

    def _list(
        self,
        resource: str,
        shape: Shape[R],
        where: str = "",
        *,
        order: str = "",
        division: str = "",
    ) -> Iterator[R]:
        options = {"$filter": where, "$select": shape.select, "$orderby": order}
        given = {name: value for name, value in options.items() if value}
        return self._api.entities(resource, shape.read, given, division)

    def _any_of(self, resource: str, shape: Shape[R], terms: Iterable[str]) -> Iterator[R]:
        """Whatever fits one of the terms, asked for in as few calls as addresses allow."""
        for chunk in in_chunks(terms):
            yield from self._list(resource, shape, any_of(chunk))

    def _search(
        self, resource: str, shape: Shape[R], where: Callable[[Contains], str], order: str
    ) -> Iterator[R]:
        """Ask in the first way that the site knows, and remember which it does not."""
        refused = _refused.setdefault(self._api.base_url, set())
        ways = [way for way in range(len(CONTAINS)) if way not in refused]
        for way in ways:
            try:
                yield from self._list(resource, shape, where(CONTAINS[way]), order=order)
                return
            except ExactRejected as error:
                if error.status != 501 or way == ways[-1]:
                    raise
                refused.add(way)

    def _only(self, records: Iterator[R], resource: str) -> R:
        for record in records:
            return record
        raise classify(Call("GET", resource), odata.Unreadable("no record"), now())
