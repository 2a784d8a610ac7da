"""The rules of the house that a program can check: form, types, who imports whom, the locks."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import grimp

ROOT = Path(__file__).parent.parent
#: Packages that work without being named in an import: SQLAlchemy's driver, time zones.
SILENT = {"psycopg", "tzdata"}
SIMULATOR = "ppplanner.integrations.exact.simulator"


def passes(*command: str | Path) -> None:
    """Run a program in the project folder; fail with what it says when it finds something."""
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout + result.stderr


def test_all_code_has_one_form() -> None:
    passes(sys.executable, "-m", "ruff", "format", "--check", ".")


def test_no_rule_of_the_linter_is_broken() -> None:
    passes(sys.executable, "-m", "ruff", "check", ".")


def test_the_types_are_right() -> None:
    passes(sys.executable, "-m", "mypy")


def test_imports_go_the_right_way_only() -> None:
    passes(sys.executable, Path(sys.executable).with_name("lint-imports"))


def test_the_simulator_imports_nothing_of_ppplanner() -> None:
    imports = grimp.build_graph("ppplanner")
    inside = {SIMULATOR, *imports.find_descendants(SIMULATOR)}
    used = {name for one in inside for name in imports.find_modules_directly_imported_by(one)}
    assert used <= inside


def test_no_lock_file_says_where_packages_come_from() -> None:
    locks = [*ROOT.glob("requirements/*.txt"), ROOT / ".npmrc", ROOT / "pyproject.toml"]
    assert len(locks) > 4
    assert [path for path in locks if "://" in path.read_text()] == []
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text()


def test_every_locked_package_has_hashes() -> None:
    for lock in ROOT.glob("requirements/*.txt"):
        entries = lock.read_text().replace("\\\n", " ").splitlines()
        pinned = [entry for entry in entries if "==" in entry.split("#")[0]]
        assert pinned
        assert [entry for entry in pinned if "--hash=sha256:" not in entry] == []


def test_the_start_script_is_plain_sh() -> None:
    passes("sh", "-n", "ppp")


def test_every_package_that_is_asked_for_is_used() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[^a-z0-9-]", name)[0] for name in project["dependencies"]}
    sources = [ROOT / "wsgi.py", *(ROOT / "ppplanner").rglob("*.py")]
    modules = {module for path in sources for module in imported(path)}
    owners = packages_distributions()
    used = {name.lower() for module in modules for name in owners.get(module, ())}
    assert wanted - used == SILENT


def imported(path: Path) -> Iterator[str]:
    """The top-level modules that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.split(".")[0]
