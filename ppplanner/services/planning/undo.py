"""Undoing and redoing what a person did on the board: the last 50 steps, each whole or not at all.

A step keeps each of its contracts before and after. It is undone only while they still are as it
left them: what a colleague did since stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select

from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import BoardStep, Contract, ContractStatus, Resource
from ppplanner.services.locking import lock, lock_all, take_turn
from ppplanner.services.planning.moves import Refused, State, relocate, state_of
from ppplanner.services.pricing.contract_price import restore
from ppplanner.services.pricing.invoiced import has_invoice
from ppplanner.services.renting.contracts import cancel_contract
from ppplanner.services.renting.meanwhile import WHEREABOUTS, latest_change, who_changed

KEPT = 50


class Overtaken(DomainError):
    """A step that can no longer be undone or redone: its contracts have changed since."""

    def __init__(self, reason: str, step_id: int) -> None:
        super().__init__(reason)
        self.step_id = step_id


@dataclass(frozen=True)
class Deed:
    """What a step does to one contract, whose id it keeps; made by it when there is no `before`."""

    contract_id: int
    before: State | None
    after: State

    @property
    def is_move(self) -> bool:
        """Whether it changed more than the price."""
        return self.before is None or any(
            self.before[key] != self.after[key] for key in WHEREABOUTS
        )

    def turned(self, back: bool) -> tuple[State, State]:
        """From which state to which: undoing goes back, redoing forth. Never made is cancelled."""
        before = self.before or {**self.after, "status": ContractStatus.CANCELLED.value}
        return (self.after, before) if back else (before, self.after)


def deeds(step: BoardStep) -> list[Deed]:
    """What a step did."""
    return [Deed(**each) for each in step.moves]


def record(user_id: int, done: Iterable[Deed]) -> BoardStep:
    """Keep what a person just did as one step; what they had undone is gone. The caller commits."""
    db.session.execute(delete(BoardStep).filter_by(user_id=user_id, undone=True))
    step = BoardStep(user_id=user_id, moves=[vars(each) for each in done])
    db.session.add(step)
    db.session.flush()
    _forget_the_oldest(user_id)
    return step


def _forget_the_oldest(user_id: int) -> None:
    newest = select(BoardStep.id).filter_by(user_id=user_id).order_by(BoardStep.id.desc())
    last = db.session.scalar(newest.offset(KEPT).limit(1))
    if last is not None:
        old = delete(BoardStep).where(BoardStep.user_id == user_id, BoardStep.id <= last)
        db.session.execute(old)


@contextmanager
def recording(user_id: int, contracts: Iterable[Contract]) -> Iterator[None]:
    """Keep as one step what happens within to these contracts, if anything does. They are kept from
    others, whose deeds are not this person's to undo.
    """
    contracts = list(contracts)
    lock_all(Contract, contracts)
    before = {contract: state_of(contract) for contract in contracts}
    yield
    done = [
        Deed(contract.id, state, after)
        for contract, state in before.items()
        if (after := state_of(contract)) != state
    ]
    if done:
        record(user_id, done)


def made(contract: Contract) -> Deed:
    """The making of a contract."""
    return Deed(contract.id, None, state_of(contract))


def next_steps(user_id: int) -> tuple[BoardStep | None, BoardStep | None]:
    """The steps that undo and redo would take."""
    return _next(user_id, undone=False), _next(user_id, undone=True)


def _next(user_id: int, undone: bool) -> BoardStep | None:
    order = BoardStep.id if undone else BoardStep.id.desc()
    query = select(BoardStep).filter_by(user_id=user_id, undone=undone).order_by(order).limit(1)
    return db.session.scalar(query)


def undo(user_id: int, *conditions: ColumnElement[bool]) -> BoardStep:
    """Take back the person's newest step. The caller commits.

    Raises Overtaken, `moves.Refused` when a place is taken meanwhile, DomainError without a step.
    """
    return _turn(user_id, back=True, conditions=conditions)


def redo(user_id: int, *conditions: ColumnElement[bool]) -> BoardStep:
    """Do again what the person took back last. Raises as `undo` does. The caller commits."""
    return _turn(user_id, back=False, conditions=conditions)


def _turn(user_id: int, back: bool, conditions: Sequence[ColumnElement[bool]]) -> BoardStep:
    take_turn(f"board steps of {user_id}")
    step = _next(user_id, undone=not back)
    if step is None:
        raise DomainError(
            _("There is nothing to undo.") if back else _("There is nothing to redo.")
        )
    done = deeds(step)
    turned = {each.contract_id: each.turned(back) for each in (done[::-1] if back else done)}
    contracts = _hold(step, turned)
    for contract, (present, _wanted) in zip(contracts, turned.values(), strict=True):
        _refuse_overtaken(step, contract, present)
    for contract, (_present, wanted) in zip(contracts, turned.values(), strict=True):
        _put(contract, wanted, conditions)
    step.undone = back
    db.session.flush()
    return step


def _hold(step: BoardStep, turned: Mapping[int, tuple[State, State]]) -> list[Contract]:
    """The step's contracts, kept from others together with all resources that it needs: in order
    of their keys, so that two steps cannot wait for each other.
    """
    wanted = {wanted["resource_id"] for _present, wanted in turned.values()} - {None}
    for model, keys in ((Contract, turned.keys()), (Resource, wanted)):
        query = select(model).where(model.id.in_(keys)).order_by(model.id)
        held = query.with_for_update(of=model).execution_options(populate_existing=True)
        found = db.session.scalars(held).unique().all()
        if len(found) < len(keys):
            raise Overtaken(_("A contract or a resource of this step is no longer there."), step.id)
    return [db.session.get_one(Contract, key) for key in turned]


def _refuse_overtaken(step: BoardStep, contract: Contract, expected: State) -> None:
    """Raise Overtaken when the contract is no longer as the step, or its undoing, left it."""
    present = state_of(contract)
    if present == expected:
        return
    moved = {**present, "lines": None} != {**expected, "lines": None}
    change = latest_change(contract, moved)
    raise Overtaken(who_changed(contract, change), step.id)


def _put(contract: Contract, wanted: State, conditions: Sequence[ColumnElement[bool]]) -> None:
    """Make the contract what the state says, or raise Refused."""
    if has_invoice(contract):
        reason = _("Contract %(contract)s has an invoice by now.", contract=contract)
        raise Refused(reason, contract)
    status = ContractStatus(wanted["status"])
    if status is ContractStatus.CANCELLED:
        cancel_contract(contract)
        return
    resource = db.session.get(Resource, wanted["resource_id"] or 0)
    starts_at, ends_at = (datetime.fromisoformat(wanted[key]) for key in ("starts_at", "ends_at"))
    relocate(contract, resource, starts_at, ends_at, *conditions, status=status)
    restore(contract, wanted["lines"])


def keep_old_price(user_id: int, contract: Contract) -> Deed:
    """Give a contract back the price from before the person moved it. The caller commits.

    Raises DomainError when that is not at hand: nothing was moved, or it has changed since.
    """
    lock(contract)
    moved = _last_move(user_id, contract)
    before = state_of(contract)
    if moved is None or moved.before is None or before != moved.after or not moved.is_move:
        raise DomainError(_("The old price is no longer at hand: change the price lines instead."))
    if has_invoice(contract):
        raise DomainError(_("Contract %(contract)s has an invoice by now.", contract=contract))
    restore(contract, moved.before["lines"])
    return Deed(contract.id, before, state_of(contract))


def _last_move(user_id: int, contract: Contract) -> Deed | None:
    query = select(BoardStep).filter_by(user_id=user_id, undone=False).order_by(BoardStep.id.desc())
    done = (deed for step in db.session.scalars(query) for deed in deeds(step))
    return next((deed for deed in done if deed.contract_id == contract.id), None)


def forget(user_id: int, step_id: int) -> None:
    """Take a step off the person's list. The caller commits."""
    db.session.execute(delete(BoardStep).filter_by(user_id=user_id, id=step_id))
