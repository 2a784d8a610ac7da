"""Where revenue goes, by code: what articles, rates and price line types say of it."""

from __future__ import annotations

from sqlalchemy import select

from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import BusinessUnit, Company, CostCarrier, CostCentre, GLAccount, PriceRange
from ppplanner.models.rate import Booked

CODES = ("gl_code", "cost_centre_code", "cost_carrier_code")
#: Between the codes of rates that differ; and for one that names none, among others that do.
BETWEEN, NONE = ", ", "-"


def set_codes(
    record: Booked,
    gl_code: str | None,
    cost_centre_code: str | None,
    cost_carrier_code: str | None,
) -> None:
    """Let a record name these; without one it leaves that to what comes after it: see
    `charges.book`.
    """
    record.gl_code = _code(gl_code)
    record.cost_centre_code = _code(cost_centre_code)
    record.cost_carrier_code = _code(cost_carrier_code)


def _code(text: str | None) -> str | None:
    return (text or "").strip() or None


def codes_in_words(price_range: PriceRange, field: str) -> str:
    """What the rates of a price range name, as one text: "700100", "" for nothing."""
    codes = {getattr(rate, field) or NONE for rate in price_range.rates if rate.active}
    return "" if codes <= {NONE} else BETWEEN.join(sorted(codes))


def refuse_unknown(field: str, code: str, group_id: int) -> None:
    """Raises DomainError when nothing of the company group has this code."""
    if field == "gl_code":
        units = select(BusinessUnit.id).join(Company).where(Company.group_id == group_id)
        known = select(GLAccount.id).where(GLAccount.business_unit_id.in_(units))
        known = known.where(GLAccount.code == code, GLAccount.active)
    else:
        kind = CostCentre if field == "cost_centre_code" else CostCarrier
        known = select(kind.id).filter_by(group_id=group_id, code=code, active=True)
    if db.session.scalar(known.limit(1)) is None:
        raise DomainError(_("There is no “%(code)s” in the ledger.", code=code))
