"""The rules of the house that only a look at all of its files can check."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

from flask import Flask

import ppplanner
from ppplanner import blueprints
from ppplanner.addons.points import LISTS, SLOTS
from ppplanner.blueprints.lists.listing import Listing
from ppplanner.navigation import ITEMS
from ppplanner.permissions import CORE_PERMISSIONS, required_permission

PACKAGE = Path(ppplanner.__file__).parent
#: Add-ons, and what Alembic runs by itself.
NOT_IMPORTED = ("integrations", "migrations")
SLOT = re.compile(r"""\bslot\(\s*["']([^"']+)""")
#: The bookkeeping package by its name, not the English adverb.
EXACT = re.compile(r"(?<![a-z])exact(?![a-z])", re.IGNORECASE)
#: What the content security policy forbids: scripts, handlers and styles written into a page.
INLINE = re.compile(
    r"""<script(?![^>]*\b(src=|type="application/json"))|\son[a-z]+\s*=\s*["']|\sstyle\s*=|<style""",
    re.IGNORECASE,
)


def texts(folder: Path, *endings: str) -> Iterator[tuple[Path, str]]:
    """The files that people write, with their names relative to the package."""
    for path in sorted(folder.rglob("*")):
        hidden = {"__pycache__", "vendor"} & set(path.parts)
        if path.is_file() and not hidden and path.suffix in endings:
            yield path.relative_to(PACKAGE), path.read_text()


def test_the_core_names_its_first_addon_in_the_configuration_only() -> None:
    named = [
        f"{path}: {line.strip()}"
        for path, text in texts(PACKAGE, ".py", ".html", ".js", ".css", ".po", ".pot", ".mako")
        if not path.is_relative_to("integrations")
        for line in text.splitlines()
        if EXACT.search(line)
    ]
    assert named == ['config.py: addons=_names(env.get("ADDONS", "exact")),']


def test_importing_all_of_the_core_imports_no_addon() -> None:
    outside = [path for path, _text in texts(PACKAGE, ".py") if path.parts[0] not in NOT_IMPORTED]
    modules = [".".join(("ppplanner", *path.with_suffix("").parts)) for path in outside]
    program = f"""
import sys
from importlib import import_module
for name in {modules}:
    import_module(name)
print([name for name in sys.modules if name.startswith("ppplanner.integrations")])
"""
    command = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, cwd=PACKAGE.parent, capture_output=True, text=True)
    assert (done.stdout.strip(), done.stderr) == ("[]", "")


def test_every_slot_of_a_template_is_listed_and_every_listed_one_is_in_a_template() -> None:
    used = {name for _path, text in texts(PACKAGE, ".html") for name in SLOT.findall(text)}
    assert used == SLOTS.keys()


def test_every_list_that_takes_columns_exists() -> None:
    names = set()
    for module in walk_packages(blueprints.__path__, f"{blueprints.__name__}."):
        values = vars(import_module(module.name)).values()
        names |= {value.name for value in values if isinstance(value, Listing)}
    assert LISTS.keys() <= names


def test_no_page_needs_what_the_content_security_policy_forbids() -> None:
    found = [
        f"{path}: {match.group().strip()}"
        for path, text in texts(PACKAGE, ".html")
        if not path.is_relative_to("templates/documents")  # printed, not shown in a browser
        for match in INLINE.finditer(text)
    ]
    assert found == []


def asked_for(app: Flask) -> set[str | None]:
    """The rights that routes ask for. A route that says nothing raises AttributeError."""
    views = {name: view for name, view in app.view_functions.items() if name != "static"}
    return set(map(required_permission, views.values()))


def test_every_right_is_asked_for_somewhere(app: Flask) -> None:
    asked = asked_for(app)
    written = "".join(text for _path, text in texts(PACKAGE, ".html", ".py"))
    unused = [
        permission.name
        for permission in CORE_PERMISSIONS
        if permission.name not in asked and written.count(f'"{permission.name}"') < 2
    ]
    assert unused == []


def test_every_right_that_is_asked_for_can_be_given(app: Flask) -> None:
    known = {permission.name for permission in CORE_PERMISSIONS}
    mentioned = set()
    for path, text in texts(PACKAGE, ".html", ".py"):
        if not path.is_relative_to("integrations"):
            mentioned |= set(re.findall(r"""\b(?:allowed|require)\(["']([^"']+)""", text))
    assert (asked_for(app) | mentioned) - {None} <= known


def test_the_side_bar_leads_where_its_entries_say(app: Flask) -> None:
    for item in ITEMS:
        assert required_permission(app.view_functions[item.endpoint]) in {item.permission, None}
