"""What colleagues have changed, asked every few seconds by each open board."""

from __future__ import annotations

from collections.abc import Collection

from flask import Response, jsonify, request
from sqlalchemy import select

from ppplanner.blueprints.planning import bp
from ppplanner.extensions import db
from ppplanner.models import Resource
from ppplanner.permissions import reach_here, require, visible
from ppplanner.services.planning.changes import since


@bp.get("/changes")
@require("contracts.view")
def changes() -> Response:
    """The rows to draw anew since the token `since`, and the token to ask with next."""
    news = since(request.args.get("since", ""))
    rows = sorted(news.resources - _out_of_reach(news.resources))
    return jsonify(token=news.token, resources=rows, strip=news.strip, all=news.all)


def _out_of_reach(resource_ids: Collection[int]) -> set[int]:
    """Those of other people. What has been deleted is told to all: no row may stay."""
    if not resource_ids or reach_here().everywhere:
        return set()
    query = select(Resource.id).where(Resource.id.in_(resource_ids), ~visible(Resource))
    return set(db.session.scalars(query))
