"""What Exact shows with transactions: the tile, the column of the list."""

from __future__ import annotations

from functools import partial

from ppplanner.addons.manifest import Text
from ppplanner.formats import day
from ppplanner.i18n import _, ngettext
from ppplanner.models import Transaction

from ..mapping import booking_day
from ..models import ExactConnection, Kind
from ..sync.branches import Setup, why_it_stays
from . import tiles
from .columns import exact_column
from .filters import exact_filter
from .forwarding import forwarding_offered, forwards
from .reached import concerned

COLUMN = exact_column("transactions", Kind.TRANSACTION)
FILTER = exact_filter("transactions", Kind.TRANSACTION)
OFFERED = partial(forwarding_offered, Kind.TRANSACTION)


def tile(transaction: Transaction, **_context: object) -> str:
    """The transaction's whole story with Exact."""
    connection = next(iter(concerned(transaction)), None)
    note = _when_sent(transaction, connection) if connection else ""
    return tiles.tile(transaction, note=note)


def _when_sent(transaction: Transaction, connection: ExactConnection) -> Text:
    """What makes Exact hear of a transaction, or why it never does."""
    setup = Setup.read(connection, [transaction])
    if (stays := why_it_stays(transaction, setup)) is not None:
        return str(stays)
    if not forwards(connection, Kind.TRANSACTION):
        return _("Forwarding transactions is switched off.")
    first_day = setup.settings.transactions_first_day
    if first_day and booking_day(transaction) < first_day:
        return _("Only what moved since %(day)s goes by itself.", day=day(first_day))
    return ngettext(
        "It goes by itself within %(num)s minute.",
        "It goes by itself within %(num)s minutes.",
        setup.settings.transactions_interval,
    )
