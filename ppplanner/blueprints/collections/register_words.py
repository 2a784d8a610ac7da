"""What is said of cash registers and cash counts."""

from __future__ import annotations

from ppplanner.blueprints.markup import Badge, Colour
from ppplanner.formats import money
from ppplanner.i18n import _
from ppplanner.models import CashCount


def count_badge(count: CashCount) -> Badge:
    """Whether a count agreed, in words: a difference that is booked alarms nobody any more."""
    if not count.difference:
        return Badge(_("Agrees"), "green")
    colour: Colour = "grey" if count.transaction_id else "amber"
    if count.difference > 0:
        return Badge(_("%(amount)s too much", amount=money(count.difference)), colour)
    return Badge(_("%(amount)s missing", amount=money(-count.difference)), colour)
