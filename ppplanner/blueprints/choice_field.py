"""Form fields for choices, which answer in the person's words when there is no such choice."""

from __future__ import annotations

from typing import Any

from wtforms import SelectField, SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from ppplanner.addons.manifest import Text
from ppplanner.i18n import _l

PICK_ONE = _l("Choose one from the list.")
PICK_AGAIN = _l("One of these is no longer there: choose again.")


def choice_field(label: Text, *, choices: Any, message: Text = PICK_ONE, **kwargs: Any) -> Any:
    """One choice of a list. `choices` are pairs of value and text, or make them."""
    return SelectField(
        label,
        choices=choices,
        invalid_choice_message=message,
        invalid_value_message=message,
        **kwargs,
    )


def boxes_field(label: Text, *, choices: Any, **kwargs: Any) -> Any:
    """Any number of choices, each with a box to tick."""
    return SelectMultipleField(
        label,
        choices=choices,
        widget=ListWidget(),
        option_widget=CheckboxInput(),
        invalid_choice_message=PICK_AGAIN,
        invalid_value_message=PICK_AGAIN,
        **kwargs,
    )
