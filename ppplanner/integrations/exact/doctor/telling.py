"""An examination for programs, and for somebody at the server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ppplanner.i18n import _

from .examination import Examination
from .findings import Finding, Level, Part

MARKS = {Level.OK: "ok", Level.WARNING: "warning", Level.PROBLEM: "PROBLEM"}
WIDTH = 9


def as_json(examination: Examination) -> dict[str, Any]:
    """`status` is that of the worst finding; `check`, `status` and `who` keep their words, the
    sentences may change with any version.
    """
    return {
        "status": examination.level,
        "at": examination.moment.isoformat(timespec="seconds"),
        "installation": [_facts(each) for part in examination.parts[:1] for each in part.findings],
        "companies": [_company(part) for part in examination.links],
    }


def _company(part: Part) -> dict[str, Any]:
    findings = [_facts(each) for each in part.findings]
    return {"id": part.company_id, "name": part.title, "status": part.level, "findings": findings}


def _facts(finding: Finding) -> dict[str, Any]:
    return {
        "check": finding.check,
        "status": finding.level,
        "text": finding.text,
        "advice": finding.advice,
        "who": finding.who,
        "details": list(finding.details),
        "figures": dict(finding.figures),
    }


def as_lines(examination: Examination) -> Iterator[str]:
    """Plain text, part by part."""
    for part in examination.parts:
        yield part.title
        for finding in part.findings:
            yield from _lines(finding)
        yield ""
    if examination.none_linked:
        yield _("No company is linked with Exact yet.")


def _lines(finding: Finding) -> Iterator[str]:
    yield f"  {MARKS[finding.level]:<{WIDTH}}{finding.title}: {finding.text}"
    if finding.level is Level.OK:
        return
    indent = " " * (WIDTH + 2)
    yield from (f"{indent}- {detail}" for detail in finding.details)
    yield f"{indent}{finding.advice} ({finding.cured_by})"
