"""What a firm may set about the link with Exact, per company, as the mission lists it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from ppplanner.settings import Settings

#: Minutes between two times that transactions go.
SHORTEST_INTERVAL = 5
LONGEST_INTERVAL = 24 * 60


class SendMoment(StrEnum):
    """When customers go to Exact (mission S18 to S20)."""

    ON_SAVE = "on_save"
    ON_INVOICE = "on_invoice"


class Source(StrEnum):
    """Where cost centres, cost carriers and GL accounts come into being (S22, S24, S27)."""

    OWN = "own"
    EXACT = "exact"


class InvoiceMode(StrEnum):
    """Who decides when invoices go (mission S36, S37)."""

    MANUAL = "manual"
    NIGHTLY = "nightly"


@dataclass(frozen=True)
class ExactSettings:
    """Each function has its own switch (mission S09); all wait for `enabled`, the master."""

    enabled: bool = True
    #: Offer "search in Exact" when somebody adds a customer (S12).
    customers_search: bool = True
    #: Make customers in Exact, and tell it what changes about those it knows (S09).
    customers_send: bool = True
    customers_send_moment: str = SendMoment.ON_INVOICE
    #: Those made here go to Exact; or they are found there and imported, and none is made here.
    cost_centres_source: str = Source.OWN
    cost_carriers_source: str = Source.OWN
    #: Make one of each new resource (S23); only of those made here.
    cost_centres_from_resources: bool = False
    cost_carriers_from_resources: bool = False
    #: Whether the lines of bookings name them (S26).
    cost_centres_on_invoice: bool = True
    cost_carriers_on_invoice: bool = True
    #: Offer "search in Exact" for GL accounts; with the source Exact, there is no other way (S31).
    gl_search: bool = True
    gl_source: str = Source.OWN
    #: Forward invoices and credit notes at all (S06).
    invoices_send: bool = True
    invoices_mode: str = InvoiceMode.MANUAL
    #: The local time at which the nightly run starts, "HH:MM" in the company's time zone.
    invoices_night_time: str = "02:15"
    #: The nightly run takes invoices of this day (ISO) and later: what a firm had before it
    #: switched the run on may stand in Exact already. By hand, any invoice can go.
    invoices_from: str = ""
    #: Send the PDF along with the booking (S39).
    invoices_pdf: bool = True
    #: Forward transactions (S08, S41): needs the settings of each business unit.
    transactions_send: bool = False
    #: How often, in minutes.
    transactions_interval: int = 15
    #: Only those of this day (ISO) and later.
    transactions_from: str = ""
    #: Follow in Exact which invoices are paid (S38).
    payments_fetch: bool = False

    @property
    def night_time(self) -> time:
        return time.fromisoformat(self.invoices_night_time)

    @property
    def first_day(self) -> date | None:
        return date.fromisoformat(self.invoices_from) if self.invoices_from else None

    @property
    def transactions_first_day(self) -> date | None:
        return date.fromisoformat(self.transactions_from) if self.transactions_from else None


exact_settings = Settings("exact", ExactSettings)
