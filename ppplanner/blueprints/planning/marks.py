"""The small marks on the bars: the core's own, then those of add-ons."""

from __future__ import annotations

from collections.abc import Sequence

from ppplanner.addons.manifest import Mark
from ppplanner.addons.registry import registry
from ppplanner.services.planning.marks import money_marks


def marks_of(contract_ids: Sequence[int]) -> dict[int, list[Mark]]:
    """The marks of these contracts, by id; those without any are left out."""
    found = money_marks(contract_ids)
    for key, some in registry().contract_marks(contract_ids).items():
        found[key] = [*found.get(key, []), *some]
    return found
