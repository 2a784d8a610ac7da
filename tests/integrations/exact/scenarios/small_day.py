"""A day of a firm in which each function of the link has something to do, once. It tells what was
asked of Exact for each thing, so that a switch can be seen to change its own function and no other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

import time_machine

from ppplanner.clock import now, today
from ppplanner.extensions import db
from ppplanner.integrations.exact import forwarding, switching
from ppplanner.integrations.exact.connect import get_connection, open_client
from ppplanner.integrations.exact.models import ExactConnection
from ppplanner.integrations.exact.settings import ExactSettings, InvoiceMode, SendMoment
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.integrations.exact.sync.customer_imports import find_account, import_account
from ppplanner.integrations.exact.sync.intervals import start_due_intervals
from ppplanner.integrations.exact.sync.nights import start_due_nights
from ppplanner.integrations.exact.sync.payments import follow_payments
from ppplanner.integrations.exact.sync.run import run_outbox
from ppplanner.models import BusinessUnit, Customer, CustomerKind, Invoice, TypeRole
from ppplanner.services import customers, ledger
from ppplanner.services.customers import CustomerData
from ppplanner.services.fleet import resources
from ppplanner.services.fleet.resources import ResourceData
from tests.conftest import Browser
from tests.factories import make_contract, make_resource, make_resource_type
from tests.integrations.exact.conftest import new_invoice
from tests.integrations.exact.money import cash, register, set_up

#: What was asked of Exact, by what somebody or the clock did.
Told: TypeAlias = "dict[str, set[str]]"

REGULAR, NEWCOMER = "Aannemingen De Backer & Zonen NV", "Van Acker Sanitair BV"
COSTS_ON_LINES = ("CostCenter", "CostUnit")


def everything_on() -> ExactSettings:
    return ExactSettings(
        customers_send_moment=SendMoment.ON_SAVE,
        cost_centres_from_resources=True,
        cost_carriers_from_resources=True,
        invoices_mode=InvoiceMode.NIGHTLY,
        invoices_from=today().isoformat(),
        transactions_send=True,
        transactions_from=today().isoformat(),
        payments_fetch=True,
    )


class SmallDay:
    """Make it with all switched on, `switch` something, and `pass_by`."""

    def __init__(
        self,
        connection: ExactConnection,
        unit: BusinessUnit,
        simulator: RunningSimulator,
        person: Browser,
    ) -> None:
        self.connection_id, self.unit, self.simulator = connection.id, unit, simulator
        self.person = person
        simulator.options.calls_per_minute = None
        self.switch()
        self._prepare(connection)

    def switch(self, **values: Any) -> None:
        """All on, but for these."""
        connection = get_connection(self.connection_id)
        switching.save_settings(connection.company, connection, replace(everything_on(), **values))
        db.session.commit()

    def _prepare(self, connection: ExactConnection) -> None:
        """A customer, cost items and an invoice that Exact knows, so that each thing of the day
        needs but its own function.
        """
        set_up(connection, self.unit)
        self.register = register(self.unit)
        group_id = self.unit.company.group_id
        self.costs: dict[str, Any] = {
            "cost_centre": ledger.save_cost_centre(group_id=group_id, code="KP1", name="Old"),
            "cost_carrier": ledger.save_cost_carrier(group_id=group_id, code="KD1", name="Old"),
        }
        self.customer = self._known_customer(connection)
        self.paid, self.by_hand, self.by_night = (self._invoice() for _n in range(3))
        self._forward(self.paid)
        self._work()
        start_due_intervals()
        self.simulator.mark_paid(self.simulator.entries()[0]["EntryID"])

    def _known_customer(self, connection: ExactConnection) -> Customer:
        found = find_account(open_client(connection.id, "person"), self._key(REGULAR))
        return import_account(connection, found, CustomerKind.BUSINESS).customer

    def _key(self, name: str) -> UUID:
        return UUID(self.simulator.account(name, self.division)["ID"])

    @property
    def division(self) -> int:
        return get_connection(self.connection_id).division or 0

    def _invoice(self) -> Invoice:
        van = make_resource(self.unit, **self.costs)
        return new_invoice(self.unit, customer=self.customer, resource=van)

    def _forward(self, invoice: Invoice) -> None:
        forwarding.forward([invoice.id], by="Anke")

    def _work(self) -> None:
        db.session.commit()
        run_outbox(self.connection_id)

    def pass_by(self) -> Told:
        """What each thing that happens on the day asks of Exact, and what it answers people."""
        return {name: self._happens(deed) for name, deed in self._deeds().items()}

    def _happens(self, deed: Callable[[], Any]) -> set[str]:
        self.simulator.log.clear()
        answer = deed()
        self._work()
        told = asked_of_exact(self.simulator, self.division)
        return told | ({str(answer)} if answer is not None else set())

    def _deeds(self) -> dict[str, Callable[[], Any]]:
        search, find = "/exact/customers/search?kind=business&q=acker", self._opens
        return {
            "a customer is looked for": lambda: find(search),
            "a customer is imported": self._import,
            "a customer is saved": self._save_customer,
            "a cost centre is saved": lambda: self._save_cost(ledger.save_cost_centre),
            "a cost carrier is saved": lambda: self._save_cost(ledger.save_cost_carrier),
            "a cost centre is looked for": lambda: find("/exact/cost_centres/search?q=a"),
            "a cost carrier is looked for": lambda: find("/exact/cost_carriers/search?q=a"),
            "a resource is new": self._new_resource,
            "a GL account is looked for": lambda: find("/exact/gl_accounts/search?q=700"),
            "a GL account is made": self._make_account,
            "an invoice is forwarded": self._forward_by_hand,
            "an interval passes": self._interval,
            "half an hour passes": self._half_hour,
            "it is 02:16": lambda: self._night(time(2, 16)),
            "it is 05:16": lambda: self._night(time(5, 16)),
        }

    def _opens(self, url: str) -> int:
        return self.person.get(url).status_code

    def _import(self) -> int:
        data = {"account_id": str(self._key(NEWCOMER))}
        return self.person.post("/exact/customers/import?kind=business", data=data).status_code

    def _save_customer(self) -> None:
        data = CustomerData(
            kind=CustomerKind.BUSINESS,
            company_name="Schilderwerken Maes",
            street="Kerkstraat 3",
            postcode="2000",
            city="Antwerpen",
        )
        customers.save_customer(data, group_id=self.unit.company.group_id)

    def _save_cost(self, save: Callable[..., Any]) -> None:
        save(group_id=self.unit.company.group_id, code="NEW", name="New")

    def _new_resource(self) -> None:
        kind, pool = make_resource_type(), self.unit.pools[0]
        resources.save_resource(ResourceData("", kind, pool, "1-NEW-001", "Ford", "Transit"))

    def _make_account(self) -> int:
        data = {"business_unit_id": self.unit.id, "code": "700777", "name": "Own", "active": "y"}
        return self.person.post("/ledger/gl-accounts/new", data=data).status_code

    def _forward_by_hand(self) -> int:
        data = {"ids": self.by_hand.id, "confirmed": "1"}
        return self.person.post("/exact/invoices/forward", data=data).status_code

    def _interval(self) -> None:
        contract = make_contract(unit=self.unit, customer=self.customer)
        cash(TypeRole.PAYMENT, 50, contract=contract, register=self.register)
        with time_machine.travel(now() + timedelta(minutes=16), tick=True):
            start_due_intervals()
            self._work()

    def _half_hour(self) -> None:
        with time_machine.travel(now() + timedelta(minutes=35), tick=True):
            db.session.commit()
            follow_payments(self.connection_id)

    def _night(self, at: time) -> None:
        zone = ZoneInfo(self.unit.company.timezone)
        tomorrow = now().astimezone(zone).date() + timedelta(days=1)
        with time_machine.travel(datetime.combine(tomorrow, at, zone), tick=True):
            start_due_nights()
            self._work()


def asked_of_exact(simulator: RunningSimulator, division: int | None = None) -> set[str]:
    """The calls in the log, each once; of bookings also which costs their lines name."""
    calls = [call for call in simulator.log if not call.resource.startswith("oauth2/")]
    return {
        f"{call.method} {call.resource}{_costs_named(call.body)}"
        for call in calls
        if division in (None, call.division)
    }


def _costs_named(body: Any) -> str:
    lines = body.get("SalesEntryLines", ()) if isinstance(body, dict) else ()
    named = [name for name in COSTS_ON_LINES if any(name in line for line in lines)]
    return f" with {' and '.join(named)}" if named else ""
