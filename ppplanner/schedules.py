"""What the clock of the core starts by itself; add-ons bring schedules of their own."""

from __future__ import annotations

from datetime import timedelta

from ppplanner.addons.manifest import Schedule
from ppplanner.documents.jobs import make_missing_pdfs
from ppplanner.invoice_runs import wake_lost_runs
from ppplanner.mailing.jobs import send_mails
from ppplanner.upkeep import count_rows, forget_old_uploads

CORE_SCHEDULES = (
    Schedule(make_missing_pdfs, every=timedelta(minutes=5)),
    Schedule(wake_lost_runs, every=timedelta(minutes=1)),
    Schedule(send_mails, every=timedelta(minutes=1)),
    Schedule(count_rows, every=timedelta(hours=6)),
    Schedule(forget_old_uploads, every=timedelta(hours=1)),
)
