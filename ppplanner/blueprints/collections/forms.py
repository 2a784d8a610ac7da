"""The forms of collections: registering money, what it is for, what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField
from wtforms.validators import InputRequired

from ppplanner.addons.manifest import Text
from ppplanner.blueprints.collections.labels import FIELDS, listed_name
from ppplanner.blueprints.collections.once import OnceForm
from ppplanner.blueprints.contracts.period import MomentField
from ppplanner.blueprints.form_fields import MoneyField, PickerField, TextField, choice_field
from ppplanner.blueprints.records import id_or_none, look_up
from ppplanner.blueprints.stale import StaleAware
from ppplanner.extensions import db
from ppplanner.formats import money
from ppplanner.i18n import _, _l
from ppplanner.models import (
    BusinessUnit,
    CardType,
    CashRegister,
    Contract,
    Direction,
    Invoice,
    MethodKind,
    Terminal,
    TransactionFamily,
    TransactionType,
)
from ppplanner.permissions import visible
from ppplanner.services.collections import rules, types

Choices = list[tuple[Any, Text]]


def _contract_text(contract_id: int) -> str | None:
    contract = look_up(Contract, contract_id)
    return f"{contract} · {contract.customer.full_name}" if contract else None


def _invoice_text(invoice_id: int) -> str | None:
    invoice = look_up(Invoice, invoice_id)
    return f"{invoice} · {invoice.customer.full_name}" if invoice else None


def _methods() -> Choices:
    return [
        (each.code, listed_name(each))
        for each in types.methods_in_use()
        if each.kind in types.CHOSEN_KINDS
    ]


def _cards() -> Choices:
    query = select(CardType).where(CardType.active).order_by(CardType.name)
    return [("", _("Not noted")), *((each.id, each.name) for each in db.session.scalars(query))]


class PurposeForm(FlaskForm):
    """What money is for."""

    contract_id = PickerField(_l("Contract"), describe=_contract_text)
    invoice_id = PickerField(
        _l("Or invoice"),
        describe=_invoice_text,
        description=_l("Confirmed invoices on which something is open."),
    )


class PlaceForm(FlaskForm):
    """How money moves, and what that asks for: `offer` leaves the rest out."""

    method = choice_field(FIELDS["method_id"], choices=_methods)
    register_id = choice_field(FIELDS["register_id"], choices=[], coerce=id_or_none)
    terminal_id = choice_field(FIELDS["terminal_id"], choices=[], coerce=id_or_none)
    card_type_id = choice_field(FIELDS["card_type_id"], choices=_cards, coerce=id_or_none)
    iban = TextField(
        FIELDS["iban"], longest=42, description=_l("Where the money came from, if you know.")
    )
    keep_iban = BooleanField(_l("Keep this IBAN with the customer"))

    def offer_places(self, unit: BusinessUnit) -> None:
        """Leave what the chosen method asks for; those of the business unit come first.

        The likely one stands there already; but what comes back without one stays so, since the
        person has not seen which.
        """
        method = types.method_called(self.method.data or "")
        kind = method.kind if method else None
        if kind is MethodKind.CASH:
            self.register_id.choices = _registers(unit)
            self._choose_first(self.register_id)
        else:
            del self.register_id
        if kind is MethodKind.TERMINAL:
            self.terminal_id.choices = _terminals(unit)
            self._choose_first(self.terminal_id)
        else:
            del self.terminal_id
        if kind not in (MethodKind.TERMINAL, MethodKind.ONLINE):
            del self.card_type_id
        if not self.asks_iban(kind):
            del self.iban
            del self.keep_iban

    def _choose_first(self, field: Any) -> None:
        if not self.is_submitted() and field.data is None and field.choices:
            field.data = field.choices[0][0]

    def asks_iban(self, kind: MethodKind | None) -> bool:
        """Whether the account of the customer matters; no kind is a method not chosen yet."""
        return kind is MethodKind.BANK


class MoneyForm(PlaceForm, OnceForm):
    """Money that came in."""

    type = choice_field(FIELDS["type_id"], choices=[])
    amount = MoneyField(FIELDS["amount"], [InputRequired(_l("Fill in an amount."))], places=2)
    at = MomentField(FIELDS["at"], [InputRequired(_l("Fill in a day and a time."))])
    invoice_id = choice_field(FIELDS["invoice_id"], choices=[], coerce=id_or_none)
    voucher = TextField(FIELDS["voucher"], longest=40)
    remark = TextField(FIELDS["remark"], longest=200)

    def offer(
        self, family: TransactionFamily, unit: BusinessUnit, invoices: Sequence[Invoice]
    ) -> None:
        """Offer the types of that family, and the invoices that the money can be for.

        One that was chosen and can no longer be paid, a colleague was quicker, is refused instead
        of forgotten.
        """
        self.type.choices = [(each.code, listed_name(each)) for each in incoming(family)]
        chosen = self.invoice_id.data is not None and self.is_submitted()
        if family is TransactionFamily.DEPOSIT or not (invoices or chosen):
            del self.invoice_id
        else:
            none = [("", _("None yet: an advance"))]
            self.invoice_id.choices = [*none, *((each.id, _named(each)) for each in invoices)]
        self.offer_places(unit)


class ChangeForm(StaleAware):
    """What a transaction says of itself."""

    invoice_id = choice_field(FIELDS["invoice_id"], choices=[], coerce=id_or_none)
    voucher = TextField(FIELDS["voucher"], longest=40)
    remark = TextField(FIELDS["remark"], longest=200)


def incoming(family: TransactionFamily) -> list[TransactionType]:
    """The types with which a person registers what comes in."""
    return [
        each
        for each in types.types_in_use()
        if each.family is family and each.direction is Direction.IN and each.role not in rules.OWN
    ]


def _named(invoice: Invoice) -> str:
    return _("%(invoice)s, %(amount)s open", invoice=invoice, amount=money(invoice.balance))


def _registers(unit: BusinessUnit) -> Choices:
    """The person's own cash registers first, then those of the business unit."""
    query = select(CashRegister).where(CashRegister.active, visible(CashRegister))
    found = db.session.scalars(query.order_by(CashRegister.code)).all()
    place = {
        each.id: (each.user_id != current_user.id, each.business_unit is not unit) for each in found
    }
    return [(each.id, str(each)) for each in sorted(found, key=lambda each: place[each.id])]


def _terminals(unit: BusinessUnit) -> Choices:
    query = select(Terminal).where(Terminal.active, visible(Terminal)).order_by(Terminal.code)
    found = sorted(db.session.scalars(query), key=lambda each: each.business_unit is not unit)
    return [(each.id, str(each)) for each in found]
