"""How a contract goes from one status to the next (domain 7.2): the only place that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ppplanner.clock import now
from ppplanner.errors import DomainError
from ppplanner.i18n import _l
from ppplanner.models import Contract, ContractStatus

IN_PREPARATION, CONFIRMED, OPEN, CHECKED_IN, INVOICED, COMPLETED, CANCELLED = ContractStatus


class Step(StrEnum):
    """Something that can be done with a contract."""

    CONFIRM = "confirm"
    CHECK_OUT = "check_out"
    MARK_READY = "mark_ready"
    UNMARK_READY = "unmark_ready"
    CHECK_IN = "check_in"
    #: Undo the latest handover, made by mistake.
    TAKE_BACK = "take_back"
    #: The final invoice is confirmed; nobody does this by hand.
    INVOICE = "invoice"
    #: A credit note gave something back to be invoiced again; nobody does this by hand.
    REOPEN = "reopen"
    COMPLETE = "complete"
    CANCEL = "cancel"


@dataclass(frozen=True)
class Transition:
    """From which status a step leads to which, and what is said when it comes at another time."""

    steps: Mapping[ContractStatus, ContractStatus]
    refusal: object


def _same(*statuses: ContractStatus) -> Mapping[ContractStatus, ContractStatus]:
    return {status: status for status in statuses}


def _to(
    target: ContractStatus, *sources: ContractStatus
) -> Mapping[ContractStatus, ContractStatus]:
    return dict.fromkeys(sources, target)


TRANSITIONS: Mapping[Step, Transition] = {
    Step.CONFIRM: Transition(
        _to(CONFIRMED, IN_PREPARATION), _l("Only a contract in preparation can be confirmed.")
    ),
    Step.CHECK_OUT: Transition(
        _to(OPEN, CONFIRMED), _l("Only a confirmed contract can be checked out.")
    ),
    Step.MARK_READY: Transition(
        _same(OPEN), _l("Only a contract that is checked out can be marked ready for check-in.")
    ),
    Step.UNMARK_READY: Transition(
        _same(OPEN), _l("Only a contract that is checked out can be marked ready for check-in.")
    ),
    Step.CHECK_IN: Transition(
        _to(CHECKED_IN, OPEN), _l("Only a contract that is checked out can be checked in.")
    ),
    Step.TAKE_BACK: Transition(
        {OPEN: CONFIRMED, CHECKED_IN: OPEN},
        _l("Only a check-out or check-in that has no invoice can be undone."),
    ),
    Step.INVOICE: Transition(
        _to(INVOICED, CHECKED_IN), _l("Only a contract that is checked in becomes invoiced.")
    ),
    Step.REOPEN: Transition(
        _to(CHECKED_IN, INVOICED), _l("Only an invoiced contract can be invoiced again.")
    ),
    Step.COMPLETE: Transition(
        _to(COMPLETED, CONFIRMED, CHECKED_IN, INVOICED),
        _l("Only a contract that is confirmed, checked in or invoiced can be completed."),
    ),
    Step.CANCEL: Transition(
        _to(CANCELLED, IN_PREPARATION, CONFIRMED), _l("This contract can no longer be cancelled.")
    ),
}
#: A contract that was never checked out can be completed once its period is over.
NEVER_OUT = _l("This contract is not over yet: check it out, or cancel it.")


def may(contract: Contract, step: Step) -> bool:
    """Whether the step is allowed as the contract stands."""
    return _fault(contract, step) is None


def steps_of(contract: Contract) -> frozenset[Step]:
    """Everything that may be done with the contract now."""
    return frozenset(step for step in Step if may(contract, step))


def refuse_unless(contract: Contract, step: Step) -> None:
    """Raise DomainError, which says why, when the step is not allowed."""
    if fault := _fault(contract, step):
        raise DomainError(str(fault))


def advance(contract: Contract, step: Step) -> None:
    """Give the contract the status that the step leads to. Raises DomainError when it may not."""
    refuse_unless(contract, step)
    contract.status = TRANSITIONS[step].steps[contract.status]


def _fault(contract: Contract, step: Step) -> object | None:
    """Why the step may not be taken now, in words; None when it may."""
    transition = TRANSITIONS[step]
    if contract.status not in transition.steps:
        return transition.refusal
    if step is Step.COMPLETE and contract.status is CONFIRMED and contract.ends_at > now():
        return NEVER_OUT
    return None
