"""What narrows a list: a choice of few, one record of many, or a stretch of days.

Each kind reads its value out of the URL, says it in words, and makes a condition of it. The values
are texts, "" for no choice; a list asks nothing else of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, ClassVar, TypeAlias

from sqlalchemy import ColumnElement

from ppplanner.addons.manifest import Text
from ppplanner.blueprints.records import record_id
from ppplanner.formats import day
from ppplanner.i18n import _, _l

#: Pairs of value and text.
Options: TypeAlias = Sequence[tuple[str, Text]]
#: What stands in the URL; a MultiDict, too, gives the first value of a name.
Arguments: TypeAlias = Mapping[str, str]

#: Between the first and the last day of a stretch.
TO = ".."
#: Other years are slips, or half typed, and lie where a clock cannot be turned back or on.
YEARS = range(1900, 2200)


@dataclass(frozen=True)
class Filter:
    """A choice that narrows the list. `choices` are the options, or make them.

    `apply` turns the chosen value into a condition. With a `default`, the person chooses "" (`any`)
    to see everything.
    """

    kind: ClassVar[str] = "choice"

    key: str
    label: Text
    choices: Options | Callable[[], Options]
    apply: Callable[[str], ColumnElement[bool]]
    any: Text
    default: str = ""

    def options(self) -> Options:
        choices = self.choices() if callable(self.choices) else self.choices
        return [("", self.any), *choices]

    def read(self, arguments: Arguments, options: Options) -> str:
        value = arguments.get(self.key, self.default)
        return value if value in {option for option, _text in options} else self.default

    def params(self, value: str) -> dict[str, str]:
        return {self.key: value}

    def words(self, value: str, options: Options) -> Text:
        return dict(options)[value]

    def condition(self, value: str) -> ColumnElement[bool]:
        return self.apply(value)


@dataclass(frozen=True)
class PickerFilter:
    """One record out of many, found by typing: `endpoint` answers a picker (pickers.py).

    `describe` names the record with that id, None when there is none that the person may see.
    """

    kind: ClassVar[str] = "picker"
    default: ClassVar[str] = ""

    key: str
    label: Text
    endpoint: str
    describe: Callable[[int], str | None]
    apply: Callable[[int], ColumnElement[bool]]
    any: Text = _l("All")
    #: The right to search with that picker.
    permission: str | None = None

    def options(self) -> Options:
        return ()

    def read(self, arguments: Arguments, _options: Options) -> str:
        try:
            chosen = record_id(arguments.get(self.key, ""))
        except ValueError:
            return ""
        return str(chosen) if self.describe(chosen) else ""

    def params(self, value: str) -> dict[str, str]:
        return {self.key: value}

    def words(self, value: str, _options: Options) -> Text:
        return self.describe(int(value)) or self.any if value else self.any

    def condition(self, value: str) -> ColumnElement[bool]:
        return self.apply(int(value))


@dataclass(frozen=True)
class Stretch:
    """Days that have a name: "This month". They move along with the present day."""

    label: Text
    days: Callable[[], tuple[date, date]]

    @property
    def value(self) -> str:
        return stretch(*self.days())


@dataclass(frozen=True)
class DayFilter:
    """From one day until another, both included; either may be left open.

    `apply` gets the two days, of which one may be None. The URL says "period-from=2026-11-01".
    `stretches` are offered by name (periods.py); `at_first` names the one that a fresh list shows.
    """

    kind: ClassVar[str] = "days"

    key: str
    label: Text
    apply: Callable[[date | None, date | None], ColumnElement[bool]]
    any: Text = _l("Always")
    stretches: Sequence[Stretch] = ()
    at_first: Stretch | None = None

    @property
    def default(self) -> str:
        return self.at_first.value if self.at_first else ""

    @property
    def names(self) -> tuple[str, str]:
        """How the URL calls the two days."""
        return f"{self.key}-from", f"{self.key}-until"

    def options(self) -> Options:
        return ()

    def read(self, arguments: Arguments, _options: Options) -> str:
        if not any(name in arguments for name in self.names):
            return self.default
        first, last = (_day(arguments.get(name, "")) for name in self.names)
        if first and last and last < first:
            first, last = last, first
        return stretch(first, last)

    def params(self, value: str) -> dict[str, str]:
        if not value:
            return dict.fromkeys(self.names[:1], "")
        days = zip(self.names, value.split(TO), strict=False)
        return {name: text for name, text in days if text}

    def words(self, value: str, _options: Options) -> Text:
        for named in self.stretches:
            if value == named.value:
                return named.label
        first, last = days_of(value)
        if first and last:
            return _("%(first)s to %(last)s", first=day(first), last=day(last))
        if first:
            return _("from %(first)s", first=day(first))
        return _("until %(last)s", last=day(last)) if last else self.any

    def condition(self, value: str) -> ColumnElement[bool]:
        return self.apply(*days_of(value))


#: Whatever narrows a list.
AnyFilter: TypeAlias = Filter | PickerFilter | DayFilter


def days_of(value: str) -> tuple[date | None, date | None]:
    """The two days of a `DayFilter`'s value."""
    first, _to, last = value.partition(TO)
    return _day(first), _day(last)


def active_filter(column: Any) -> Filter:
    """Shows what is in use at first, and archived records when asked. `column` is true or false."""
    return Filter(
        "state",
        _l("State"),
        choices=[("active", _l("Active")), ("archived", _l("Archived"))],
        apply=lambda value: column.is_(value == "active"),
        any=_l("All"),
        default="active",
    )


def archived(record: Any) -> bool:
    """Whether a record is switched off: lists grey its row."""
    return not record.active


def stretch(first: date | None, last: date | None) -> str:
    """Two days as the value of a `DayFilter`."""
    texts = (each.isoformat() if each else "" for each in (first, last))
    return TO.join(texts) if first or last else ""


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in YEARS else None
