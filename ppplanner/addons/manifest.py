"""The plug: what an add-on fills in to tell the core what it adds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeAlias

import click
from blinker import Signal
from flask import Blueprint
from flask_babel.speaklater import LazyString
from markupsafe import Markup
from sqlalchemy import ColumnElement

from ppplanner.models import BusinessUnit
from ppplanner.permissions import Permission

Text: TypeAlias = "str | LazyString"


@dataclass(frozen=True)
class Slot:
    """What is shown at a place of `points.SLOTS`, to people with the permission."""

    render: Callable[..., str]
    permission: str | None = None


@dataclass(frozen=True)
class BulkAction:
    """An action for ticked rows. `endpoint` gets a POST with `ids`, one value per record."""

    list: str
    label: Text
    endpoint: str
    permission: str
    icon: str = "send"
    #: The answer opens as a dialog (a preview, a question) instead of replacing the page.
    dialog: bool = False
    #: Whether to offer it at all, asked each time the list is drawn.
    offered: Callable[[], bool] = lambda: True


@dataclass(frozen=True)
class Cell:
    """What a column shows for one record; a list with moving cells asks again by itself."""

    html: Markup
    moving: bool = False


@dataclass(frozen=True)
class ListColumn:
    """A column in a core list. `load` gets the ids of the whole page at once.

    With `hidden` it is there for people who ask for it. A file gets the text of the cells.
    """

    list: str
    key: str
    title: Text
    load: Callable[[Sequence[int]], Mapping[int, Cell]]
    permission: str | None = None
    offered: Callable[[], bool] = lambda: True
    hidden: bool = False


@dataclass(frozen=True)
class ListFilter:
    """A choice that narrows a core list. `choices` makes pairs of value and text; `apply` turns a
    value into a condition on the list's records.
    """

    list: str
    key: str
    label: Text
    choices: Callable[[], Sequence[tuple[str, Text]]]
    apply: Callable[[str], ColumnElement[bool]]
    any: Text
    permission: str | None = None
    offered: Callable[[], bool] = lambda: True


@dataclass(frozen=True)
class Elsewhere:
    """Records of a core list that come from elsewhere now: nobody adds them by hand. `why` says so
    and what to do instead; "" as long as people may. It gets the business unit that is asked about,
    or None: then it speaks only when that holds in all of those within the person's reach.
    """

    list: str
    why: Callable[[BusinessUnit | None], str]


@dataclass(frozen=True)
class Mark:
    """A small sign on a contract: an icon with words, in one of the colours of badges."""

    key: str
    icon: str
    title: Text
    colour: str = "grey"


@dataclass(frozen=True)
class ContractMarks:
    """Marks on contracts, on the planning board for example. `load` gets the ids of all contracts
    in view at once; it answers in a fixed number of queries.
    """

    load: Callable[[Sequence[int]], Mapping[int, Sequence[Mark]]]
    permission: str | None = None


@dataclass(frozen=True)
class Running:
    """Something that goes on for a person, or has just ended: what, how far, and its page."""

    title: Text
    url: str
    done: int = 0
    #: 0 as long as nobody knows how much there is.
    total: int = 0
    ended: bool = False
    #: Whether the person has to look at how it ended.
    trouble: bool = False

    @property
    def share(self) -> Decimal | None:
        """How much of it is done, from 0 to 1; None when nobody knows."""
        return Decimal(self.done) / self.total if self.total and not self.ended else None


@dataclass(frozen=True)
class RunningWork:
    """Background work that the top bar tells of. `find` asks one question, and names what goes on
    for the person at the screen, or has just ended.
    """

    find: Callable[[], Sequence[Running]]
    permission: str | None = None


@dataclass(frozen=True)
class SettingsPanel:
    """A page of the add-on, offered among the settings."""

    title: Text
    endpoint: str
    permission: str
    icon: str = "plug"
    description: Text = ""


@dataclass(frozen=True)
class Schedule:
    """A job that the clock puts on the queue every so often. It decides itself what is due."""

    job: Callable[..., object]
    every: timedelta


@dataclass(frozen=True)
class Companion:
    """A process that `./ppp run` starts beside the application on embedded defaults."""

    title: str
    arguments: tuple[str, ...]
    #: Said on the console when all runs: where to look, what to try.
    hint: Callable[[], str] = lambda: ""


@dataclass(frozen=True)
class AddOn:
    """Everything an add-on adds to ppplanner. Tables start with `name` and an underscore."""

    name: str
    title: Text
    package: str
    blueprints: Sequence[Blueprint] = ()
    slots: Mapping[str, Slot] = field(default_factory=dict)
    bulk_actions: Sequence[BulkAction] = ()
    list_columns: Sequence[ListColumn] = ()
    list_filters: Sequence[ListFilter] = ()
    elsewhere: Sequence[Elsewhere] = ()
    contract_marks: Sequence[ContractMarks] = ()
    running_work: Sequence[RunningWork] = ()
    settings_panels: Sequence[SettingsPanel] = ()
    permissions: Sequence[Permission] = ()
    listeners: Sequence[tuple[Signal, Callable[..., object]]] = ()
    commands: Sequence[click.Command] = ()
    schedules: Sequence[Schedule] = ()
    companions: Sequence[Companion] = ()
    #: What the history calls its records, by the name of the table; others go by `title`.
    record_names: Mapping[str, Text] = field(default_factory=dict)
    #: What the history calls the fields of its tables, by the name of the column.
    field_names: Mapping[str, Text] = field(default_factory=dict)
    #: What it calls the values of those fields whose values have names.
    field_words: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)
    #: What the history calls its settings (`Settings(name, ...)`), and the values that have names.
    setting_names: Mapping[str, Text] = field(default_factory=dict)
    setting_words: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)
    #: Called once after the core has made its demo firm.
    demo: Callable[[], None] | None = None
    #: Permissions that the demo's roles get, by the name of the role.
    demo_permissions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    #: Called with the application when it is made: read configuration, refuse what cannot work.
    configure: Callable[[Any], None] | None = None
    depends: Sequence[str] = ()
    folder: Path | None = None

    @property
    def migrations(self) -> Path | None:
        return self._inside("migrations")

    @property
    def translations(self) -> Path | None:
        return self._inside("translations")

    def _inside(self, name: str) -> Path | None:
        path = self.folder / name if self.folder else None
        return path if path and path.is_dir() else None
