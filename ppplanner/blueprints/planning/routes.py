"""The board's pages. What changes something lies beside this file, each deed in its own."""

from __future__ import annotations

from flask import Response

from ppplanner.blueprints.htmx import render_page
from ppplanner.blueprints.planning import bp
from ppplanner.permissions import require


@bp.get("/")
@require("contracts.view")
def index() -> Response:
    return render_page("planning/index.html", "content")
