"""What is asked of Exact for what a person types."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ppplanner.integrations.exact.search import (
    CONTAINS,
    account_filter,
    ledger_filter,
    vat_notations,
)

INDEXOF, SUBSTRINGOF, STARTSWITH = CONTAINS


def test_each_way_of_asking_quotes_the_text() -> None:
    assert INDEXOF("Name", "d'Or") == "indexof(Name,'d''Or') ge 0"
    assert SUBSTRINGOF("Name", "d'Or") == "substringof('d''Or',Name) eq true"
    assert STARTSWITH("Name", "d'Or") == "startswith(Name,'d''Or') eq true"


def test_a_name_is_asked_for_in_the_usual_spellings() -> None:
    asked = account_filter("jansen", INDEXOF)
    for spelling in ("jansen", "Jansen", "JANSEN"):
        assert f"indexof(Name,'{spelling}') ge 0" in asked
    assert "SearchCode eq 'JANSEN'" in asked


def test_a_name_with_an_apostrophe_is_spelled_both_ways() -> None:
    asked = account_filter("d'hondt", INDEXOF)
    assert "'D''hondt'" in asked
    assert "'D''Hondt'" in asked


def test_every_word_must_be_in_the_name() -> None:
    asked = account_filter("piet  jansen", INDEXOF)
    assert asked.startswith("(((indexof(Name,'piet') ge 0 or ")
    assert ") and (indexof(Name,'jansen') ge 0 or " in asked


def test_a_number_may_be_a_code_or_the_number_of_a_company() -> None:
    asked = account_filter("100100", INDEXOF)
    assert "Code eq '            100100'" in asked
    assert "ChamberOfCommerce eq '100100'" in asked
    assert "VATNumber" not in asked


def test_an_address_with_an_at_sign_is_an_email_and_nothing_else() -> None:
    asked = account_filter("Info@Bakker.be", INDEXOF)
    assert "indexof(Email,'info@bakker.be') ge 0" in asked
    assert "Name" not in asked


@pytest.mark.parametrize(
    "typed", ["BE0123456789", "be 0123.456.789", "0123 456 789", "0123.456.789", "BE-0123-456-789"]
)
def test_a_belgian_vat_number_is_found_in_every_notation(typed: str) -> None:
    notations = vat_notations(typed)
    for held in ("BE0123456789", "BE 0123.456.789", "BE0123.456.789", "0123456789", "0123.456.789"):
        assert held in notations
    assert f"VATNumber eq '{notations[1]}'" in account_filter(typed, INDEXOF)


@pytest.mark.parametrize("typed", ["NL123456789B01", "nl 1234.56.789.b.01", "123456789B01"])
def test_a_dutch_vat_number_is_found_in_every_notation(typed: str) -> None:
    notations = vat_notations(typed)
    for held in ("NL123456789B01", "NL1234.56.789.B.01", "NL 123456789.B.01", "123456789B01"):
        assert held in notations


def test_a_foreign_vat_number_is_found_with_and_without_its_country() -> None:
    assert vat_notations("FR 40 303265045") == [
        "FR 40 303265045",
        "40303265045",
        "FR40303265045",
        "FR 40303265045",
    ]


@pytest.mark.parametrize("typed", ["", "Jansen", "Bakker 12", "12345", "a@b.be", "Café 0123456789"])
def test_other_texts_are_no_vat_numbers(typed: str) -> None:
    assert vat_notations(typed) == []


def test_gl_accounts_are_found_by_code_and_by_name() -> None:
    asked = ledger_filter("700", INDEXOF)
    assert asked.startswith("(startswith(Code,'700') eq true or ")
    assert "indexof(Description,'700') ge 0" in asked


@settings(deadline=None, max_examples=60)
@given(st.text(min_size=1).filter(str.strip))
def test_no_text_breaks_out_of_the_filter(text: str) -> None:
    for contains in CONTAINS:
        for asked in (account_filter(text, contains), ledger_filter(text, contains)):
            outside = "".join(asked.replace("''", "").split("'")[::2])
            assert outside.count("(") == outside.count(")")
            assert asked.replace("''", "").count("'") % 2 == 0
