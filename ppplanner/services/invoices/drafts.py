"""Drafts of invoices: which contracts wait for one, what would stand on it, where its lines go."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Select, exists, select

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import (
    Contract,
    ContractStatus,
    GLAccount,
    InvoiceLine,
    PriceLine,
)
from ppplanner.services.locking import lock
from ppplanner.services.pricing.invoiced import uninvoiced_lines


@dataclass(frozen=True)
class Proposal:
    """What an invoice of a contract would hold now; `net` in EUR without VAT."""

    lines: list[PriceLine]
    net: Decimal


def propose(contract: Contract) -> Proposal:
    """What the contract has not been invoiced for."""
    lines = uninvoiced_lines(contract)
    return Proposal(lines, sum((line.net for line in lines), Decimal(0)))


def contracts_to_invoice() -> Select[Contract]:
    """The contracts with something on them that stands on no invoice yet."""
    invoiced = exists().where(InvoiceLine.price_line_id == PriceLine.id)
    waiting = exists().where(PriceLine.contract_id == Contract.id, ~invoiced)
    return select(Contract).where(Contract.status != ContractStatus.CANCELLED, waiting)


def book_line(line: InvoiceLine, account: GLAccount) -> None:
    """Let a line of a draft go to `account`, one of its business unit's. The caller commits.

    Raises Invalid for an account of another unit or one that is closed, DomainError when the
    invoice is confirmed.
    """
    lock(line.invoice)
    if not line.invoice.is_draft:
        raise DomainError(_("A confirmed invoice never changes: make a credit note instead."))
    if account.business_unit_id != line.invoice.business_unit_id or not account.active:
        raise Invalid(gl_account_id=_("Choose a GL account of this invoice's business unit."))
    line.gl_account = account
    db.session.flush()
