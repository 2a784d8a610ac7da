"""What was picked from Exact's lists and cannot be used there any more: gone, or blocked. It is
known since the lists were fetched last.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import BusinessUnit

from .models import (
    ExactBranch,
    ExactConnection,
    ExactGLAccountLink,
    ExactListItem,
    ExactTypeAccount,
    ExactVatLink,
    ListKind,
)
from .sync.lists import fits_vat


@dataclass(frozen=True)
class StaleChoice:
    """A choice that Exact takes no longer, and where another one is picked."""

    sentence: str
    #: The business unit whose settings name it; None: the counterparts of the company.
    unit: BusinessUnit | None = None


@dataclass(frozen=True)
class _Choice:
    """What somebody picked from a list, and for what."""

    what: str
    kind: ListKind
    code: str
    unit: BusinessUnit | None = None
    fits: Callable[[ExactListItem], bool] = lambda item: True


def stale_choices(connection: ExactConnection) -> list[StaleChoice]:
    """In a fixed number of queries; none before there are lists."""
    if connection.lists_fetched_at is None:
        return []
    choices = [choice for choice in _choices(connection) if choice.code]
    known = _known(connection, choices)
    pairs = ((choice, _complaint(choice, known)) for choice in choices)
    return [StaleChoice(sentence, choice.unit) for choice, sentence in pairs if sentence]


def _known(
    connection: ExactConnection, choices: list[_Choice]
) -> dict[tuple[ListKind, str], ExactListItem]:
    codes = {choice.code for choice in choices}
    query = select(ExactListItem).where(
        ExactListItem.connection_id == connection.id, ExactListItem.code.in_(codes)
    )
    return {(item.kind, item.code): item for item in db.session.scalars(query)}


def _complaint(choice: _Choice, known: dict[tuple[ListKind, str], ExactListItem]) -> str:
    item = known.get((choice.kind, choice.code))
    names = {"what": choice.what, "code": choice.code}
    if item is None:
        return _("%(what)s: Exact has no %(code)s any more. Choose another.", **names)
    if item.details.get("blocked"):
        return _("%(what)s: %(code)s is blocked in Exact. Choose another.", **names)
    if not choice.fits(item):
        return _("%(what)s: %(code)s has changed in Exact and fits no more.", **names)
    return ""


def _choices(connection: ExactConnection) -> Iterator[_Choice]:
    journal, account = ListKind.JOURNAL, ListKind.GL_ACCOUNT
    yield _Choice(_("Sales journal"), journal, connection.sales_journal)
    condition = connection.payment_condition
    yield _Choice(_("Payment condition"), ListKind.PAYMENT_CONDITION, condition)
    for vat in _vat_links(connection):
        fits = partial(fits_vat, percentage=vat.vat_code.percentage)
        what = _("VAT code %(name)s", name=vat.vat_code.code)
        yield _Choice(what, ListKind.VAT_CODE, vat.code, fits=fits)
    for link in _gl_links(connection):
        unit = link.gl_account.business_unit.code
        what = _("GL account %(code)s of %(unit)s", code=link.gl_account.code, unit=unit)
        yield _Choice(what, account, link.code)
    for branch in _branches(connection):
        of = branch.business_unit
        yield _Choice(_named(_("Cash journal"), of), journal, branch.cash_journal, of)
        other = _named(_("Journal for other transactions"), of)
        yield _Choice(other, journal, branch.other_journal, of)
        customers = _named(_("GL account for customers"), of)
        yield _Choice(customers, account, branch.customer_gl_code, of)
    for each, of in _type_accounts(connection):
        yield _Choice(_named(str(each), of), account, each.gl_account_code, of)


def _named(what: str, unit: BusinessUnit) -> str:
    return _("%(what)s of %(unit)s", what=what, unit=unit.name)


def _vat_links(connection: ExactConnection) -> list[ExactVatLink]:
    query = select(ExactVatLink).options(joinedload(ExactVatLink.vat_code))
    links = db.session.scalars(query.filter_by(connection_id=connection.id))
    return [link for link in links if link.vat_code.active]


def _gl_links(connection: ExactConnection) -> list[ExactGLAccountLink]:
    query = select(ExactGLAccountLink).options(joinedload(ExactGLAccountLink.gl_account))
    links = db.session.scalars(query.filter_by(connection_id=connection.id))
    return [link for link in links if link.gl_account.active]


def _branches(connection: ExactConnection) -> list[ExactBranch]:
    query = select(ExactBranch).options(joinedload(ExactBranch.business_unit))
    return list(db.session.scalars(query.filter_by(connection_id=connection.id)))


def _type_accounts(
    connection: ExactConnection,
) -> list[tuple[ExactTypeAccount, BusinessUnit]]:
    query = (
        select(ExactTypeAccount, BusinessUnit)
        .join(BusinessUnit, BusinessUnit.id == ExactTypeAccount.business_unit_id)
        .where(BusinessUnit.company_id == connection.company_id)
        .options(joinedload(ExactTypeAccount.type), joinedload(ExactTypeAccount.method))
    )
    return [(account, unit) for account, unit in db.session.execute(query)]
