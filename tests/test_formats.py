"""How amounts and numbers look in the person's language, also when they are asked for again."""

from __future__ import annotations

from decimal import Decimal

import pytest
from flask import Flask
from flask_babel import force_locale

from ppplanner.formats import money, number, share

ONCE_AND_AGAIN = [
    (money, "1234.5", {"en": "€1,234.50", "nl": "€\xa01.234,50"}),
    (number, "1234.50", {"en": "1,234.5", "nl": "1.234,5"}),
    (share, "0.625", {"en": "62%", "nl": "62%"}),
]


@pytest.mark.parametrize(("show", "value", "looks"), ONCE_AND_AGAIN)
def test_each_language_keeps_its_own_look(
    app: Flask, show: object, value: str, looks: dict[str, str]
) -> None:
    assert callable(show)
    for language, look in [*looks.items(), *looks.items()]:
        with force_locale(language):
            assert show(Decimal(value)) == look


def test_nothing_below_nought_is_nought(app: Flask) -> None:
    for show, look in ((money, "€0.00"), (number, "0"), (share, "0%")):
        with force_locale("en"):
            assert show(Decimal("-0.001") if show is not number else Decimal("-0")) == look
