"""The counterparts in Exact of our VAT codes and GL accounts, picked from Exact's own lists."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import SelectField

from ppplanner.blueprints.htmx import finish, render_form
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import VatCode
from ppplanner.permissions import require

from ..connect import get_connection
from ..forms import MappingForm, mapping_form
from ..models import ExactConnection, ExactListItem
from ..sync import lists
from .blueprint import bp


@bp.route("/connections/<int:connection_id>/mapping", methods=["GET", "POST"])
@require("exact.configure")
def mapping(connection_id: int) -> ResponseReturnValue:
    """Pick the sales journal and the counterparts of our VAT codes and GL accounts."""
    connection = get_connection(connection_id)
    fields, values = _mapping_fields(connection)
    journals = [
        (item.code, f"{item.code} {item.name}") for item in lists.sales_journals(connection)
    ]
    form = mapping_form(journals, fields, sales_journal=connection.sales_journal, **values)
    if form.validate_on_submit():
        _save_mapping(connection, form)
        db.session.commit()
        message = _("Saved. Invoices that were refused for this can be forwarded again.")
        return finish(url_for(".company", company_id=connection.company_id), message)
    groups = {
        "vat": [form[name] for name in fields if name.startswith("vat_")],
        "gl": [form[name] for name in fields if name.startswith("gl_")],
    }
    return render_form("exact/mapping.html", form, "dialog", connection=connection, groups=groups)


def _mapping_fields(connection: ExactConnection) -> tuple[dict[str, SelectField], dict[str, str]]:
    revenue = lists.revenue_accounts(connection)
    fields: dict[str, SelectField] = {}
    for vat_code in _vat_codes():
        items = lists.vat_choices(connection, vat_code.percentage)
        fields[f"vat_{vat_code.id}"] = _select(str(vat_code), items)
    for account in lists.gl_accounts_of(connection):
        label = f"{account.business_unit.code} · {account}"
        fields[f"gl_{account.id}"] = _select(label, revenue)
    values = {f"vat_{link.vat_code_id}": link.code for link in lists.vat_links(connection)}
    values |= {f"gl_{link.gl_account_id}": link.code for link in lists.gl_links(connection)}
    return fields, values


def _select(label: str, items: list[ExactListItem]) -> SelectField:
    choices = [("", "–"), *((item.code, f"{item.code} {item.name}") for item in items)]
    return SelectField(label, choices=choices)


def _save_mapping(connection: ExactConnection, form: MappingForm) -> None:
    connection.sales_journal = form["sales_journal"].data
    for vat_code in _vat_codes():
        items = {item.code: item for item in lists.vat_choices(connection, vat_code.percentage)}
        lists.map_vat_code(connection, vat_code, items.get(form[f"vat_{vat_code.id}"].data))
    revenue = {item.code: item for item in lists.revenue_accounts(connection)}
    for account in lists.gl_accounts_of(connection):
        lists.map_gl_account(connection, account, revenue.get(form[f"gl_{account.id}"].data))


def _vat_codes() -> list[VatCode]:
    query = select(VatCode).filter_by(active=True).order_by(VatCode.code)
    return list(db.session.scalars(query))


def mapping_state(connection: ExactConnection | None) -> dict[str, int] | None:
    """How much is mapped, for the settings page."""
    if connection is None or connection.division is None:
        return None
    return {
        "vat": len(lists.vat_links(connection)),
        "vat_all": len(_vat_codes()),
        "gl": len(lists.gl_links(connection)),
        "gl_all": len(lists.gl_accounts_of(connection)),
    }
