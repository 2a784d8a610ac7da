"""The forms of the bookkeeper's lists."""

from __future__ import annotations

from wtforms import BooleanField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, NumberRange

from ppplanner.blueprints.form_fields import NumberField, TextField, choice_field
from ppplanner.blueprints.ledger.labels import VAT_TREATMENTS
from ppplanner.blueprints.scope import business_units
from ppplanner.blueprints.stale import StaleAware
from ppplanner.i18n import _l
from ppplanner.models import VatTreatment

NAME_NEEDED = _l("Fill in a name.")
CODE_NEEDED = _l("Fill in a code.")
ACTIVE_HINT = _l("Switch it off to archive it: what refers to it stays, new choices leave it out.")


class GLAccountForm(StaleAware):
    business_unit_id = choice_field(
        _l("Business unit"),
        coerce=int,
        choices=lambda: [(unit.id, unit.name) for unit in business_units()],
        message=_l("Choose a business unit from the list."),
    )
    code = TextField(
        _l("Code"),
        [DataRequired(CODE_NEEDED)],
        longest=20,
        description=_l("As in the bookkeeping: 700000, for example."),
    )
    name = TextField(_l("Name"), [DataRequired(NAME_NEEDED)], longest=60)
    default_revenue = BooleanField(
        _l("Default for revenue"),
        description=_l("Takes what no rate books elsewhere. A business unit has one of these."),
    )
    active = BooleanField(_l("Active"), default=True, description=ACTIVE_HINT)


class VatCodeForm(StaleAware):
    code = TextField(_l("Code"), [DataRequired(CODE_NEEDED)], longest=10)
    name = TextField(_l("Name"), [DataRequired(NAME_NEEDED)], longest=60)
    percentage = NumberField(
        _l("Percentage"),
        [
            InputRequired(_l("Fill in a percentage; 0 when no VAT is charged.")),
            NumberRange(0, 100, _l("A percentage lies between 0 and 100.")),
        ],
        places=2,
        unit="%",
        description=_l("A new percentage is for new lines: invoices that exist keep theirs."),
    )
    treatment = choice_field(
        _l("Treatment"),
        choices=[SelectChoice(*each) for each in VAT_TREATMENTS.items()],
        coerce=VatTreatment,
        default=VatTreatment.DOMESTIC,
        description=_l(
            "Why this VAT. An invoice to another state of the EU needs a customer with a VAT number"
            " of that state; one outside the EU, an address there."
        ),
    )
    legal_text = TextField(
        _l("Text on the invoice"),
        longest=200,
        description=_l("When no VAT is charged: the article of the law that says so."),
    )
    active = BooleanField(_l("Active"), default=True, description=ACTIVE_HINT)


class CostItemForm(StaleAware):
    """Cost centres and cost carriers."""

    code = TextField(
        _l("Code"),
        [DataRequired(CODE_NEEDED)],
        longest=8,
        description=_l("At most 8 characters, as bookkeeping systems take them."),
    )
    name = TextField(_l("Name"), [DataRequired(NAME_NEEDED)], longest=60)
    active = BooleanField(_l("Active"), default=True, description=ACTIVE_HINT)
