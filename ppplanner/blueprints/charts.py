"""Pictures of numbers, drawn by the server: bars, and a line over time.

They are SVG whose sizes are attributes (no page may hold inline styles), and whose every number
stands beside it in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from ppplanner import formats
from ppplanner.addons.manifest import Text

#: The size of a line's drawing; browsers stretch it.
WIDTH, HEIGHT = 1000, 200


@dataclass(frozen=True)
class Bar:
    """One bar: what it stands for, its value in words, and how long it is of 100."""

    label: Text
    words: str
    length: float


def share_bar(label: Text, share: Decimal | None) -> Bar:
    """A bar for a share from 0 to 1; a dash for none."""
    return Bar(label, formats.share(share) or "–", round(float(share or 0) * 100, 1))


def line(shares: Sequence[Decimal | None]) -> str:
    """The points of a line through shares from 0 to 1, as a polyline has them."""
    step = WIDTH / max(len(shares) - 1, 1)
    return " ".join(
        f"{place * step:.1f},{HEIGHT * (1 - float(share)):.1f}"
        for place, share in enumerate(shares)
        if share is not None
    )
