"""How each company numbers and delivers its invoices."""

from __future__ import annotations

from typing import Any

from flask import Response, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import BooleanField, RadioField

from ppplanner.addons.manifest import Text
from ppplanner.blueprints.customers.labels import DELIVERIES
from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.form_fields import PICK_ONE, choice_field
from ppplanner.blueprints.htmx import finish, render_form, render_page
from ppplanner.blueprints.lists.list_page import render_list
from ppplanner.blueprints.lists.listing import Column, Listing
from ppplanner.blueprints.records import find
from ppplanner.blueprints.settings import bp
from ppplanner.blueprints.stale import StaleAware, stale
from ppplanner.i18n import _, _l
from ppplanner.models import Company, Delivery
from ppplanner.permissions import require
from ppplanner.services.firm.invoice_settings import (
    InvoiceSettings,
    NumberingLevel,
    invoice_settings,
)
from ppplanner.services.invoices.numbering_level import save_invoice_settings

EDIT = "organisation.edit"

LEVELS: dict[NumberingLevel, Text] = {
    NumberingLevel.GROUP: _l("The company group: its companies share one series"),
    NumberingLevel.COMPANY: _l("The company: its business units share one series"),
    NumberingLevel.BUSINESS_UNIT: _l("The business unit: each has its own series"),
}
SHORT_LEVELS: dict[NumberingLevel, Text] = {
    NumberingLevel.GROUP: _l("Company group"),
    NumberingLevel.COMPANY: _l("Company"),
    NumberingLevel.BUSINESS_UNIT: _l("Business unit"),
}


class InvoicingForm(StaleAware):
    numbering = RadioField(
        _l("Who numbers"),
        choices=lambda: [(level.value, str(text)) for level, text in LEVELS.items()],
        invalid_choice_message=PICK_ONE,
        description=_l(
            "Financial years belong to the same. On another one numbers start anew: do that with a"
            " new year. What has a number keeps it."
        ),
    )
    own_credit_series = BooleanField(
        _l("Own numbers for credit notes"),
        description=_l("Otherwise they stand in the series of the invoices."),
    )
    delivery = choice_field(
        _l("Customers get invoices"),
        choices=lambda: [(each.value, str(text)) for each, text in DELIVERIES.items()],
        description=_l("Unless something else is said of the customer."),
    )
    mail_by_itself = BooleanField(
        _l("Mail confirmed invoices at once"),
        description=_l("To customers who get them by e-mail, unless they are set otherwise."),
    )


def _settings(company: Company) -> InvoiceSettings:
    return invoice_settings.load(company.id)


def _level(company: Company) -> Text:
    return SHORT_LEVELS[NumberingLevel(_settings(company).numbering)]


def _credit_notes(company: Company) -> str:
    own = _settings(company).own_credit_series
    return _("Numbers of their own") if own else _("Among the invoices")


def _delivery(company: Company) -> Text:
    settings = _settings(company)
    by_itself = settings.mail_by_itself and settings.delivery == Delivery.MAIL
    return _("By e-mail, at once") if by_itself else DELIVERIES[Delivery(settings.delivery)]


INVOICING = Listing(
    name="invoicing",
    title=_l("Invoicing"),
    query=lambda: select(Company),
    key=Company.id,
    columns=[
        Column("name", _l("Company"), sort=Company.name),
        Column("numbering", _l("Who numbers"), value=_level),
        Column("credit_notes", _l("Credit notes"), value=_credit_notes, wide="sm"),
        Column("delivery", _l("Customers get invoices"), value=_delivery, wide="md"),
    ],
    sort="name",
    open=lambda company: url_for(".invoicing_edit", company_id=company.id),
    open_dialog=True,
    empty=_l("Here stand your companies. Add the first one under Organisation."),
)


@bp.get("/invoicing/")
@require(EDIT)
def invoicing() -> Response:
    return render_list(INVOICING, "settings/invoicing.html")


@bp.route("/invoicing/<int:company_id>", methods=["GET", "POST"])
@require(EDIT)
def invoicing_edit(company_id: int) -> ResponseReturnValue:
    company = find(Company, company_id)
    values = vars(_settings(company))
    form, template = InvoicingForm(data=values), "settings/invoicing_edit.html"
    if form.is_submitted() and stale(form, values):
        return render_page(template, "dialog", 409, form=form, company=company)
    if form.validate_on_submit() and attempt(form, lambda: _save(company, form)):
        return finish(url_for(".invoicing"), _("%(record)s is saved.", record=company))
    return render_form(template, form, "dialog", company=company)


def _save(company: Company, form: InvoicingForm) -> Any:
    return save_invoice_settings(
        company,
        numbering=NumberingLevel(form.numbering.data),
        own_credit_series=form.own_credit_series.data,
        delivery=form.delivery.data,
        mail_by_itself=form.mail_by_itself.data,
    )
