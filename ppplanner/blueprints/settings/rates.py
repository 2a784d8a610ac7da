"""Rates: what renting costs a day."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload
from wtforms import BooleanField, Form, SelectField
from wtforms.validators import DataRequired, InputRequired, NumberRange

from ppplanner.blueprints.form_fields import MoneyField, TextField, choice_field
from ppplanner.blueprints.listing import Column, Listing, active_filter
from ppplanner.blueprints.maintenance import Maintenance
from ppplanner.blueprints.rate_words import from_price
from ppplanner.blueprints.records import find
from ppplanner.blueprints.settings import bp
from ppplanner.blueprints.stale import StaleAware
from ppplanner.extensions import db
from ppplanner.i18n import _, _l
from ppplanner.models import GLAccount, PriceRange, RateType, VatCode
from ppplanner.services.organisation import the_group
from ppplanner.services.prices import LARGEST_PRICE, RateData, save_price_range, save_rate

EDIT = "rates.edit"


def _vat_codes(_form: Form, field: SelectField) -> list[tuple[int, str]]:
    """The VAT codes in use, and the archived one that the rate may have."""
    offered = or_(VatCode.active, VatCode.id == (field.object_data or 0))
    codes = db.session.scalars(select(VatCode).where(offered).order_by(VatCode.code))
    return [(code.id, str(code)) for code in codes]


def _gl_codes(_form: Form, field: SelectField) -> list[tuple[str, str]]:
    """Codes of the charts of accounts, each once, named as one business unit names it."""
    offered = or_(GLAccount.active, GLAccount.code == (field.object_data or ""))
    accounts = db.session.scalars(select(GLAccount).where(offered).order_by(GLAccount.id.desc()))
    named = {account.code: str(account) for account in accounts}
    return [("", _("The default of the business unit")), *sorted(named.items())]


class RateForm(StaleAware):
    name = TextField(_l("Name"), [DataRequired(_l("Fill in a name."))], longest=60)
    day_price = MoneyField(
        _l("Price a day, without VAT"),
        [
            InputRequired(_l("Fill in a price.")),
            NumberRange(0, LARGEST_PRICE, _l("A price per day lies between 0 and 100,000 euro.")),
        ],
        places=4,
        description=_l("A new price is for new contracts, and for those whose period changes."),
    )
    vat_code_id = choice_field(
        _l("VAT code"),
        coerce=int,
        choices=_vat_codes,
        message=_l("Choose a VAT code from the list."),
    )
    gl_code = choice_field(
        _l("Revenue account"),
        choices=_gl_codes,
        description=_l("Each business unit finds it by its code in its own chart of accounts."),
        message=_l("Choose an account from the list."),
    )
    active = BooleanField(
        _l("Active"),
        default=True,
        description=_l("Switch it off to archive it: resources that have it keep it."),
    )


def _save(values: dict[str, Any], price_range: PriceRange | None) -> PriceRange:
    vat_code = find(VatCode, values["vat_code_id"])
    saved = save_price_range(
        group_id=the_group().id,
        name=values["name"],
        active=values["active"],
        price_range=price_range,
    )
    data = RateData(values["day_price"], vat_code, gl_code=values["gl_code"])
    save_rate(saved, RateType.DAY, data)
    return saved


def _values(price_range: PriceRange) -> dict[str, Any]:
    rate = price_range.rate(RateType.DAY)
    return {
        "name": price_range.name,
        "active": price_range.active,
        "day_price": rate.price if rate else None,
        "vat_code_id": rate.vat_code_id if rate else None,
        "gl_code": (rate.gl_code or "") if rate else "",
    }


Maintenance(
    model=PriceRange,
    listing=Listing(
        name="rates",
        title=_l("Rates"),
        query=lambda: select(PriceRange),
        key=PriceRange.id,
        columns=[
            Column("name", _l("Name"), sort=PriceRange.name),
            Column("price", _l("Without VAT"), value=from_price),
        ],
        sort="name",
        search=[PriceRange.name],
        search_hint=_l("Name"),
        filters=[active_filter(PriceRange.active)],
        options=[selectinload(PriceRange.rates)],
        empty=_l("Here stands what renting costs a day. Add the first rate."),
        muted=lambda row: not row.active,
    ),
    form=RateForm,
    save=_save,
    values=_values,
    view=EDIT,
    edit=EDIT,
    add=_l("New rate"),
).register(bp, "/rates")
