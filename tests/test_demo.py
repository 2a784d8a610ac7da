"""The demo firm: what it holds, and that production has nothing to do with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from stdnum.eu import vat

from ppplanner import create_app
from ppplanner.clock import now
from ppplanner.config import BadConfig, Config, new_secret
from ppplanner.demo import LOGINS, is_demo, make_demo
from ppplanner.extensions import db
from ppplanner.models import (
    Base,
    BusinessUnit,
    Contract,
    ContractStatus,
    Customer,
    Invoice,
    Resource,
    User,
)
from ppplanner.money import line_net
from ppplanner.services.firm import users
from tests.databases import disconnect, migrate

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
