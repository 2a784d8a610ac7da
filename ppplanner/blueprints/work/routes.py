"""The answer to the top bar, which asks again while something goes on."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_required

from ppplanner.blueprints.htmx import wants_fragment
from ppplanner.blueprints.work import bp
from ppplanner.permissions import open_to_all


@bp.get("/")
@login_required
@open_to_all
def index() -> ResponseReturnValue:
    """Everybody sees how their own work goes."""
    if not wants_fragment():
        return redirect(url_for("home.index"))
    return render_template("work/_running.html")
