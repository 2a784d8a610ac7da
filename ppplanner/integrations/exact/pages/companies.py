"""Which company the pages of the link are about."""

from __future__ import annotations

from flask_login import current_user
from sqlalchemy import select

from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Company
from ppplanner.permissions import visible


def all_companies() -> list[Company]:
    """Those within reach of the person's right."""
    return list(db.session.scalars(select(Company).where(visible(Company)).order_by(Company.name)))


def company_at_screen() -> Company:
    """The company of the business unit chosen in the top bar, or the first one."""
    companies, unit = all_companies(), current_user.business_unit
    if unit and unit.company in companies:
        return unit.company
    if not companies:
        raise DomainError(_("Add a company first, under Settings, Organisation."))
    return companies[0]
