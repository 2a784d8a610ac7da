"""What is wrong with the link, what to do about it and who can: for administrators as a page, for
monitoring as JSON.
"""

from __future__ import annotations

import hmac

from flask import Response, abort, jsonify, request
from flask.typing import ResponseReturnValue

from ppplanner.blueprints.htmx import render_page
from ppplanner.extensions import limiter
from ppplanner.i18n import in_language
from ppplanner.permissions import open_to_all, require

from ..config import monitoring_token
from ..doctor.examination import Examination, examine
from ..doctor.findings import Level
from ..doctor.telling import as_json
from .blueprint import bp

NO_TOKEN = "Show the token of MONITORING_TOKEN, as in Authorization: Bearer ..."
#: Per address of a program: each answer costs some dozens of queries.
READS = "60 per minute"


@bp.get("/health")
@require("exact.configure")
def health() -> Response:
    """What is known here: opening the page asks nothing of Exact."""
    return _page(examine())


@bp.post("/connections/<int:connection_id>/health")
@require("exact.configure")
def ask(connection_id: int) -> Response:
    """The same, with what Exact says now about one link."""
    return _page(examine(lambda key: key == connection_id))


def _page(found: Examination) -> Response:
    return render_page("exact/health.html", "parts", found=found)


@bp.get("/health.json")
@open_to_all
@limiter.limit(READS)
def monitoring() -> ResponseReturnValue:
    """For a program that shows the token, in English: 503 while something is a problem."""
    if not monitoring_token():
        abort(404)
    if not _shows_token():
        return jsonify(error=NO_TOKEN), 401, {"WWW-Authenticate": 'Bearer realm="ppplanner"'}
    with in_language("en"):
        found = examine()
    return jsonify(as_json(found)), 503 if found.level is Level.PROBLEM else 200


def _shows_token() -> bool:
    """How the scheme is written makes no difference (RFC 9110, 11.1)."""
    scheme, _space, shown = request.headers.get("Authorization", "").partition(" ")
    fits = hmac.compare_digest(shown.strip().encode(), monitoring_token().encode())
    return fits and scheme.lower() == "bearer"
