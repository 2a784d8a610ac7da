"""The simulator's README names every contract test next to the rule of Exact's that it tries."""

from __future__ import annotations

import re
from pathlib import Path

import ppplanner.integrations.exact.simulator as simulator
from ppplanner.integrations.exact.simulator.faults import KINDS

HERE = Path(__file__).parent
README = (Path(simulator.__file__).parent / "README.md").read_text("utf-8")
RULES = README.partition("## Rules and their tests")[2]
STRICT, _, MORE = RULES.partition("### What else is documented")
CONTRACTS = (
    "accounts documents limits oauth other_entries protocol queries sales_entries sync webhooks"
)
#: How many rules the notes on the API suggest for a strict simulator.
SUGGESTED = 25


def rows(table: str) -> list[str]:
    return re.findall(r"^\| (?!-|No\.|Section)[^\n]+$", table, re.MULTILINE)


def named(text: str) -> list[str]:
    return re.findall(r"`([a-z]+_[a-z0-9_]+)`", text.rpartition(" | ")[2])


def test_the_tables_name_every_contract_test_once_and_no_other() -> None:
    files = (HERE / f"test_{each}.py" for each in CONTRACTS.split())
    known = [
        name
        for path in files
        for name in re.findall(r"^def test_(\w+)", path.read_text("utf-8"), re.MULTILINE)
    ]

    assert sorted(name for row in rows(RULES) for name in named(row)) == sorted(known)


def test_every_suggested_rule_is_tried() -> None:
    numbers = [int(row.split()[1]) for row in rows(STRICT)]

    assert numbers == list(range(1, SUGGESTED + 1))
    assert all(named(row) for row in rows(STRICT) + rows(MORE))


def test_every_kind_of_trouble_is_explained() -> None:
    table = README.partition("| Kind of trouble |")[2].partition("\n\n")[0]
    told = {
        name: "| yes |" in row for row in table.splitlines() for name in re.findall(r"`(\w+)`", row)
    }

    assert {name: kind.blind for name, kind in KINDS.items()} == {
        name: blind for name, blind in told.items() if name in KINDS
    }
