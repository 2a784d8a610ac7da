"""The list of transactions with its totals, and the page of one. Registering lies in `adding.py`,
changing and undoing in `changing.py`, a contract's tile in `tile.py`; cash registers, refunds and
payment files in the modules of these names.
"""

from __future__ import annotations

from flask import Response

from ppplanner.blueprints.collections import (  # noqa: F401 - the other routes
    adding,
    bp,
    cash_counts,
    changing,
    payment_files,
    refund_pickers,
    refunds,
    registers,
    tile,
)
from ppplanner.blueprints.collections.labels import (
    FAMILIES,
    family_badge,
    listed_name,
    method_name,
)
from ppplanner.blueprints.collections.listing import TRANSACTIONS
from ppplanner.blueprints.history_lines import history_of
from ppplanner.blueprints.htmx import render_page
from ppplanner.blueprints.lists.list_page import render_list
from ppplanner.blueprints.lists.list_query import matching
from ppplanner.blueprints.lists.list_state import ListState
from ppplanner.blueprints.records import find
from ppplanner.models import Transaction
from ppplanner.permissions import require
from ppplanner.services.collections import report, rules

bp.add_app_template_global(listed_name, "listed_name")
bp.add_app_template_global(family_badge, "transaction_badge")
bp.add_app_template_global(method_name, "method_name")


@bp.get("/")
@require("collections.view")
def index() -> Response:
    return render_list(TRANSACTIONS, "collections/index.html", totals=_totals)


def _totals(state: ListState) -> report.Totals:
    return report.totals(matching(state))


@bp.get("/<int:transaction_id>")
@require("collections.view")
def show(transaction_id: int) -> Response:
    transaction = find(Transaction, transaction_id)
    return render_page(
        "collections/show.html",
        "content",
        transaction=transaction,
        family=FAMILIES[transaction.type.family],
        undone_by=rules.undone_by(transaction),
        undoable=rules.may_reverse(transaction),
        changeable=rules.may_change(transaction),
        history=history_of(transaction),
    )
