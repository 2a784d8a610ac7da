"""What the client gives and takes, in our words. Amounts in EUR or the entry's own currency."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from uuid import UUID


class JournalKind(IntEnum):
    CASH = 10
    BANK = 12
    PAYMENT_SERVICE = 16
    SALES = 20
    SALES_RETURN = 21
    PURCHASE = 22
    PURCHASE_RETURN = 23
    GENERAL = 90


class GLAccountKind(IntEnum):
    """The kinds that matter here; Exact has about forty."""

    RECEIVABLE = 20
    #: What customers paid in advance.
    PREPAYMENT = 21
    PAYABLE = 22
    VAT = 24
    GENERAL = 90
    REVENUE = 110


class CostKind(StrEnum):
    """What a cost or revenue can be put on: where it arises, or what it is for."""

    COST_CENTRE = "cost_centre"
    #: Our cost carrier.
    COST_UNIT = "cost_unit"


CUSTOMER_STATUS = "C"
SALES_INVOICE_DOCUMENT = 10


# --- read ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Me:
    """Who gave consent. `division` follows that person's browser: good for a first call only."""

    division: int
    user_name: str
    full_name: str
    language: str


@dataclass(frozen=True)
class Administration:
    """A set of books. `division` is its number in addresses, `number` the one people know."""

    division: int
    number: int | None
    name: str
    country: str
    currency: str
    vat_number: str
    is_main: bool
    archived: bool
    locked: bool

    @property
    def usable(self) -> bool:
        return not self.archived and not self.locked


@dataclass(frozen=True)
class Account:
    """A relation in Exact: customer, prospect, supplier. Nothing tells a firm from a person."""

    id: UUID
    code: str
    name: str
    status: str
    search_code: str
    vat_number: str
    chamber_of_commerce: str
    email: str
    phone: str
    website: str
    address_line1: str
    address_line2: str
    address_line3: str
    postcode: str
    city: str
    country: str
    language: str
    payment_condition: str
    vat_code: str
    blocked: bool
    active_from: date | None
    active_until: date | None

    @property
    def is_customer(self) -> bool:
        return self.status == CUSTOMER_STATUS


@dataclass(frozen=True)
class Journal:
    id: UUID
    code: str
    name: str
    kind: int
    currency: str
    blocked: bool
    allows_vat: bool


@dataclass(frozen=True)
class VatCode:
    """`percentage` in per cent. `kind`: I including, E excluding, B zero with base, N no VAT."""

    id: UUID
    code: str
    name: str
    percentage: Decimal | None
    kind: str
    transactions: str
    blocked: bool

    @property
    def for_sales(self) -> bool:
        return self.transactions in ("B", "S")


@dataclass(frozen=True)
class GLAccountRecord:
    """`cost_centre`, `cost_unit` (our cost carrier): 0 optional, 1 mandatory, 2 not allowed."""

    id: UUID
    code: str
    name: str
    kind: int
    blocked: bool
    cost_centre: int
    cost_unit: int
    vat_code: str


@dataclass(frozen=True)
class CostItem:
    """A cost centre or cost unit. Its code never changes, and lines name it by that."""

    id: UUID
    code: str
    name: str
    #: From this day on nothing can be booked on it.
    ended_on: date | None


@dataclass(frozen=True)
class PaymentCondition:
    """Due: first `month_ends` month ends on, then `days` days."""

    id: UUID
    code: str
    name: str
    days: int
    month_ends: int
    method: str


@dataclass(frozen=True)
class DocumentType:
    id: int
    name: str
    creatable: bool


@dataclass(frozen=True)
class Document:
    id: UUID
    subject: str
    type_id: int
    account_id: UUID | None
    document_date: date | None
    number: int | None


@dataclass(frozen=True)
class Attachment:
    id: UUID
    document_id: UUID
    file_name: str
    size: int | None


@dataclass(frozen=True)
class SalesEntry:
    """A booked invoice or credit note. `amount` includes VAT."""

    id: UUID
    number: int | None
    journal: str
    customer_id: UUID
    entry_date: date | None
    due_date: date | None
    your_ref: str
    description: str
    amount: Decimal | None
    vat_amount: Decimal | None
    document_id: UUID | None
    status: int | None
    created: datetime | None = None


@dataclass(frozen=True)
class OpenItem:
    """A booked invoice that is not, or not wholly, paid."""

    entry_number: int | None
    journal: str


@dataclass(frozen=True)
class Claim:
    """What a customer owes for a booking; a booking can have several, one for each term."""

    entry_id: UUID
    fully_paid: bool


@dataclass(frozen=True)
class Entry:
    """A booked cash entry or general journal entry."""

    id: UUID
    number: int | None
    journal: str


@dataclass(frozen=True)
class EntryLine:
    """A line of one. `amount`: in a cash journal money in is positive, in a general one debit."""

    entry_id: UUID
    entry_number: int | None
    account_id: UUID | None
    day: date | None
    amount: Decimal | None
    notes: str
    created: datetime | None = None


# --- write --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NewAccount:
    """A relation to be made; what is empty is left to Exact, the code too."""

    name: str
    code: str = ""
    status: str = CUSTOMER_STATUS
    search_code: str = ""
    vat_number: str = ""
    chamber_of_commerce: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    address_line1: str = ""
    address_line2: str = ""
    address_line3: str = ""
    postcode: str = ""
    city: str = ""
    country: str = ""
    language: str = ""
    payment_condition: str = ""
    vat_code: str = ""


@dataclass(frozen=True)
class NewCostItem:
    code: str
    name: str


@dataclass(frozen=True)
class NewDocument:
    subject: str
    account_id: UUID | None = None
    document_date: date | None = None
    type_id: int = SALES_INVOICE_DOCUMENT


@dataclass(frozen=True)
class NewSalesEntryLine:
    """`amount` excludes VAT (unless the VAT code is of the including kind); negative credits."""

    gl_account_id: UUID
    amount: Decimal
    vat_code: str = ""
    vat_amount: Decimal | None = None
    description: str = ""
    cost_centre: str = ""
    cost_unit: str = ""


@dataclass(frozen=True)
class NewSalesEntry:
    customer_id: UUID
    journal: str
    entry_date: date
    due_date: date | None
    your_ref: str
    description: str
    document_id: UUID | None = None
    payment_reference: str = ""
    payment_condition: str = ""
    lines: Sequence[NewSalesEntryLine] = ()


@dataclass(frozen=True)
class NewEntryLine:
    """A line of a cash entry or general journal entry, without VAT. `our_ref` is the number of the
    sales entry that it pays.
    """

    gl_account_id: UUID
    amount: Decimal
    day: date
    description: str
    notes: str = ""
    account_id: UUID | None = None
    our_ref: int | None = None


@dataclass(frozen=True)
class NewEntry:
    """A cash entry, or a general journal entry, whose lines add up to nil."""

    journal: str
    lines: Sequence[NewEntryLine]
