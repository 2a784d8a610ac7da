"""A person chooses another administration while a worker is about to send to the one before."""

from __future__ import annotations

from threading import Event, Thread
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select

from ppplanner.extensions import db
from ppplanner.integrations.exact import lease, linking, outbox, steps
from ppplanner.integrations.exact.models import ExactConnection, ExactStep, Kind


@pytest.mark.both_databases
def test_no_call_goes_to_an_administration_that_somebody_leaves_at_that_moment(
    app: Flask, connection: ExactConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise the other one would pass for having what went to this one."""
    others = linking.administrations(connection)
    other = next(one for one in others if one.division != connection.division)
    lease.take(connection)
    worker, task = lease.this_worker(), outbox.Task(connection.id, Kind.CUSTOMER, 1)
    monkeypatch.setattr(lease, "this_worker", lambda: worker)
    db.session.commit()
    lost = Event()

    def note_a_call() -> None:
        with app.app_context():
            try:
                steps._note_sending(task, "create_customer", "")
            except lease.LeaseLost:
                lost.set()

    noting = Thread(target=note_a_call)

    def note_meanwhile(table: Any) -> Any:
        if not noting.ident:
            noting.start()
            noting.join(0.3)
        return delete(table)

    monkeypatch.setattr(linking, "delete", note_meanwhile)
    linking.choose_administration(connection, other)
    noting.join()

    assert lost.is_set()
    assert not db.session.scalar(select(func.count()).select_from(ExactStep))
