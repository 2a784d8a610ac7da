"""The first page of the settings; the other modules here add theirs to the same blueprint."""

from __future__ import annotations

from flask import render_template
from flask_login import login_required

from ppplanner.blueprints.settings import (  # noqa: F401 - the other routes
    account,
    bp,
    business_units,
    catalogue,
    collecting,
    collection_lists,
    companies,
    financial_years,
    history,
    invoicing,
    papers,
    people,
    price_ranges,
    rate_file,
)
from ppplanner.blueprints.settings.cards import cards
from ppplanner.permissions import open_to_all


@bp.get("/")
@login_required
@open_to_all
def index() -> str:
    return render_template("settings/index.html", cards=list(cards()))
