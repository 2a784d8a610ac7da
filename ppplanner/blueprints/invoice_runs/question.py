"""The question how to invoice what was picked, and what a person answers."""

from __future__ import annotations

from flask import request

from ppplanner.blueprints.invoice_runs.forms import MakeForm
from ppplanner.blueprints.start_numbers import has_begun_meanwhile, starts_form
from ppplanner.clock import today
from ppplanner.locales import timezone
from ppplanner.models import InvoiceRun
from ppplanner.services.invoices import runs


class MakeQuestion:
    """Drafts or confirmed invoices, with which date. Whoever confirms is asked once more when
    numbers begin with this run, or its date lies in a year that is over (domain 8.2).
    """

    def __init__(self, run: InvoiceRun) -> None:
        self.run, self.sure = run, "sure" in request.form
        now = today(timezone())
        first = {"invoice_date": min(run.invoice_date, now)}
        self.form = MakeForm(data=first) if self.sure else MakeForm(formdata=None, data=first)
        on = self.form.invoice_date.data
        confirms = self.sure and self.form.confirm and on is not None and on <= now
        self.starting = runs.starting_series(run, on) if confirms else []
        self.earlier = runs.earlier_years(run, on) if confirms else []
        self.starts = starts_form(self.starting, answered=self.sure)

    @property
    def is_answered(self) -> bool:
        """Whether everything has been said, and nothing of it is wrong."""
        return (
            self.sure
            and self.form.validate_on_submit()
            and self._has_seen_all
            and self.starts.validate()
            and not has_begun_meanwhile(self.starts)
        )

    @property
    def _has_seen_all(self) -> bool:
        years = not self.earlier or "earlier" in request.form
        return years and all(each.key in request.form for each in self.starting)
