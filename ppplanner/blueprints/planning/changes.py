"""What colleagues have changed, asked every few seconds by each open board."""

from __future__ import annotations

from flask import Response, jsonify, request

from ppplanner.blueprints.planning import bp
from ppplanner.permissions import require
from ppplanner.services.changes import since


@bp.get("/changes")
@require("contracts.view")
def changes() -> Response:
    """The rows to draw anew since the token `since`, and the token to ask with next."""
    news = since(request.args.get("since", ""))
    return jsonify(
        token=news.token, resources=sorted(news.resources), strip=news.strip, all=news.all
    )
