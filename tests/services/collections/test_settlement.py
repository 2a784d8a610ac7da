"""What was paid before an invoice was there."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from ppplanner.clock import today
from ppplanner.extensions import db
from ppplanner.models import (
    Contract,
    Invoice,
    InvoiceLine,
    MethodKind,
    PaymentState,
    RefundRequest,
    RefundState,
    Transaction,
    TypeRole,
)
from ppplanner.services.collections import deposits, refunds, transactions, types
from ppplanner.services.collections.collection_settings import collection_settings
from ppplanner.services.collections.refunds import Refund
from ppplanner.services.collections.standing import standing
from ppplanner.services.collections.transactions import TransactionData
from ppplanner.services.invoices.confirming import confirm_invoice
from ppplanner.services.invoices.overtaken import differences, fingerprint
from ppplanner.services.invoices.totals import total
from tests.factories import make_contract, make_invoice, make_price_range, make_resource
from tests.services.collections.payments import pay as pay_invoice
from tests.services.invoices.credits import make_credit

pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def contract() -> Contract:
    """One of 363 EUR with VAT: three days at 100 EUR."""
    return make_contract(make_resource(price_range=make_price_range(100)))


def pay(contract: Contract, amount: str | int, role: TypeRole = TypeRole.PAYMENT) -> Transaction:
    data = TransactionData(
        types.of_role(role),
        Decimal(amount),
        types.method_of(MethodKind.BANK),
        contract=contract,
    )
    return transactions.register(data, by=None)


def settle_deposits(contract: Contract) -> None:
    collection_settings.save(contract.business_unit.company_id, settle_deposit=True)


def halves() -> list[Transaction]:
    query = select(Transaction).where(Transaction.counterpart_id.is_not(None))
    return list(db.session.scalars(query.order_by(Transaction.id)))


def test_an_advance_counts_for_the_invoice_and_is_printed_as_paid(contract: Contract) -> None:
    advance = pay(contract, 163)
    invoice = make_invoice(contract)
    assert advance.invoice is invoice
    assert (invoice.prepaid, invoice.balance) == (Decimal(163), Decimal(200))
    assert invoice.payment_state is PaymentState.PARTIALLY_PAID


def test_an_advance_that_was_handed_on_counts_as_well(contract: Contract) -> None:
    advance = pay(contract, 363)
    advance.locked = True
    invoice = make_invoice(contract)
    assert (invoice.balance, invoice.payment_state) == (Decimal(0), PaymentState.FULLY_PAID)


def test_what_was_refunded_of_an_advance_does_not_count(contract: Contract) -> None:
    pay(contract, 100)
    pay(contract, 40, TypeRole.REFUND)
    assert make_invoice(contract).prepaid == 60


def test_without_advances_nothing_is_booked(contract: Contract) -> None:
    invoice = make_invoice(contract)
    assert (invoice.prepaid, invoice.balance) == (Decimal(0), Decimal(363))
    assert not types.lists_are_made()


def test_a_deposit_stays_a_deposit_unless_the_company_settles_it(contract: Contract) -> None:
    pay(contract, 500, TypeRole.DEPOSIT)
    assert make_invoice(contract).prepaid == 0
    assert deposits.held(contract) == 500


def test_a_deposit_pays_the_final_invoice_where_the_company_says_so(contract: Contract) -> None:
    settle_deposits(contract)
    pay(contract, 500, TypeRole.DEPOSIT)
    invoice = make_invoice(contract)
    assert (invoice.prepaid, invoice.balance) == (Decimal(363), Decimal(0))
    assert deposits.held(contract) == 137
    out, back_in = halves()
    assert (out.type.role, out.amount, out.invoice) == (
        TypeRole.DEPOSIT_SETTLED,
        Decimal(-363),
        None,
    )
    assert (back_in.type.role, back_in.amount) == (TypeRole.PAID_FROM_DEPOSIT, Decimal(363))
    assert back_in.invoice is invoice
    assert {half.method and half.method.kind for half in halves()} == {MethodKind.SETTLEMENT}
    assert (out.counterpart, back_in.counterpart) == (back_in, out)


def test_only_what_the_advance_leaves_open_comes_from_the_deposit(contract: Contract) -> None:
    settle_deposits(contract)
    pay(contract, 300)
    pay(contract, 500, TypeRole.DEPOSIT)
    assert make_invoice(contract).prepaid == 363
    assert deposits.held(contract) == 437


def test_a_deposit_that_was_asked_back_pays_nothing(contract: Contract) -> None:
    settle_deposits(contract)
    pay(contract, 500, TypeRole.DEPOSIT)
    db.session.add(
        RefundRequest(
            contract=contract,
            customer=contract.customer,
            business_unit=contract.business_unit,
            amount=Decimal(400),
            deposit=True,
            state=RefundState.OPEN,
        )
    )
    assert make_invoice(contract).prepaid == 100


def test_an_invoice_that_is_not_the_last_leaves_the_deposit(contract: Contract) -> None:
    settle_deposits(contract)
    pay(contract, 500, TypeRole.DEPOSIT)
    assert make_invoice(contract, final=False).prepaid == 0


def test_undoing_one_half_undoes_the_other(contract: Contract) -> None:
    settle_deposits(contract)
    pay(contract, 500, TypeRole.DEPOSIT)
    invoice = make_invoice(contract)
    transactions.reverse(halves()[1], by=None)
    assert (invoice.balance, deposits.held(contract)) == (Decimal(363), Decimal(500))


def test_what_is_too_much_on_one_invoice_counts_for_the_next(contract: Contract) -> None:
    pay(contract, 500)
    first = make_invoice(contract, final=False)
    assert (first.prepaid, first.balance) == (Decimal(500), Decimal(-137))
    second = _another(contract, first, gross=Decimal(121))
    assert (second.prepaid, second.balance) == (Decimal(121), Decimal(0))
    assert first.balance == -16
    assert sum(half.amount for half in halves()) == 0


def _another(contract: Contract, like: Invoice, gross: Decimal) -> Invoice:
    """A second invoice of the contract, of one line."""
    line = like.lines[0]
    net = gross / Decimal("1.21")
    draft = Invoice(
        company=like.company,
        business_unit=like.business_unit,
        customer=like.customer,
        contract=contract,
        invoice_date=today(),
        due_date=today() + timedelta(days=30),
        lines=[
            InvoiceLine(
                position=1,
                description="Damage",
                units=Decimal(1),
                unit_price=net,
                net=net,
                vat_code=line.vat_code,
                vat_percentage=line.vat_percentage,
                gl_account=line.gl_account,
            )
        ],
    )
    total(draft)
    db.session.add(draft)
    db.session.flush()
    confirm_invoice(draft, seen=fingerprint(differences(draft)))
    return draft


def test_the_standing_of_a_contract_follows_what_happens_to_it(contract: Contract) -> None:
    contract.deposit = Decimal(250)
    stands = standing(contract)
    assert [stands.price, stands.open, stands.deposit_open] == [363, 363, 250]
    pay(contract, 100)
    pay(contract, 250, TypeRole.DEPOSIT)
    stands = standing(contract)
    assert [stands.paid, stands.open, stands.deposit_open] == [100, 263, 0]
    make_invoice(contract)
    assert standing(contract).open == 263


def test_a_contract_asks_the_deposit_of_its_resource_unless_it_has_its_own(
    contract: Contract,
) -> None:
    assert contract.resource
    contract.resource.deposit = Decimal(300)
    assert deposits.expected(contract) == 300
    deposits.set_terms(contract, deposit=Decimal(0), payment_moment=None, deposit_moment=None)
    assert deposits.expected(contract) == 0


def test_an_advance_that_went_back_is_not_printed_as_paid(contract: Contract) -> None:
    pay(contract, 363)
    pay(contract, 363, TypeRole.REFUND)
    invoice = make_invoice(contract, final=False)
    assert (invoice.prepaid, invoice.balance) == (Decimal(0), Decimal(363))


def test_what_was_asked_back_by_way_of_a_credit_note_counts_for_no_other_invoice(
    contract: Contract,
) -> None:
    first = make_invoice(contract)
    pay_invoice(first, "363")
    note = make_credit(first)
    refunds.ask(Refund(Decimal(363), invoice=note), by=None)
    second = _another(contract, first, gross=Decimal(121))
    assert (second.prepaid, first.balance) == (Decimal(0), Decimal(-363))
