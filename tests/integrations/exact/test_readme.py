"""The add-on's README names every sentence that people can meet, and every scenario's tests."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[3]
ADDON = ROOT / "ppplanner/integrations/exact"
SCENARIOS = Path(__file__).parent / "scenarios"
README = (ADDON / "README.md").read_text()
TROUBLE = README.partition("## When something goes wrong")[2].partition("\n## ")[0]
STORY = re.compile(r"^def (test_([A-F])(\d\d)_\w+)", re.MULTILINE)
ROW = re.compile(r"^\| ([A-F])(\d+) \| `(\w+)` \| passes \|$", re.MULTILINE)
#: How many scenarios each letter has (domain 16).
SCENARIO_COUNTS = {"A": 13, "B": 17, "C": 14, "D": 8, "E": 17, "F": 20}


def test_every_sentence_about_trouble_is_explained() -> None:
    sentences = set(_sentences())
    assert len(sentences) > 100
    assert {each for each in sentences if each not in TROUBLE} == set()


def _sentences() -> Iterator[str]:
    """The beginning of each that is kept as a constant, with dots for what is filled in."""
    for path in ADDON.rglob("*.py"):
        if "simulator" not in path.parts:
            tree = ast.parse(path.read_text())
            yield from (_beginning(node) for node in ast.walk(tree) if _is_sentence(node))


def _is_sentence(node: ast.AST) -> bool:
    return _text(node).endswith((".", "%(words)s"))


def _text(node: ast.AST) -> str:
    """What N_() is given; nothing for all else."""
    marked = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "N_"
    return str(ast.literal_eval(node.args[0])) if isinstance(node, ast.Call) and marked else ""


def _beginning(node: ast.AST) -> str:
    first = re.split(r"[.:;](?: |$)", _text(node))[0]
    return re.sub(r"%\(\w+\)s", "...", first)


def test_the_table_of_scenarios_names_their_tests_and_no_others() -> None:
    stories = "".join(path.read_text() for path in SCENARIOS.glob("test_*.py"))
    known = {(letter, int(number), name) for name, letter, number in STORY.findall(stories)}
    listed = {(letter, int(number), name) for letter, number, name in ROW.findall(README)}
    assert listed - known == set()
    assert known - listed == set()


def test_every_scenario_has_a_test() -> None:
    listed = {(letter, int(number)) for letter, number, _name in ROW.findall(README)}
    all_of_them = {
        (letter, number + 1) for letter, count in SCENARIO_COUNTS.items() for number in range(count)
    }
    assert listed == all_of_them
