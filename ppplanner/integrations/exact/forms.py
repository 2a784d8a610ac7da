"""The forms of Exact's own pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    ValidationError,
)
from wtforms.validators import InputRequired, Length, Optional, Regexp

from ppplanner.blueprints.form_fields import DayField, TextField
from ppplanner.i18n import _, _l

from .config import simulator_address, tests_allowed
from .hosts import SITES, BaseUrlRefused, check_base_url
from .models import ExactConnection, ExactListItem
from .records import Administration
from .settings import ExactSettings, InvoiceMode

OTHER = "other"


class AppForm(FlaskForm):
    """Where Exact is, and as which app we come."""

    site = SelectField(_l("Country site of Exact Online"), validate_choice=False)
    test_server = TextField(_l("Address of the test server"), longest=200)
    client_id = TextField(
        _l("Client id"),
        [InputRequired(_l("Fill in the client id of your app in Exact's App Center."))],
        longest=100,
        description=_l("From the registration of your app in Exact's App Center."),
    )
    client_secret = PasswordField(
        _l("Client secret"),
        [Length(max=200, message=_l("Use at most %(max)d characters."))],
        description=_l("Kept encrypted and never shown. Leave it empty to keep that of this app."),
    )

    def __init__(self, connection: ExactConnection | None) -> None:
        super().__init__(data=_app_values(connection))
        self.site.choices = [(site.url, _(site.country)) for site in SITES]
        if tests_allowed():
            self.site.choices.append((OTHER, _("A test server")))
            self.test_server.description = _(
                "Only for “A test server”; the simulator is at %(address)s.",
                address=simulator_address(),
            )
        else:
            del self.test_server

    @property
    def base_url(self) -> str:
        """The address chosen, or typed."""
        address = self.test_server.data if self._is_test_server else self.site.data
        return address or ""

    def validate_site(self, field: SelectField) -> None:
        if not self._is_test_server:
            _check_address(field.data or "")

    def validate_test_server(self, field: TextField) -> None:
        if self._is_test_server:
            _check_address(field.data or "")

    @property
    def _is_test_server(self) -> bool:
        return self.site.data == OTHER and "test_server" in self


def _app_values(connection: ExactConnection | None) -> dict[str, str]:
    """What the form shows of a connection: never the secret."""
    if connection is None:
        return {"site": SITES[0].url}
    own = connection.base_url in {site.url for site in SITES}
    return {
        "site": connection.base_url if own else OTHER,
        "test_server": "" if own else connection.base_url,
        "client_id": connection.client_id,
    }


def _check_address(address: str) -> None:
    try:
        check_base_url(address, tests_allowed())
    except BaseUrlRefused as refused:
        raise ValidationError(str(refused.reason)) from refused


class AdministrationForm(FlaskForm):
    """In which of the administrations that a login covers invoices are booked."""

    division = RadioField(_l("Administration"), validate_choice=False)

    def __init__(self, covered: Sequence[Administration], chosen: int | None) -> None:
        preset = covered[0].division if len(covered) == 1 else chosen
        super().__init__(data={"division": str(preset)})
        self.division.choices = [(str(each.division), _in_words(each)) for each in covered]

    def validate_division(self, field: RadioField) -> None:
        if field.data not in {value for value, _text in field.choices}:
            raise ValidationError(_("Choose one of these administrations."))


def _in_words(administration: Administration) -> str:
    """Enough to tell two administrations apart."""
    number = administration.number or administration.division
    details = (number, administration.country, administration.currency, administration.vat_number)
    return " · ".join(str(part) for part in (administration.name, *details) if part)


class SwitchesForm(FlaskForm):
    """What goes between us and Exact, function by function."""

    enabled = BooleanField(
        _l("The link is on"),
        description=_l("Off: nothing at all is asked of Exact. What waits is kept and goes later."),
    )
    customers_search = BooleanField(
        _l("Find customers in Exact"),
        description=_l("Whoever adds a customer can look in Exact. Nothing is written there."),
    )
    customers_send = BooleanField(
        _l("Make customers in Exact"),
        description=_l(
            "When the first invoice of a customer is forwarded. Customers without invoice never go."
        ),
    )
    invoices_send = BooleanField(
        _l("Forward invoices and credit notes"),
        description=_l("Only confirmed ones. Payments do not come back from Exact."),
    )
    invoices_mode = RadioField(
        _l("When invoices go"),
        choices=[
            SelectChoice(InvoiceMode.MANUAL.value, _l("When somebody forwards them from the list")),
            SelectChoice(InvoiceMode.NIGHTLY.value, _l("By themselves every night, and by hand")),
        ],
        validate_choice=False,
    )
    invoices_night_time = TextField(
        _l("Start of the night"),
        [
            Regexp(
                r"([01][0-9]|2[0-3]):[0-5][0-9]\Z",
                message=_l("Type a time between 00:00 and 23:59, such as 02:15."),
            )
        ],
        longest=5,
        description=_l("In the time zone of the company."),
    )
    first_day = DayField(
        _l("The night takes invoices dated from"),
        [Optional()],
        description=_l("Older ones go by hand only: they may stand in Exact already."),
    )
    invoices_pdf = BooleanField(
        _l("Send the PDF along"),
        description=_l("The same file that the customer got, attached to the booking."),
    )

    def validate_invoices_mode(self, field: RadioField) -> None:
        if field.data not in {mode.value for mode in InvoiceMode}:
            raise ValidationError(_("Choose when invoices go."))

    def chosen(self) -> ExactSettings:
        values = {
            name: self[name].data for name in ExactSettings.__dataclass_fields__ if name in self
        }
        day = self.first_day.data
        return ExactSettings(**values, invoices_from=day.isoformat() if day else "")


class ChoiceField(SelectField):
    """A counterpart in Exact: one of what Exact's own lists offer, or none yet."""

    def __init__(
        self,
        label: Any,
        offered: Sequence[ExactListItem],
        chosen: str,
        description: Any = "",
        **kwargs: Any,
    ) -> None:
        codes = [item.code for item in offered]
        if chosen and chosen not in codes:
            gone = _("%(code)s was chosen, but Exact no longer offers it.", code=chosen)
            description, chosen = gone, ""
        super().__init__(label, default=chosen, description=description, **kwargs)
        self.choices = [("", _("Not chosen yet"))]
        self.choices += [(item.code, f"{item.code} {item.name}") for item in offered]
        self.type = SelectField.__name__  # so that forms draw it as any select

    def pre_validate(self, form: Any) -> None:
        if self.data not in {value for value, _text in self.choices}:
            raise ValidationError(_("Choose one of the list, as Exact has it now."))


class MappingForm(FlaskForm):
    """The counterparts in Exact: picked, never typed. `mapping_form` adds a field per record."""

    sales_journal: ChoiceField


def mapping_form(
    journals: Sequence[ExactListItem], chosen: str, fields: Mapping[str, ChoiceField]
) -> MappingForm:
    """The form with a choice for the sales journal and for each VAT code and GL account."""
    journal = ChoiceField(
        _l("Sales journal"),
        journals,
        chosen,
        description=_l("Invoices and credit notes are booked here."),
    )
    shape = type("Mapping", (MappingForm,), {"sales_journal": journal, **fields})
    form: MappingForm = shape()
    return form
