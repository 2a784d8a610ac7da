"""Exact's dialect: what goes into filters and requests, what comes out of answers."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ppplanner.integrations.exact import odata
from ppplanner.integrations.exact.odata import Unreadable

KEY = UUID("0f8fad5b-d9cb-469f-a165-70867728950e")

texts = st.text(st.characters(exclude_categories=["Cs"]))
money = st.decimals(-(10**12), 10**12, places=2)


@settings(deadline=None, max_examples=60)
@given(texts)
def test_a_text_can_never_leave_its_quotes(value: str) -> None:
    literal = odata.literal(value)
    assert literal[0] == literal[-1] == "'"
    inside = literal[1:-1]
    assert "'" not in inside.replace("''", "")
    assert inside.replace("''", "'") == value


@settings(deadline=None, max_examples=60)
@given(texts)
def test_a_filter_arrives_as_it_was_written(value: str) -> None:
    condition = odata.equals("Name", value)
    sent = odata.query({"$filter": condition, "$select": "ID,Name"})
    assert parse_qs(sent, keep_blank_values=True) == {
        "$filter": [condition],
        "$select": ["ID,Name"],
    }
    assert "+" not in sent
    assert "&" not in sent.removesuffix("&$select=ID,Name")


@settings(deadline=None, max_examples=60)
@given(money)
def test_amounts_travel_as_exact_numbers(value: Decimal) -> None:
    sent = odata.dumps({"AmountFC": odata.amount(value)})
    assert re.fullmatch(r'{"AmountFC":-?\d+\.\d\d}', sent)
    assert odata.loads(sent)["AmountFC"] == value


@settings(deadline=None, max_examples=60)
@given(st.recursive(st.none() | st.booleans() | st.integers() | texts, st.lists))
def test_everything_else_is_plain_json(value: Any) -> None:
    assert json.loads(odata.dumps({"field": value})) == {"field": value}


def test_an_amount_finer_than_a_cent_is_refused() -> None:
    with pytest.raises(ValueError, match="finer than a cent"):
        odata.amount(Decimal("0.005"))


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("O'Hara", "'O''Hara'"),
        (70, "70"),
        (True, "true"),
        (KEY, f"guid'{KEY}'"),
        (date(2026, 1, 31), "datetime'2026-01-31T00:00:00'"),
    ],
)
def test_literals_have_the_form_of_their_type(value: Any, literal: str) -> None:
    assert odata.literal(value) == literal


def test_an_account_code_is_padded_to_eighteen() -> None:
    assert odata.padded_code("100100") == "            100100"
    assert odata.padded_code(" 7 ") == "                 7"


def test_each_item_is_asked_for_once_and_25_at_a_time() -> None:
    chunks = list(odata.in_chunks([*range(60), 3, 4]))
    assert [len(chunk) for chunk in chunks] == [25, 25, 10]


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("/Date(1392163200000)/", date(2014, 2, 12)),
        ("/Date(-86400000)/", date(1969, 12, 31)),
        ("/Date(1392163200000+0100)/", date(2014, 2, 12)),
        ("2024-01-31T00:00:00", date(2024, 1, 31)),
        (None, None),
    ],
)
def test_days_are_read_in_utc(value: Any, day: date | None) -> None:
    assert odata.day(value) == day


def test_moments_are_aware() -> None:
    assert odata.moment("/Date(1392163200500)/") == datetime(2014, 2, 12, 0, 0, 0, 500000, UTC)


def test_days_are_sent_without_a_zone() -> None:
    assert odata.as_day(date(2026, 3, 1)) == "2026-03-01T00:00:00"


@pytest.mark.parametrize(
    ("read", "value", "result"),
    [
        (odata.text, "2  ", "2"),
        (odata.text, "            100100", "100100"),
        (odata.text, None, ""),
        (odata.number, "60", 60),
        (odata.number, Decimal("60.0"), 60),
        (odata.decimal, "121.00", Decimal("121.00")),
        (odata.decimal, 121, Decimal(121)),
        (odata.flag, 1, True),
        (odata.flag, "false", False),
        (odata.flag, None, False),
        (odata.key, str(KEY).upper(), KEY),
        (odata.key_or_none, None, None),
        (odata.percentage, Decimal("0.21"), Decimal(21)),
        (odata.percentage, Decimal("0.055"), Decimal("5.5")),
        (odata.percentage, 0, Decimal(0)),
        (odata.percentage, 21, Decimal(21)),
        (odata.percentage, None, None),
    ],
)
def test_values_are_read_whatever_form_they_came_in(read: Any, value: Any, result: Any) -> None:
    assert read(value) == result


def test_a_round_percentage_is_written_without_an_exponent() -> None:
    assert str(odata.percentage(Decimal("0.2"))) == "20"


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (odata.text, 5),
        (odata.number, "many"),
        (odata.number, Decimal("1.5")),
        (odata.number, True),
        (odata.decimal, None),
        (odata.decimal, "NaN"),
        (odata.flag, "perhaps"),
        (odata.key, None),
        (odata.key, "not-a-guid"),
        (odata.day, "yesterday"),
        (odata.day, "/Date(99999999999999999999)/"),
    ],
)
def test_values_of_another_form_are_unreadable(read: Any, value: Any) -> None:
    with pytest.raises(Unreadable):
        read(value)


def test_fractions_are_read_as_decimals() -> None:
    assert odata.loads('{"AmountFC": 0.1}') == {"AmountFC": Decimal("0.1")}


@pytest.mark.parametrize("text", ["", "<html>", '{"d": NaN}', '{"d": ', "[" * 100_000])
def test_what_is_not_json_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        odata.loads(text)


@pytest.mark.parametrize(
    "answer",
    [
        {"d": {"results": [{"ID": 1}]}},
        {"d": [{"ID": 1}]},
        {"d": {"__metadata": {}, "ID": 1}},
    ],
)
def test_entities_are_found_in_every_shape_of_answer(answer: Any) -> None:
    assert [row["ID"] for row in odata.rows(answer)] == [1]


@pytest.mark.parametrize(
    "answer",
    [[], {}, None, {"d": None}, {"d": {}}, {"d": {"results": None}}, {"d": {"results": ["x"]}}],
)
def test_an_answer_of_another_shape_is_unreadable(answer: Any) -> None:
    with pytest.raises(Unreadable):
        odata.rows(answer)


def test_texts_are_cut_to_one_line() -> None:
    assert odata.cut("Rent of\r\n a van,  March", 14) == "Rent of a van,"
    assert odata.cut_front("a long prefix INV-2026-0042", 13) == "INV-2026-0042"
