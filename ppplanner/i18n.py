"""The person's language: marking texts, choosing the locale, and texts that are kept for later.

English is the source language; the catalogues of the others lie in `translations/`. A text that is
stored (why an invoice waits, say) is stored as a `Message`, so that each reader gets it in a
language of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from flask_babel import force_locale, get_locale, lazy_pgettext, ngettext
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

LANGUAGES = {"en": "English", "nl": "Nederlands", "fr": "Français"}
#: Customers are written to in these; nobody works in all of them.
PAPER_LANGUAGES = {**LANGUAGES, "de": "Deutsch"}
#: How days and amounts are written: as in Belgium; in English with the day before the month.
LOCALES = {"en": "en_GB", "nl": "nl_BE", "fr": "fr_BE", "de": "de_BE"}

__all__ = [
    "LANGUAGES",
    "LOCALES",
    "Message",
    "N_",
    "Name",
    "PAPER_LANGUAGES",
    "_",
    "_l",
    "in_language",
    "lazy_pgettext",
    "ngettext",
]


def in_language(language: str) -> AbstractContextManager[None]:
    """Texts, days and amounts within are for somebody who reads `language`: a customer, say."""
    return force_locale(LOCALES.get(language, LOCALES["en"]))


def N_(text: str) -> str:
    """Mark a text for the catalogues without translating it here."""
    return text


@dataclass(frozen=True)
class Message:
    """A sentence to be shown later: the English text, marked with `N_`, and what goes into it: also
    other messages.
    """

    text: str
    params: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return str(_(self.text, **self.params))

    def to_json(self) -> dict[str, Any]:
        nested = {name: _to_json(value) for name, value in self.params.items()}
        return {"text": self.text, "params": nested}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Message:
        params = data.get("params", {})
        return cls(data["text"], {name: _from_json(value) for name, value in params.items()})


@dataclass(frozen=True)
class Name:
    """What a record is called, for a message: in the reader's language if there is a name in it."""

    name: str
    names: Mapping[str, str]

    def __str__(self) -> str:
        return self.names.get(get_locale().language) or self.name

    def to_json(self) -> dict[str, Any]:
        return {"name": self.name, "names": dict(self.names)}


def _to_json(value: Any) -> Any:
    return value.to_json() if isinstance(value, Message | Name) else value


def _from_json(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    return Name(**value) if "names" in value else Message.from_json(value)
