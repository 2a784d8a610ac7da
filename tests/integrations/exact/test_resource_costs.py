"""The codes of cost centres and cost carriers that are made of resources."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ppplanner.integrations.exact.resource_costs import ALIKE, free_code


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        ("1-ABC-123", "1ABC123"),
        ("van 07", "VAN07"),
        ("Vrachtwagen 12", "VRACHTWA"),
        ("Café-Ÿ_ß", "CAFEYSS"),
        ("Кран 5", "5"),
        ("***", "R"),
    ],
)
def test_a_code_is_what_bookkeeping_takes_of_that_of_the_resource(resource: str, code: str) -> None:
    assert free_code(resource, ()) == code


def test_the_second_and_the_tenth_of_the_same_end_in_a_number() -> None:
    taken: list[str] = []
    for _n in range(10):
        taken.append(free_code("Vrachtwagen", taken))
    assert taken[:3] == ["VRACHTWA", "VRACHTW2", "VRACHTW3"]
    assert taken[-1] == "VRACHT10"


@given(st.text(max_size=20), st.sets(st.text("AB12", min_size=1, max_size=3), max_size=40))
def test_a_code_is_free_short_and_plain_whatever_the_resource_is_called(
    text: str, others: set[str]
) -> None:
    taken = others | {free_code(text, ())}
    code = free_code(text, taken)

    assert code not in taken
    assert 1 <= len(code) <= 8
    assert code.isascii()
    assert code.isalnum()
    assert code == code.upper()


@given(st.lists(st.text("AB1-", min_size=1, max_size=12), max_size=60))
def test_codes_that_could_clash_begin_alike(texts: list[str]) -> None:
    """So that those with the same beginning are all that has to be read."""
    taken: set[str] = set()
    for text in texts:
        start = free_code(text, ())[:ALIKE]
        code = free_code(text, {each for each in taken if each.startswith(start)})
        assert code not in taken
        taken.add(code)
