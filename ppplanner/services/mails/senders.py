"""In whose name customers are written to."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

from ppplanner.models import BusinessUnit


@dataclass(frozen=True)
class Sender:
    """A name, and the address to answer to; empty when nobody has filled one in."""

    name: str
    address: str


def mail_sender(unit: BusinessUnit) -> Sender:
    """Who writes to customers about anything but money: what is empty falls back on the unit's
    name and e-mail address (domain 2.3), and at last on the company's.
    """
    return Sender(
        unit.mail_name or unit.name,
        unit.mail_address or unit.email or unit.company.email,
    )


def invoice_sender(unit: BusinessUnit) -> Sender:
    """Who sends invoices; what is empty falls back on who sends the other mails."""
    otherwise = mail_sender(unit)
    return Sender(
        unit.invoice_mail_name or otherwise.name,
        unit.invoice_mail_address or otherwise.address,
    )


def new_message_key(address: str) -> str:
    """A Message-ID that no other mail has, in the domain of whoever sends it."""
    return f"{uuid4().hex}@{address.rpartition('@')[2]}"
