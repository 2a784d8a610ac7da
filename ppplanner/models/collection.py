"""Collections: money that comes in and goes out, cash registers, refunds that were asked for."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppplanner.clock import now
from ppplanner.models.base import Base, Key, Moment, Money, Tracked, one_of
from ppplanner.models.contract import Contract
from ppplanner.models.customer import Customer
from ppplanner.models.invoice import Invoice
from ppplanner.models.organisation import BusinessUnit, Company
from ppplanner.models.rate import Translated
from ppplanner.models.user import User


class TransactionFamily(StrEnum):
    """What a type of transaction is about (domain 9.2)."""

    #: The price: on a contract, on an invoice.
    PAYMENT = "payment"
    #: Collateral: taken, given back, settled. It is the customer's money.
    DEPOSIT = "deposit"
    #: What was paid too much goes back to the customer.
    REFUND = "refund"
    #: Of a cash register alone: corrections, transfers, cash carried to the bank.
    REGISTER = "register"
    #: Brings the balance of an invoice to zero without money; never leaves the application.
    ADMINISTRATIVE = "administrative"


class Direction(StrEnum):
    IN = "in"
    OUT = "out"


class TypeRole(StrEnum):
    """Transaction types with which the application itself books: one type each at most."""

    PAYMENT = "payment"
    DEPOSIT = "deposit"
    DEPOSIT_REFUND = "deposit_refund"
    REFUND = "refund"
    #: The two halves of a deposit that pays an invoice (domain 9.3).
    DEPOSIT_SETTLED = "deposit_settled"
    PAID_FROM_DEPOSIT = "paid_from_deposit"
    CORRECTION_IN = "correction_in"
    CORRECTION_OUT = "correction_out"
    TRANSFER_IN = "transfer_in"
    TRANSFER_OUT = "transfer_out"
    TO_BANK = "to_bank"
    #: Zeroing: what a balance lacks, and what it has too much.
    WRITTEN_OFF = "written_off"
    WRITTEN_UP = "written_up"


class MethodKind(StrEnum):
    CASH = "cash"
    TERMINAL = "terminal"
    ONLINE = "online"
    BANK = "bank"
    #: No money moves: a deposit that pays an invoice.
    SETTLEMENT = "settlement"


class TransactionType(Base, Tracked, Translated):
    """A payment, a deposit, a refund, a cash correction: a list that the firm maintains."""

    __tablename__ = "transaction_types"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    family: Mapped[TransactionFamily] = mapped_column(one_of(TransactionFamily))
    direction: Mapped[Direction] = mapped_column(one_of(Direction))
    role: Mapped[TypeRole | None] = mapped_column(one_of(TypeRole), unique=True)
    active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return self.name


class TransactionMethod(Base, Tracked, Translated):
    """How money moves: cash, by terminal, online, by bank: a list that the firm maintains."""

    __tablename__ = "transaction_methods"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    kind: Mapped[MethodKind] = mapped_column(one_of(MethodKind))
    active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return self.name

    @property
    def is_cash(self) -> bool:
        return self.kind is MethodKind.CASH


class CardType(Base, Tracked):
    """A card that a terminal or web shop takes: Bancontact, Mastercard."""

    __tablename__ = "card_types"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(40), unique=True)
    active: Mapped[bool] = mapped_column(default=True)

    def __str__(self) -> str:
        return self.name


class Terminal(Base, Tracked):
    """A payment terminal of a business unit."""

    __tablename__ = "terminals"

    id: Mapped[Key]
    business_unit_id: Mapped[int] = mapped_column(ForeignKey("business_units.id"))
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(60), default="")
    active: Mapped[bool] = mapped_column(default=True)

    business_unit: Mapped[BusinessUnit] = relationship()

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


class CashRegister(Base, Tracked):
    """A drawer with cash. Its business unit and the person who answers for it never change.

    What is in it follows from its transactions: `services/collections/registers.py`.
    """

    __tablename__ = "cash_registers"

    id: Mapped[Key]
    business_unit_id: Mapped[int] = mapped_column(ForeignKey("business_units.id"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    code: Mapped[str] = mapped_column(String(20), unique=True)
    name: Mapped[str] = mapped_column(String(60), default="")
    active: Mapped[bool] = mapped_column(default=True)

    business_unit: Mapped[BusinessUnit] = relationship()
    user: Mapped[User] = relationship()

    def __str__(self) -> str:
        return f"{self.code} {self.name}".strip()


class Transaction(Base, Tracked):
    """Money that moved, signed: what goes out is negative. Never changed and never deleted, but
    reversed by another one; only remark, voucher and invoice may change until it is `locked`. An
    advance joins the invoice of its contract even then: its money stays what it was.
    """

    __tablename__ = "transactions"
    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        Index("ix_transactions_at_id", "at", "id"),
        # totals by type and method, without reading the rows
        Index("ix_transactions_totals", "type_id", "method_id", "at", "amount"),
        Index("ix_transactions_unit", "business_unit_id", "at", "id"),
        Index("ix_transactions_register", "register_id", "at", "id"),
        Index("ix_transactions_amount_id", "amount", "id"),
        Index("uq_transactions_form_key", "form_key", unique=True),
    )
    untracked = frozenset({"created_at", "form_key"})

    id: Mapped[Key]
    number: Mapped[int] = mapped_column(unique=True)
    type_id: Mapped[int] = mapped_column(ForeignKey("transaction_types.id"))
    #: None for administrative ones, in which no money moves.
    method_id: Mapped[int | None] = mapped_column(ForeignKey("transaction_methods.id"), index=True)
    #: EUR.
    amount: Mapped[Money]
    at: Mapped[Moment]
    #: Derived when it is made (register, terminal, contract, invoice: domain 9.5), then kept.
    business_unit_id: Mapped[int] = mapped_column(ForeignKey("business_units.id"))
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contracts.id"), index=True)
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    register_id: Mapped[int | None] = mapped_column(ForeignKey("cash_registers.id"))
    terminal_id: Mapped[int | None] = mapped_column(ForeignKey("terminals.id"))
    card_type_id: Mapped[int | None] = mapped_column(ForeignKey("card_types.id"))
    iban: Mapped[str] = mapped_column(String(42), default="")
    voucher: Mapped[str] = mapped_column(String(40), default="")
    remark: Mapped[str] = mapped_column(String(200), default="")
    #: The other half: of a transfer between registers, of a deposit that pays an invoice.
    counterpart_id: Mapped[int | None] = mapped_column(ForeignKey("transactions.id"))
    #: The one that this one undoes; nobody can undo it twice.
    reverses_id: Mapped[int | None] = mapped_column(ForeignKey("transactions.id"), unique=True)
    #: Handed on (to an add-on): from now on it can only be reversed.
    locked: Mapped[bool] = mapped_column(default=False)
    #: Of the form that booked it: no form books twice.
    form_key: Mapped[str | None] = mapped_column(String(32))
    created_at: Mapped[Moment] = mapped_column(default=now)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    type: Mapped[TransactionType] = relationship()
    method: Mapped[TransactionMethod | None] = relationship()
    business_unit: Mapped[BusinessUnit] = relationship()
    contract: Mapped[Contract | None] = relationship()
    invoice: Mapped[Invoice | None] = relationship()
    customer: Mapped[Customer | None] = relationship()
    register: Mapped[CashRegister | None] = relationship()
    terminal: Mapped[Terminal | None] = relationship()
    card_type: Mapped[CardType | None] = relationship()
    counterpart: Mapped[Transaction | None] = relationship(
        foreign_keys=[counterpart_id], remote_side="Transaction.id", post_update=True
    )
    reverses: Mapped[Transaction | None] = relationship(
        foreign_keys=[reverses_id], remote_side="Transaction.id"
    )
    created_by: Mapped[User | None] = relationship()

    def __str__(self) -> str:
        return f"T{self.number}"


class CashCount(Base, Tracked):
    """What somebody counted in a register, and what should have been in it (EUR)."""

    __tablename__ = "cash_counts"
    __table_args__ = (
        CheckConstraint("total >= 0", name="total_not_negative"),
        Index("ix_cash_counts_register", "register_id", "at", "id"),
    )

    id: Mapped[Key]
    register_id: Mapped[int] = mapped_column(ForeignKey("cash_registers.id"))
    at: Mapped[Moment]
    #: How many of each coin and note, by its value in cents as text: {"5000": 3}.
    pieces: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)
    #: Cheques and vouchers in the drawer.
    vouchers: Mapped[Money] = mapped_column(default=Decimal(0))
    total: Mapped[Money]
    expected: Mapped[Money]
    remark: Mapped[str] = mapped_column(String(200), default="")
    counted_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    #: The correction with which the difference was booked, if it was.
    transaction_id: Mapped[int | None] = mapped_column(ForeignKey("transactions.id"), unique=True)

    register: Mapped[CashRegister] = relationship()
    counted_by: Mapped[User | None] = relationship()
    transaction: Mapped[Transaction | None] = relationship()

    def __str__(self) -> str:
        return f"{self.register.code} {self.at:%Y-%m-%d}"

    @property
    def difference(self) -> Decimal:
        """EUR too much (positive) or missing (negative)."""
        return self.total - self.expected


class RefundState(StrEnum):
    OPEN = "open"
    #: In a payment file for the bank.
    EXPORTED = "exported"
    #: The money went; `transaction` tells of it.
    PROCESSED = "processed"
    WITHDRAWN = "withdrawn"


class PaymentFile(Base):
    """A file with which the bank pays refund requests: kept as it was made, to be fetched again."""

    __tablename__ = "payment_files"

    id: Mapped[Key]
    company_id: Mapped[int] = mapped_column(ForeignKey("companies.id"))
    #: What the bank knows it by (MsgId): it takes none twice.
    name: Mapped[str] = mapped_column(String(35), unique=True)
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    made_at: Mapped[Moment] = mapped_column(default=now)
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))

    company: Mapped[Company] = relationship()
    made_by: Mapped[User | None] = relationship()
    requests: Mapped[list[RefundRequest]] = relationship(back_populates="payment_file")

    def __str__(self) -> str:
        return self.name


class RefundRequest(Base, Tracked):
    """Somebody asks that money goes back to a customer. Not money yet: processing it makes the
    transaction (domain 9.4, 9.6).
    """

    __tablename__ = "refund_requests"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(
            "(state = 'processed') = (transaction_id is not null)",
            name="transaction_exactly_when_processed",
        ),
        Index("ix_refund_requests_state", "state", "requested_at", "id"),
        Index("uq_refund_requests_form_key", "form_key", unique=True),
    )
    untracked = frozenset({"form_key"})

    id: Mapped[Key]
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contracts.id"), index=True)
    invoice_id: Mapped[int | None] = mapped_column(ForeignKey("invoices.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id"), index=True)
    business_unit_id: Mapped[int] = mapped_column(ForeignKey("business_units.id"), index=True)
    #: EUR to give back; above zero.
    amount: Mapped[Money]
    #: Whether it is the security deposit that goes back.
    deposit: Mapped[bool] = mapped_column(default=False)
    iban: Mapped[str] = mapped_column(String(42), default="")
    remark: Mapped[str] = mapped_column(String(200), default="")
    state: Mapped[RefundState] = mapped_column(one_of(RefundState), default=RefundState.OPEN)
    requested_at: Mapped[Moment] = mapped_column(default=now)
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    #: The last payment file that held it.
    payment_file_id: Mapped[int | None] = mapped_column(ForeignKey("payment_files.id"), index=True)
    transaction_id: Mapped[int | None] = mapped_column(ForeignKey("transactions.id"), unique=True)
    #: Of the form that asked for it.
    form_key: Mapped[str | None] = mapped_column(String(32))

    contract: Mapped[Contract | None] = relationship()
    invoice: Mapped[Invoice | None] = relationship()
    customer: Mapped[Customer] = relationship()
    business_unit: Mapped[BusinessUnit] = relationship()
    requested_by: Mapped[User | None] = relationship()
    payment_file: Mapped[PaymentFile | None] = relationship(back_populates="requests")
    transaction: Mapped[Transaction | None] = relationship()

    def __str__(self) -> str:
        return f"R{self.id}"
