"""What the switches of the link are called, and their values: the same words on the page, in the
dialogs and in the history. And which switch makes sense only beside another one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ppplanner.addons.manifest import Text
from ppplanner.i18n import _l

from .settings import ExactSettings, InvoiceMode, SendMoment, Source

NAMES: Mapping[str, Text] = {
    "enabled": _l("The link is on"),
    "customers_search": _l("Find customers in Exact"),
    "customers_send": _l("Send customers to Exact"),
    "customers_send_moment": _l("When customers go"),
    "cost_centres_source": _l("Where cost centres come from"),
    "cost_centres_from_resources": _l("Make a cost centre of each new resource"),
    "cost_centres_on_invoice": _l("Name cost centres on bookings"),
    "cost_carriers_source": _l("Where cost carriers come from"),
    "cost_carriers_from_resources": _l("Make a cost carrier of each new resource"),
    "cost_carriers_on_invoice": _l("Name cost carriers on bookings"),
    "gl_search": _l("Find GL accounts in Exact"),
    "gl_source": _l("Where GL accounts come from"),
    "invoices_send": _l("Forward invoices and credit notes"),
    "invoices_mode": _l("When invoices go"),
    "invoices_night_time": _l("Start of the night"),
    "invoices_from": _l("The night takes invoices dated from"),
    "invoices_pdf": _l("Send the PDF along"),
    "transactions_send": _l("Forward transactions"),
    "transactions_interval": _l("How often transactions go"),
    "transactions_from": _l("Transactions go from"),
    "payments_fetch": _l("Follow in Exact which invoices are paid"),
}

_SOURCES = {
    Source.OWN.value: _l("Made here, and sent to Exact"),
    Source.EXACT.value: _l("Found in Exact and imported"),
}

WORDS: Mapping[str, Mapping[str, Text]] = {
    "customers_send_moment": {
        SendMoment.ON_SAVE.value: _l("When they are saved: all of them"),
        SendMoment.ON_INVOICE.value: _l("With an invoice: only those who get one"),
    },
    "cost_centres_source": _SOURCES,
    "cost_carriers_source": _SOURCES,
    "gl_source": {
        Source.OWN.value: _l("Made here"),
        Source.EXACT.value: _l("Found in Exact and imported, in no other way"),
    },
    "invoices_mode": {
        InvoiceMode.MANUAL.value: _l("When somebody forwards them from the list"),
        InvoiceMode.NIGHTLY.value: _l("By themselves every night, and by hand"),
    },
}

#: Which other switch has to stand how before one has any effect.
NEEDS: Mapping[str, tuple[str, Any]] = {
    "customers_send_moment": ("customers_send", True),
    "cost_centres_from_resources": ("cost_centres_source", Source.OWN),
    "cost_carriers_from_resources": ("cost_carriers_source", Source.OWN),
    "invoices_mode": ("invoices_send", True),
    "invoices_night_time": ("invoices_mode", InvoiceMode.NIGHTLY),
    "invoices_from": ("invoices_mode", InvoiceMode.NIGHTLY),
    "invoices_pdf": ("invoices_send", True),
    "transactions_interval": ("transactions_send", True),
    "transactions_from": ("transactions_send", True),
}


def why_idle(name: str, settings: ExactSettings) -> str | None:
    """The switch because of which this one has no effect just now; None when it has."""
    if name not in NEEDS:
        return None
    other, wanted = NEEDS[name]
    return other if getattr(settings, other) != wanted else why_idle(other, settings)


def dependents(name: str) -> list[str]:
    """The switches that make sense only while this one stands in a certain way."""
    return [one for one, (other, _wanted) in NEEDS.items() if other == name]
