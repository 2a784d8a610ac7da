"""The form of a price line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import select
from wtforms.validators import InputRequired, NumberRange

from ppplanner.blueprints.form_fields import (
    PICK_ONE,
    MoneyField,
    NumberField,
    TextField,
    choice_field,
)
from ppplanner.blueprints.records import id_or_none, look_up
from ppplanner.blueprints.stale import StaleAware
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _, _l
from ppplanner.models import Contract, GLAccount, LineKind, PriceLine, VatCode
from ppplanner.services.price_lines import PriceLineData

EDITED = ("description", "units", "unit_price", "discount", "vat_code_id", "gl_account_id")


class LineForm(StaleAware):
    """A price line that a person types."""

    description = TextField(
        _l("Description"), [InputRequired(_l("Say what the customer pays for."))], longest=200
    )
    units = NumberField(
        _l("Units"),
        [InputRequired(_l("Fill in a number above zero."))],
        places=3,
        default=Decimal(1),
    )
    unit_price = MoneyField(
        _l("Price per unit"),
        [InputRequired(_l("Fill in a price."))],
        places=4,
        description=_l("Without VAT."),
    )
    discount = NumberField(
        _l("Discount"),
        [NumberRange(0, 100, _l("A discount lies between 0 and 100 per cent."))],
        places=2,
        unit="%",
        default=Decimal(0),
    )
    vat_code_id = choice_field(_l("VAT"), choices=None, coerce=int)
    gl_account_id = choice_field(
        _l("GL account"),
        choices=None,
        coerce=id_or_none,
        description=_l("Where the bookkeeping puts this revenue."),
    )

    def offer(self, contract: Contract, line: PriceLine | None) -> None:
        """Fill the choices: what is active, and what the line has already."""
        self.vat_code_id.choices = _vat_codes(line)
        self.gl_account_id.choices = _gl_accounts(contract, line)
        if line is not None and line.kind is LineKind.RENT:
            del self.description, self.units, self.unit_price, self.vat_code_id, self.gl_account_id


def _vat_codes(line: PriceLine | None) -> list[tuple[int, str]]:
    kept = line.vat_code_id if line else 0
    query = select(VatCode).where(VatCode.active | (VatCode.id == kept))
    query = query.order_by(VatCode.percentage.desc(), VatCode.code)
    return [(code.id, str(code)) for code in db.session.scalars(query)]


def _gl_accounts(contract: Contract, line: PriceLine | None) -> list[tuple[Any, str]]:
    kept = line.gl_account_id if line else None
    query = (
        select(GLAccount)
        .filter_by(business_unit_id=contract.business_unit_id)
        .where(GLAccount.active | (GLAccount.id == (kept or 0)))
        .order_by(GLAccount.code)
    )
    accounts = [(account.id, str(account)) for account in db.session.scalars(query)]
    return [("", _("Default")), *accounts]


def proposal(contract: Contract) -> dict[str, Any]:
    """What a new line starts with: the VAT of the rent, if there is one."""
    rent = next((line for line in contract.lines if line.kind is LineKind.RENT), None)
    return {"vat_code_id": rent.vat_code_id} if rent else {}


def line_values(line: PriceLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in EDITED}


def read_line(form: LineForm, line: PriceLine | None = None) -> PriceLineData:
    """What the form says; of a rent line only the discount is asked."""
    values = line_values(line) if line else {}
    values |= {name: form[name].data for name in EDITED if name in form}
    vat_code = look_up(VatCode, values["vat_code_id"])
    if vat_code is None:
        raise Invalid(vat_code_id=PICK_ONE)
    return PriceLineData(
        description=values["description"],
        units=values["units"],
        unit_price=values["unit_price"],
        discount=values["discount"] or Decimal(0),
        vat_code=vat_code,
        gl_account=look_up(GLAccount, values["gl_account_id"]),
    )
