"""The moments at which a resource can have its own rules."""

from __future__ import annotations

from typing import ClassVar

from ..payload import Payload
from ..values import Record
from ..work import Work


class Rules:
    """Objections go to `work.problems`; what is stored only happens when there are none."""

    path: ClassVar[str]
    unique: ClassVar[tuple[str, ...]] = ()
    """Properties that no two records may share."""
    optional: ClassVar[frozenset[str]] = frozenset()
    """Marked mandatory by the reference, yet not asked for."""

    def complete(self, work: Work, record: Record, payload: Payload) -> None:
        """Fill in what a new record gets when it was not sent."""

    def check(self, work: Work, record: Record, payload: Payload) -> None:
        """Object to a new or changed record."""

    def existing(self, work: Work, record: Record) -> Record | None:
        """A record that is answered instead of storing this one."""
        return None

    def store(self, work: Work, record: Record, payload: Payload) -> None:
        work.table(self.path).put(record)

    def check_change(self, work: Work, old: Record, record: Record, payload: Payload) -> None:
        """Object to changing this record at all."""

    def store_change(self, work: Work, old: Record, record: Record) -> None:
        work.table(self.path).put(record)

    def check_delete(self, work: Work, record: Record) -> None:
        """Object to deleting this record."""

    def after_delete(self, work: Work, record: Record) -> None:
        """Take along what cannot live on."""

    def refuse_used(self, work: Work, subject: str, value: object, *places: str) -> None:
        """Object when a `resource.Property` in `places` still refers to the value."""
        for place in places:
            path, _, name = place.partition(".")
            if work.table(path).by(name, value):
                work.problems.add("in_use", subject)
