"""The filter "Company" of Exact's own lists."""

from __future__ import annotations

from typing import Any

from ppplanner.blueprints.lists.listing import Filter, Options
from ppplanner.i18n import _l

from .reached import within_reach


def company_filter(column: Any) -> Filter:
    return Filter(
        "company",
        _l("Company"),
        choices=_companies,
        apply=lambda value: column == int(value),
        any=_l("All"),
    )


def _companies() -> Options:
    return [(str(each.company_id), each.company.name) for each in within_reach()]
