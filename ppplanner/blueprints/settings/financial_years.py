"""Financial years: the list, adding one, its first numbers, closing and opening it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload
from wtforms.validators import DataRequired

from ppplanner.addons.manifest import Text
from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.form_fields import DayField, TextField, choice_field
from ppplanner.blueprints.htmx import finish, render_form
from ppplanner.blueprints.lists.list_page import render_list
from ppplanner.blueprints.lists.listing import Action, Column, Filter, Listing
from ppplanner.blueprints.markup import Badge
from ppplanner.blueprints.records import find
from ppplanner.blueprints.scope import business_units
from ppplanner.blueprints.settings import bp
from ppplanner.blueprints.start_numbers import begin_all, starts_form
from ppplanner.clock import today
from ppplanner.extensions import db
from ppplanner.i18n import _, _l
from ppplanner.models import FinancialYear, InvoiceKind, NumberSeries
from ppplanner.permissions import require
from ppplanner.services.firm import financial_years as years
from ppplanner.services.firm.year_cover import named_owner, owners_of
from ppplanner.services.invoices.series import drafts_in, reference_of, unbegun

EDIT = "organisation.edit"
NEXT_NUMBERS: Mapping[InvoiceKind, Text] = {
    InvoiceKind.INVOICE: _l("Next invoice"),
    InvoiceKind.CREDIT_NOTE: _l("Next credit note"),
}


def _owners() -> list[tuple[str, str]]:
    """Who numbers invoices now, within reach: what the form calls them, and their names."""
    return [
        (f"{column}-{key}", str(named_owner(column, unit)))
        for (column, key), unit in owners_of(business_units()).items()
    ]


def _key(owner: str) -> dict[str, int]:
    column, key = owner.split("-")
    return {column: int(key)}


class YearForm(FlaskForm):
    owner = choice_field(
        _l("For"), choices=_owners, description=_l("Who numbers invoices is set per company.")
    )
    starts_on = DayField(_l("First day"), [DataRequired(_l("Fill in a day."))])
    ends_on = DayField(_l("Last day"), [DataRequired(_l("Fill in a day."))])
    name = TextField(
        _l("Name"),
        longest=10,
        description=_l("Numbers begin with it. Empty: the calendar year in which it starts."),
    )


def _state(year: FinancialYear) -> Badge:
    return Badge(_("Closed")) if year.closed else Badge(_("Open"), "green")


def _numbers(kind: InvoiceKind, rows: Sequence[FinancialYear]) -> Mapping[int, str]:
    """The next number of each year, as people write it, in one query."""
    query = select(NumberSeries).filter_by(kind=kind)
    found = db.session.scalars(
        query.where(NumberSeries.financial_year_id.in_([year.id for year in rows]))
    )
    series = {each.financial_year_id: each for each in found}
    return {
        year.id: reference_of(year, kind, series[year.id].next_number)
        for year in rows
        if year.id in series
    }


def _in_state(value: str) -> ColumnElement[bool]:
    return FinancialYear.closed.is_(value == "closed")


YEARS = Listing(
    name="financial_years",
    title=_l("Financial years"),
    query=lambda: select(FinancialYear),
    key=FinancialYear.id,
    columns=[
        Column("name", _l("Name"), sort=FinancialYear.name),
        Column("owner", _l("For")),
        Column("starts_on", _l("First day"), show="day", sort=FinancialYear.starts_on),
        Column("ends_on", _l("Last day"), show="day", sort=FinancialYear.ends_on, wide="sm"),
        Column(
            "invoices",
            NEXT_NUMBERS[InvoiceKind.INVOICE],
            load=lambda rows: _numbers(InvoiceKind.INVOICE, rows),
            wide="md",
        ),
        Column(
            "credit_notes",
            NEXT_NUMBERS[InvoiceKind.CREDIT_NOTE],
            load=lambda rows: _numbers(InvoiceKind.CREDIT_NOTE, rows),
            wide="lg",
        ),
        Column("state", _l("State"), value=_state),
    ],
    sort="-starts_on",
    filters=[
        Filter(
            "state",
            _l("State"),
            [("open", _l("Open")), ("closed", _l("Closed"))],
            apply=_in_state,
            any=_l("All"),
        )
    ],
    options=[
        joinedload(FinancialYear.group),
        joinedload(FinancialYear.company),
        joinedload(FinancialYear.business_unit),
    ],
    open=lambda year: url_for(".financial_year", year_id=year.id),
    open_dialog=True,
    new=Action(_l("New financial year"), "settings.financial_years_new", EDIT, dialog=True),
    empty=_l("Here stand the years in which invoices are numbered. Add the present one."),
    muted=lambda year: year.closed,
)


@bp.get("/financial-years/")
@require(EDIT)
def financial_years() -> Response:
    return render_list(YEARS, "settings/invoicing.html")


@bp.route("/financial-years/new", methods=["GET", "POST"])
@require(EDIT)
def financial_years_new() -> ResponseReturnValue:
    form = YearForm()
    if form.validate_on_submit() and (year := attempt(form, lambda: _add(form))):
        return finish(url_for(".financial_years"), _("%(record)s is saved.", record=year))
    if not form.is_submitted():
        _propose_days(form)
    return render_form("settings/financial_year_new.html", form, "dialog")


@bp.get("/financial-years/days")
@require(EDIT)
def financial_year_days() -> str:
    """The fields with the days that the owner in the address needs next."""
    form = YearForm(formdata=None, owner=request.args.get("owner"))
    _propose_days(form)
    return render_template("settings/_financial_year_days.html", form=form)


def _propose_days(form: YearForm) -> None:
    known = [owner for owner, _name in _owners()]
    if known:
        form.owner.data = form.owner.data if form.owner.data in known else known[0]
        days = years.following_days(_key(form.owner.data), today())
        form.starts_on.data, form.ends_on.data = days


def _add(form: YearForm) -> FinancialYear:
    assert form.starts_on.data
    assert form.ends_on.data
    return years.add_year(
        starts_on=form.starts_on.data,
        ends_on=form.ends_on.data,
        name=form.name.data or "",
        **_key(form.owner.data),
    )


@bp.route("/financial-years/<int:year_id>", methods=["GET", "POST"])
@require(EDIT)
def financial_year(year_id: int) -> ResponseReturnValue:
    """One year, with the numbers at which its series start as long as they have not."""
    year = find(FinancialYear, year_id)
    waiting = [] if year.closed else unbegun(year)
    form = starts_form(waiting)
    if form.validate_on_submit() and attempt(form, lambda: begin_all(form, waiting)):
        return finish(url_for(".financial_years"), _("%(record)s is saved.", record=year))
    return render_form(
        "settings/financial_year.html",
        form,
        "dialog",
        year=year,
        state=_state(year),
        waiting=waiting,
        next_numbers=_next_numbers(year),
    )


def _next_numbers(year: FinancialYear) -> list[tuple[Text, str]]:
    """Of the series that have begun."""
    shown: dict[InvoiceKind, str] = defaultdict(str)
    for series in db.session.scalars(select(NumberSeries).filter_by(financial_year_id=year.id)):
        if series.last_date:
            shown[series.kind] = reference_of(year, series.kind, series.next_number)
    return [(NEXT_NUMBERS[kind], shown[kind]) for kind in InvoiceKind if kind in shown]


@bp.route("/financial-years/<int:year_id>/close", methods=["GET", "POST"])
@require(EDIT)
def close_financial_year(year_id: int) -> ResponseReturnValue:
    return _ask(year_id, "close")


@bp.route("/financial-years/<int:year_id>/reopen", methods=["GET", "POST"])
@require(EDIT)
def reopen_financial_year(year_id: int) -> ResponseReturnValue:
    return _ask(year_id, "reopen")


@bp.route("/financial-years/<int:year_id>/delete", methods=["GET", "POST"])
@require(EDIT)
def delete_financial_year(year_id: int) -> ResponseReturnValue:
    return _ask(year_id, "delete")


DEEDS = {
    "close": (years.close_year, _l("%(year)s is closed.")),
    "reopen": (years.reopen_year, _l("%(year)s is open again.")),
    "delete": (years.remove_year, _l("%(year)s is deleted.")),
}


def _ask(year_id: int, deed: str) -> ResponseReturnValue:
    """Ask whether it is meant, then do it."""
    year, form = find(FinancialYear, year_id), SureForm()
    do, message = DEEDS[deed]
    name = year.name
    if form.validate_on_submit() and attempt(form, lambda: _done(do, year)):
        return finish(url_for(".financial_years"), str(message) % {"year": name})
    return render_form(
        f"settings/financial_year_{deed}.html",
        form,
        "dialog",
        409 if form.errors else 200,
        year=year,
        drafts=drafts_in(year),
    )


def _done(do: Any, year: FinancialYear) -> bool:
    do(year)
    return True
