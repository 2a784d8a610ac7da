"""Why nobody adds GL accounts, cost centres or cost carriers by hand now: where they come from
Exact, they are found there and imported (mission S24, S31).
"""

from __future__ import annotations

from ppplanner.addons.manifest import Elsewhere
from ppplanner.blueprints.scope import business_units, chosen_group
from ppplanner.i18n import _
from ppplanner.models import BusinessUnit, Company, CostCarrier, CostCentre
from ppplanner.services.ledger import CostKind

from .connect import connection_of
from .cost_ways import made_in_exact
from .settings import Source, exact_settings


def why_no_gl_accounts(unit: BusinessUnit | None) -> str:
    companies = [unit.company] if unit else [each.company for each in business_units()]
    if companies and all(map(_has_accounts_from_exact, companies)):
        return _("GL accounts come from Exact: search for them there and import them.")
    return ""


def _has_accounts_from_exact(company: Company) -> bool:
    settings, link = exact_settings.load(company.id), connection_of(company.id)
    linked = link is not None and link.division is not None
    return linked and settings.enabled and settings.gl_source == Source.EXACT


def why_no_cost_centres(unit: BusinessUnit | None) -> str:
    if _made_in_exact(unit, CostCentre):
        return _("Cost centres come from Exact: search for them there and import them.")
    return ""


def why_no_cost_carriers(unit: BusinessUnit | None) -> str:
    if _made_in_exact(unit, CostCarrier):
        return _("Cost carriers come from Exact: search for them there and import them.")
    return ""


def _made_in_exact(unit: BusinessUnit | None, model: CostKind) -> bool:
    """What is new joins the group of the business unit, or the first one within reach."""
    return made_in_exact(unit.company.group if unit else chosen_group(), model)


ELSEWHERE = (
    Elsewhere("gl_accounts", why_no_gl_accounts),
    Elsewhere("cost_centres", why_no_cost_centres),
    Elsewhere("cost_carriers", why_no_cost_carriers),
)
