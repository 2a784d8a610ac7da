"""The counterparts in Exact of our VAT codes and GL accounts, picked from Exact's own lists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from ppplanner.blueprints.htmx import finish, go_to, render_form
from ppplanner.blueprints.records import find
from ppplanner.blueprints.stale import stale
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import GLAccount, VatCode
from ppplanner.permissions import require

from ..attention import let_held_go
from ..forms import ChoiceField, MappingForm, mapping_form
from ..models import ExactConnection, ExactListItem
from ..stale_choices import stale_choices
from ..sync import lists
from .blueprint import bp


@dataclass(frozen=True)
class Row:
    """One of our records, what Exact offers for it, what was chosen, and how a choice is kept."""

    name: str
    label: str
    offered: list[ExactListItem]
    chosen: str
    keep: Callable[[ExactListItem | None], None]

    def field(self) -> ChoiceField:
        return ChoiceField(self.label, self.offered, chosen=self.chosen)

    def item(self, code: str) -> ExactListItem | None:
        return next((item for item in self.offered if item.code == code), None)


@bp.route("/connections/<int:connection_id>/mapping", methods=["GET", "POST"])
@require("exact.configure")
def mapping(connection_id: int) -> ResponseReturnValue:
    """Pick the sales journal and the counterparts of our VAT codes and GL accounts."""
    connection = find(ExactConnection, connection_id)
    company_url = url_for(".company", company_id=connection.company_id)
    if connection.division is None:
        return go_to(company_url, _("Choose the administration first."), "error")
    vat_codes, accounts = _vat_rows(connection), _account_rows(connection)
    form = mapping_form(
        _journal_field(connection),
        _condition_field(connection),
        {row.name: row.field() for row in (*vat_codes, *accounts)},
    )
    context: dict[str, Any] = {
        "connection": connection,
        "stale": [each for each in stale_choices(connection) if each.unit is None],
        "vat_codes": [form[row.name] for row in vat_codes],
        "accounts": [form[row.name] for row in accounts],
    }
    if form.is_submitted() and stale(form, {}):
        return render_form("exact/mapping.html", form, "dialog", 409, **context)
    if form.validate_on_submit():
        _save(connection, form, [*vat_codes, *accounts])
        message = _(
            "Saved. What was on hold for this goes now; what was refused can be forwarded again."
        )
        return finish(company_url, message)
    return render_form("exact/mapping.html", form, "dialog", **context)


def _journal_field(connection: ExactConnection) -> ChoiceField:
    return ChoiceField(
        _("Sales journal"),
        lists.sales_journals(connection),
        connection.sales_journal,
        description=_("Invoices and credit notes are booked here."),
    )


def _condition_field(connection: ExactConnection) -> ChoiceField:
    return ChoiceField(
        _("Payment condition"),
        lists.payment_conditions(connection),
        connection.payment_condition,
        description=_(
            "Customers that are made in Exact get it. Those whom Exact has already keep theirs."
        ),
        none=_("As Exact does by itself"),
    )


def _save(connection: ExactConnection, form: MappingForm, rows: list[Row]) -> None:
    connection.sales_journal = form.sales_journal.data
    connection.payment_condition = form.payment_condition.data
    for row in rows:
        row.keep(row.item(form[row.name].data))
    if connection.sales_journal:
        let_held_go(connection)
    db.session.commit()


def _vat_rows(connection: ExactConnection) -> list[Row]:
    links = {link.vat_code_id: link.code for link in lists.vat_links(connection)}

    def row(vat_code: VatCode) -> Row:
        return Row(
            name=f"vat_{vat_code.id}",
            label=str(vat_code),
            offered=lists.vat_choices(connection, vat_code.percentage),
            chosen=links.get(vat_code.id, ""),
            keep=lambda item: lists.map_vat_code(connection, vat_code, item),
        )

    return [row(vat_code) for vat_code in _vat_codes()]


def _account_rows(connection: ExactConnection) -> list[Row]:
    links = {link.gl_account_id: link.code for link in lists.gl_links(connection)}
    usual = lists.revenue_accounts(connection)
    others = {item.code: item for item in lists.open_accounts(connection)}
    others = {code: item for code, item in others.items() if item not in usual}

    def row(account: GLAccount) -> Row:
        imported = others.get(links.get(account.id, ""))
        return Row(
            name=f"gl_{account.id}",
            label=f"{account.business_unit.code} · {account}",
            offered=[*usual, imported] if imported else usual,
            chosen=links.get(account.id, ""),
            keep=lambda item: lists.map_gl_account(connection, account, item),
        )

    return [row(account) for account in lists.gl_accounts_of(connection)]


def _vat_codes() -> list[VatCode]:
    query = select(VatCode).filter_by(active=True).order_by(VatCode.code)
    return list(db.session.scalars(query))


@dataclass(frozen=True)
class MappingState:
    """What is chosen for the company; how many of our records have a counterpart, of how many."""

    sales_journal: str
    payment_condition: str
    vat_codes: int
    all_vat_codes: int
    accounts: int
    all_accounts: int


def mapping_state(connection: ExactConnection | None) -> MappingState | None:
    """None as long as there is no administration to pick from."""
    if connection is None or connection.division is None:
        return None
    vat_codes = {vat_code.id for vat_code in _vat_codes()}
    accounts = {account.id for account in lists.gl_accounts_of(connection)}
    return MappingState(
        _named(lists.sales_journals(connection), connection.sales_journal),
        _named(lists.payment_conditions(connection), connection.payment_condition),
        len(vat_codes & {link.vat_code_id for link in lists.vat_links(connection)}),
        len(vat_codes),
        len(accounts & {link.gl_account_id for link in lists.gl_links(connection)}),
        len(accounts),
    )


def _named(offered: list[ExactListItem], code: str) -> str:
    """A code with its name in Exact, where Exact still has it."""
    return next((f"{item.code} {item.name}" for item in offered if item.code == code), code)
