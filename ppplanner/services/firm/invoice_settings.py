"""How a company numbers and delivers its invoices."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ppplanner.models import Company, Delivery
from ppplanner.settings import Settings


class NumberingLevel(StrEnum):
    """Who shares a series of numbers (domain 8.2)."""

    GROUP = "group"
    COMPANY = "company"
    BUSINESS_UNIT = "business_unit"


@dataclass(frozen=True)
class InvoiceSettings:
    numbering: str = NumberingLevel.COMPANY.value
    #: Credit notes have numbers of their own; otherwise they stand in the series of invoices.
    own_credit_series: bool = True
    #: How customers get invoices about whom nothing else is said.
    delivery: str = Delivery.MAIL.value
    #: Whether a confirmed invoice is mailed by itself to those customers.
    mail_by_itself: bool = False


invoice_settings = Settings("invoices", InvoiceSettings)


def level_of(company: Company) -> NumberingLevel:
    return NumberingLevel(invoice_settings.load(company.id).numbering)
