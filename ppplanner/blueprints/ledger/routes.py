"""The pages of the ledger: four plain lists, with tabs between them."""

from __future__ import annotations

from typing import Any

from flask import redirect, url_for
from flask.typing import ResponseReturnValue

from ppplanner.addons.registry import registry
from ppplanner.blueprints.costs import carriers_used, centres_used
from ppplanner.blueprints.ledger import bp, listings
from ppplanner.blueprints.ledger.forms import CostItemForm, GLAccountForm, VatCodeForm
from ppplanner.blueprints.maintenance import Maintenance
from ppplanner.blueprints.records import find
from ppplanner.blueprints.scope import chosen_group
from ppplanner.errors import Invalid
from ppplanner.i18n import _, _l
from ppplanner.models import BusinessUnit, CostCarrier, CostCentre, GLAccount, VatCode
from ppplanner.permissions import require
from ppplanner.services import ledger
from ppplanner.services.removal import delete_cost_carrier, delete_cost_centre, delete_gl_account

VIEW, EDIT = "ledger.view", "ledger.edit"


@bp.get("/")
@require(VIEW)
def index() -> ResponseReturnValue:
    return redirect(url_for(".gl_accounts"))


def _save_gl_account(values: dict[str, Any], account: GLAccount | None) -> GLAccount:
    unit = find(BusinessUnit, values.pop("business_unit_id"))
    if account is not None and account.business_unit_id != unit.id:
        raise Invalid(business_unit_id=_("A GL account stays in its business unit: add a new one."))
    if account is None and (why_not := registry().why_not_by_hand("gl_accounts", unit)):
        raise Invalid(business_unit_id=why_not)
    return ledger.save_gl_account(unit, **values, account=account)


def _save_cost_centre(values: dict[str, Any], cost_centre: CostCentre | None) -> CostCentre:
    group_id = cost_centre.group_id if cost_centre else chosen_group().id
    return ledger.save_cost_centre(group_id=group_id, **values, cost_centre=cost_centre)


def _save_cost_carrier(values: dict[str, Any], cost_carrier: CostCarrier | None) -> CostCarrier:
    group_id = cost_carrier.group_id if cost_carrier else chosen_group().id
    return ledger.save_cost_carrier(group_id=group_id, **values, cost_carrier=cost_carrier)


Maintenance(
    model=GLAccount,
    listing=listings.GL_ACCOUNTS,
    form=GLAccountForm,
    save=_save_gl_account,
    delete=delete_gl_account,
    view=VIEW,
    edit=EDIT,
    add=_l("New GL account"),
    template="ledger/gl_accounts.html",
).register(bp, "/gl-accounts")

Maintenance(
    model=VatCode,
    listing=listings.VAT_CODES,
    form=VatCodeForm,
    save=lambda values, vat_code: ledger.save_vat_code(**values, vat_code=vat_code),
    view=VIEW,
    edit=EDIT,
    add=_l("New VAT code"),
    template="ledger/list.html",
).register(bp, "/vat-codes")

Maintenance(
    model=CostCentre,
    listing=listings.COST_CENTRES,
    form=CostItemForm,
    save=_save_cost_centre,
    delete=delete_cost_centre,
    when=centres_used,
    view=VIEW,
    edit=EDIT,
    add=_l("New cost centre"),
    template="ledger/cost_items.html",
    form_template="ledger/cost_item.html",
).register(bp, "/cost-centres")

Maintenance(
    model=CostCarrier,
    listing=listings.COST_CARRIERS,
    form=CostItemForm,
    save=_save_cost_carrier,
    delete=delete_cost_carrier,
    when=carriers_used,
    view=VIEW,
    edit=EDIT,
    add=_l("New cost carrier"),
    template="ledger/cost_items.html",
    form_template="ledger/cost_item.html",
).register(bp, "/cost-carriers")
