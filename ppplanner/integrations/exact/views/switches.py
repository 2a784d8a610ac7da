"""The switches as people see them: how each stands, and which hang below which."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from wtforms import Field

from ppplanner.blueprints.form_fields import NumberField
from ppplanner.blueprints.stale import StaleAware, in_words, inputs
from ppplanner.formats import day
from ppplanner.i18n import _

from ..switch_words import NEEDS, WORDS, dependents


def shown(field: Field) -> str:
    """How a switch stands, in words; a plain one says on or off by itself."""
    if isinstance(field.data, date):
        return day(field.data)
    if isinstance(field, NumberField):
        return _("every %(count)s minutes", count=field._value())
    return in_words(field, field)


@dataclass(frozen=True)
class Branch:
    """A field with those below it that make sense only while it stands in a certain way."""

    field: Field
    below: list[Branch]
    #: Which way that is: "on" of a switch; of two choices the "first" or the "last".
    way: str = "on"


def tree(form: StaleAware) -> list[Branch]:
    """The fields of a form, those that depend on another one below it."""
    below = {name for field in inputs(form) for name in dependents(field.name)}
    return _branches(form, [field for field in inputs(form) if field.name not in below])


def _branches(form: StaleAware, fields: Iterable[Field]) -> list[Branch]:
    return [
        Branch(
            field,
            _branches(form, [form[name] for name in dependents(field.name)]),
            _way(field.name),
        )
        for field in fields
    ]


def _way(name: str) -> str:
    if name not in WORDS:
        return "on"
    needed = {NEEDS[below][1] for below in dependents(name)}
    return "first" if next(iter(WORDS[name])) in needed else "last"
