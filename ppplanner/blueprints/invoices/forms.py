"""The forms of invoices: making one, changing a draft, saying yes."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField
from wtforms.validators import InputRequired

from ppplanner.blueprints.form_fields import DayField, PickerField
from ppplanner.blueprints.invoices.labels import FIELDS
from ppplanner.blueprints.records import look_up
from ppplanner.blueprints.stale import StaleAware
from ppplanner.i18n import _l
from ppplanner.models import Contract, GLAccount


def _contract(contract_id: int) -> str | None:
    contract = look_up(Contract, contract_id)
    return f"{contract} · {contract.customer.full_name}" if contract else None


def _account(account_id: int) -> str | None:
    account = look_up(GLAccount, account_id)
    return str(account) if account else None


class ContractForm(FlaskForm):
    """Which contract an invoice is for."""

    contract_id = PickerField(
        _l("Contract"),
        [InputRequired(_l("Choose a contract."))],
        describe=_contract,
        description=_l("Contracts with something that is not invoiced yet."),
    )


class DraftForm(FlaskForm):
    """An invoice to be made."""

    invoice_date = DayField(FIELDS["invoice_date"], [InputRequired(_l("Fill in a day."))])
    due_date = DayField(FIELDS["due_date"], [InputRequired(_l("Fill in a day."))])
    final = BooleanField(
        FIELDS["final"],
        description=_l("Nothing more will be invoiced for this contract."),
        default=True,
    )


class DatesForm(StaleAware):
    """The dates of a draft."""

    invoice_date = DayField(FIELDS["invoice_date"], [InputRequired(_l("Fill in a day."))])
    due_date = DayField(FIELDS["due_date"], [InputRequired(_l("Fill in a day."))])


class AccountForm(FlaskForm):
    """Where a line of a draft goes in the books."""

    gl_account_id = PickerField(
        _l("GL account"), [InputRequired(_l("Choose a GL account."))], describe=_account
    )


def dates_of(invoice: Any) -> dict[str, Any]:
    """A draft's dates as the form shows them."""
    return {"invoice_date": invoice.invoice_date, "due_date": invoice.due_date}
