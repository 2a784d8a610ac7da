"""What can be done with a contract now, as buttons: the likely next one first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from flask import url_for

from ppplanner.addons.manifest import Text
from ppplanner.i18n import _l
from ppplanner.models import Contract, ContractStatus
from ppplanner.permissions import allowed
from ppplanner.services.pricing.invoiced import is_invoiced
from ppplanner.services.renting.handovers import may_correct
from ppplanner.services.renting.lifecycle import Step, steps_of


@dataclass(frozen=True)
class Deed:
    """One button: what it says, and where it leads."""

    label: Text
    icon: str
    endpoint: str
    #: "post" acts at once, "dialog" asks first, "page" leaves for another one, "paper" opens a tab.
    opens: Literal["post", "dialog", "page", "paper"] = "dialog"
    permission: str = "contracts.edit"
    danger: bool = False
    #: What the endpoint calls the contract.
    argument: str = "contract_id"

    def url(self, contract: Contract) -> str:
        values: dict[str, Any] = {self.argument: contract.id}
        return url_for(self.endpoint, **values)


CONFIRM = Deed(_l("Confirm"), "check", "contracts.confirm", "post")
CHECK_OUT = Deed(_l("Check out"), "logout", "contracts.check_out")
CHECK_IN = Deed(_l("Check in"), "login", "contracts.check_in")
FIND = Deed(_l("Find a resource"), "search", "contracts.find_resource")
FIND_OTHER = Deed(_l("Find another resource"), "search", "contracts.find_resource")
INVOICE = Deed(_l("Make invoice"), "receipt", "invoices.new", permission="invoices.edit")
READY = Deed(_l("Ready for check-in"), "flag", "contracts.mark_ready", "post")
NOT_READY = Deed(_l("Not ready for check-in"), "flag-off", "contracts.unmark_ready", "post")
TAKE_BACK_OUT = Deed(_l("Undo the check-out"), "arrow-back-up", "contracts.take_back")
TAKE_BACK_IN = Deed(_l("Undo the check-in"), "arrow-back-up", "contracts.take_back")
COMPLETE = Deed(_l("Complete"), "checks", "contracts.complete")
PDF = Deed(_l("PDF"), "file-type-pdf", "contracts.pdf", "paper", "contracts.view")
COPY = Deed(_l("New contract like this one"), "copy", "contracts.new", "page", argument="like")
CANCEL = Deed(_l("Cancel contract"), "ban", "contracts.cancel", danger=True)

BY_STEP: Mapping[Step, Deed] = {
    Step.CONFIRM: CONFIRM,
    Step.CHECK_OUT: CHECK_OUT,
    Step.CHECK_IN: CHECK_IN,
    Step.COMPLETE: COMPLETE,
    Step.CANCEL: CANCEL,
}


@dataclass(frozen=True)
class NextSteps:
    """The buttons of a contract, for the person who looks at it."""

    primary: Deed | None
    menu: list[Deed]


def next_steps(contract: Contract, to_invoice: bool) -> NextSteps:
    """What the person may do now. `to_invoice` says whether something waits for an invoice."""
    deeds = [each for each in _possible(contract, to_invoice) if allowed(each.permission, contract)]
    likely = next((each for each in deeds if each in _likely(contract)), None)
    return NextSteps(likely, [each for each in deeds if each is not likely])


def _possible(contract: Contract, to_invoice: bool) -> list[Deed]:
    """Everything that is allowed, in the order of a contract's life."""
    steps = steps_of(contract)
    deeds = [BY_STEP[step] for step in (Step.CONFIRM, Step.CHECK_OUT) if step in steps]
    if Step.CANCEL in steps:
        deeds.append(FIND_OTHER if contract.resource_id else FIND)
    if Step.MARK_READY in steps:
        deeds.append(NOT_READY if contract.ready_for_check_in_at else READY)
    if Step.CHECK_IN in steps:
        deeds.append(CHECK_IN)
    if to_invoice:
        deeds.append(INVOICE)
    if Step.COMPLETE in steps:
        deeds.append(COMPLETE)
    deeds += [PDF, COPY]
    if may_correct(contract):
        deeds.append(TAKE_BACK_IN if contract.check_in else TAKE_BACK_OUT)
    return deeds + ([CANCEL] if Step.CANCEL in steps else [])


def _likely(contract: Contract) -> tuple[Deed, ...]:
    """What most often comes next; the first of these that is possible is."""
    if contract.status is ContractStatus.CONFIRMED and contract.resource_id is None:
        return (FIND,)
    if contract.status is ContractStatus.CHECKED_IN and is_invoiced(contract):
        return (INVOICE,)  # a draft still waits for its number
    return (CONFIRM, CHECK_OUT, CHECK_IN, INVOICE, COMPLETE)
