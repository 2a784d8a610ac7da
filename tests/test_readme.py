"""The README and docs/: what they name exists, and the README names what can be set."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()
#: How the code and the start script read a variable of the environment.
READ = re.compile(r'\benv(?:iron)?(?:\.get\(|, )"([A-Z_]+)"')
READ_BY_SHELL = re.compile(r"\$\{(PPP_[A-Z]+|CI)\b")


def test_every_variable_that_is_read_stands_in_its_table() -> None:
    sources = [path.read_text() for path in (ROOT / "ppplanner").rglob("*.py")]
    read = {name for text in sources for name in READ.findall(text)}
    read |= set(READ_BY_SHELL.findall((ROOT / "ppp").read_text()))
    table = "\n".join(line for line in README.splitlines() if line.startswith("| `"))
    assert len(read) > 10
    assert {name for name in read if f"`{name}`" not in table} == set()


def test_the_files_that_it_names_exist() -> None:
    linked = re.findall(r"\]\(([^)#:]+)\)", README)
    named = re.findall(r"`((?:ppplanner|tests|benchmarks)/[^` ]+)`", README)
    assert len(linked) > 2
    assert len(named) > 3
    assert [path for path in (*linked, *named) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_every_page_of_docs_is_linked_from_it_and_links_to_what_exists(page: Path) -> None:
    linked = re.findall(r"\]\(([^)#:]+)", page.read_text())
    assert f"](docs/{page.name})" in README
    assert [path for path in linked if not (page.parent / path).exists()] == []
