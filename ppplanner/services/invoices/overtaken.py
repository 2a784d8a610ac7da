"""Drafts that their contract has overtaken: what differs, and bringing them up to date."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Invoice, InvoiceLine
from ppplanner.services.invoices.drafts import add_proposed
from ppplanner.services.invoices.frozen import refuse_confirmed
from ppplanner.services.invoices.holding import hold
from ppplanner.services.invoices.proposals import Proposal, ProposedLine, propose
from ppplanner.services.invoices.totals import total
from ppplanner.services.locking import lock


@dataclass(frozen=True)
class Difference:
    """A line that the contract would have otherwise now: EUR without VAT, None for no line."""

    description: str
    drafted: Decimal | None
    proposed: Decimal | None


class Overtaken(DomainError):
    """The contract of a draft has changed since: a person says what to do."""

    def __init__(self, differences: Sequence[Difference]) -> None:
        super().__init__(
            _(
                "The contract has changed since this draft was made: bring the draft up to date, or"
                " confirm it as it is."
            )
        )
        self.differences = differences


def differences(invoice: Invoice) -> list[Difference]:
    """What the contract of a draft would have otherwise now. Nothing for one without contract.

    Lines that a person took off, or that came since, can wait for a later invoice; but not for one
    after the last.
    """
    proposal = _proposal(invoice, None if invoice.final else invoice.invoiced_until)
    if proposal is None:
        return []
    wanted = {line.price_line.id: line for line in proposal.lines}
    drafted = _of_contract(invoice)
    changed = [
        Difference(line.description, line.net, wanted[key].net if key in wanted else None)
        for key, line in drafted.items()
        if key not in wanted or not _alike(line, wanted[key])
    ]
    missing = [line for key, line in wanted.items() if invoice.final and key not in drafted]
    return changed + [Difference(line.description, None, line.net) for line in missing]


def fingerprint(shown: Iterable[Difference]) -> str:
    """Tells these differences from all others: what somebody has seen from what came after that."""
    rows = [f"{each.description}\t{each.drafted}\t{each.proposed}" for each in shown]
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()


def meet_contract(invoice: Invoice, seen: str) -> None:
    """Look once more at the contract of a draft that is being confirmed; the caller keeps both to
    itself. Raises Overtaken when the contract differs otherwise than a person has `seen`; what they
    have seen lets the invoice be its last one only if nothing remains.
    """
    found = differences(invoice)
    if found and fingerprint(found) != seen:
        raise Overtaken(found)
    invoice.final = invoice.final and not found


def refresh_draft(invoice: Invoice) -> None:
    """Bring a draft in line with its contract as it is now, up to and including the same day; lines
    that people added stay, and so does where lines are booked. The caller commits.

    Raises DomainError when the contract has nothing left for it: then discard it.
    """
    hold(invoice)
    refuse_confirmed(invoice)
    proposal = _proposal(invoice, invoice.invoiced_until)
    if proposal is None:
        return
    _take_over(invoice, proposal)
    invoice.final = invoice.final and proposal.complete
    total(invoice)
    db.session.flush()


def set_final(invoice: Invoice, final: bool) -> None:
    """Say whether a draft is the last invoice of its contract. Raises Invalid when something would
    remain. The caller commits.
    """
    lock(invoice)
    refuse_confirmed(invoice)
    if final and not holds_the_rest(invoice):
        raise Invalid(final=_("Something of the contract remains to invoice after this one."))
    invoice.final = final
    db.session.flush()


def holds_the_rest(invoice: Invoice) -> bool:
    """Whether nothing of its contract remains to invoice after this draft."""
    assert invoice.contract
    drafted = {key: line.net for key, line in _of_contract(invoice).items()}
    rest = propose(invoice.contract, besides=invoice).lines
    return all(drafted.get(line.price_line.id) == line.net for line in rest)


def _proposal(invoice: Invoice, until: date | None) -> Proposal | None:
    if invoice.contract is None or invoice.is_credit_note or not invoice.is_draft:
        return None
    return propose(invoice.contract, until, besides=invoice)


def _of_contract(invoice: Invoice) -> dict[int, InvoiceLine]:
    return {line.price_line_id: line for line in invoice.lines if line.price_line_id is not None}


def _alike(line: InvoiceLine, wanted: ProposedLine) -> bool:
    """Whether amount and VAT are the same; the words are a person's."""
    vat = line.vat_code_id, line.vat_percentage
    return line.net == wanted.net and vat == (wanted.vat_code.id, wanted.vat_percentage)


def _take_over(invoice: Invoice, proposal: Proposal) -> None:
    if not proposal.lines:
        raise DomainError(_("Nothing remains to invoice for this draft: discard it."))
    drafted = _of_contract(invoice)
    wanted = {line.price_line.id: line for line in proposal.lines}
    for key, line in drafted.items():
        if key not in wanted:
            invoice.lines.remove(line)
        elif not _alike(line, wanted[key]):
            _rewrite(line, wanted[key])
    add_proposed(invoice, [line for key, line in wanted.items() if key not in drafted])


def _rewrite(line: InvoiceLine, wanted: ProposedLine) -> None:
    line.description, line.net = wanted.description, wanted.net
    line.first_day, line.last_day = wanted.first_day, wanted.last_day
    line.units, line.unit_price = wanted.units, wanted.unit_price
    line.discount = wanted.discount
    line.vat_code, line.vat_percentage = wanted.vat_code, wanted.vat_percentage
