"""The column types of this domain: what goes in comes out, in every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, StatementError

from ppplanner.extensions import db
from ppplanner.models import Change, CompanyGroup, Rate, RateType, VatCode
from tests.factories import make_customer, make_price_range

pytestmark = pytest.mark.both_databases


@pytest.mark.parametrize("price", ["0", "0.0001", "33.3333", "99999.9999", "1E+3"])
def test_decimals_come_back_as_they_were(app: Flask, price: str) -> None:
    [rate] = make_price_range(Decimal(price)).rates
    db.session.commit()
    assert rate.price == Decimal(price)


def test_a_decimal_too_fine_for_its_column_is_refused(app: Flask) -> None:
    [rate] = make_price_range(50).rates
    rate.price = Decimal("0.00001")
    with pytest.raises(StatementError, match="more than 4 decimals"):
        db.session.flush()


def test_the_database_sorts_compares_and_adds_decimals(app: Flask) -> None:
    for price in ("9.5", "10", "100.25"):
        make_price_range(Decimal(price))
    query = select(Rate.price).order_by(Rate.price)
    assert list(db.session.scalars(query)) == [Decimal("9.5"), Decimal(10), Decimal("100.25")]
    assert len(list(db.session.scalars(query.where(Rate.price > Decimal("9.75"))))) == 2
    assert db.session.scalar(select(func.sum(Rate.price))) == Decimal("119.75")


def test_a_moment_is_kept_in_utc_whatever_its_time_zone(app: Flask) -> None:
    moment = datetime(2026, 12, 1, 9, 30, 15, 123456, timezone(timedelta(hours=1)))
    db.session.add(Change(at=moment, actor="x", action="created", entity="x", record_id=1))
    db.session.commit()
    kept = db.session.scalars(select(Change.at).filter_by(entity="x")).one()
    assert kept == moment
    assert kept.tzinfo is UTC


def test_a_moment_without_a_time_zone_is_refused(app: Flask) -> None:
    naive = datetime(2026, 12, 1, 9, 30)
    db.session.add(Change(at=naive, actor="x", action="created", entity="x", record_id=1))
    with pytest.raises(StatementError, match="no time zone"):
        db.session.flush()


def test_a_choice_is_checked_by_the_database(app: Flask) -> None:
    customer_id = make_customer().id
    with pytest.raises(IntegrityError):
        db.session.execute(text(f"update customers set kind = 'x' where id = {customer_id}"))


def test_a_key_that_leads_nowhere_is_refused(app: Flask) -> None:
    db.session.add(
        Rate(price_range_id=99, rate_type=RateType.DAY, price=Decimal(1), vat_code_id=99)
    )
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_a_percentage_below_zero_is_refused(app: Flask) -> None:
    db.session.add(VatCode(code="x", name="x", percentage=Decimal(-1)))
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_every_tracked_record_has_a_name_for_people(app: Flask) -> None:
    assert str(CompanyGroup(name="Holding")) == "Holding"


def test_the_key_of_a_deleted_record_is_never_given_again(app: Flask) -> None:
    db.session.add(gone := CompanyGroup(name="Gone"))
    db.session.flush()
    key = gone.id
    db.session.delete(gone)
    db.session.flush()
    db.session.add(new := CompanyGroup(name="New"))
    db.session.flush()
    assert new.id > key
