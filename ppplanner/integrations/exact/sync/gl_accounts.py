"""GL accounts in Exact: found by a person or by their code, never written (mission S27 to S35)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from ppplanner.errors import Invalid, NotFound
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import BusinessUnit, GLAccount
from ppplanner.services import ledger

from ..client import ExactClient
from ..models import ExactGLAccountLink
from ..records import GLAccountRecord
from .asked import in_vain
from .lists import keep_account

LONGEST_NAME = 60


@dataclass(frozen=True)
class ImportedAccount:
    """The GL account that an import led to, and whether it was known here."""

    account: GLAccount
    known: bool


def link_by_code(client: ExactClient, connection_id: int, accounts: Iterable[GLAccount]) -> bool:
    """Link accounts that have no counterpart with those that Exact has under the same code;
    whether any was found. What is not there is asked for once in a run. Commits.

    So somebody who made an account in Exact only has to try again (domain D3).
    """
    wanted = {account.id: account.code for account in accounts}
    codes = {code for code in wanted.values() if ("gl", code) not in in_vain(client)}
    db.session.commit()
    found = {each.code: each for each in client.gl_accounts_by_code(sorted(codes))}
    in_vain(client).update(("gl", code) for code in codes - found.keys())
    for account_id, code in wanted.items():
        if code in found:
            _link(connection_id, account_id, found[code])
    db.session.commit()
    return any(code in found for code in wanted.values())


def find_gl_account(client: ExactClient, account_id: UUID) -> GLAccountRecord:
    """A GL account as Exact holds it now. Raises NotFound."""
    found = next(client.gl_accounts_by_id([account_id]), None)
    if found is None:
        raise NotFound(_("This GL account is no longer in Exact. Search again."))
    return found


def import_gl_account(
    connection_id: int, unit: BusinessUnit, found: GLAccountRecord
) -> ImportedAccount:
    """Make a GL account of a business unit of one in Exact, or give the one that the unit has of it
    (mission S32, domain D6). Commits, since two people may import the same at once.
    """
    unit_id = unit.id
    try:
        imported = _import(connection_id, unit, found)
        db.session.commit()
        return imported
    except (IntegrityError, Invalid):
        db.session.rollback()
        known = known_accounts(connection_id, unit_id, [found]).get(found.id)
        if known is None:
            raise
        return ImportedAccount(known, True)


def _import(connection_id: int, unit: BusinessUnit, found: GLAccountRecord) -> ImportedAccount:
    known = known_accounts(connection_id, unit.id, [found]).get(found.id)
    account = known or ledger.save_gl_account(
        unit,
        code=found.code,
        name=(found.name or found.code)[:LONGEST_NAME],
        origin="exact",
    )
    _link(connection_id, account.id, found)
    return ImportedAccount(account, known is not None)


def known_accounts(
    connection_id: int, unit_id: int, found: Iterable[GLAccountRecord]
) -> dict[UUID, GLAccount]:
    """The accounts of a business unit that these in Exact are: by their link, else by their code,
    whatever its case.
    """
    codes = {_key(each.code): each.id for each in found}
    of_unit = select(GLAccount).where(GLAccount.business_unit_id == unit_id)
    by_code = db.session.scalars(of_unit.where(func.lower(GLAccount.code).in_(codes)))
    links = (
        select(ExactGLAccountLink)
        .join(ExactGLAccountLink.gl_account)
        .where(
            ExactGLAccountLink.connection_id == connection_id,
            ExactGLAccountLink.exact_id.in_(codes.values()),
            GLAccount.business_unit_id == unit_id,
        )
    )
    known = {codes[_key(account.code)]: account for account in by_code}
    return known | {link.exact_id: link.gl_account for link in db.session.scalars(links)}


def _key(code: str) -> str:
    return code.strip().lower()


def _link(connection_id: int, account_id: int, found: GLAccountRecord) -> None:
    """What somebody linked with another one stays so."""
    keep_account(connection_id, found)
    key = {"gl_account_id": account_id, "connection_id": connection_id}
    if db.session.get(ExactGLAccountLink, key) is None:
        db.session.add(ExactGLAccountLink(**key, exact_id=found.id, code=found.code))
        db.session.flush()
