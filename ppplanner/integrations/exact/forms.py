"""The forms of Exact's own pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_wtf import FlaskForm
from wtforms import PasswordField, RadioField, SelectField, ValidationError
from wtforms.validators import InputRequired, Length

from ppplanner.blueprints.form_fields import TextField
from ppplanner.blueprints.stale import StaleAware
from ppplanner.i18n import _, _l

from .config import simulator_address, tests_allowed
from .hosts import SITES, BaseUrlRefused, check_base_url
from .models import ExactConnection, ExactListItem
from .records import Administration

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


NOT_CHOSEN = _l("Not chosen yet")


class ChoiceField(SelectField):
    """A counterpart in Exact: one of what Exact's own lists offer, or none yet."""

    def __init__(
        self,
        label: Any,
        offered: Sequence[ExactListItem],
        chosen: str,
        description: Any = "",
        none: Any = NOT_CHOSEN,
        **kwargs: Any,
    ) -> None:
        codes = [item.code for item in offered]
        if chosen and chosen not in codes:
            gone = _("%(code)s was chosen, but Exact no longer offers it.", code=chosen)
            description, chosen = gone, ""
        super().__init__(label, default=chosen, description=description, **kwargs)
        self.choices = [("", str(none))]
        self.choices += [(item.code, f"{item.code} {item.name}") for item in offered]
        self.type = SelectField.__name__  # so that forms draw it as any select

    def pre_validate(self, form: Any) -> None:
        if self.data not in {value for value, _text in self.choices}:
            raise ValidationError(_("Choose one of the list, as Exact has it now."))


class MappingForm(StaleAware):
    """The counterparts in Exact: picked, never typed. `mapping_form` adds a field per record."""

    sales_journal: ChoiceField
    payment_condition: ChoiceField


def mapping_form(
    journal: ChoiceField, condition: ChoiceField, fields: Mapping[str, ChoiceField]
) -> MappingForm:
    """The form with the choices of the company, and one for each VAT code and GL account."""
    company = {"sales_journal": journal, "payment_condition": condition}
    shape = type("Mapping", (MappingForm,), {**company, **fields})
    form: MappingForm = shape()
    return form
