"""What each company does with deposits, refunds and cash."""

from __future__ import annotations

from typing import Any

from flask import Response, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from wtforms import BooleanField
from wtforms.validators import NumberRange, Optional

from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.form_fields import MoneyField, choice_field
from ppplanner.blueprints.htmx import finish, render_form
from ppplanner.blueprints.lists.list_page import render_list
from ppplanner.blueprints.lists.listing import Column, Listing
from ppplanner.blueprints.records import find
from ppplanner.blueprints.settings import bp
from ppplanner.blueprints.stale import StaleAware, stale
from ppplanner.i18n import _, _l
from ppplanner.models import Company
from ppplanner.permissions import require
from ppplanner.services.collections.collection_settings import (
    CollectionSettings,
    collection_settings,
)
from ppplanner.services.collections.sepa import Version

EDIT = "collections.lists"
#: EUR: more is a slip.
MOST_CASH = 1_000_000


class CollectingForm(StaleAware):
    settle_deposit = BooleanField(
        _l("Settle the deposit with the final invoice"),
        description=_l(
            "What is still open on the final invoice is taken from the deposit when it is"
            " confirmed, and stands on it as paid. Otherwise the whole deposit goes back."
        ),
    )
    refund_files = BooleanField(
        _l("Pay refunds with a file for the bank"),
        description=_l("Refund requests can be put into a SEPA file that the bank carries out."),
    )
    payment_file = choice_field(
        _l("Kind of file"),
        choices=lambda: [(each.value, each.value) for each in reversed(Version)],
        description=_l("Most banks take the newer one. Ask yours when it refuses a file."),
    )
    cash_limit = MoneyField(
        _l("Most that is paid in cash"),
        [Optional(), NumberRange(0, MOST_CASH, _l("Fill in at most 1,000,000 euro."))],
        places=0,
        description=_l(
            "For one contract or invoice, deposits included. In Belgium the law says 3,000 euro;"
            " leave it empty for no limit."
        ),
    )
    round_cash = BooleanField(
        _l("Round cash of consumers to 5 cents"),
        description=_l(
            "In Belgium the law asks it of whoever pays an invoice in cash. The one or two cents"
            " that this leaves are written off, or up, by themselves."
        ),
    )


def _settings(company: Company) -> CollectionSettings:
    return collection_settings.load(company.id)


def _deposit(company: Company) -> str:
    settles = _settings(company).settle_deposit
    return _("Settled with the final invoice") if settles else _("Given back")


def _refunds(company: Company) -> str:
    files = _settings(company).refund_files
    return _("With a file for the bank") if files else _("By hand")


COLLECTING = Listing(
    name="collecting",
    title=_l("Deposits and refunds"),
    query=lambda: select(Company),
    key=Company.id,
    columns=[
        Column("name", _l("Company"), sort=Company.name),
        Column("deposit", _l("Deposit"), value=_deposit),
        Column("refunds", _l("Refunds"), value=_refunds),
    ],
    sort="name",
    open=lambda company: url_for(".collecting_edit", company_id=company.id),
    open_dialog=True,
    empty=_l("Here stand your companies. Add the first one under Organisation."),
)


@bp.get("/collecting/")
@require(EDIT)
def collecting() -> Response:
    return render_list(COLLECTING, "settings/collections.html")


@bp.route("/collecting/<int:company_id>", methods=["GET", "POST"])
@require(EDIT)
def collecting_edit(company_id: int) -> ResponseReturnValue:
    company = find(Company, company_id)
    values = vars(_settings(company))
    form = CollectingForm(data=values)
    if form.is_submitted() and stale(form, values):
        return _page(form, company, 409)
    if form.validate_on_submit() and attempt(form, lambda: _save(company, form)):
        return finish(url_for(".collecting"), _("%(record)s is saved.", record=company))
    return _page(form, company)


def _page(form: CollectingForm, company: Company, status: int | None = None) -> Response:
    return render_form("settings/collecting.html", form, "dialog", status, company=company)


def _save(company: Company, form: CollectingForm) -> Any:
    limit = form.cash_limit.data
    collection_settings.save(
        company.id,
        settle_deposit=form.settle_deposit.data,
        refund_files=form.refund_files.data,
        payment_file=form.payment_file.data,
        cash_limit=None if limit is None else int(limit),
        round_cash=form.round_cash.data,
    )
    return company
