"""Who sees which runs: everybody their own; who may invoice everywhere, all."""

from __future__ import annotations

from flask import abort
from flask_login import current_user
from sqlalchemy import ColumnElement, true

from ppplanner.blueprints.records import find
from ppplanner.models import InvoiceRun
from ppplanner.permissions import allowed_generally

EDIT = "invoices.edit"


def seen_runs() -> ColumnElement[bool]:
    """Which runs the person may see."""
    return true() if allowed_generally(EDIT) else InvoiceRun.made_by_id == current_user.id


def find_run(run_id: int) -> InvoiceRun:
    """The run with that id, locked when the request may change it. Raises NotFound; answers 403
    for somebody else's.
    """
    run = find(InvoiceRun, run_id)
    if run.made_by_id != current_user.id and not allowed_generally(EDIT):
        abort(403)
    return run
