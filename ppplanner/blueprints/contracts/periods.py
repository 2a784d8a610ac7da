"""How often a contract is invoiced, and when next."""

from __future__ import annotations

from flask import Response, url_for
from flask.typing import ResponseReturnValue
from wtforms.validators import Optional

from ppplanner.blueprints.contracts import bp
from ppplanner.blueprints.contracts.labels import FIELDS, PERIODICITIES
from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.form_fields import DayField, choice_field
from ppplanner.blueprints.htmx import finish, render_form
from ppplanner.blueprints.records import find
from ppplanner.blueprints.stale import StaleAware, stale
from ppplanner.i18n import _, _l
from ppplanner.models import Contract, Periodicity
from ppplanner.permissions import require
from ppplanner.services.invoices.periods import set_periodicity


class PeriodicityForm(StaleAware):
    """How often a contract is invoiced."""

    periodicity = choice_field(
        FIELDS["periodicity"],
        choices=lambda: [
            ("", _("Once, or by hand")),
            *((each.value, text) for each, text in PERIODICITIES.items()),
        ],
        coerce=lambda text: Periodicity(text) if text else None,
    )
    next_invoice_date = DayField(
        FIELDS["next_invoice_date"],
        [Optional()],
        description=_l(
            "Rent is invoiced up to and including that day. Empty: the last day of the first"
            " period."
        ),
    )


@bp.route("/<int:contract_id>/periodicity", methods=["GET", "POST"])
@require("contracts.edit")
def change_periodicity(contract_id: int) -> ResponseReturnValue:
    contract = find(Contract, contract_id)
    values = {
        "periodicity": contract.periodicity,
        "next_invoice_date": contract.next_invoice_date,
    }
    form = PeriodicityForm(data=values)
    if form.is_submitted() and stale(form, values):
        return _page(form, contract, 409)
    if form.validate_on_submit() and attempt(form, lambda: _save(contract, form)):
        return finish(url_for(".show", contract_id=contract_id), _("The contract is saved."))
    return _page(form, contract)


def _save(contract: Contract, form: PeriodicityForm) -> Contract:
    set_periodicity(contract, form.periodicity.data, form.next_invoice_date.data)
    return contract


def _page(form: PeriodicityForm, contract: Contract, status: int | None = None) -> Response:
    return render_form("contracts/periodicity.html", form, "dialog", status, contract=contract)
