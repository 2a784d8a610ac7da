"""How every way of adding a customer ends: in the picker that waits for one, or on their page."""

from __future__ import annotations

import re

from flask import request, url_for
from flask.typing import ResponseReturnValue

from ppplanner.blueprints.htmx import go_to, stay, wants_fragment
from ppplanner.models import Customer

FIELD = re.compile(r"[a-z][a-z_]{0,39}")


def field_to_fill() -> str:
    """The name of the picker that waits for the customer, from the address; "" when none does."""
    name = request.args.get("field", "")
    return name if FIELD.fullmatch(name) else ""


def purpose() -> str:
    """What the customer is for: "customer", or "driver", who is a private person."""
    return "driver" if request.args.get("purpose") == "driver" else "customer"


def chosen(customer: Customer, message: str, field: str | None = None) -> ResponseReturnValue:
    """Answer that `customer` is the one: the dialog closes and its picker holds them, or, where no
    picker waits, their page opens.
    """
    field = field_to_fill() if field is None else field
    if field and wants_fragment():
        picked = {"field": field, "value": customer.id, "text": customer.full_name}
        return stay(message, {"picked": picked})
    return go_to(url_for("customers.show", customer_id=customer.id), message)
