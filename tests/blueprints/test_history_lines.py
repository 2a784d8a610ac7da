"""What the history says of amounts, in the person's language."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from ppplanner.blueprints.history_lines import in_words
from ppplanner.extensions import db
from ppplanner.i18n import in_language
from ppplanner.models import Base, Change
from tests.factories import make_invoice, make_price_range, make_vat_code
from tests.till import pay


def told(model: type[Base], field: str, language: str = "en") -> tuple[str, str]:
    """What the newest change of a field says, with plain spaces: before, after."""
    db.session.commit()
    query = select(Change).filter_by(entity=model.__tablename__, field=field)
    newest = db.session.scalars(query.order_by(Change.id.desc())).first()
    assert newest
    with in_language(language):
        [line] = in_words([newest], model.__tablename__, model)
    old, new = ((each or "").replace("\xa0", " ") for each in (line.old, line.new))
    return old, new


@pytest.mark.parametrize(
    ("language", "old", "new"),
    [
        ("nl", "€ 0,00", "€ -229,30"),
        ("fr", "0,00 €", "-229,30 €"),
        ("en", "€0.00", "-€229.30"),
    ],
)
def test_amounts_are_shown_as_money(app: Flask, language: str, old: str, new: str) -> None:
    invoice = make_invoice()
    pay(invoice=invoice, amount=invoice.balance)
    db.session.commit()
    pay(invoice=invoice, amount="229.30")
    assert told(type(invoice), "balance", language) == (old, new)


def test_unit_prices_keep_their_fractions_of_a_cent(app: Flask) -> None:
    rate = make_price_range(50).rates[0]
    db.session.commit()
    rate.price = Decimal("0.1234")
    assert told(type(rate), "price") == ("€50.00", "€0.1234")


def test_what_is_no_money_stays_a_number(app: Flask) -> None:
    code = make_vat_code("6")
    db.session.commit()
    code.percentage = Decimal("6.50")
    assert told(type(code), "percentage") == ("6", "6.5")
