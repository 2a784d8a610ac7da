"""The column of lists whose records belong to a business unit; their query joins it."""

from __future__ import annotations

from typing import Literal

from ppplanner.blueprints.lists.listing import Column
from ppplanner.i18n import _l
from ppplanner.models import BusinessUnit


def unit_column(wide: Literal["", "sm", "md"] = "") -> Column:
    """Shown from the width `wide` on."""
    return Column(
        "unit",
        _l("Business unit"),
        value=lambda row: row.business_unit.name,
        sort=BusinessUnit.name,
        wide=wide,
    )
