"""What is confirmed stays as it is."""

from __future__ import annotations

from ppplanner.errors import DomainError
from ppplanner.i18n import _
from ppplanner.models import DocumentState, Invoice


def refuse_confirmed(invoice: Invoice) -> None:
    """Raises DomainError when the document is no draft."""
    if invoice.state is DocumentState.CONFIRMED:
        raise DomainError(_("A confirmed invoice never changes: make a credit note instead."))
