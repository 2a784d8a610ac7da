"""What people do with money, one deed after the other: the material of `test_money_story.py`.

A deed takes numbers out of which it makes its choices. What a rule refuses leaves nothing behind,
as in a request that is rolled back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from sqlalchemy import select

from ppplanner.clock import today
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.models import (
    BusinessUnit,
    CashRegister,
    Contract,
    Customer,
    DocumentState,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    MethodKind,
    PaymentState,
    Transaction,
    TypeRole,
    VatCode,
)
from ppplanner.services.collections import counts, registers, transactions, types
from ppplanner.services.collections.collection_settings import collection_settings
from ppplanner.services.collections.counts import Counted
from ppplanner.services.collections.entry import TransactionData
from ppplanner.services.collections.registers import Entry
from ppplanner.services.collections.zeroing import CLOSING, set_payment
from ppplanner.services.invoices import balances, crediting, drafts
from ppplanner.services.invoices.confirming import confirm_invoice
from ppplanner.services.invoices.credited import left_of_lines
from ppplanner.services.invoices.overtaken import differences, fingerprint
from ppplanner.services.invoices.totals import total
from ppplanner.services.ledger import revenue_account
from tests.factories import (
    make_contract,
    make_customer,
    make_price_range,
    make_resource,
    make_unit,
    make_user,
    make_vat_code,
)

T = TypeVar("T")

#: What is in each cash register at first, in EUR.
CASH = Decimal(200)


@dataclass(frozen=True)
class Deed:
    """One thing that somebody does: what, with which record, how much."""

    what: Callable[[Firm, Deed], object]
    which: int
    cents: int
    #: Per cent, for parts of something; its parity decides what is a question of yes or no.
    share: int

    @property
    def amount(self) -> Decimal:
        return Decimal(self.cents).scaleb(-2)

    @property
    def yes(self) -> bool:
        return self.share % 2 == 1

    def one_of(self, records: Sequence[T]) -> T:
        """Raises DomainError when there is none."""
        if not records:
            raise DomainError("there is none yet")
        return records[self.which % len(records)]


@dataclass(frozen=True)
class Firm:
    """A business unit with a customer, a contract, cash registers and all VAT codes."""

    unit: BusinessUnit
    customer: Customer
    contract: Contract
    registers: list[CashRegister]
    vat_codes: list[VatCode]

    def do(self, deed: Deed) -> None:
        with _or_nothing():
            deed.what(self, deed)
            db.session.flush()

    def credit_the_rest(self) -> None:
        """Of what has been credited in part, in drafts: then all of it is taken back."""
        for each in _invoices():
            if balances.credit_notes(each):
                with _or_nothing():
                    crediting.credit_in_full(each, on=today())


def make_firm() -> Firm:
    """A contract of ten days at 33.33 with a deposit, which its final invoice takes; two invoices
    and a draft; cash in two registers.
    """
    unit = make_unit()
    collection_settings.save(company_id=unit.company_id, settle_deposit=True)
    resource = make_resource(unit, make_price_range(Decimal("33.33")))
    start = datetime.combine(today(), datetime.min.time(), UTC) - timedelta(days=12, hours=-9)
    customer = make_customer()
    contract = make_contract(resource, customer, start, start + timedelta(days=9, hours=6))
    user = make_user([])
    cash = [
        registers.open_register(code=code, business_unit=unit, user=user) for code in ("A", "B")
    ]
    types.make_usual_lists()
    codes = [make_vat_code(code) for code in ("21", "12", "6", "0")]
    codes[-1].legal_text = "Exempt."
    firm = Firm(unit, customer, contract, cash, codes)
    for number, register in enumerate(cash):
        invoice(firm, Deed(invoice, which=number + 1, cents=33_333, share=70))
        registers.book(register, types.of_role(TypeRole.CORRECTION_IN), Entry(CASH), by=None)
    draft(firm, Deed(draft, which=2, cents=1_999, share=50))
    take_deposit(firm, Deed(take_deposit, which=0, cents=10_000, share=1))
    return firm


@contextmanager
def _or_nothing() -> Iterator[None]:
    """Undo all of a deed that a rule refuses."""
    nested = db.session.begin_nested()
    try:
        yield
        nested.commit()
    except (DomainError, Invalid):
        nested.rollback()


def draft(firm: Firm, deed: Deed) -> Invoice:
    """An invoice without a contract: up to three lines, sometimes with a discount."""
    nets = [deed.amount, deed.amount * deed.share / 100, Decimal(-deed.share) / 10]
    codes = firm.vat_codes[deed.which % 4 :] + firm.vat_codes
    invoice = Invoice(
        company=firm.unit.company,
        business_unit=firm.unit,
        customer=firm.customer,
        invoice_date=today(),
        due_date=today(),
    )
    for position, (net, code) in enumerate(zip(nets[: 1 + deed.which % 3], codes, strict=False), 1):
        invoice.lines.append(_line(firm, position, net.quantize(Decimal("0.01")), code))
    db.session.add(invoice)
    total(invoice)
    return invoice


def invoice(firm: Firm, deed: Deed) -> None:
    confirm_invoice(draft(firm, deed))


def invoice_contract(firm: Firm, deed: Deed) -> None:
    """To the end, or up to and including one of its days; a draft stays now and then."""
    until = firm.contract.starts_at.date() + timedelta(days=deed.which)
    made = drafts.draft_from_contract(
        firm.contract, invoice_date=today(), until=None if deed.yes else until
    )
    if deed.cents % 5:
        confirm_invoice(made)


def confirm(_firm: Firm, deed: Deed) -> None:
    draft = deed.one_of(_documents(DocumentState.DRAFT))
    confirm_invoice(draft, seen=fingerprint(differences(draft)) if deed.yes else "")


def discard(_firm: Firm, deed: Deed) -> None:
    drafts.discard_draft(deed.one_of(_documents(DocumentState.DRAFT)))


def credit(firm: Firm, deed: Deed) -> None:
    """A share of what is left of each line; now and then more than that, which is refused."""
    credited = deed.one_of(_invoices())
    taken = {
        line_id: (left * deed.share / 100).quantize(Decimal("0.01"))
        for line_id, left in left_of_lines(credited).items()
    }
    note = crediting.credit(credited, taken, on=today(), again=deed.yes)
    if deed.cents % 4:
        confirm_invoice(note)


def credit_in_full(_firm: Firm, deed: Deed) -> None:
    note = crediting.credit_in_full(deed.one_of(_invoices()), on=today(), again=deed.yes)
    confirm_invoice(note)


def mark_even(_firm: Firm, deed: Deed) -> None:
    balances.mark_even(deed.one_of(_invoices()))


def pay(firm: Firm, deed: Deed) -> None:
    """All of it, or some; by bank or in cash."""
    paid = deed.one_of(_invoices())
    amount = paid.balance if deed.yes else deed.amount
    _move(firm, deed, TypeRole.PAYMENT, amount, invoice=paid)


def pay_ahead(firm: Firm, deed: Deed) -> None:
    _move(firm, deed, TypeRole.PAYMENT, deed.amount, contract=firm.contract)


def refund(firm: Firm, deed: Deed) -> None:
    """To the invoice or to a credit note on it."""
    documents = _documents(DocumentState.CONFIRMED)
    _move(firm, deed, TypeRole.REFUND, deed.amount, invoice=deed.one_of(documents))


def take_deposit(firm: Firm, deed: Deed) -> None:
    _move(firm, deed, TypeRole.DEPOSIT, deed.amount, contract=firm.contract)


def give_deposit_back(firm: Firm, deed: Deed) -> None:
    _move(firm, deed, TypeRole.DEPOSIT_REFUND, deed.amount, contract=firm.contract)


def undo(_firm: Firm, deed: Deed) -> None:
    """One of the newest transactions."""
    made = db.session.scalars(select(Transaction).order_by(Transaction.id.desc()).limit(5)).all()
    transactions.reverse(deed.one_of(made), by=None)


def say(_firm: Firm, deed: Deed) -> None:
    """How an invoice is paid, with its balance brought to zero where that can be."""
    state = list(PaymentState)[deed.cents % len(PaymentState)]
    document = deed.one_of(_documents(DocumentState.CONFIRMED))
    set_payment(document, state, to_zero=state in CLOSING and deed.yes, by=None)


def correct_cash(firm: Firm, deed: Deed) -> None:
    role = TypeRole.CORRECTION_IN if deed.yes else TypeRole.CORRECTION_OUT
    _book(firm, deed, role)


def carry_to_bank(firm: Firm, deed: Deed) -> None:
    _book(firm, deed, TypeRole.TO_BANK)


def transfer(firm: Firm, deed: Deed) -> None:
    first, second = firm.registers if deed.yes else firm.registers[::-1]
    registers.transfer(first, second, Entry(deed.amount), by=None)


def count(firm: Firm, deed: Deed) -> None:
    made = counts.count(deed.one_of(firm.registers), Counted({1: deed.cents % 999}), by=None)
    counts.book_difference(made, by=None)


DEEDS: Sequence[Callable[[Firm, Deed], Any]] = (
    draft,
    invoice,
    invoice_contract,
    confirm,
    discard,
    credit,
    credit_in_full,
    mark_even,
    pay,
    pay_ahead,
    refund,
    take_deposit,
    give_deposit_back,
    undo,
    say,
    correct_cash,
    carry_to_bank,
    transfer,
    count,
)


def _line(firm: Firm, position: int, net: Decimal, vat_code: VatCode) -> InvoiceLine:
    return InvoiceLine(
        position=position,
        description=f"Part {position}",
        units=Decimal(1),
        unit_price=net,
        net=net,
        vat_code=vat_code,
        vat_percentage=vat_code.percentage,
        gl_account=revenue_account(firm.unit, None),
    )


def _documents(state: DocumentState) -> Sequence[Invoice]:
    return db.session.scalars(select(Invoice).filter_by(state=state).order_by(Invoice.id)).all()


def _invoices() -> Sequence[Invoice]:
    """The confirmed ones, without credit notes."""
    return [
        each for each in _documents(DocumentState.CONFIRMED) if each.kind is InvoiceKind.INVOICE
    ]


def _move(firm: Firm, deed: Deed, role: TypeRole, amount: Decimal, **purpose: Any) -> None:
    in_cash = deed.cents % 3 == 0
    data = TransactionData(
        types.of_role(role),
        amount,
        types.method_of(MethodKind.CASH if in_cash else MethodKind.BANK),
        register=deed.one_of(firm.registers) if in_cash else None,
        **purpose,
    )
    transactions.register(data, by=None)


def _book(firm: Firm, deed: Deed, role: TypeRole) -> None:
    register = deed.one_of(firm.registers)
    registers.book(register, types.of_role(role), Entry(deed.amount), by=None)
