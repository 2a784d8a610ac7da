"""Numbers have no gap and no double, even when processes die and connections are cut."""

from __future__ import annotations

from datetime import timedelta

from flask import Flask

from ppplanner.clock import today
from ppplanner.extensions import db
from tests.factories import make_contract, make_invoice, make_resource, make_unit
from tests.under_fire import confirm_under_fire, faults_in_numbers

#: The script `benchmarks/numbering.py` does the same with 200.
COUNT = 18


def test_killed_confirmations_leave_no_gap_and_no_double(app: Flask) -> None:
    unit = make_unit()
    drafts = [
        make_invoice(
            make_contract(make_resource(unit)),
            confirmed=False,
            invoice_date=today() - timedelta(days=number % 2),
        ).id
        for number in range(COUNT)
    ]
    db.session.commit()
    db.session.remove()
    losses = confirm_under_fire(app, drafts, seed=COUNT)
    assert losses.killed
    assert faults_in_numbers(app, drafts) == []
