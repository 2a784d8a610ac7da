"""Sending cost centres and cost carriers to Exact by hand: those that were here before the link, or
whose company began to send them later.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from ppplanner import jobs

from . import outbox
from .cost_ways import CostItem, cost_ways, links_of
from .items import item_of
from .jobs import send_what_waits
from .models import ExactConnection, RunKind
from .runs import begin_run
from .sync.costs import is_news


def send(items: Iterable[CostItem], by: str) -> int:
    """Put on the way what Exact does not know yet, to each company that sends such items; how many
    of them. The caller commits.
    """
    sent: set[int] = set()
    for group_id, of_group in groupby(sorted(items, key=_group), _group):
        some = list(of_group)
        for link in links_of(group_id):
            sent |= _send(link, some, by)
    return len(sent)


def _group(item: CostItem) -> int:
    return item.group_id


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
        outbox.queue(link, item_of(item), by=by, run=run)
    jobs.enqueue_after_commit(send_what_waits, link.id)
    return {item.id for item in news}
