"""Contracts in the demo firm that ran before all those that the demo makes itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import cycle, islice
from pathlib import Path

from sqlalchemy import select

from ppplanner import create_app
from ppplanner.clock import now, today
from ppplanner.config import Config
from ppplanner.demo.bookings import PAST, WELCOME
from ppplanner.extensions import db
from ppplanner.models import Contract, ContractStatus, Customer, Resource
from ppplanner.services.renting.contracts import confirm_contract
from ppplanner.services.renting.handover_rules import HandoverData
from ppplanner.services.renting.handovers import check_in, check_out
from tests.factories import make_contract

NIGHTS = 2
#: How many days ago something leaves, to be back before the demo's own contracts begin.
STARTS = range(PAST + 64, PAST + NIGHTS, -(NIGHTS + 1))


def make_past_contracts(instance: Path, count: int) -> date:
    """Contracts that came back and wait for their invoice, in the demo firm that runs there.

    Gives the last day before the demo's own contracts.
    """
    app = create_app(Config.from_env({"INSTANCE_PATH": str(instance)}))
    with app.app_context():
        for resource, customer, days_ago in islice(_lets(), count):
            _let(resource, customer, days_ago)
            db.session.commit()  # in between, others write
        db.engine.dispose()
    return today() - timedelta(days=PAST + 1)


def _lets() -> Iterator[tuple[Resource, Customer, int]]:
    """What is there on each of the days, with one customer after the other."""
    out = select(Contract.resource_id).where(Contract.status == ContractStatus.OPEN)
    there = db.session.scalars(select(Resource).where(Resource.id.not_in(out))).all()
    welcome = db.session.scalars(select(Customer).where(Customer.status.in_(WELCOME))).all()
    customers = cycle(welcome)
    return ((each, next(customers), days_ago) for days_ago in STARTS for each in there)


def _let(resource: Resource, customer: Customer, days_ago: int) -> None:
    morning = now().replace(hour=8, minute=0, second=0, microsecond=0) - timedelta(days=days_ago)
    contract = make_contract(resource, customer, morning, morning + timedelta(NIGHTS, hours=8))
    confirm_contract(contract)
    check_out(contract, HandoverData(contract.starts_at), None)
    check_in(contract, HandoverData(contract.ends_at), None)
