"""Form fields of this product: they read what people type, and say in their words what is wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from babel.numbers import NumberFormatError, format_decimal, parse_decimal
from flask_babel import get_locale
from wtforms import (
    DateField,
    DecimalField,
    IntegerField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import Length, Regexp, StopValidation, ValidationError
from wtforms.widgets import CheckboxInput, EmailInput, ListWidget

from ppplanner.addons.manifest import Text
from ppplanner.blueprints.records import record_id
from ppplanner.i18n import _, _l
from ppplanner.plain_text import one_line

PICK_ONE = _l("Choose one from the list.")
PICK_AGAIN = _l("One of these is no longer there: choose again.")
EMAIL = r"^$|^[^@\s]+@[^@\s]+\.[^@\s.]+$"
#: Offered before all other countries.
NEIGHBOURS = ("BE", "NL", "LU", "FR", "DE", "GB")
#: Unions and test codes that lists of territories hold as well.
NO_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}
#: Decimal also reads "NaN" and "1e5", which nobody means.
PLAIN_NUMBER = re.compile(r"-?[\d.,\s'’]+")
OTHER_DECIMAL_POINT = re.compile(r"-?\d+[.,](\d{1,2}|\d{4,})")
#: Before the decimal point. Nothing here is counted so far, and rounding bears 28 in all.
MOST_DIGITS = 15


class TextField(StringField):
    """A line of at most `longest` characters, without the spaces around it."""

    def __init__(
        self, label: Any, validators: Sequence[Any] = (), *, longest: int, **kwargs: Any
    ) -> None:
        limit = _Limit(max=longest, message=_l("Use at most %(max)d characters."))
        super().__init__(label, [limit, *validators], filters=[one_line], **kwargs)


class _Limit(Length):
    """The other validators never see what is too long: some of them could not bear it."""

    def __call__(self, form: Any, field: Any) -> None:
        try:
            super().__call__(form, field)
        except ValidationError as error:
            raise StopValidation(str(error)) from error


class EmailField(TextField):
    """An e-mail address, or nothing."""

    widget = EmailInput()

    def __init__(self, label: Any, **kwargs: Any) -> None:
        known = Regexp(EMAIL, message=_l("This is not an e-mail address: check it."))
        super().__init__(label, [known], longest=128, **kwargs)


class DayField(DateField):
    """A calendar day."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(_("Type a day that exists, such as 2026-11-25.")) from error


class NumberField(DecimalField):
    """A decimal number of at most `places` decimals, read and shown the way the language does.

    `unit` stands beside the field: "%", "km".
    """

    def __init__(self, label: Any = None, *args: Any, unit: str = "", **kwargs: Any) -> None:
        super().__init__(label, *args, **kwargs)
        self.unit = unit

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        if self.data is None:
            return ""
        pattern = "0." + "0" * min(self.places, 2) + "#" * (self.places - 2) if self.places else "0"
        return str(format_decimal(self.data, format=pattern, locale=get_locale()))

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = None
        text = re.sub(r"[\s€]", "", valuelist[0]) if valuelist else ""
        if text:
            self.data = self._parse(text)
        else:
            self.raw_data: list[str] = []  # spaces are as good as nothing

    def _parse(self, text: str) -> Decimal:
        try:
            number = read_number(text)
        except NumberFormatError as error:
            raise ValueError(self._wanted()) from error
        if number.adjusted() >= MOST_DIGITS:
            raise ValueError(_("This number is too long: check it."))
        if -number.as_tuple().exponent > self.places:  # type: ignore[operator]
            if not self.places:
                raise ValueError(self._wanted())
            raise ValueError(_("Type at most %(count)s decimals.", count=self.places))
        return number

    def _wanted(self) -> str:
        return _("Type a number, such as 1250.00.") if self.places else _("Type a whole number.")


class MoneyField(NumberField):
    """An amount in EUR."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, unit="€", **kwargs)


def read_number(text: str) -> Decimal:
    """Read "1.250,50" in Dutch and "1,250.50" in English; "12.5" is clear in both.

    Raises NumberFormatError for anything that could be meant in two ways.
    """
    if not PLAIN_NUMBER.fullmatch(text):
        raise NumberFormatError(text)
    locale = get_locale()
    try:
        return parse_decimal(text, locale=locale, strict=True)
    except NumberFormatError:
        if OTHER_DECIMAL_POINT.fullmatch(text):
            return Decimal(text.replace(",", "."))
        raise


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


def country_field(label: Text) -> Any:
    return choice_field(label, choices=_countries, default="BE")


def _countries() -> list[tuple[str, str]]:
    """All countries in the person's language, the near ones first."""
    names = get_locale().territories
    codes = [code for code in names if len(code) == 2 and code.isalpha()]
    codes.sort(key=lambda code: names[code])
    rest = [code for code in codes if code not in {*NEIGHBOURS, *NO_COUNTRIES}]
    return [(code, names[code]) for code in (*NEIGHBOURS, *rest)]


class PickerField(IntegerField):
    """The id of a record, chosen by searching as one types.

    `describe` gives the text of the record chosen so far, None when it may not be chosen. Where a
    form draws all its fields by itself, `endpoint` says where options come from.
    """

    def __init__(
        self,
        label: Any = None,
        *args: Any,
        describe: Callable[[int], str | None],
        endpoint: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(label, *args, **kwargs)
        self.describe, self.endpoint = describe, endpoint
        self.typed = ""

    def process(self, formdata: Any, *args: Any, **kwargs: Any) -> None:
        self.typed = formdata.get(f"{self.name}-text", "").strip() if formdata else ""
        super().process(formdata, *args, **kwargs)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        self.data = None
        chosen = valuelist[0].strip() if valuelist else ""
        if not chosen:
            self.raw_data: list[str] = []  # spaces are as good as nothing
            return
        try:
            self.data = record_id(chosen)
        except ValueError as error:
            raise ValueError(PICK_ONE) from error

    def pre_validate(self, form: Any) -> None:
        if self.data is None and self.typed:
            raise ValidationError(PICK_ONE)
        if self.data is not None and self.describe(self.data) is None:
            raise ValidationError(PICK_ONE)

    @property
    def shown(self) -> str:
        """What stands in the text field: the present choice in words, or what was typed."""
        return (self.describe(self.data) if self.data is not None else None) or self.typed
