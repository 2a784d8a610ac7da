"""The demo firm: what it holds, and that production has nothing to do with it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from stdnum.eu import vat

from ppplanner import create_app
from ppplanner.clock import now, today
from ppplanner.config import BadConfig, Config, new_secret
from ppplanner.demo import LOGINS, is_demo, make_demo
from ppplanner.extensions import db
from ppplanner.models import (
    Base,
    BusinessUnit,
    CashRegister,
    Contract,
    ContractStatus,
    Customer,
    Invoice,
    MethodKind,
    PaymentState,
    Periodicity,
    RefundRequest,
    RefundState,
    Resource,
    Transaction,
    TransactionMethod,
    User,
    VatCode,
    VatTreatment,
)
from ppplanner.money import line_net
from ppplanner.services.collections.cash import balance, last_count
from ppplanner.services.firm import users
from ppplanner.services.firm.financial_years import find_year
from ppplanner.services.invoices.drafts import contracts_to_invoice
from ppplanner.services.invoices.proposals import propose
from tests.databases import disconnect, migrate

pytestmark = pytest.mark.xdist_group("demo")  # it is made once for all of them

SECRET = new_secret()


def configured(folder: Path, **variables: str) -> Config:
    return Config.from_env(
        {
            "INSTANCE_PATH": str(folder),
            "SECRET_KEY": SECRET,
            "ENCRYPTION_KEY": SECRET,
            "ADDONS": "",
            **variables,
        }
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def demo_app(folder: Path) -> Iterator[Flask]:
    """An application with the demo firm, made once for all tests here, which only read."""
    app = create_app(configured(folder), TESTING=True)
    migrate(app)
    with app.app_context():
        assert make_demo()
    yield app
    disconnect(app)


@pytest.fixture
def demo(demo_app: Flask) -> Iterator[Flask]:
    with demo_app.app_context():
        yield demo_app


def count(model: type[Base]) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_the_demo_firm_is_big_enough_to_look_around_in(demo: Flask) -> None:
    assert count(BusinessUnit) == 2
    assert count(Resource) == 40
    assert count(Customer) == 300
    assert count(Contract) > 150


def test_the_demo_is_made_once(demo: Flask) -> None:
    assert make_demo() is False
    assert is_demo()


def test_everybody_named_in_logins_can_log_in_to_their_role(demo: Flask) -> None:
    for username, password, role in LOGINS:
        user = users.authenticate(username, password)
        assert isinstance(user, User)
        assert [each.name for each in user.roles] == [role]


def test_vat_numbers_of_the_demo_are_right(demo: Flask) -> None:
    numbers = [key for key in db.session.scalars(select(Customer.vat_key)) if key]
    assert len(numbers) > 100
    assert [number for number in numbers if not vat.is_valid(number)] == []


def test_contracts_of_the_demo_are_in_a_state_that_fits_their_period(demo: Flask) -> None:
    contracts = list(db.session.scalars(select(Contract)))
    assert {contract.status for contract in contracts} == set(ContractStatus)
    for contract in contracts:
        if contract.status is ContractStatus.OPEN:
            assert contract.starts_at <= now()
        elif contract.status in {ContractStatus.CHECKED_IN, ContractStatus.INVOICED}:
            assert contract.ends_at <= now()


def test_invoices_of_the_demo_are_numbered_in_the_order_of_their_dates(demo: Flask) -> None:
    confirmed = select(Invoice).where(Invoice.number.is_not(None))
    invoices = list(db.session.scalars(confirmed.order_by(Invoice.series_id, Invoice.number)))
    assert len(invoices) > 24
    dates = [invoice.invoice_date for invoice in invoices]
    assert dates == sorted(dates)
    for series in {invoice.series for invoice in invoices}:
        numbers = [invoice.number for invoice in invoices if invoice.series is series]
        assert numbers == list(range(1, len(numbers) + 1))


def test_totals_of_the_demo_add_up(demo: Flask) -> None:
    for invoice in db.session.scalars(select(Invoice)):
        nets = [line_net(line.units, line.unit_price, line.discount) for line in invoice.lines]
        assert invoice.net == sum(nets)
        assert invoice.gross == invoice.net + invoice.vat
        assert all(line.gl_account for line in invoice.lines)


def test_an_invoice_run_of_the_demo_is_over_200_contracts(demo: Flask) -> None:
    waiting = db.session.scalars(contracts_to_invoice().where(Contract.starts_at <= now())).all()
    assert len([each for each in waiting if propose(each, today()).lines]) >= 200
    assert {each.periodicity for each in waiting} == {None, *Periodicity}


def test_documents_of_the_demo_are_of_each_kind(demo: Flask) -> None:
    invoices = list(db.session.scalars(select(Invoice)))
    confirmed = [each for each in invoices if not each.is_draft]
    assert {each.payment_state for each in confirmed if not each.is_credit_note} == {
        PaymentState.NOT_PAID,
        PaymentState.PARTIALLY_PAID,
        PaymentState.FULLY_PAID,
    }
    assert len([each for each in confirmed if each.is_credit_note]) == 2
    assert len(invoices) > len(confirmed)
    assert len(invoices) > 50  # more than a page of the list
    assert set(db.session.scalars(select(VatCode.treatment))) == set(VatTreatment)


def test_financial_years_of_the_demo_hold_every_day_around_today(demo: Flask) -> None:
    for unit in db.session.scalars(select(BusinessUnit)):
        for days in (-300, 0, 300):
            assert find_year(unit, today() + timedelta(days=days))


def test_the_cash_of_the_demo_was_counted_and_agrees(demo: Flask) -> None:
    registers = list(db.session.scalars(select(CashRegister)))
    assert len(registers) == 2
    for register in registers:
        counted = last_count(register)
        assert counted
        later = select(func.sum(Transaction.amount)).filter_by(register_id=register.id)
        booked = Transaction.id.is_distinct_from(counted.transaction_id)
        later = later.where(Transaction.at > counted.at, booked)
        assert balance(register) == counted.total + (db.session.scalar(later) or 0)


def test_money_of_the_demo_comes_and_goes_in_every_way(demo: Flask) -> None:
    kinds = {each.kind for each in db.session.scalars(select(TransactionMethod))}
    used = select(TransactionMethod.kind).join(
        Transaction, Transaction.method_id == TransactionMethod.id
    )
    assert set(db.session.scalars(used)) == kinds - {MethodKind.SETTLEMENT}
    open_requests = select(RefundRequest).filter_by(state=RefundState.OPEN)
    assert len(list(db.session.scalars(open_requests))) == 3


def test_balances_of_the_demo_are_what_is_left_of_their_parts(demo: Flask) -> None:
    paid = select(func.sum(Transaction.amount)).where(Transaction.invoice_id.is_not(None))
    confirmed = Invoice.number.is_not(None)
    total, left = db.session.execute(
        select(func.sum(Invoice.gross), func.sum(Invoice.balance)).where(confirmed)
    ).one()
    assert left == total - (db.session.scalar(paid) or 0)


def test_production_refuses_to_make_the_demo(tmp_path: Path) -> None:
    app = create_app(configured(tmp_path, PPP_ENV="production"), TESTING=True)
    migrate(app)
    result = app.test_cli_runner().invoke(args=["demo"])
    assert result.exit_code == 1
    assert "not for production" in result.output
    disconnect(app)


def test_production_refuses_to_start_on_the_demo_database(demo_app: Flask, folder: Path) -> None:
    with pytest.raises(BadConfig, match="Set DATABASE_URL"):
        create_app(configured(folder, PPP_ENV="production"), TESTING=True)
