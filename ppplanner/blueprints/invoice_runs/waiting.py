"""The invoice runs that wait for the person at the screen, for the first screen."""

from __future__ import annotations

from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ppplanner.blueprints.invoice_runs.access import EDIT
from ppplanner.extensions import db
from ppplanner.models import InvoiceRun, RunState
from ppplanner.permissions import allowed
from ppplanner.services.overviews.desk import SHOWN, Shortlist


def waiting_runs() -> Shortlist:
    """Their own runs in which they have still to pick, the latest on top."""
    if not allowed(EDIT):
        return Shortlist((), 0)
    query = select(InvoiceRun).filter_by(made_by_id=current_user.id, state=RunState.READY)
    latest = query.order_by(InvoiceRun.id.desc()).options(joinedload(InvoiceRun.business_unit))
    runs = db.session.scalars(latest).all()
    return Shortlist(runs[:SHOWN], len(runs))
