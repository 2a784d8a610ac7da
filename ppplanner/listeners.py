"""What a part of the core does when something happens in another. Add-ons bring listeners of their
own.
"""

from __future__ import annotations

from collections.abc import Callable

from blinker import Signal

from ppplanner import events
from ppplanner.mailing import listening as mailing
from ppplanner.services.collections import settlement

LISTENERS: tuple[tuple[Signal, Callable[..., object]], ...] = (
    (events.invoice_confirming, settlement.pay_ahead),
    (events.invoice_confirmed, mailing.mail_confirmed),
    (events.invoice_printed, mailing.send_printed),
    (events.mail_written, mailing.send_written),
)


def connect() -> None:
    """Once a process is enough; again changes nothing."""
    for signal, receiver in LISTENERS:
        signal.connect(receiver, weak=False)
