"""The forms of cash registers: keeping them, moving cash, counting it."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

from flask_babel.speaklater import LazyString
from flask_login import current_user
from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField, Field
from wtforms.validators import InputRequired, Optional

from ppplanner.blueprints.collections.labels import FIELDS, listed_name
from ppplanner.blueprints.collections.once import OnceForm
from ppplanner.blueprints.contracts.period import MomentField
from ppplanner.blueprints.form_fields import MoneyField, NumberField, TextField, choice_field
from ppplanner.blueprints.records import id_or_none
from ppplanner.blueprints.scope import business_units
from ppplanner.blueprints.stale import StaleAware
from ppplanner.extensions import db
from ppplanner.i18n import _l
from ppplanner.models import CashRegister, TransactionFamily, TransactionType, User
from ppplanner.permissions import visible
from ppplanner.services.collections import types
from ppplanner.services.collections.counts import COINS, DENOMINATIONS, NOTES, Counted
from ppplanner.services.collections.registers import HALVES

#: Denominations in cents, each with its field.
Pieces: TypeAlias = list[tuple[int, Field]]


def _units() -> list[tuple[int, str]]:
    return [(unit.id, unit.name) for unit in business_units()]


def _people() -> list[tuple[int, str]]:
    query = select(User).where(User.active).order_by(User.name)
    return [(user.id, user.name) for user in db.session.scalars(query)]


class NewRegisterForm(FlaskForm):
    """A new cash register."""

    code = TextField(
        _l("Code"),
        [InputRequired(_l("Fill in a code."))],
        longest=20,
        description=_l("Short, as it stands in lists: KAS1. It cannot be changed later."),
    )
    name = TextField(_l("Name"), longest=60)
    business_unit_id = choice_field(
        _l("Business unit"),
        choices=_units,
        coerce=id_or_none,
        description=_l("Whose money is in it. It cannot be changed later."),
    )
    user_id = choice_field(
        _l("Responsible"),
        choices=_people,
        coerce=id_or_none,
        description=_l("Who answers for what is in it. This cannot be changed later."),
    )


class RegisterForm(StaleAware):
    """What may change of a cash register."""

    name = TextField(_l("Name"), longest=60)
    active = BooleanField(
        _l("In use"), description=_l("Only an empty cash register can be closed.")
    )


class EntryForm(OnceForm):
    """Cash that moves without a customer."""

    type = choice_field(_l("What happened"), choices=lambda: _register_types())
    amount = MoneyField(_l("Amount"), [InputRequired(_l("Fill in an amount."))])
    at = MomentField(FIELDS["at"], [InputRequired(_l("Fill in a day and a time."))])
    voucher = TextField(_l("Voucher or invoice number"), longest=40)
    remark = TextField(_l("Remark"), longest=200)


class TransferForm(OnceForm):
    """Cash that goes to another register."""

    target_id = choice_field(_l("To cash register"), choices=[], coerce=id_or_none)
    amount = MoneyField(_l("Amount"), [InputRequired(_l("Fill in an amount."))])
    voucher = TextField(_l("Voucher number"), longest=40)
    remark = TextField(_l("Remark"), longest=200)

    def offer(self, source: CashRegister) -> None:
        """The other registers in use that the person may move cash into; their own come first."""
        query = select(CashRegister).where(
            CashRegister.active, CashRegister.id != source.id, visible(CashRegister)
        )
        found = sorted(
            db.session.scalars(query.order_by(CashRegister.code)),
            key=lambda each: each.user_id != current_user.id,
        )
        self.target_id.choices = [(each.id, str(each)) for each in found]


class CountForm(FlaskForm):
    """What is in the drawer. The loop below gives it a field for each denomination."""

    vouchers = MoneyField(
        _l("Cheques and vouchers"),
        [Optional()],
        description=_l("What they are worth together."),
    )
    remark = TextField(_l("Remark"), longest=200)
    book = BooleanField(
        _l("Book a difference as a correction"),
        description=_l("Then the register holds what you have counted."),
    )

    @property
    def notes(self) -> Pieces:
        return self._pieces(NOTES)

    @property
    def coins(self) -> Pieces:
        return self._pieces(COINS)

    @property
    def counted(self) -> Counted:
        """What the person typed; an empty field is none."""
        pieces = {value: int(each.data or 0) for value, each in self._pieces(DENOMINATIONS)}
        return Counted(pieces, self.vouchers.data or Decimal(0), self.remark.data or "")

    def _pieces(self, denominations: tuple[int, ...]) -> Pieces:
        return [(value, self[f"pieces_{value}"]) for value in denominations]


def _in_words(value: int) -> LazyString:
    """What a coin or note is called: "€ 5", "20 cent"."""
    if value >= 100:
        return _l("€ %(euros)s", euros=value // 100)
    return _l("%(cents)s cent", cents=value)


for _value in DENOMINATIONS:
    _field = NumberField(_in_words(_value), [Optional()], places=0)
    setattr(CountForm, f"pieces_{_value}", _field)


def _register_types() -> list[tuple[str, str]]:
    return [(each.code, listed_name(each)) for each in types.types_in_use() if is_entry(each)]


def is_entry(kind: TransactionType) -> bool:
    """Whether a person books cash with it; transfers have a dialog of their own."""
    return kind.family is TransactionFamily.REGISTER and kind.role not in HALVES
