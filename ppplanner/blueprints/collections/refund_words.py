"""What is said of refunds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from ppplanner.blueprints.collections.labels import REFUND_STATES
from ppplanner.blueprints.markup import Badge, Colour
from ppplanner.i18n import _
from ppplanner.models import RefundRequest, RefundState
from ppplanner.services.invoices.written import written_iban

COLOURS: Mapping[RefundState, Colour] = {
    RefundState.OPEN: "amber",
    RefundState.EXPORTED: "blue",
    RefundState.PROCESSED: "green",
    RefundState.WITHDRAWN: "grey",
}


def refund_badge(state: RefundState) -> Badge:
    return Badge(REFUND_STATES[state], COLOURS[state])


def kind_words(request: RefundRequest) -> Any:
    return _("Deposit") if request.deposit else _("Payment")


def iban_words(request: RefundRequest) -> Any:
    """The account in groups; a request that waits for one says so."""
    if request.iban:
        return Markup('<span class="nowrap">{}</span>').format(written_iban(request.iban))
    return Badge(_("No IBAN"), "amber") if request.state is RefundState.OPEN else ""
