"""What a firm may set about the link with Exact, per company, as the mission lists it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum

from ppplanner.settings import Settings


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
    #: Make customers in Exact when an invoice of theirs is forwarded (S20).
    customers_send: bool = True
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

    @property
    def night_time(self) -> time:
        return time.fromisoformat(self.invoices_night_time)

    @property
    def first_day(self) -> date | None:
        return date.fromisoformat(self.invoices_from) if self.invoices_from else None


exact_settings = Settings("exact", ExactSettings)
