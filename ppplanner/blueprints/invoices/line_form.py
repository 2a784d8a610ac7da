"""The form of a line of a draft: all of it, or what a line that follows from a contract leaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional

from ppplanner.blueprints.costs import choices_of, costs, keep
from ppplanner.blueprints.form_fields import (
    MoneyField,
    NumberField,
    PickerField,
    TextField,
    choice_field,
)
from ppplanner.blueprints.records import id_or_none
from ppplanner.blueprints.stale import StaleAware
from ppplanner.extensions import db
from ppplanner.i18n import _, _l
from ppplanner.models import (
    CostCarrier,
    CostCentre,
    GLAccount,
    Invoice,
    InvoiceLine,
    VatCode,
)
from ppplanner.services.invoices.draft_lines import Booking, LineData
from ppplanner.services.ledger import CostKind
from ppplanner.services.pricing.typed_lines import MOST_UNITS, UNITS_FAULT

#: Of a line that follows from a contract, these follow, too.
FOLLOWING = ("units", "unit_price", "discount", "vat_code_id")
#: The least that a line can be counted in.
SMALLEST = Decimal("0.001")
COSTS: Mapping[str, CostKind] = {"cost_centre_id": CostCentre, "cost_carrier_id": CostCarrier}
EDITED = ("description", *FOLLOWING, "gl_account_id", *COSTS)


def _account(account_id: int) -> str | None:
    """The service sees to it that it is one of the invoice's business unit."""
    account = db.session.get(GLAccount, account_id)
    return str(account) if account else None


class DraftLineForm(StaleAware):
    """A line of a draft."""

    description = TextField(
        _l("Description"), [InputRequired(_l("Say what the customer pays for."))], longest=200
    )
    units = NumberField(
        _l("Units"),
        [
            InputRequired(_l("Fill in a number above zero.")),
            NumberRange(SMALLEST, MOST_UNITS, UNITS_FAULT),
        ],
        places=3,
        default=Decimal(1),
    )
    unit_price = MoneyField(
        _l("Price per unit"),
        [InputRequired(_l("Fill in a price."))],
        places=4,
        description=_l("Without VAT. Below zero it takes something off."),
    )
    discount = NumberField(
        _l("Discount"),
        [Optional(), NumberRange(0, 100, _l("A discount lies between 0 and 100 per cent."))],
        places=2,
        unit="%",
        default=Decimal(0),
    )
    vat_code_id = choice_field(
        _l("VAT"),
        choices=None,
        coerce=id_or_none,
        validators=[DataRequired(_l("Choose which VAT is due."))],
    )
    gl_account_id = PickerField(
        _l("GL account"),
        describe=_account,
        description=_l("Empty: the default one of the business unit."),
    )
    cost_centre_id = choice_field(
        _l("Cost centre"),
        choices=None,
        coerce=id_or_none,
        description=_l("None: it is booked without a cost centre."),
    )
    cost_carrier_id = choice_field(
        _l("Cost carrier"),
        choices=None,
        coerce=id_or_none,
        description=_l("None: it is booked without a cost carrier."),
    )

    def offer(self, invoice: Invoice, line: InvoiceLine | None) -> None:
        """Fill the choices: what is active, and what the line has already."""
        unit = invoice.business_unit
        for name, kind in COSTS.items():
            kept = getattr(line, name) if line else None
            self[name].choices = choices_of(kind, unit, kept, _("None"))
        keep(self, costs(unit))
        self.vat_code_id.choices = _vat_codes(invoice, line)
        if line is not None and line.price_line_id is not None:
            for name in FOLLOWING:
                del self[name]


def _vat_codes(invoice: Invoice, line: InvoiceLine | None) -> list[tuple[Any, str]]:
    kept = line.vat_code_id if line else invoice.customer.vat_code_id
    query = select(VatCode).where(VatCode.active | (VatCode.id == (kept or 0)))
    query = query.order_by(VatCode.percentage.desc(), VatCode.code)
    return [("", _("Choose")), *((code.id, str(code)) for code in db.session.scalars(query))]


def line_values(line: InvoiceLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in EDITED}


def new_values(invoice: Invoice) -> dict[str, Any]:
    """What a new line begins with: the customer's VAT, else that of the line before; the cost
    centre and the cost carrier that the other lines have.
    """
    before = invoice.lines[-1].vat_code_id if invoice.lines else None
    usual = {name: _usual(invoice, name) for name in COSTS}
    return {"vat_code_id": invoice.customer.vat_code_id or before, **usual}


def _usual(invoice: Invoice, name: str) -> int | None:
    """What most lines have of it: those of the invoice, else those of its contract."""
    of_contract = invoice.contract.lines if invoice.contract else []
    for lines in (invoice.lines, of_contract):
        found = Counter(key for line in lines if (key := getattr(line, name)))
        if found:
            return found.most_common(1)[0][0]
    return None


def read_booking(form: DraftLineForm, line: InvoiceLine | None = None) -> Booking:
    """Where the form puts a line; what it does not ask stays as it is."""
    present = {name: getattr(line, name, None) for name in COSTS}
    values = present | {name: form[name].data for name in COSTS if name in form}
    return Booking(
        gl_account=db.session.get(GLAccount, form.gl_account_id.data or 0),
        cost_centre=db.session.get(CostCentre, values["cost_centre_id"] or 0),
        cost_carrier=db.session.get(CostCarrier, values["cost_carrier_id"] or 0),
    )


def read_line(form: DraftLineForm, line: InvoiceLine | None = None) -> LineData:
    """A whole line as the form says."""
    return LineData(
        description=form.description.data or "",
        units=form.units.data or Decimal(0),
        unit_price=form.unit_price.data or Decimal(0),
        vat_code=db.session.get(VatCode, form.vat_code_id.data or 0),
        discount=form.discount.data or Decimal(0),
        booking=read_booking(form, line),
    )
