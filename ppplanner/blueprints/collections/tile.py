"""The tile of a contract that tells of its money, and the dialog with what is asked of it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from flask import Response, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from wtforms.validators import NumberRange, Optional

from ppplanner.blueprints.collections import bp
from ppplanner.blueprints.collections.labels import PAY_MOMENTS
from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.form_fields import MoneyField, choice_field
from ppplanner.blueprints.htmx import finish, render_form, render_page
from ppplanner.blueprints.records import find
from ppplanner.blueprints.stale import StaleAware, stale
from ppplanner.extensions import db
from ppplanner.formats import money
from ppplanner.i18n import _, _l
from ppplanner.models import Contract, PayMoment, Transaction
from ppplanner.permissions import allowed, require, visible
from ppplanner.services.collections import deposits
from ppplanner.services.collections.standing import standing

#: Whoever wants to see more opens the list.
NEWEST = 20


def _moments() -> list[tuple[Any, Any]]:
    return [("", _("Not agreed")), *((each, text) for each, text in PAY_MOMENTS.items())]


def _moment(value: Any) -> PayMoment | None:
    return PayMoment(value) if value not in (None, "") else None


class TermsForm(StaleAware):
    """What is asked of the customer, and when."""

    deposit = MoneyField(
        _l("Deposit"),
        [
            Optional(),
            NumberRange(0, deposits.LARGEST, _l("A deposit lies between 0 and 1,000,000 euro.")),
        ],
        places=2,
    )
    deposit_moment = choice_field(_l("Deposit is asked"), choices=_moments, coerce=_moment)
    payment_moment = choice_field(_l("Payment is asked"), choices=_moments, coerce=_moment)


def money_of(contract: Contract) -> dict[str, Any]:
    """What the tile "Collections" shows; nothing for those who may not see it."""
    if not allowed("collections.view"):
        return {}
    return {
        "stands": standing(contract),
        "asked_back": deposits.promised(contract, deposit=False),
        "deposit_asked_back": deposits.promised(contract),
        "transactions": _transactions(contract),
        "moments": PAY_MOMENTS,
    }


def _transactions(contract: Contract) -> Sequence[Transaction]:
    query = (
        select(Transaction)
        .where(Transaction.contract_id == contract.id, visible(Transaction, "collections.view"))
        .options(
            joinedload(Transaction.type),
            joinedload(Transaction.method),
            joinedload(Transaction.invoice),
        )
        .order_by(Transaction.at.desc(), Transaction.id.desc())
    )
    return db.session.scalars(query.limit(NEWEST)).all()


@bp.get("/contracts/<int:contract_id>")
@require("collections.view")
def contract_tile(contract_id: int) -> Response:
    """The tile anew, when something on the contract has changed."""
    contract = find(Contract, contract_id)
    return render_page("collections/tile.html", "tile", contract=contract, **money_of(contract))


@bp.route("/contracts/<int:contract_id>/terms", methods=["GET", "POST"])
@require("collections.edit")
def terms(contract_id: int) -> ResponseReturnValue:
    contract = find(Contract, contract_id)
    values = {
        "deposit": contract.deposit,
        "deposit_moment": contract.deposit_moment,
        "payment_moment": contract.payment_moment,
    }
    form = TermsForm(data=values)
    form.deposit.description = _hint(contract)
    if form.is_submitted() and stale(form, values):
        return _terms_page(form, contract, 409)
    if form.validate_on_submit() and attempt(form, lambda: _set_terms(contract, form)):
        back = url_for("contracts.show", contract_id=contract_id)
        return finish(back, _("What is asked is saved."))
    return _terms_page(form, contract)


def _hint(contract: Contract) -> str:
    asked = contract.resource.deposit if contract.resource else None
    return _(
        "Leave it empty for what the resource asks (%(amount)s); fill in 0 for no deposit.",
        amount=money(asked or Decimal(0)),
    )


def _set_terms(contract: Contract, form: TermsForm) -> Contract:
    deposits.set_terms(
        contract,
        deposit=form.deposit.data,
        payment_moment=form.payment_moment.data,
        deposit_moment=form.deposit_moment.data,
    )
    return contract


def _terms_page(form: TermsForm, contract: Contract, status: int | None = None) -> Response:
    return render_form("collections/terms.html", form, "dialog", status, contract=contract)
