"""The forms of invoice runs: what to look for, and what to make of it."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField
from wtforms.validators import InputRequired

from ppplanner.blueprints.contracts.labels import PERIODICITIES
from ppplanner.blueprints.form_fields import DayField, choice_field
from ppplanner.blueprints.records import id_or_none
from ppplanner.blueprints.scope import business_units
from ppplanner.i18n import _, _l

DAY_NEEDED = _l("Fill in a day.")
DRAFTS, CONFIRMED = "drafts", "confirmed"


def _units() -> list[tuple[str, str]]:
    return [("", _("All")), *((str(unit.id), unit.name) for unit in business_units())]


def _periodicities() -> list[tuple[str, str]]:
    choices = [(each.value, str(text)) for each, text in PERIODICITIES.items()]
    return [("", _("All contracts")), *choices]


class RunForm(FlaskForm):
    """What a run looks for."""

    business_unit_id = choice_field(_l("Business unit"), choices=_units)
    until = DayField(
        _l("Invoice up to and including"),
        [InputRequired(DAY_NEEDED)],
        description=_l(
            "Rent after this day is left for a later invoice; so is a period of a contract that is"
            " invoiced again and again, when it has not ended by then."
        ),
    )
    invoice_date = DayField(
        _l("Invoice date"),
        [InputRequired(DAY_NEEDED)],
        description=_l("You can still change it when the invoices are made."),
    )
    periodicity = choice_field(_l("Which contracts"), choices=_periodicities)
    only_checked_in = BooleanField(
        _l("Only what has been checked in"),
        description=_l("Leaves out contracts whose resource is not back yet."),
    )

    @property
    def unit_id(self) -> int | None:
        return id_or_none(self.business_unit_id.data)


class MakeForm(FlaskForm):
    """What becomes of the items that were picked."""

    invoice_date = DayField(_l("Invoice date"), [InputRequired(DAY_NEEDED)])
    outcome = RadioField(
        _l("Make"),
        choices=lambda: [
            (DRAFTS, _("Drafts, to look over and confirm")),
            (CONFIRMED, _("Confirmed invoices, each with its number and its PDF")),
        ],
        default=DRAFTS,
    )

    @property
    def confirm(self) -> bool:
        return bool(self.outcome.data == CONFIRMED)
