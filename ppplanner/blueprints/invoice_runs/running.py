"""The invoice runs that the top bar tells their maker of."""

from __future__ import annotations

from datetime import timedelta

from flask import url_for
from flask_login import current_user
from sqlalchemy import select

from ppplanner.addons.manifest import Running
from ppplanner.blueprints.invoice_runs.access import EDIT
from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.i18n import _, ngettext
from ppplanner.models import InvoiceRun, RunState
from ppplanner.permissions import allowed
from ppplanner.services.invoices.runs import WORKING

#: How long the top bar still tells of a run that needs a person again.
ENDED = timedelta(minutes=1)
#: Longer than any job waits for its turn: what stands still for so long is told on its own page.
FORGOTTEN = timedelta(hours=1)


def running_runs() -> list[Running]:
    if not allowed(EDIT):
        return []
    query = select(InvoiceRun).where(
        InvoiceRun.made_by_id == current_user.id, InvoiceRun.moved_at > now() - FORGOTTEN
    )
    runs = db.session.scalars(query.order_by(InvoiceRun.moved_at))
    return [_running(run) for run in runs if _is_shown(run)]


def _is_shown(run: InvoiceRun) -> bool:
    return run.state in WORKING or run.moved_at > now() - ENDED


def _running(run: InvoiceRun) -> Running:
    url = url_for("invoice_runs.show", run_id=run.id)
    return Running(_words(run), url, run.done, run.total, ended=run.state not in WORKING)


def _words(run: InvoiceRun) -> str:
    match run.state:
        case RunState.CALCULATING:
            return _("Calculating an invoice run")
        case RunState.INVOICING:
            return ngettext("Making %(num)s invoice", "Making %(num)s invoices", run.total)
        case RunState.READY:
            return _("An invoice run waits for you")
    return _("The invoice run is done")
