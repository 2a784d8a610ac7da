"""Numbers as people type them, and pickers."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from babel.numbers import NumberFormatError
from flask import Flask
from flask_babel import force_locale
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms.validators import InputRequired, Regexp

from ppplanner.blueprints.form_fields import (
    MoneyField,
    NumberField,
    PickerField,
    TextField,
    read_number,
)


class RentForm(FlaskForm):
    price = MoneyField("Price", [InputRequired("Fill in a price.")])
    distance = NumberField("Distance", unit="km", places=0)
    unit_price = NumberField("Unit price", places=4)
    owner = PickerField("Owner", describe={7: "Jansen"}.get)


def form(app: Flask, language: str = "nl", data: Any = None, **typed: str) -> Any:
    """The form as it comes back in that language, with these words typed; and it is validated."""
    with app.test_request_context(), force_locale(language):
        made = RentForm(MultiDict(typed) if typed else None, data=data)
        if typed:
            made.validate()
        made.shown = {field.name: field() for field in made}
        return made


@pytest.mark.parametrize(
    ("language", "typed", "number"),
    [
        ("nl", "1.250,50", "1250.50"),
        ("nl", "1250,5", "1250.5"),
        ("nl", "1.250", "1250"),
        ("nl", "12.5", "12.5"),
        ("nl", "-0,75", "-0.75"),
        ("en", "1,250.50", "1250.50"),
        ("en", "12,5", "12.5"),
        ("en", "1,250", "1250"),
        ("fr", "1250,50", "1250.50"),
        ("fr", "12.50", "12.50"),
    ],
)
def test_a_number_is_read_as_the_person_meant_it(
    app: Flask, language: str, typed: str, number: str
) -> None:
    with app.test_request_context(), force_locale(language):
        assert read_number(typed) == Decimal(number)


@pytest.mark.parametrize("typed", ["", "abc", "1.2.3", "1,2,3", "12,34,5", "--1", "1e5", "NaN"])
def test_what_is_no_clear_number_is_refused(app: Flask, typed: str) -> None:
    with app.test_request_context(), force_locale("nl"), pytest.raises(NumberFormatError):
        read_number(typed)


def test_an_amount_is_shown_in_the_persons_way_and_read_back_the_same(app: Flask) -> None:
    shown = form(app, data={"price": Decimal("1250.5")}).shown["price"]
    assert 'value="1250,50"' in shown
    assert form(app, price="1250,50").price.data == Decimal("1250.50")


def test_spaces_and_the_sign_of_the_euro_do_no_harm(app: Flask) -> None:
    assert form(app, "fr", price="€ 1\u202f250,50").price.data == Decimal("1250.50")


def test_what_was_typed_wrong_comes_back_as_it_was_typed(app: Flask) -> None:
    wrong = form(app, "en", price="twaalf")
    assert wrong.price.errors == ["Type a number, such as 1250.00."]
    assert 'value="twaalf"' in wrong.shown["price"]
    assert form(app, "en", distance="twaalf").distance.errors == ["Type a whole number."]


def test_more_decimals_than_there_are_cents_are_refused(app: Flask) -> None:
    assert form(app, "en", price="1.005").price.errors == ["Type at most 2 decimals."]
    assert form(app, price="1", unit_price="1,0055").unit_price.data == Decimal("1.0055")


def test_a_number_without_decimals_shows_none(app: Flask) -> None:
    assert 'value="12"' in form(app, data={"distance": Decimal(12)}).shown["distance"]


def test_an_empty_number_is_none(app: Flask) -> None:
    assert form(app, price="1", distance=" ").distance.data is None


def test_a_picker_shows_its_choice_in_words(app: Flask) -> None:
    chosen = form(app, price="1", owner="7", **{"owner-text": "Jansen"})
    assert (chosen.owner.data, chosen.owner.shown) == (7, "Jansen")
    assert chosen.errors == {}


@pytest.mark.parametrize("owner", ["", "8", "abc"])
def test_a_picker_takes_only_what_can_be_chosen(app: Flask, owner: str) -> None:
    wrong = form(app, price="1", owner=owner, **{"owner-text": "Jan"})
    assert wrong.owner.errors
    assert wrong.owner.shown == "Jan"


def test_a_picker_may_stay_empty(app: Flask) -> None:
    assert form(app, price="1", owner="", **{"owner-text": ""}).errors == {}


class PersonForm(FlaskForm):
    name = TextField("Name", [Regexp("^[A-Z]", message="Begin with a capital.")], longest=10)


def name_of(app: Flask, typed: str) -> Any:
    """The field for a name after these words came in."""
    with app.test_request_context():
        made = PersonForm(MultiDict({"name": typed}))
        made.validate()
        return made.name


@pytest.mark.parametrize("typed", ["Jo Doe", " Jo\r\nDoe ", "\ufeffJo\tDoe", "\u202eJo \u200bDoe"])
def test_a_line_holds_no_breaks_and_nothing_that_cannot_be_seen(app: Flask, typed: str) -> None:
    assert " ".join(name_of(app, typed).data.split()) == "Jo Doe"


def test_text_of_nothing_that_can_be_seen_is_empty(app: Flask) -> None:
    assert name_of(app, " \u200b\ufeff\x01 ").data == ""


def test_what_is_too_long_is_not_looked_at_any_further(app: Flask) -> None:
    assert name_of(app, "x" * 10_000).errors == ["Use at most 10 characters."]
