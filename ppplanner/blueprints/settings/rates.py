"""Rates: what renting costs a day."""

from __future__ import annotations

from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import joinedload
from wtforms import BooleanField, Form, SelectField
from wtforms.validators import DataRequired, InputRequired, NumberRange

from ppplanner.blueprints.form_fields import MoneyField, TextField, choice_field
from ppplanner.blueprints.listing import Column, Listing, active_filter
from ppplanner.blueprints.maintenance import Maintenance
from ppplanner.blueprints.records import find
from ppplanner.blueprints.settings import bp
from ppplanner.blueprints.stale import StaleAware
from ppplanner.extensions import db
from ppplanner.i18n import _, _l
from ppplanner.models import GLAccount, Rate, VatCode
from ppplanner.services.organisation import LARGEST_DAY_PRICE, save_rate, the_group

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
            NumberRange(
                0, LARGEST_DAY_PRICE, _l("A price per day lies between 0 and 100,000 euro.")
            ),
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


def _save(values: dict[str, Any], rate: Rate | None) -> Rate:
    vat_code = find(VatCode, values.pop("vat_code_id"))
    return save_rate(group_id=the_group().id, **values, vat_code=vat_code, rate=rate)


def _values(rate: Rate) -> dict[str, Any]:
    names = ("name", "day_price", "vat_code_id", "active")
    return {name: getattr(rate, name) for name in names} | {"gl_code": rate.gl_code or ""}


Maintenance(
    model=Rate,
    listing=Listing(
        name="rates",
        title=_l("Rates"),
        query=lambda: select(Rate).join(VatCode),
        key=Rate.id,
        columns=[
            Column("name", _l("Name"), sort=Rate.name),
            Column("day_price", _l("A day"), show="price", sort=Rate.day_price, align="end"),
            Column("vat", _l("VAT code"), value=lambda rate: rate.vat_code.name, wide="sm"),
            Column("gl_code", _l("Revenue account"), wide="md"),
        ],
        sort="name",
        search=[Rate.name, Rate.gl_code],
        search_hint=_l("Name or revenue account"),
        filters=[active_filter(Rate.active)],
        options=[joinedload(Rate.vat_code)],
        empty=_l("Here stands what renting costs a day. Add the first rate."),
        muted=lambda rate: not rate.active,
    ),
    form=RateForm,
    save=_save,
    values=_values,
    view=EDIT,
    edit=EDIT,
    add=_l("New rate"),
).register(bp, "/rates")
