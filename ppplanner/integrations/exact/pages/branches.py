"""How the transactions of each business unit are booked: journals, description, GL accounts."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup, escape
from sqlalchemy import select

from ppplanner.blueprints.collections.labels import listed_name
from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.htmx import finish, go_to, render_form, render_page
from ppplanner.blueprints.records import find
from ppplanner.blueprints.stale import stale
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import BusinessUnit, Company, TransactionMethod, TransactionType
from ppplanner.permissions import require
from ppplanner.services.collections import types

from .. import branch_settings
from ..branch_forms import (
    AccountField,
    AccountsForm,
    BranchForm,
    CopyForm,
    accounts_form,
    branch_form,
    branch_values,
    method_form,
)
from ..branch_settings import STAYS, accounts_of_unit, branch_of
from ..connect import connection_of
from ..models import ExactConnection
from ..settings import exact_settings
from ..sync import lists
from ..views.branches import example, shown_units
from .blueprint import bp


@bp.get("/companies/<int:company_id>/branches")
@require("exact.view")
def branches(company_id: int) -> ResponseReturnValue:
    """The business units of a company, and what is still missing of each."""
    company = find(Company, company_id)
    connection = connection_of(company_id)
    if connection is None or connection.division is None:
        url = url_for(".company", company_id=company_id)
        return go_to(url, _("Choose the administration first."), "error")
    _keep_usual_types()
    units = sorted(company.business_units, key=lambda unit: unit.name)
    return render_page(
        "exact/branches.html",
        "content",
        company=company,
        settings=exact_settings.load(company_id),
        units=shown_units(connection, units),
    )


@bp.get("/branches/<int:unit_id>")
@require("exact.view")
def branch(unit_id: int) -> Response:
    unit, connection = _unit(unit_id)
    return render_page(
        "exact/branch.html",
        "content",
        unit=unit,
        shown=shown_units(connection, [unit])[0],
        example=example(unit, branch_of(connection, unit).description),
        others=_others(unit),
    )


@bp.route("/branches/<int:unit_id>/journals", methods=["GET", "POST"])
@require("exact.configure")
def branch_journals(unit_id: int) -> ResponseReturnValue:
    """Journals, description, and the GL account of customers."""
    unit, connection = _unit(unit_id)
    branch = branch_of(connection, unit)
    form = branch_form(connection, branch)

    def save() -> bool:
        branch_settings.save_branch(connection, unit, form.chosen())
        return True

    if form.is_submitted() and stale(form, branch_values(branch)):
        return _journals_page(unit, form, 409)
    if form.validate_on_submit() and attempt(form, save):
        return _saved(unit_id)
    return _journals_page(unit, form)


def _journals_page(unit: BusinessUnit, form: BranchForm, status: int | None = None) -> Response:
    shown = example(unit, form.description.data or "")
    page = "exact/branch_journals.html"
    return render_form(page, form, "dialog", status, unit=unit, example=shown)


@bp.get("/branches/<int:unit_id>/example")
@require("exact.configure")
def branch_example(unit_id: int) -> Markup:
    """What a description comes to, while it is being typed."""
    unit, _connection = _unit(unit_id)
    return escape(example(unit, request.args.get("description", "")[:100]))


@bp.route("/branches/<int:unit_id>/accounts", methods=["GET", "POST"])
@require("exact.configure")
def branch_accounts(unit_id: int) -> ResponseReturnValue:
    """The GL account of each type, whatever the method."""
    unit, connection = _unit(unit_id)
    form = _accounts_form(connection, unit)
    if form.is_submitted() and stale(form, {}):
        return _accounts_page(unit, form, 409)
    if form.validate_on_submit() and attempt(form, lambda: _save(connection, unit, form)):
        return _saved(unit_id)
    return _accounts_page(unit, form)


def _accounts_page(unit: BusinessUnit, form: AccountsForm, status: int | None = None) -> Response:
    fields = [each for each in form if isinstance(each, AccountField)]
    page = "exact/branch_accounts.html"
    return render_form(page, form, "dialog", status, unit=unit, fields=fields)


def _accounts_form(connection: ExactConnection, unit: BusinessUnit) -> AccountsForm:
    offered = lists.type_accounts(connection)
    chosen = {
        account.type_id: account.gl_account_code or STAYS
        for account in accounts_of_unit(unit)
        if account.method_id is None
    }
    return accounts_form(
        {
            _field(kind): AccountField(listed_name(kind), offered, chosen.get(kind.id, ""))
            for kind in branch_settings.types_to_map()
        }
    )


def _field(kind: TransactionType) -> str:
    return f"type_{kind.id}"


def _save(connection: ExactConnection, unit: BusinessUnit, form: AccountsForm) -> bool:
    for kind in branch_settings.types_to_map():
        choice = form[_field(kind)].data
        branch_settings.save_type_account(connection, unit, kind, None, choice)
    return True


@bp.route("/branches/<int:unit_id>/methods/new", methods=["GET", "POST"])
@require("exact.configure")
def branch_method(unit_id: int) -> ResponseReturnValue:
    """Another GL account for what moves by one method."""
    unit, connection = _unit(unit_id)
    form = method_form(
        [(kind.id, listed_name(kind)) for kind in branch_settings.types_to_map()],
        [(method.id, listed_name(method)) for method in _methods()],
        lists.type_accounts(connection),
    )

    def save() -> bool:
        kind = db.session.get_one(TransactionType, form.type_id.data)
        method = db.session.get_one(TransactionMethod, form.method_id.data)
        choice = form.account.data
        if not choice:
            raise Invalid(account=_("Choose the account, or that they stay here."))
        branch_settings.save_type_account(connection, unit, kind, method, choice)
        return True

    if form.validate_on_submit() and attempt(form, save):
        return _saved(unit_id)
    return render_form("exact/branch_method.html", form, "dialog", unit=unit)


def _methods() -> Sequence[TransactionMethod]:
    query = select(TransactionMethod).filter_by(active=True).order_by(TransactionMethod.id)
    return db.session.scalars(query).all()


@bp.post("/branches/<int:unit_id>/methods/<int:account_id>/remove")
@require("exact.configure")
def branch_method_remove(unit_id: int, account_id: int) -> ResponseReturnValue:
    """Let the account of the type hold for this method, too."""
    unit, connection = _unit(unit_id)
    known = {each.id: each for each in accounts_of_unit(unit)}
    if account := known.get(account_id):
        method = account.method
        branch_settings.save_type_account(connection, unit, account.type, method, "")
        db.session.commit()
    return go_to(url_for(".branch", unit_id=unit_id), _("The settings are saved."))


@bp.route("/branches/<int:unit_id>/copy", methods=["GET", "POST"])
@require("exact.configure")
def branch_copy(unit_id: int) -> ResponseReturnValue:
    """Set a unit up like another one of the company."""
    unit, connection = _unit(unit_id)
    form, others = CopyForm(), _others(unit)
    form.source_id.choices = [(other.id, other.name) for other in others]

    def save() -> bool:
        source = next(other for other in others if other.id == form.source_id.data)
        branch_settings.copy_branch(connection, source, unit)
        return True

    if form.validate_on_submit() and attempt(form, save):
        return _saved(unit_id)
    return render_form("exact/branch_copy.html", form, "dialog", unit=unit)


def _saved(unit_id: int) -> ResponseReturnValue:
    message = _("The settings are saved. What is on hold goes at the next interval.")
    return finish(url_for(".branch", unit_id=unit_id), message)


def _unit(unit_id: int) -> tuple[BusinessUnit, ExactConnection]:
    """The unit and the link of its company. Raises DomainError before there is one to pick from."""
    unit = find(BusinessUnit, unit_id)
    connection = connection_of(unit.company_id)
    if connection is None or connection.division is None:
        raise DomainError(_("Choose the administration first."))
    _keep_usual_types()
    return unit, connection


def _keep_usual_types() -> None:
    """Accounts can only be chosen for types that are kept."""
    if not types.lists_are_made():
        types.make_usual_lists()
        db.session.commit()


def _others(unit: BusinessUnit) -> list[BusinessUnit]:
    units = sorted(unit.company.business_units, key=lambda each: each.name)
    return [each for each in units if each is not unit]
