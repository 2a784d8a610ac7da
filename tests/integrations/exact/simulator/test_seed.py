"""The administrations a test or a demo starts with."""

from __future__ import annotations

import ast
from pathlib import Path

from stdnum.be import vat

import ppplanner.integrations.exact.simulator as simulator
from ppplanner.integrations.exact.simulator import RunningSimulator

FOLDER = Path(simulator.__file__).parent


def test_customers_fill_more_than_one_page_in_both_administrations(
    exact: RunningSimulator,
) -> None:
    assert len(exact.accounts(exact.division)) == 127
    assert len(exact.accounts(exact.other_division)) == 72


def test_every_vat_number_passes_the_check(exact: RunningSimulator) -> None:
    numbers = [each["VATNumber"] for each in exact.accounts(exact.division) if each["VATNumber"]]

    numbers += [books.facts["VATNumber"] for books in exact.state.books.values()]
    assert len(numbers) > 70
    assert all(vat.is_valid(number) for number in numbers)
    assert len(set(numbers)) == len(numbers)


def test_a_firm_has_the_same_vat_number_in_every_administration(exact: RunningSimulator) -> None:
    here = exact.account("Zwembad De Dolfijn NV", exact.division)
    there = exact.account("Zwembad De Dolfijn NV", exact.other_division)

    assert here["VATNumber"] == there["VATNumber"]
    assert here["Code"] != there["Code"]


def test_some_customers_are_private_persons_without_a_number(exact: RunningSimulator) -> None:
    private = exact.accounts(exact.division, VATLiability="N")

    assert len(private) > 40
    assert {each["VATNumber"] for each in private} == {None}
    assert len(exact.records("crm/Contacts", exact.division)) == len(private)


def test_names_try_what_is_hard(exact: RunningSimulator) -> None:
    names = [each["Name"] for each in exact.accounts(exact.division)]

    assert max(map(len, names)) == 50
    assert sum("&" in name for name in names) > 5
    assert sum(not name.isascii() for name in names) > 20
    assert names.count("Janssens Jan") == 2


def test_a_moved_clock_moves_the_financial_years(exact: RunningSimulator) -> None:
    years = {each["FinYear"] for each in exact.records("financial/FinancialPeriods")}

    assert years == {2024, 2025, 2026, 2027}


def test_guids_are_the_same_in_every_run(exact: RunningSimulator) -> None:
    before = exact.account("Janssens Jan")["ID"]
    exact.reset()

    assert exact.account("Janssens Jan")["ID"] == before


def test_the_simulator_imports_nothing_of_ppplanner() -> None:
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            depth = len(path.relative_to(FOLDER).parts)
            if isinstance(node, ast.ImportFrom):
                assert node.level <= depth, path
                assert not (node.module or "").startswith("ppplanner"), path
            if isinstance(node, ast.Import):
                assert not any(each.name.startswith("ppplanner") for each in node.names), path
