"""The column "Exact" of a list of the core: where each record stands, and why."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from markupsafe import Markup

from ppplanner.addons.manifest import Cell, ListColumn
from ppplanner.blueprints.markup import Badge

from ..models import Kind
from ..standing import Stage, Standing, standings
from .badges import STAGES, stage_badge
from .reached import any_link, ids_within_reach

NOTHING = Cell(Markup(""))


def exact_column(list_name: str, kind: Kind) -> ListColumn:
    return ListColumn(list_name, "exact", "Exact", cells_of(kind), "exact.view", any_link)


def cells_of(kind: Kind) -> Callable[[Sequence[int]], Mapping[int, Cell]]:
    """What loads the column: all records of a page in a fixed number of queries, as far as the
    person may see the companies whose books they stand in.
    """

    def cells(record_ids: Sequence[int]) -> dict[int, Cell]:
        found = standings(kind, list(record_ids), ids_within_reach())
        return {key: _cell(standing) for key, standing in found.items()}

    return cells


def _cell(standing: Standing) -> Cell:
    """The badge with, as a tip, the number in Exact; or with the reason below it, whose whole text
    is on the record, too.
    """
    if standing.stage is Stage.NOT_SENT:
        return NOTHING
    html = Markup('<span title="{}">{}</span>').format(standing.number, _badge(standing))
    if reason := " ".join(map(str, standing.reasons)):
        html += Markup('<small class="cell-detail" title="{0}">{0}</small>').format(reason)
    return Cell(html, moving=standing.moving)


def _badge(standing: Standing) -> Badge:
    """What is linked shows its code, by which people find it in Exact."""
    if standing.stage is Stage.LINKED and standing.number:
        return Badge(standing.number, STAGES[Stage.LINKED][1])
    return stage_badge(standing)
