"""What keeps people from using a page, as the rules of axe find it (WCAG 2.2, level AA)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.sync_api import Page

SCRIPT = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = """levels => axe.run(document, {
  runOnly: {type: "tag", values: levels}, resultTypes: ["violations"]
}).then(found => found.violations)"""


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands, a line for each place."""
    page.evaluate(SCRIPT.read_text())  # as a debugger would: pages allow no script from outside
    found = page.evaluate(RUN, LEVELS)
    return [_line(rule, place) for rule in found for place in rule["nodes"]]


def _line(rule: dict[str, Any], place: dict[str, Any]) -> str:
    why = " ".join(place["failureSummary"].split())
    return f"{rule['id']} at {place['target'][0]}: {why[:200]} | {place['html'][:160]}"
