"""The forms of invoices: making one, changing a draft, saying yes."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField
from wtforms.validators import InputRequired, Optional

from ppplanner.blueprints.form_fields import DayField, PickerField, choice_field
from ppplanner.blueprints.invoices.labels import FIELDS
from ppplanner.blueprints.records import look_up
from ppplanner.blueprints.scope import business_units
from ppplanner.blueprints.stale import StaleAware
from ppplanner.i18n import _l
from ppplanner.models import Contract, Customer, Invoice


def _contract(contract_id: int) -> str | None:
    contract = look_up(Contract, contract_id)
    return f"{contract} · {contract.customer.full_name}" if contract else None


def _customer(customer_id: int) -> str | None:
    customer = look_up(Customer, customer_id)
    return customer.full_name if customer else None


class ContractForm(FlaskForm):
    """Which contract an invoice is for."""

    contract_id = PickerField(
        _l("Contract"),
        [InputRequired(_l("Choose a contract."))],
        describe=_contract,
        description=_l("Contracts with something that is not invoiced yet."),
    )


def _day_field(name: str) -> DayField:
    return DayField(FIELDS[name], [InputRequired(_l("Fill in a day."))])


class DraftForm(FlaskForm):
    """An invoice of a contract, to be made."""

    until = DayField(
        _l("Up to and including"),
        [Optional()],
        description=_l("Rent until that day. Empty: to the end of the contract."),
    )
    invoice_date = _day_field("invoice_date")
    due_date = _day_field("due_date")
    final = BooleanField(
        FIELDS["final"],
        description=_l("Nothing more will be invoiced for this contract."),
        default=True,
    )


class FreeForm(FlaskForm):
    """An invoice without a contract, to be made."""

    customer_id = PickerField(
        FIELDS["customer_id"], [InputRequired(_l("Choose a customer."))], describe=_customer
    )
    business_unit_id = choice_field(
        _l("Business unit"),
        choices=lambda: [(unit.id, unit.name) for unit in business_units()],
        coerce=int,
    )
    invoice_date = _day_field("invoice_date")
    due_date = DayField(
        FIELDS["due_date"],
        [Optional()],
        description=_l("Empty: by the customer's payment term."),
    )


class DatesForm(StaleAware):
    """The dates of a draft, and whether it is the last invoice of its contract."""

    invoice_date = _day_field("invoice_date")
    due_date = _day_field("due_date")
    final = BooleanField(
        FIELDS["final"], description=_l("Nothing more will be invoiced for this contract.")
    )

    def fit(self, invoice: Invoice) -> None:
        """Only an invoice of a contract can be its last one."""
        if invoice.contract_id is None or invoice.is_credit_note:
            del self.final


def dates_of(invoice: Invoice) -> dict[str, Any]:
    """What that form shows of a draft."""
    return {name: getattr(invoice, name) for name in ("invoice_date", "due_date", "final")}
