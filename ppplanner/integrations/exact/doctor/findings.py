"""A finding: one thing that was looked at, as a plain sentence, with the cure and who has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Generic, TypeVar

from flask_babel.speaklater import LazyString

from ppplanner.i18n import _l

T = TypeVar("T")


class Level(StrEnum):
    OK = "ok"
    #: It will become a problem, or holds up some of what goes to Exact.
    WARNING = "warning"
    #: Nothing goes, or nothing would be noticed.
    PROBLEM = "problem"


#: Worst first.
LEVELS = (Level.PROBLEM, Level.WARNING, Level.OK)


class Who(StrEnum):
    """Who can cure it."""

    STAFF = "staff"
    ADMINISTRATOR = "administrator"
    OPERATOR = "operator"
    EXACT = "exact"
    NOBODY = "nobody"


WHO = {
    Who.STAFF: _l("a planner or the accountant"),
    Who.ADMINISTRATOR: _l("an administrator of the firm"),
    Who.OPERATOR: _l("whoever runs the server"),
    Who.EXACT: _l("whoever administers Exact for the firm"),
    Who.NOBODY: _l("nobody: it passes by itself"),
}


@dataclass(frozen=True)
class Place:
    """The page on which it is cured, by its endpoint, and what the button that leads there says."""

    button: str
    endpoint: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Finding:
    """`figures` are for programs: counts, and moments or spans in seconds."""

    level: Level
    text: str
    advice: str = ""
    who: Who | None = None
    details: Sequence[str] = ()
    place: Place | None = None
    figures: Mapping[str, int] = field(default_factory=dict)
    #: What was looked at, for programs and for people: those of the check, unless it says more.
    check: str = ""
    title: str = ""

    @property
    def cured_by(self) -> str:
        return str(WHO[self.who]) if self.who else ""


def fine(text: str, **figures: int) -> Finding:
    return Finding(Level.OK, text, figures=figures)


def warning(text: str, advice: str, who: Who, **more: Any) -> Finding:
    return Finding(Level.WARNING, text, advice, who, **more)


def problem(text: str, advice: str, who: Who, **more: Any) -> Finding:
    return Finding(Level.PROBLEM, text, advice, who, **more)


def worst(levels: Iterable[Level]) -> Level:
    """OK when there are none."""
    return min(levels, key=LEVELS.index, default=Level.OK)


@dataclass(frozen=True)
class Check(Generic[T]):
    """One thing to look at: its name for programs, its name for people, and the look."""

    code: str
    title: str | LazyString
    look: Callable[[T], Iterable[Finding]]


@dataclass(frozen=True)
class Part:
    """The installation, or the link of one company, with all that was found."""

    title: str
    findings: Sequence[Finding]
    company_id: int | None = None
    connection_id: int | None = None

    @property
    def level(self) -> Level:
        return worst(each.level for each in self.findings)

    @property
    def trouble(self) -> list[Finding]:
        """What is not in order, worst first."""
        found = [each for each in self.findings if each.level is not Level.OK]
        return sorted(found, key=lambda each: LEVELS.index(each.level))

    @property
    def in_order(self) -> list[Finding]:
        return [each for each in self.findings if each.level is Level.OK]
