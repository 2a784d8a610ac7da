"""The form of a credit note: an amount for each line of its invoice."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, Field
from wtforms.validators import InputRequired, Optional

from ppplanner.blueprints.form_fields import DayField, MoneyField
from ppplanner.blueprints.stale import StaleAware
from ppplanner.i18n import _l
from ppplanner.models import Invoice


class CreditForm(StaleAware):
    """What to take back; `credit_form` adds the amounts."""

    invoice_date = DayField(_l("Date"), [InputRequired(_l("Fill in a day."))])
    again = BooleanField(
        _l("Can be invoiced again"),
        description=_l(
            "What you take back waits for another invoice of the contract, when this credit note is"
            " confirmed. Otherwise it is gone for good."
        ),
    )

    @property
    def amounts(self) -> dict[int, Decimal]:
        """What is typed, by the keys of lines; nothing for what is left empty."""
        typed = {_line_id(each): each.data for each in self if _line_id(each)}
        return {line_id: amount for line_id, amount in typed.items() if amount is not None}

    def of(self, line_id: int) -> Field:
        """The field of one line."""
        return self[f"line_{line_id}"]


def credit_form(invoice: Invoice, left: Mapping[int, Decimal], **values: Any) -> CreditForm:
    """The form for an invoice of which so much is left; `values` say what stands in it at first."""
    fields = {f"line_{line.id}": _amount(line.description) for line in invoice.lines}
    form: CreditForm = type("CreditForm", (CreditForm,), fields)(data=values)
    if not any(line.price_line_id for line in invoice.lines):
        del form.again
    for line in invoice.lines:
        if not left[line.id]:
            del form[f"line_{line.id}"]
    return form


def amounts_as_values(amounts: Mapping[int, Decimal]) -> dict[str, Decimal]:
    return {f"line_{line_id}": amount for line_id, amount in amounts.items()}


def _amount(description: str) -> MoneyField:
    return MoneyField(description, [Optional()])


def _line_id(field: Field) -> int:
    """The key of the line that a field is about; 0 for another field."""
    start, _, key = field.name.partition("_")
    return int(key) if start == "line" else 0
