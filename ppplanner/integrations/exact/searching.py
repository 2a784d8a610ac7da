"""Where things can be looked up in Exact now; where not, why and what to do, "" where they can."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel.speaklater import LazyString
from flask_login import current_user
from sqlalchemy import select

from ppplanner.blueprints.scope import here
from ppplanner.extensions import db
from ppplanner.i18n import _, _l
from ppplanner.models import BusinessUnit, CompanyGroup, CostCarrier, CostCentre
from ppplanner.permissions import visible
from ppplanner.services.ledger import CostKind

from .connect import connections
from .cost_ways import cost_ways
from .models import ExactConnection
from .settings import exact_settings

NOT_FROM_EXACT: Mapping[CostKind, LazyString] = {
    CostCentre: _l("Cost centres are made here: see Settings, Exact Online."),
    CostCarrier: _l("Cost carriers are made here: see Settings, Exact Online."),
}


def why_no_customers(connection: ExactConnection | None) -> str:
    if connection is None:
        return _no_link()
    settings = exact_settings.load(connection.company_id)
    if not (settings.enabled and settings.customers_search):
        return _("Finding customers in Exact is switched off under Settings, Exact Online.")
    return _why_not_now(connection)


def why_no_gl_accounts(connection: ExactConnection | None) -> str:
    if connection is None:
        return _no_link()
    settings = exact_settings.load(connection.company_id)
    if not (settings.enabled and settings.gl_search):
        return _("Finding GL accounts in Exact is switched off under Settings, Exact Online.")
    return _why_not_now(connection)


def why_no_cost_items(connection: ExactConnection | None, model: CostKind) -> str:
    if connection is None:
        return _no_link()
    if not cost_ways(connection.company, model).from_exact:
        return str(NOT_FROM_EXACT[model])
    return _why_not_now(connection)


def link_for_costs(group: CompanyGroup, model: CostKind) -> ExactConnection | None:
    """The link of a group in which to look for cost centres or cost carriers: one in which that can
    be done, and of these that of the business unit chosen in the top bar.
    """
    chosen = current_user.business_unit
    links = [link for link in _links() if link.company.group_id == group.id]
    links.sort(key=lambda link: chosen is None or link.company_id != chosen.company_id)
    usable = [link for link in links if not why_no_cost_items(link, model)]
    return next(iter((*usable, *links)), None)


def units_to_import_to() -> list[BusinessUnit]:
    """The business units for which the person may find GL accounts in Exact and import them."""
    usable = [link.company_id for link in _links() if not why_no_gl_accounts(link)]
    query = select(BusinessUnit).where(
        BusinessUnit.company_id.in_(usable),
        here(BusinessUnit, "exact.search"),
        visible(BusinessUnit, "ledger.edit"),
    )
    return list(db.session.scalars(query.order_by(BusinessUnit.name)))


def _links() -> list[ExactConnection]:
    return connections(visible(ExactConnection, "exact.search"))


def _no_link() -> str:
    return _("This company has no link with Exact yet. Set it up under Settings, Exact Online.")


def _why_not_now(connection: ExactConnection) -> str:
    if not connection.is_connected:
        return _("Nobody is logged in with Exact. Log in under Settings, Exact Online.")
    if connection.division is None:
        return _("No administration is chosen yet under Settings, Exact Online.")
    return ""
