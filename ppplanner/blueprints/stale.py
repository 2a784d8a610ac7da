"""Two people change one record: neither loses what they typed, nobody overwrites unawares.

A form that inherits from `StaleAware` carries a fingerprint of every value it was opened with. When
it comes back, `stale` compares: what only the colleague changed is taken over; what both changed
is shown in both versions, to choose from; and the person saves again, knowing it. Fields may be
deleted from the form before.

    form = CustomerForm(data=values)
    if form.is_submitted() and stale(form, values):
        ...answer 409 with the form, which says so (macro `meanwhile` of "_macros/stale.html")
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

from flask import request
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, SelectField, SelectMultipleField

from ppplanner.blueprints.form_fields import PickerField
from ppplanner.i18n import _


@dataclass(frozen=True)
class Difference:
    """A field that two people changed, with both versions in words."""

    field: Field
    mine: str
    theirs: str


class StaleAware(FlaskForm):
    """A form that notices when its record was saved by somebody else meanwhile."""

    seen = HiddenField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.saved_meanwhile = False
        self.differences: list[Difference] = []
        if not self.is_submitted():
            self.remember(self)

    def remember(self, shown: FlaskForm) -> None:
        """Note the values of `shown` as those that the person has seen."""
        prints = {field.name: _fingerprint(field) for field in inputs(shown)}
        self.seen.data = json.dumps(prints)


def stale(form: StaleAware, values: Mapping[str, Any]) -> bool:
    """Whether the record, now holding `values`, changed since the form was opened.

    Then the form holds both versions. One without fingerprints is taken at its word.
    """
    current = type(form)(formdata=None, data=values)
    _follow_choices(form, current)
    seen = _read(form.seen.data)
    pairs = [(mine, current[mine.name]) for mine in inputs(form)]
    changed = [
        (mine, theirs)
        for mine, theirs in pairs
        if seen.get(mine.name, _fingerprint(theirs)) != _fingerprint(theirs)
    ]
    for mine, theirs in changed:
        if _fingerprint(mine) == seen[mine.name]:
            _take_over(mine, theirs)
        elif _fingerprint(mine) != _fingerprint(theirs):
            form.differences.append(Difference(mine, in_words(mine, mine), in_words(mine, theirs)))
    form.saved_meanwhile = bool(changed)
    form.remember(current)
    return form.saved_meanwhile


def _follow_choices(form: StaleAware, current: StaleAware) -> None:
    """Take over the fields for which the person chose the colleague's version."""
    for mine in inputs(form):
        if request.form.get(f"version-{mine.name}") == "theirs":
            _take_over(mine, current[mine.name])


def _take_over(mine: Field, theirs: Field) -> None:
    mine.data, mine.errors, mine.process_errors = theirs.data, (), []
    mine.raw_data = [theirs._value()] if hasattr(theirs, "_value") else [str(theirs.data)]


def inputs(form: FlaskForm) -> list[Field]:
    """The fields that a person fills in."""
    passive = ("CSRFTokenField", "HiddenField", "SubmitField")
    return [field for field in form if field.type not in passive]


def _fingerprint(field: Field) -> str:
    return sha256(_plain(field.data).encode()).hexdigest()[:10]


def _plain(value: Any) -> str:
    """One text per value, however it was typed: 12.50 and 12.5 are the same."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime):
        return value.isoformat(timespec="minutes")
    return str(value).strip()


def in_words(mine: Field, version: Field) -> str:
    """A version of a field as a person reads it: the texts of choices, not their keys."""
    if isinstance(mine, SelectField):
        texts = {mine.coerce(choice[0]): str(choice[1]) for choice in mine.iter_choices()}
        chosen = version.data if isinstance(mine, SelectMultipleField) else [version.data]
        return ", ".join(texts[key] for key in chosen or () if key in texts)
    if isinstance(version, PickerField):
        return version.shown
    if isinstance(version, BooleanField):
        return _("Yes") if version.data else _("No")
    return str(version._value())


def _read(text: str | None) -> dict[str, str]:
    try:
        prints = json.loads(text or "{}")
    except ValueError:
        return {}
    return prints if isinstance(prints, dict) else {}
