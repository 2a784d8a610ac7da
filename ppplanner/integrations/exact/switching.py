"""What a company wants of the link, when somebody says so: checked, and stored."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import date

from ppplanner.clock import now, today
from ppplanner.errors import Invalid
from ppplanner.i18n import _
from ppplanner.models import Company

from .attention import let_held_go
from .models import ExactConnection
from .settings import (
    LONGEST_INTERVAL,
    SHORTEST_INTERVAL,
    ExactSettings,
    InvoiceMode,
    exact_settings,
)
from .switch_words import WORDS

#: Switches that invoices may have waited for.
CURES = ("enabled", "invoices_send", "customers_send")
#: Days that people type by mistake lie outside, and some of them no time zone can take.
EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)


def save_settings(
    company: Company, connection: ExactConnection | None, values: ExactSettings
) -> None:
    """Store the switches that changed. Nights that are switched on begin with the next one. They
    take the invoices, and intervals the transactions, of today and later, unless they are told
    another day. Raises Invalid. The caller commits.
    """
    _check_settings(values)
    before, day = exact_settings.load(company.id), today(company.timezone).isoformat()
    old = asdict(before)
    nightly = values.invoices_mode == InvoiceMode.NIGHTLY
    if nightly and not values.invoices_from:
        values = replace(values, invoices_from=day)
    if values.transactions_send and not values.transactions_from:
        values = replace(values, transactions_from=day)
    changed = {name: value for name, value in asdict(values).items() if value != old[name]}
    exact_settings.save(company.id, **changed)
    if connection is not None:
        _begin_nights(connection, before, values)
        if any(changed.get(name) for name in CURES):
            let_held_go(connection)


def _check_settings(values: ExactSettings) -> None:
    """What no page offers, nobody stores."""
    if not SHORTEST_INTERVAL <= values.transactions_interval <= LONGEST_INTERVAL:
        raise Invalid(
            transactions_interval=_(
                "Fill in %(min)s to %(max)s minutes; 1440 is once a day.",
                min=SHORTEST_INTERVAL,
                max=LONGEST_INTERVAL,
            )
        )
    days = {
        "invoices_from": values.first_day,
        "transactions_from": values.transactions_first_day,
    }
    if odd := [name for name, day in days.items() if day and not EARLIEST <= day <= LATEST]:
        raise Invalid(**dict.fromkeys(odd, _("Choose a day between 2000 and 2099.")))
    unknown = [name for name, words in WORDS.items() if getattr(values, name) not in words]
    if unknown:
        raise Invalid(**dict.fromkeys(unknown, _("Choose one from the list.")))


def _begin_nights(
    connection: ExactConnection, before: ExactSettings, values: ExactSettings
) -> None:
    nightly = (
        values.enabled and values.invoices_send and values.invoices_mode == InvoiceMode.NIGHTLY
    )
    moved = before.invoices_night_time != values.invoices_night_time
    if nightly and (connection.nightly_since is None or moved):
        connection.nightly_since = now()
    elif not nightly:
        connection.nightly_since = None
