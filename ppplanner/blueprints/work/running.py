"""One piece of background work, as the top bar tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from ppplanner.addons.manifest import Text


@dataclass(frozen=True)
class Running:
    """Something that goes on for a person, or has just ended: what, how far, and its page."""

    title: Text
    url: str
    done: int = 0
    #: 0 as long as nobody knows how much there is.
    total: int = 0
    ended: bool = False

    @property
    def share(self) -> Decimal | None:
        """How much of it is done, from 0 to 1; None when nobody knows."""
        return Decimal(self.done) / self.total if self.total and not self.ended else None
