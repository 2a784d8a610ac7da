"""Which cost centre or cost unit in Exact one of our cost centres or cost carriers is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import cast
from uuid import UUID

from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.i18n import N_, Message
from ppplanner.services.ledger import CostKind

from ..cost_ways import CostItem
from ..incomplete import Incomplete
from ..items import KINDS
from ..models import ExactCostLink
from ..steps import Made

SAME_CODE = N_(
    "In Exact, %(item)s and %(other)s would be one and the same, since their codes are. Give one "
    "of them another code."
)


def keep_link(connection_id: int, item: CostItem, made: Made, name: str) -> ExactCostLink:
    """Remember what an item is in Exact, and the name under which both know it. The caller commits.

    Raises Incomplete when another one of ours is that already.
    """
    other = held_by(connection_id, type(item), made.id)
    if other is not None and other is not item:
        raise Incomplete(Message(SAME_CODE, {"item": str(item), "other": str(other)}))
    link = ExactCostLink(
        connection_id=connection_id,
        kind=KINDS[type(item)],
        record_id=item.id,
        exact_id=made.id,
        code=made.label,
        name=name,
    )
    db.session.add(link)
    db.session.flush()
    return link


def held_by(connection_id: int, model: CostKind, exact_id: UUID) -> CostItem | None:
    """Ours that is linked with this one in Exact. The link of one that was deleted is let go."""
    key = {"connection_id": connection_id, "kind": KINDS[model], "exact_id": exact_id}
    link = db.session.scalar(select(ExactCostLink).filter_by(**key))
    item = cost_item(model, link.record_id) if link else None
    if link and item is None:
        db.session.delete(link)
        db.session.flush()
    return item


def link_of(connection_id: int, item: CostItem) -> ExactCostLink | None:
    return links_among(connection_id, type(item), [item.id]).get(item.id)


def links_among(
    connection_id: int, model: CostKind, ids: Iterable[int]
) -> dict[int, ExactCostLink]:
    query = select(ExactCostLink).where(
        ExactCostLink.connection_id == connection_id,
        ExactCostLink.kind == KINDS[model],
        ExactCostLink.record_id.in_(list(ids)),
    )
    return {link.record_id: link for link in db.session.scalars(query)}


def cost_item(model: CostKind, item_id: int) -> CostItem | None:
    return cast(CostItem | None, db.session.get(model, item_id))
