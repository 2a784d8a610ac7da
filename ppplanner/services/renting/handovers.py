"""Check-out and check-in: a resource goes to the customer and comes back (domain 7.3)."""

from __future__ import annotations

from ppplanner.clock import now
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import (
    Contract,
    Handover,
    HandoverKind,
    PriceBasis,
    PriceLine,
    User,
)
from ppplanner.services.locking import lock
from ppplanner.services.pricing import contract_price
from ppplanner.services.pricing.invoiced import has_final_invoice, is_fully_invoiced
from ppplanner.services.renting.handover_rules import HandoverData, check, is_late, lock_free
from ppplanner.services.renting.lifecycle import Step, advance, may, refuse_unless
from ppplanner.services.renting.meanwhile import latest_change, who_changed


def check_out(contract: Contract, data: HandoverData, user: User | None) -> Handover:
    """The customer takes the resource along. The caller commits.

    Raises Invalid for what a person can mend; DomainError when the contract is not confirmed, has
    no resource, or its resource is still out with somebody else.
    """
    lock(contract)
    refuse_unless(contract, Step.CHECK_OUT)
    lock_free(contract)
    check(contract, HandoverKind.CHECK_OUT, data)
    advance(contract, Step.CHECK_OUT)
    handover = _note(contract, HandoverKind.CHECK_OUT, data, user)
    db.session.flush()
    return handover


def check_in(
    contract: Contract, data: HandoverData, user: User | None, actual: bool | None = None
) -> Handover:
    """The resource is back. Prices the contract, with what its use adds. The caller commits.

    `actual` says to charge the period as it went; by default that is done when it comes back late.
    Of what is invoiced the difference remains to invoice. A contract of which everything is
    invoiced goes on to *invoiced* at once. Raises Invalid, or DomainError when the contract is not
    checked out.
    """
    lock(contract)
    refuse_unless(contract, Step.CHECK_IN)
    check(contract, HandoverKind.CHECK_IN, data)
    advance(contract, Step.CHECK_IN)
    contract.ready_for_check_in_at = None
    handover = _note(contract, HandoverKind.CHECK_IN, data, user)
    db.session.flush()
    _charge(contract, is_late(contract, data.at) if actual is None else actual)
    if is_fully_invoiced(contract):
        advance(contract, Step.INVOICE)
    db.session.flush()
    return handover


def mark_ready(contract: Contract) -> None:
    """The customer has brought it back; nobody has looked at it yet. The caller commits."""
    lock(contract)
    advance(contract, Step.MARK_READY)
    contract.ready_for_check_in_at = contract.ready_for_check_in_at or now()
    db.session.flush()


def unmark_ready(contract: Contract) -> None:
    """It is not back after all. The caller commits."""
    lock(contract)
    advance(contract, Step.UNMARK_READY)
    contract.ready_for_check_in_at = None
    db.session.flush()


def correct(
    contract: Contract, kind: HandoverKind, data: HandoverData, actual: bool | None = None
) -> Handover:
    """Change what was written down of a handover, and price the contract by it. The caller commits.

    `actual` None leaves the period that is charged as it was chosen. Raises Invalid; DomainError
    once the contract is past changing or has its last invoice.
    """
    lock(contract)
    handover = _handover(contract, kind)
    _refuse_late_change(contract)
    check(contract, kind, data)
    _fill(handover, data)
    db.session.flush()
    if contract.check_in:
        _charge(contract, contract.price_basis is PriceBasis.ACTUAL if actual is None else actual)
    return handover


def take_back(contract: Contract, seen: int | None = None) -> None:
    """Undo the latest handover, made by mistake. The caller commits.

    `seen` is the id of the one that the person wants undone. Raises DomainError once there is the
    last invoice, when the resource has been handed to somebody else since, or when another handover
    is the latest by now.
    """
    lock(contract)
    refuse_unless(contract, Step.TAKE_BACK)
    _refuse_late_change(contract)
    handover = contract.check_in or contract.check_out
    if seen is not None and handover and handover.id != seen:
        raise DomainError(who_changed(contract, latest_change(contract)))
    if contract.check_in:
        lock_free(contract)
    advance(contract, Step.TAKE_BACK)
    contract.ready_for_check_in_at = None
    if handover:
        contract.handovers.remove(handover)
    contract.price_basis = PriceBasis.PLANNED
    db.session.flush()
    contract_price.price_contract(contract)
    db.session.flush()


def may_correct(contract: Contract) -> bool:
    """Whether handovers can still be changed or taken back."""
    return may(contract, Step.TAKE_BACK) and not has_final_invoice(contract)


def preview_check_in(contract: Contract, data: HandoverData, actual: bool) -> list[PriceLine]:
    """The price lines as they would be after that check-in (or correction of it). Raises Invalid.

    The contract changes in memory only: nothing is flushed, and the caller rolls back.
    """
    with db.session.no_autoflush:
        check(contract, HandoverKind.CHECK_IN, data)
        if contract.check_in:
            _fill(contract.check_in, data)
        else:
            _note(contract, HandoverKind.CHECK_IN, data, user=None)
        contract.price_basis = _basis(actual)
        contract_price.follow_rental(contract)
        contract_price.follow_use(contract)
        return sorted(contract.lines, key=lambda line: line.position)


def _handover(contract: Contract, kind: HandoverKind) -> Handover:
    found = contract.check_out if kind is HandoverKind.CHECK_OUT else contract.check_in
    if found is None:
        raise DomainError(_("There is no such handover (any more)."))
    return found


def _refuse_late_change(contract: Contract) -> None:
    if not may_correct(contract):
        raise DomainError(
            _("This contract has its last invoice or is closed: its handovers stay as they are.")
        )


def _note(
    contract: Contract, kind: HandoverKind, data: HandoverData, user: User | None
) -> Handover:
    handover = Handover(kind=kind, recorded_by=user)
    _fill(handover, data)
    contract.handovers.append(handover)
    return handover


def _fill(handover: Handover, data: HandoverData) -> None:
    handover.at, handover.remarks = data.at, data.remarks.strip()
    handover.mileage, handover.fuel = data.mileage, data.fuel


def _charge(contract: Contract, actual: bool) -> None:
    """Price the contract by what happened."""
    contract.price_basis = _basis(actual)
    contract_price.price_contract(contract)


def _basis(actual: bool) -> PriceBasis:
    return PriceBasis.ACTUAL if actual else PriceBasis.PLANNED
