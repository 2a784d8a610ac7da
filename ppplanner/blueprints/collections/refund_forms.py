"""The forms of refunds: asking for one, paying one, the file for the bank."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms.validators import InputRequired

from ppplanner.blueprints.collections.forms import PlaceForm
from ppplanner.blueprints.collections.labels import FIELDS, listed_name
from ppplanner.blueprints.collections.once import OnceForm
from ppplanner.blueprints.contracts.period import MomentField
from ppplanner.blueprints.form_fields import (
    DayField,
    MoneyField,
    PickerField,
    TextField,
    choice_field,
)
from ppplanner.blueprints.records import look_up
from ppplanner.blueprints.stale import StaleAware
from ppplanner.i18n import _l
from ppplanner.models import BusinessUnit, Contract, Invoice, MethodKind
from ppplanner.services.collections import types

#: The method of a refund that is paid later: asked for, on the list of refunds.
LATER = ""


def _contract(contract_id: int) -> str | None:
    contract = look_up(Contract, contract_id)
    return f"{contract} · {contract.customer.full_name}" if contract else None


def _invoice(invoice_id: int) -> str | None:
    invoice = look_up(Invoice, invoice_id)
    return f"{invoice} · {invoice.customer.full_name}" if invoice else None


def _methods() -> list[tuple[str, str]]:
    return [
        (each.code, listed_name(each))
        for each in types.methods_in_use()
        if each.kind is not MethodKind.SETTLEMENT
    ]


class PaidForm(FlaskForm):
    """Which money goes back."""

    contract_id = PickerField(_l("Contract"), describe=_contract)
    invoice_id = PickerField(
        _l("Or invoice"),
        describe=_invoice,
        description=_l("Contracts and invoices on which something was paid."),
    )


class WayForm(PlaceForm):
    """How money goes back: no card is noted of that."""

    def offer_places(self, unit: BusinessUnit) -> None:
        super().offer_places(unit)
        if "card_type_id" in self:
            del self.card_type_id


class ProcessForm(WayForm):
    """A request whose money has gone: it names the account."""

    at = MomentField(FIELDS["at"], [InputRequired(_l("Fill in a day and a time."))])

    def asks_iban(self, kind: MethodKind | None) -> bool:
        return False


class RefundForm(WayForm, OnceForm):
    """Money that goes back, now or later."""

    method = choice_field(
        _l("How"),
        choices=lambda: [(LATER, _l("Later: put it on the list of refunds")), *_methods()],
    )
    amount = MoneyField(FIELDS["amount"], [InputRequired(_l("Fill in an amount."))])
    iban = TextField(
        FIELDS["iban"], longest=42, description=_l("The account of the customer to pay it on.")
    )
    remark = TextField(FIELDS["remark"], longest=200)

    def asks_iban(self, kind: MethodKind | None) -> bool:
        """A request says where its money goes."""
        return kind in (None, MethodKind.BANK)


class RequestForm(StaleAware):
    """What may change of an open request."""

    iban = TextField(FIELDS["iban"], longest=42)
    remark = TextField(FIELDS["remark"], longest=200)


class FileForm(FlaskForm):
    """A payment file to be made."""

    day = DayField(
        _l("The bank pays on"),
        [InputRequired(_l("Fill in a day."))],
        description=_l("A bank pays on working days only."),
    )


class PaidOnForm(FlaskForm):
    """When the bank has paid."""

    at = MomentField(_l("Paid at"), [InputRequired(_l("Fill in a day and a time."))])
