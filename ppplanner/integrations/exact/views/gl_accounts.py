"""What Exact shows with GL accounts: the column that says which of them it knows."""

from __future__ import annotations

from collections.abc import Sequence

from flask import render_template, url_for
from flask_login import current_user
from markupsafe import Markup
from sqlalchemy import select

from ppplanner.addons.manifest import Cell, ListColumn
from ppplanner.blueprints.markup import Badge
from ppplanner.extensions import db
from ppplanner.i18n import _l
from ppplanner.permissions import allowed

from ..by_hand import why_no_gl_accounts
from ..models import ExactGLAccountLink
from ..searching import units_to_import_to
from .reached import any_link


def _codes(account_ids: Sequence[int]) -> dict[int, Cell]:
    """The code in Exact, in one query. Nothing of a GL account is ever sent there."""
    query = select(ExactGLAccountLink.gl_account_id, ExactGLAccountLink.code).where(
        ExactGLAccountLink.gl_account_id.in_(account_ids)
    )
    return {
        key: Cell(Markup("{}").format(Badge(code, "green")))
        for key, code in db.session.execute(query)
    }


def search_button(**_context: object) -> str:
    """The way to those that Exact has (mission S31)."""
    if not allowed("ledger.edit") or not units_to_import_to():
        return ""
    url = url_for("exact.search_gl_accounts")
    only = bool(why_no_gl_accounts(current_user.business_unit))
    return render_template("exact/_search_button.html", url=url, only=only)


COLUMN = ListColumn("gl_accounts", "exact", _l("In Exact as"), _codes, "exact.view", any_link)
