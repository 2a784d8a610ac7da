"""The forms of a contract's price: a line, an item of the catalogue, and how it is counted."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from flask_wtf import FlaskForm
from sqlalchemy import select
from wtforms import BooleanField, RadioField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange, Optional

from ppplanner.blueprints.costs import choices_of, costs, keep
from ppplanner.blueprints.form_fields import (
    PICK_ONE,
    MoneyField,
    NumberField,
    PickerField,
    TextField,
    choice_field,
)
from ppplanner.blueprints.rate_words import RATE_TYPES
from ppplanner.blueprints.records import id_or_none, look_up
from ppplanner.blueprints.stale import StaleAware
from ppplanner.extensions import db
from ppplanner.i18n import _, _l
from ppplanner.models import (
    BusinessUnit,
    CatalogueItem,
    Contract,
    CostCarrier,
    CostCentre,
    GLAccount,
    ItemKind,
    LineKind,
    PriceBasis,
    PriceLine,
    PriceLineType,
    RateType,
    VatCode,
)
from ppplanner.services.ledger import CostKind
from ppplanner.services.pricing.price_lines import PriceLineData

EDITED = (
    "description",
    "line_type_id",
    "units",
    "unit_price",
    "price_locked",
    "discount",
    "vat_code_id",
    "gl_account_id",
)
#: Those that a person chose; "" where they are found.
COSTS: Mapping[str, CostKind] = {"cost_centre_id": CostCentre, "cost_carrier_id": CostCarrier}
#: Of a line that follows, these follow, too.
FOLLOWING = ("description", "line_type_id", "vat_code_id", "gl_account_id")
#: What the catalogue offers to add; surcharges come by themselves.
ADDED = (ItemKind.ARTICLE, ItemKind.EXTRA_CHARGE)


FOUND = _l("Automatic")
FOUND_HINT = _l("Automatic: that of the article, rate or price line type, else of the resource.")
BASES = {
    PriceBasis.PLANNED: _l("As agreed: from the planned start to the planned end"),
    PriceBasis.ACTUAL: _l("As it went: from check-out to check-in, as far as they have happened"),
}


def _units_field() -> NumberField:
    return NumberField(
        _l("Units"),
        [InputRequired(_l("Fill in a number above zero."))],
        places=3,
        default=Decimal(1),
    )


def _discount_field() -> NumberField:
    return NumberField(
        _l("Discount"),
        [Optional(), NumberRange(0, 100, _l("A discount lies between 0 and 100 per cent."))],
        places=2,
        unit="%",
        default=Decimal(0),
    )


class LineForm(StaleAware):
    """A price line that a person types, or what they may set of one that follows."""

    description = TextField(
        _l("Description"), [InputRequired(_l("Say what the customer pays for."))], longest=200
    )
    line_type_id = choice_field(
        _l("Price line type"),
        choices=None,
        coerce=id_or_none,
        description=_l("What it is about, for the books."),
    )
    units = _units_field()
    unit_price = MoneyField(
        _l("Price per unit"),
        [InputRequired(_l("Fill in a price."))],
        places=4,
        description=_l("Without VAT."),
    )
    price_locked = BooleanField(
        _l("Price locked"),
        description=_l(
            "On: the price stays as it is here. Off: it is that of the price list. Another price"
            " than that of the list is locked by itself."
        ),
    )
    discount = _discount_field()
    vat_code_id = choice_field(_l("VAT"), choices=None, coerce=id_or_none)
    gl_account_id = choice_field(
        _l("GL account"),
        choices=None,
        coerce=id_or_none,
        description=_l("Where the bookkeeping puts this revenue."),
    )

    cost_centre_id = choice_field(
        _l("Cost centre"), choices=None, coerce=id_or_none, description=FOUND_HINT
    )
    cost_carrier_id = choice_field(
        _l("Cost carrier"), choices=None, coerce=id_or_none, description=FOUND_HINT
    )

    def offer(self, contract: Contract, line: PriceLine | None) -> None:
        """Fill the choices: what is active, and what the line has already."""
        self._offer_costs(contract.business_unit, line)
        self.vat_code_id.choices = _vat_codes(line)
        self.gl_account_id.choices = _gl_accounts(contract, line)
        self.line_type_id.choices = _line_types(line)
        follows = line is not None and line.kind is not LineKind.EXTRA
        for name in FOLLOWING if follows else ("price_locked",):
            del self[name]

    def _offer_costs(self, unit: BusinessUnit, line: PriceLine | None) -> None:
        chosen = cost_values(line) if line else {}
        for name, kind in COSTS.items():
            self[name].choices = choices_of(kind, unit, chosen.get(name), FOUND)
        keep(self, costs(unit))


def _line_types(line: PriceLine | None) -> list[tuple[Any, str]]:
    kept = (line.line_type_id if line else None) or 0
    query = select(PriceLineType).where(PriceLineType.active | (PriceLineType.id == kept))
    types = db.session.scalars(query.order_by(PriceLineType.name))
    return [("", _("None")), *((each.id, each.name) for each in types)]


def _vat_codes(line: PriceLine | None) -> list[tuple[Any, str]]:
    kept = line.vat_code_id if line else 0
    query = select(VatCode).where(VatCode.active | (VatCode.id == kept))
    query = query.order_by(VatCode.percentage.desc(), VatCode.code)
    codes = [(code.id, str(code)) for code in db.session.scalars(query)]
    return [("", _("By the price line type, else as the rent")), *codes]


def _gl_accounts(contract: Contract, line: PriceLine | None) -> list[tuple[Any, str]]:
    kept = line.gl_account_id if line else None
    query = (
        select(GLAccount)
        .filter_by(business_unit_id=contract.business_unit_id)
        .where(GLAccount.active | (GLAccount.id == (kept or 0)))
        .order_by(GLAccount.code)
    )
    accounts = [(account.id, str(account)) for account in db.session.scalars(query)]
    return [("", _("By the price line type, else the default")), *accounts]


def line_values(line: PriceLine) -> dict[str, Any]:
    return {name: getattr(line, name) for name in EDITED} | cost_values(line)


def cost_values(line: PriceLine) -> dict[str, int | None]:
    """The cost centre and the cost carrier that a person chose."""
    return {
        "cost_centre_id": line.cost_centre_id if line.cost_centre_locked else None,
        "cost_carrier_id": line.cost_carrier_id if line.cost_carrier_locked else None,
    }


def read_line(form: LineForm, line: PriceLine | None = None) -> PriceLineData:
    """What the form says; what it does not ask stays as it is."""
    values: dict[str, Any] = line_values(line) if line else {"price_locked": False}
    values |= {name: form[name].data for name in (*EDITED, *COSTS) if name in form}
    return PriceLineData(
        description=values["description"],
        units=values["units"],
        unit_price=values["unit_price"],
        price_locked=values["price_locked"],
        discount=values["discount"] or Decimal(0),
        line_type=look_up(PriceLineType, values["line_type_id"]),
        vat_code=look_up(VatCode, values["vat_code_id"]),
        # one of the contract's business unit, which `offer` saw to: the person's may be another
        gl_account=db.session.get(GLAccount, values["gl_account_id"] or 0),
        cost_centre=db.session.get(CostCentre, values.get("cost_centre_id") or 0),
        cost_carrier=db.session.get(CostCarrier, values.get("cost_carrier_id") or 0),
    )


def offered(item_id: int | None) -> CatalogueItem | None:
    """The item, if it can be added to a contract."""
    item = look_up(CatalogueItem, item_id)
    return item if item and item.active and item.kind in ADDED else None


def _item(item_id: int) -> str | None:
    item = offered(item_id)
    return item.name if item else None


class ItemForm(FlaskForm):
    """An article or an extra charge, with its price already there."""

    item_id = PickerField(
        _l("Article or extra charge"),
        [InputRequired(_l("Choose one from the price list."))],
        describe=_item,
    )
    units = _units_field()
    unit_price = MoneyField(
        _l("Price per unit"),
        places=4,
        description=_l("Without VAT. Empty: the price of the list."),
    )
    discount = _discount_field()


class TermsForm(StaleAware):
    """What counts for the rent."""

    rate_type = choice_field(
        _l("Counted per"), choices=None, coerce=lambda text: RateType(text) if text else None
    )
    price_basis = RadioField(
        _l("Charged period"),
        choices=[SelectChoice(*each) for each in BASES.items()],
        coerce=PriceBasis,
        invalid_choice_message=PICK_ONE,
        invalid_value_message=PICK_ONE,
    )

    def offer(self, contract: Contract) -> None:
        """Fill the choices: what the price range has, and what the contract counts so far."""
        price_range = contract.resource.price_range if contract.resource else None
        known = {rate.rate_type for rate in price_range.rates if rate.active} if price_range else {}
        shown = [each for each in RateType if each in known or each is contract.rate_type]
        automatic = ("", _("Automatically: by how long it lasts"))
        self.rate_type.choices = [automatic, *((each.value, RATE_TYPES[each]) for each in shown)]
