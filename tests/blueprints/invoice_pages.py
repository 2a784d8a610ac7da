"""What the tests of the invoice pages share."""

from __future__ import annotations

import re
from datetime import timedelta

from werkzeug.test import TestResponse

from ppplanner.clock import today
from ppplanner.extensions import db
from ppplanner.models import (
    Invoice,
)
from tests.factories import (
    make_contract,
    make_cost_centre,
    make_customer,
    make_invoice,
    make_price_range,
    make_resource,
    make_unit,
)

HTMX = {"HX-Request": "true"}
#: What htmx says when the answer goes into a dialog over the list.
DIALOG = {**HTMX, "HX-Current-URL": "http://localhost/invoices/"}


def words(response: TestResponse) -> str:
    """What a person reads: no tags, single spaces."""
    text = re.sub(r"<(script|style|head)\b.*?</\1>|<[^>]+>", " ", response.text, flags=re.DOTALL)
    return " ".join(text.split())


def dates(days: int = 0) -> dict[str, str]:
    on = today() + timedelta(days=days)
    return {"invoice_date": on.isoformat(), "due_date": (on + timedelta(days=30)).isoformat()}


def draft(day_price: int = 100) -> int:
    """The id of a draft over three days."""
    unit = make_unit(name="Gent")
    resource = make_resource(
        unit, make_price_range(day_price), cost_centre=make_cost_centre(name="Rental")
    )
    customer = make_customer(company_name="Bakkerij Peeters")
    invoice = make_invoice(make_contract(resource, customer), confirmed=False)
    db.session.commit()
    return invoice.id


def get(invoice_id: int) -> Invoice:
    db.session.expire_all()
    return db.session.get_one(Invoice, invoice_id)
