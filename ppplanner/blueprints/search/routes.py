"""One search for all: in the palette over each page, or as a page of its own."""

from __future__ import annotations

from flask import Response, request
from flask_login import login_required

from ppplanner.blueprints.htmx import render_page
from ppplanner.blueprints.search import bp
from ppplanner.blueprints.search.sources import search
from ppplanner.permissions import open_to_all


@bp.get("/")
@login_required
@open_to_all
def index() -> Response:
    """What holds the words typed, as far as the person may see it; the screens without any."""
    q = " ".join(request.args.get("q", "").split())[:100]
    return render_page("search/index.html", "results", q=q, groups=search(q))
