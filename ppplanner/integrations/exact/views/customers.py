"""What Exact shows with customers: ways to add one, the tile, the column of the list."""

from __future__ import annotations

from flask import render_template
from flask_login import current_user

from ppplanner.i18n import _
from ppplanner.models import Customer, CustomerKind
from ppplanner.permissions import visible

from ..connect import connection_for
from ..models import ExactConnection, Kind
from ..searching import why_no_customers
from ..settings import SendMoment, exact_settings
from . import tiles
from .columns import exact_column
from .filters import exact_filter
from .reached import concerned

COLUMN = exact_column("customers", Kind.CUSTOMER)
FILTER = exact_filter("customers", Kind.CUSTOMER)


def search_choices(kind: str | None = None, field: str = "", **_context: object) -> str:
    """Two more ways to add a customer: found in Exact, as private or as business (mission S12).

    Where only private persons fit (a driver), only the one.
    """
    reached = visible(ExactConnection, "exact.search")
    if why_no_customers(connection_for(current_user, reached)):
        return ""
    kinds = [CustomerKind(kind)] if kind else list(CustomerKind)
    return render_template("exact/_search_choices.html", kinds=kinds, field=field)


def tile(customer: Customer, **_context: object) -> str:
    """Whom Exact knows the customer as, in each administration."""
    return tiles.tile(customer, note=_when_sent(customer))


def _when_sent(customer: Customer) -> str:
    """What makes Exact know the customer."""
    settings = [exact_settings.load(each.company_id) for each in concerned(customer)]
    sending = [each for each in settings if each.enabled and each.customers_send]
    if any(each.customers_send_moment == SendMoment.ON_SAVE for each in sending):
        return _("Exact gets to know this customer when you save it, or with its first invoice.")
    if sending:
        return _("With the first invoice that is forwarded, Exact gets to know this customer.")
    return _(
        "Making customers in Exact is switched off: invoices of this customer cannot go there."
    )
