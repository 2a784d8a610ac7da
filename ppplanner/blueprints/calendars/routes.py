"""Reading calendars without a login, and the page on which they are offered and renewed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import sha256

from flask import Response, abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ppplanner.blueprints.calendars import bp
from ppplanner.blueprints.calendars.tile import pool_tiles, tile_of
from ppplanner.blueprints.faults import SureForm
from ppplanner.blueprints.htmx import go_to, render_page, wants_fragment
from ppplanner.blueprints.records import find
from ppplanner.errors import NotFound
from ppplanner.extensions import db, limiter
from ppplanner.i18n import _
from ppplanner.models import BusinessUnit, CalendarFeed, Pool, Resource
from ppplanner.permissions import allowed, open_to_all, require, visible
from ppplanner.services.planning import calendars

#: Per address of a reader; programs ask some times an hour.
READS = "60 per minute"
OWNERS: Mapping[str, type[Resource] | type[Pool]] = {"resource": Resource, "pool": Pool}
DEEDS: Mapping[str, Callable[[CalendarFeed], None]] = {
    "renew": calendars.renew,
    "withdraw": calendars.withdraw,
    "name": lambda feed: calendars.name_customers(feed, names=True),
    "hide": lambda feed: calendars.name_customers(feed, names=False),
}


@bp.get("/<secret>.ics")
@open_to_all
@limiter.limit(READS)
def read(secret: str) -> Response:
    """The calendar behind a secret address, for programs: 304 while it has not changed.

    There is no "Last-Modified": what moves out of the calendar leaves no date behind to tell by.
    """
    feed = calendars.by_secret(secret)
    if feed is None:
        raise NotFound(_("This calendar is no longer here: ask for its new address."))
    content = calendars.as_ics(feed)
    response = Response(content, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = 'inline; filename="calendar.ics"'
    response.headers["Cache-Control"] = "private, no-cache"
    response.set_etag(sha256(content).hexdigest()[:32])
    response.make_conditional(request)
    return response


@bp.get("/")
@require("resources.view")
def index() -> Response:
    """The calendars of the pools in which the person sees resources and contracts."""
    query = (
        select(Pool)
        .join(Pool.business_unit)
        .where(visible(Pool), visible(Pool, "contracts.view"))
        .options(joinedload(Pool.business_unit))
        .order_by(BusinessUnit.name, Pool.name)
    )
    if unit_id := current_user.business_unit_id:
        query = query.where(Pool.business_unit_id == unit_id)
    tiles = pool_tiles(db.session.scalars(query).all())
    return render_page("calendars/index.html", "content", tiles=tiles)


@bp.post(
    "/<any(resource, pool):kind>/<int:owner_id>/<any(offer, renew, withdraw, name, hide):deed>"
)
@require("resources.edit")
def change(kind: str, owner_id: int, deed: str) -> ResponseReturnValue:
    """For people who may see the contracts that the address tells of."""
    owner = find(OWNERS[kind], owner_id)
    if not allowed("contracts.view", owner):
        abort(403)
    if SureForm().validate_on_submit():
        feed = calendars.offer(owner) if deed == "offer" else calendars.feed_of(owner)
        if feed and deed in DEEDS:
            DEEDS[deed](feed)
        db.session.commit()
    if wants_fragment():
        return render_page("calendars/tile.html", "tile", calendar=tile_of(owner))
    if isinstance(owner, Resource):
        return go_to(url_for("resources.show", resource_id=owner.id))
    return go_to(url_for(".index"))
