"""Sending cost centres and cost carriers to Exact by hand: those that were here before the link, or
whose company began to send them later.
"""

from __future__ import annotations

from collections.abc import Iterable

from . import queueing
from .cost_ways import CostItem, cost_ways
from .items import item_of
from .jobs import send_soon
from .models import ExactConnection, RunKind
from .runs import begin_run
from .sync.costs import is_news


def send(items: Iterable[CostItem], links: Iterable[ExactConnection], by: str) -> int:
    """Put on the way what Exact does not know yet, to those of the links whose company sends such
    items; how many of them. The caller commits.
    """
    items, sent = list(items), set[int]()
    for link in links:
        if link.division is not None:
            group_id = link.company.group_id
            sent |= _send(link, [item for item in items if item.group_id == group_id], by)
    return len(sent)


def _send(link: ExactConnection, items: list[CostItem], by: str) -> set[int]:
    news = [
        item
        for item in items
        if cost_ways(link.company, type(item)).sent and is_news(link.id, item)
    ]
    if not news:
        return set()
    run = begin_run(link, RunKind.MANUAL, by=by)
    for item in news:
        queueing.queue(link, item_of(item), by=by, run=run)
    send_soon()
    return {item.id for item in news}
