"""The forms of Exact's own pages."""

from __future__ import annotations

from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, RadioField, SelectField, StringField
from wtforms.validators import Length, Regexp

from ppplanner.i18n import _, _l

from .connect import tests_allowed
from .hosts import SITES
from .settings import InvoiceMode

OTHER = "other"


class AppForm(FlaskForm):
    """Where Exact is, and as which app we come."""

    site = SelectField(_l("Country site of Exact Online"))
    test_server = StringField(
        _l("Address of a test server"),
        [Length(max=200)],
        description=_l("Only for the simulator or a test server: http://127.0.0.1:8100"),
    )
    client_id = StringField(
        _l("Client id"),
        [Length(max=100)],
        description=_l("From the registration of your app in Exact's App Center."),
    )
    client_secret = PasswordField(
        _l("Client secret"),
        [Length(max=200)],
        description=_l("Kept encrypted and never shown. Leave it empty to keep the present one."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.site.choices = [(site.url, _(site.country)) for site in SITES]
        if tests_allowed():
            self.site.choices.append((OTHER, _("A test server")))
        else:
            del self.test_server

    @property
    def base_url(self) -> str:
        """The address chosen, or typed."""
        if self.site.data == OTHER and tests_allowed():
            return (self.test_server.data or "").strip()
        return self.site.data or ""


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
            (InvoiceMode.MANUAL.value, _l("When somebody forwards them from the list")),
            (InvoiceMode.NIGHTLY.value, _l("By themselves every night, and by hand")),
        ],
    )
    invoices_night_time = StringField(
        _l("Start of the night"),
        [Regexp(r"^([01]\d|2[0-3]):[0-5]\d$", message=_l("Type a time such as 02:15."))],
        description=_l("In the time zone of the company."),
    )
    invoices_pdf = BooleanField(
        _l("Send the PDF along"),
        description=_l("The same file that the customer got, attached to the booking."),
    )


class MappingForm(FlaskForm):
    """The counterparts in Exact: picked, never typed. A field per record is added to it."""

    sales_journal = SelectField(
        _l("Sales journal"), description=_l("Invoices and credit notes are booked here.")
    )


def mapping_form(
    journals: list[tuple[str, str]], fields: dict[str, SelectField], **values: Any
) -> MappingForm:
    """The form with a select for each VAT code and GL account."""
    shape = type("Mapping", (MappingForm,), fields)
    form: MappingForm = shape(data=values)
    form.sales_journal.choices = [("", _("Choose")), *journals]
    return form
