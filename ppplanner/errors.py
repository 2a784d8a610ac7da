"""What can go wrong, sorted by who can do something about it.

    PpplannerError
      Invalid       the person can fix it: 422, one message per field
      DomainError   the business says no: 409, a sentence on the page
      NotFound      it is not there (any more): 404

Anything else nobody expected: it rises, is logged, and shows a calm page with 500.
`blueprints/errors.py` turns these into answers.
"""

from __future__ import annotations

from collections.abc import Sequence

from ppplanner.i18n import Message


class PpplannerError(Exception):
    """The parent of all errors that carry a sentence for a person."""

    @property
    def reason(self) -> str:
        """All that it says, as one text."""
        return str(self)

    @property
    def messages(self) -> list[Message]:
        """What it says, to be kept: for each reader in a language of their own, as far as it was
        raised with messages; else in the words that it has.
        """
        return [each if isinstance(each, Message) else Message(str(each)) for each in self._parts]

    @property
    def _parts(self) -> Sequence[object]:
        return self.args


class Invalid(PpplannerError):
    """Input that breaks a rule. `fields` maps the field's name to what to do about it."""

    def __init__(self, **fields: object) -> None:
        super().__init__("; ".join(fields))
        self.fields = fields

    @property
    def reason(self) -> str:
        return " ".join(map(str, self.fields.values()))

    @property
    def _parts(self) -> Sequence[object]:
        return list(self.fields.values())


class DomainError(PpplannerError):
    """A rule of the business forbids this now; the message says which, and what to do. There can be
    several.
    """

    def __str__(self) -> str:
        return " ".join(map(str, self.args))


class NotFound(PpplannerError):
    """The record does not exist, or no longer."""
