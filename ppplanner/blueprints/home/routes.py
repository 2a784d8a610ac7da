"""The first screen."""

from __future__ import annotations

from flask import Response
from flask_login import login_required

from ppplanner.blueprints.home import bp
from ppplanner.blueprints.home.desk import shown
from ppplanner.blueprints.htmx import render_page
from ppplanner.permissions import open_to_all


@bp.get("/")
@login_required
@open_to_all
def index() -> Response:
    """Everybody has a first screen; what is on it depends on their rights."""
    return render_page("home/index.html", "content", **shown())
