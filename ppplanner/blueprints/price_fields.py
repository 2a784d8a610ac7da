"""Form fields of everything that has a price: VAT codes, revenue accounts, names in languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select
from wtforms import Form, SelectField
from wtforms.validators import DataRequired

from ppplanner.addons.manifest import Text
from ppplanner.blueprints.costs import in_use
from ppplanner.blueprints.form_fields import TextField, choice_field
from ppplanner.blueprints.records import id_or_none
from ppplanner.blueprints.stale import StaleAware
from ppplanner.extensions import db
from ppplanner.i18n import LANGUAGES, _l
from ppplanner.models import CostCarrier, CostCentre, GLAccount, VatCode
from ppplanner.models.rate import Booked
from ppplanner.permissions import visible
from ppplanner.services.ledger import CostKind

VAT_CODE, REVENUE_ACCOUNT = _l("VAT code"), _l("Revenue account")
DEFAULT_ACCOUNT = _l("The default of the business unit")
NO_COSTS = _l("None of its own")
#: What an article or a rate, and what a price line type, that names no costs leaves them to.
LATER_COSTS = _l("Without one: that of the price line type, else of the resource.")
LAST_COSTS = _l("Without one: that of the resource.")
BY_CODE = _l("Each business unit finds it by its code in its own chart of accounts.")
#: By language: what a name, or a text, in it is called.
NAME_IN = {"en": _l("In English"), "nl": _l("In Dutch"), "fr": _l("In French")}


def vat_code_field(label: Text = VAT_CODE, empty: Text | None = None, **kwargs: Any) -> Any:
    """A VAT code in use, or the archived one that the record has; `empty` offers none at all."""

    def choices(_form: Form, field: SelectField) -> list[tuple[Any, Text]]:
        offered = or_(VatCode.active, VatCode.id == (field.object_data or 0))
        query = select(VatCode).where(offered).order_by(VatCode.percentage.desc(), VatCode.code)
        codes = [(code.id, str(code)) for code in db.session.scalars(query)]
        return [*([("", empty)] if empty else []), *codes]

    message = _l("Choose a VAT code from the list.")
    return choice_field(
        label,
        choices=choices,
        coerce=id_or_none if empty else int,
        message=message,
        **kwargs,
    )


def gl_code_field(label: Text = REVENUE_ACCOUNT, *empty: tuple[str, Text], **kwargs: Any) -> Any:
    """A code of the charts of accounts, each once, named as one business unit names it."""

    def choices(_form: Form, field: SelectField) -> list[tuple[str, Text]]:
        offered = or_(GLAccount.active, GLAccount.code == (field.object_data or ""))
        accounts = db.session.scalars(
            select(GLAccount).where(offered).order_by(GLAccount.id.desc())
        )
        named = {account.code: str(account) for account in accounts}
        return [*(empty or (("", DEFAULT_ACCOUNT),)), *sorted(named.items())]

    message = _l("Choose an account from the list.")
    return choice_field(label, choices=choices, message=message, **kwargs)


def cost_centre_field(*empty: tuple[str, Text], **kwargs: Any) -> Any:
    """The code of a cost centre, each once, of the company groups that use them."""
    return _cost_code_field(_l("Cost centre"), CostCentre, empty, **kwargs)


def cost_carrier_field(*empty: tuple[str, Text], **kwargs: Any) -> Any:
    """The code of a cost carrier, each once, of the company groups that use them."""
    return _cost_code_field(_l("Cost carrier"), CostCarrier, empty, **kwargs)


def _cost_code_field(
    label: Text, kind: CostKind, empty: Sequence[tuple[str, Text]], **kwargs: Any
) -> Any:
    def choices(_form: Form, field: SelectField) -> list[tuple[str, Text]]:
        offered = kind.active | (kind.code == (field.object_data or ""))
        query = select(kind).where(offered, in_use(kind), visible(kind)).order_by(kind.id.desc())
        items: Any = db.session.scalars(query)
        named = {item.code: str(item) for item in items}
        return [*(empty or (("", NO_COSTS),)), *sorted(named.items())]

    return choice_field(label, choices=choices, **kwargs)


COST_CODES = ("cost_centre_code", "cost_carrier_code")


def cost_codes(values: Mapping[str, Any], record: Booked | None) -> dict[str, str | None]:
    """The codes that a form gives; those it does not ask stay as the record has them."""
    return {name: values.get(name, getattr(record, name, None)) for name in COST_CODES}


class NamedForm(StaleAware):
    """What has a name for colleagues, and others in the languages of customers."""

    name = TextField(_l("Name"), [DataRequired(_l("Fill in a name."))], longest=60)
    name_en = TextField(NAME_IN["en"], longest=60)
    name_nl = TextField(NAME_IN["nl"], longest=60)
    name_fr = TextField(NAME_IN["fr"], longest=60)


def names_of(record: Any) -> dict[str, str]:
    """The names of a record as values of a `NamedForm`."""
    return {f"name_{language}": record.names.get(language, "") for language in LANGUAGES}


def take_names(values: dict[str, Any]) -> dict[str, Any]:
    """The values of a `NamedForm` with its names as one: `names={"fr": ...}`."""
    names = {language: values.pop(f"name_{language}") for language in LANGUAGES}
    return {**values, "names": names}
