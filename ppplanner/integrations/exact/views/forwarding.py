"""Where people are offered to forward invoices and transactions."""

from __future__ import annotations

from ..models import ExactConnection, Kind
from ..settings import exact_settings
from .reached import within_reach


def forwarding_offered(kind: Kind) -> bool:
    """Whether any company forwards them at all (mission A7, A8)."""
    return any(forwards(link, kind) for link in within_reach("exact.forward"))


def forwards(connection: ExactConnection, kind: Kind) -> bool:
    settings = exact_settings.load(connection.company_id)
    sent = {Kind.INVOICE: settings.invoices_send, Kind.TRANSACTION: settings.transactions_send}
    return settings.enabled and sent[kind]
