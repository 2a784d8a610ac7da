"""What can go wrong, sorted by who can do something about it.

    PpplannerError
      Invalid       the person can fix it: 422, one message per field
      DomainError   the business says no: 409, a sentence on the page
      NotFound      it is not there (any more): 404

Anything else nobody expected: it rises, is logged, and shows a calm page with 500.
`blueprints/errors.py` turns these into answers.
"""

from __future__ import annotations


class PpplannerError(Exception):
    """The parent of all errors that carry a sentence for a person."""

    @property
    def reason(self) -> str:
        """All that it says, as one text."""
        return str(self)


class Invalid(PpplannerError):
    """Input that breaks a rule. `fields` maps the field's name to what to do about it."""

    def __init__(self, **fields: object) -> None:
        super().__init__("; ".join(fields))
        self.fields = fields

    @property
    def reason(self) -> str:
        return " ".join(map(str, self.fields.values()))


class DomainError(PpplannerError):
    """A rule of the business forbids this now; the message says which, and what to do."""


class NotFound(PpplannerError):
    """The record does not exist, or no longer."""
