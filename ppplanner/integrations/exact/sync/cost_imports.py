"""Cost centres and cost carriers that were found in Exact: imported, never doubled (mission S24,
S25). Nothing is written to Exact.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from ppplanner.errors import Invalid, NotFound
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.services.ledger import CostKind

from ..client import ExactClient
from ..cost_ways import SAVE, CostItem
from ..items import KINDS
from ..mapping import COST_KINDS, new_cost_item
from ..models import ExactConnection, ExactCostLink
from ..records import CostItem as CostItemInExact
from ..steps import Made
from .cost_links import cost_item, keep_link, link_of


@dataclass(frozen=True)
class ImportedCostItem:
    """The cost centre or cost carrier that an import led to, and whether it was known here."""

    item: CostItem
    known: bool


def find_cost_item(client: ExactClient, model: CostKind, exact_id: UUID) -> CostItemInExact:
    """One as Exact holds it now. Raises NotFound."""
    found = next(client.cost_items_by_id(COST_KINDS[model], [exact_id]), None)
    if found is None:
        raise NotFound(_("This is no longer in Exact. Search again."))
    return found


def import_cost_item(
    connection: ExactConnection, model: CostKind, found: CostItemInExact
) -> ImportedCostItem:
    """Make one of what is in Exact, or give the one that is known already: by its link, else by its
    code. Commits, since two people may import the same at once.
    """
    connection_id, group_id = connection.id, connection.company.group_id
    try:
        imported = _import(connection_id, group_id, model, found)
        db.session.commit()
        return imported
    except (IntegrityError, Invalid):
        db.session.rollback()
        known = known_items(connection_id, group_id, model, [found]).get(found.id)
        if known is None:
            raise
        return ImportedCostItem(known, True)


def _import(
    connection_id: int, group_id: int, model: CostKind, found: CostItemInExact
) -> ImportedCostItem:
    known = known_items(connection_id, group_id, model, [found]).get(found.id)
    item = known or SAVE[model](
        group_id=group_id, code=found.code, name=found.name or found.code, origin="exact"
    )
    if link_of(connection_id, item) is None:
        keep_link(connection_id, item, Made(found.id, found.code), new_cost_item(item).name)
    return ImportedCostItem(item, known is not None)


def known_items(
    connection_id: int, group_id: int, model: CostKind, found: Iterable[CostItemInExact]
) -> dict[UUID, CostItem]:
    """Ours that these in Exact are: by their link, else by their code, whatever its case."""
    codes = {_key(each.code): each.id for each in found}
    in_group = select(model).where(model.group_id == group_id)
    by_code: Any = db.session.scalars(in_group.where(func.lower(model.code).in_(codes)))
    links = select(ExactCostLink).where(
        ExactCostLink.connection_id == connection_id,
        ExactCostLink.kind == KINDS[model],
        ExactCostLink.exact_id.in_(codes.values()),
    )
    linked = {
        link.exact_id: item
        for link in db.session.scalars(links)
        if (item := cost_item(model, link.record_id))
    }
    return {codes[_key(item.code)]: item for item in by_code} | linked


def _key(code: str) -> str:
    return code.strip().lower()
