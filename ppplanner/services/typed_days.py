"""Days that people type."""

from __future__ import annotations

from datetime import date, timedelta

from ppplanner.errors import Invalid
from ppplanner.i18n import _

FURTHEST = timedelta(days=366)


def check_year(field: str, day: date, near: date) -> None:
    """Raise Invalid for a day that lies more than a year from `near`: a slip of the year."""
    if abs(day - near) > FURTHEST:
        raise Invalid(**{field: _("That is more than a year away: check the year.")})
