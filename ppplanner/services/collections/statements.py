"""What customers read on the statements of their banks."""

from __future__ import annotations

from ppplanner.i18n import _, in_language
from ppplanner.models import RefundRequest


def refund_text(request: RefundRequest) -> str:
    """Why money comes back, in the language of the customer."""
    with in_language(request.customer.language):
        if request.deposit:
            return _("Deposit given back, contract %(contract)s", contract=request.contract)
        if request.invoice:
            return _("Refund, invoice %(invoice)s", invoice=request.invoice)
        return _("Refund, contract %(contract)s", contract=request.contract)
