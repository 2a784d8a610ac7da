"""The tile that shows the address of a calendar, on the pages of what it tells about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.models import CalendarFeed, Pool, Resource
from ppplanner.permissions import allowed, visible
from ppplanner.services.planning import calendars


@dataclass(frozen=True)
class CalendarTile:
    """A calendar as a page shows it; `feed` is None while nobody has asked for one."""

    owner: Resource | Pool
    feed: CalendarFeed | None
    may_change: bool

    @property
    def title(self) -> str:
        return str(self.owner)

    @property
    def url(self) -> str:
        """Where it is read; "" when there is none."""
        secret = self.feed and self.feed.secret
        return url_for("calendars.read", secret=secret, _external=True) if secret else ""

    @property
    def subscribe_url(self) -> str:
        """The same for a program that is to subscribe at once."""
        return "webcal:" + self.url.partition(":")[2]

    def deed(self, name: str) -> str:
        """Where to post what is to be done with it."""
        kind = "resource" if isinstance(self.owner, Resource) else "pool"
        return url_for("calendars.change", kind=kind, owner_id=self.owner.id, deed=name)


def tile_of(owner: Resource | Pool) -> CalendarTile | None:
    """The tile; None for somebody who may not see contracts, of which it tells."""
    if not allowed("contracts.view", owner):
        return None
    return CalendarTile(owner, calendars.feed_of(owner), allowed("resources.edit", owner))


def pool_tiles(pools: Sequence[Pool]) -> list[CalendarTile]:
    """The tiles of pools whose contracts the person may see, in as many queries for all as for
    one.
    """
    feeds = calendars.pool_feeds(pools)
    editable = select(Pool.id).where(visible(Pool, "resources.edit"))
    changeable = set(db.session.scalars(editable)) if allowed("resources.edit") else set()
    return [CalendarTile(each, feeds.get(each.id), each.id in changeable) for each in pools]
