"""The numbers at which new series start: asked where the first document of one is confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import request
from werkzeug.datastructures import MultiDict
from wtforms.validators import InputRequired, NumberRange

from ppplanner.addons.manifest import Text
from ppplanner.blueprints.faults import SureForm
from ppplanner.blueprints.form_fields import NumberField
from ppplanner.i18n import _, _l
from ppplanner.models import InvoiceKind
from ppplanner.services.invoices.series import FIRST, LARGEST_START, NewSeries, begin_series

LABELS: Mapping[InvoiceKind, Text] = {
    InvoiceKind.INVOICE: _l("First invoice number of %(year)s, %(owner)s"),
    InvoiceKind.CREDIT_NOTE: _l("First credit note number of %(year)s, %(owner)s"),
}


def starts_form(series: Sequence[NewSeries], answered: bool | None = None) -> SureForm:
    """A form with a field for each series that starts; it is nothing but the button without any.

    `answered` is False where the request that asks for the form is a POST as well. Who answers
    without saying a number means the one proposed.
    """
    fields = {each.key: _field(each) for each in series}
    proposed = {each.key: each.start for each in series}
    typed = None
    if request.method == "POST" if answered is None else answered:
        typed = MultiDict({**{key: str(start) for key, start in proposed.items()}, **request.form})
    form: SureForm = type("StartsForm", (SureForm,), fields)(typed, data=proposed)
    return form


def _field(series: NewSeries) -> NumberField:
    return NumberField(
        str(LABELS[series.kind]) % {"year": series.year.name, "owner": series.year.owner},
        [
            InputRequired(_l("Fill in a number.")),
            NumberRange(
                FIRST, LARGEST_START, _l("A number is 1 or higher, with at most seven digits.")
            ),
        ],
        places=0,
        description=_(
            "The first one becomes %(number)s. Start higher if others were given elsewhere.",
            number=series.first_reference,
        ),
    )


def begin_all(form: SureForm, series: Sequence[NewSeries]) -> bool:
    """Let each series start where the form says. Raises Invalid. The caller commits."""
    for each in series:
        begin_series(each.year, each.kind, int(form[each.key].data))
    return True


def has_begun_meanwhile(form: SureForm) -> bool:
    """Whether the person was asked for a number that another document has got since; says so."""
    asked = {name for name in request.form if name.startswith("start_")}
    begun = bool(asked - {field.name for field in form})
    if begun:
        form.form_errors.append(
            _("Somebody has confirmed the first document meanwhile: the next number follows it.")
        )
    return begun
