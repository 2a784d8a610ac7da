"""Every write to Exact is a step with a memory: noted and committed before the call.

Exact has no key that would make a repeated write harmless. So a step whose outcome is unknown (the
worker died, the answer was lost) is looked up by its natural key before it is sent again. That it
is not found proves something only after a while: Exact may still be busy with a call that we gave
up. So a step is noted in the last moment: what has to be waited for, limits and login, is waited
for before.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias
from uuid import UUID

from sqlalchemy import Row, delete, insert, select, update

from ppplanner.clock import now
from ppplanner.extensions import db

from . import lease, outbox
from .errors import Call, ExactError, OutcomeUnknown
from .models import ExactStep, StepState
from .outbox import Task

#: How long Exact may go on with a call whose answer nobody awaits; web servers stop before.
STILL_BUSY = timedelta(seconds=120)

#: State, Exact's id, label and moment of a step.
Noted: TypeAlias = "Row[StepState, UUID | None, str, datetime]"

#: Notes the step that the next write of this thread takes.
_at_hand: ContextVar[Callable[[], None] | None] = ContextVar("exact_step", default=None)


@dataclass(frozen=True)
class Made:
    """What a write made in Exact: its id there, and what people call it."""

    id: UUID
    label: str = ""


@dataclass(frozen=True)
class Seen:
    """What Exact was seen to have, if anything, when it was asked at that moment."""

    made: Made | None
    at: datetime


class TooSoon(OutcomeUnknown):
    """Not found, which proves nothing before the moment `until`."""

    def __init__(self, action: str, until: datetime) -> None:
        super().__init__("POST", action, "too_soon")
        self.until = until


def confirmed(task: Task, action: str) -> UUID | None:
    """Exact's id of what the step made, if it is confirmed."""
    step = _find(task, action)
    return step.exact_id if step and step.state is StepState.CONFIRMED else None


def is_noted(task: Task, action: str) -> bool:
    """Whether we know of a call that may have done it, or has."""
    step = _find(task, action)
    return step is not None and step.state is not StepState.NOT_DONE


def sent_as(task: Task, action: str) -> str:
    """By what name Exact may have it, of a call whose outcome is unknown; "" when there is none."""
    step = _find(task, action)
    return step.label if step and step.state is StepState.SENDING else ""


def forget(task: Task, actions: Collection[str]) -> None:
    """What these steps made is gone in Exact: they may be taken again. The caller commits."""
    of_task = delete(ExactStep).filter_by(**asdict(task))
    db.session.execute(of_task.where(ExactStep.action.in_(actions)))


def remember(task: Task, action: str, made: Made) -> None:
    """Exact was found to have it, and we did not know. The caller commits."""
    _keep_confirmed(task, action, made, "found")


def doubt(task: Task, action: str) -> None:
    """It may have been taken in a past that we do not remember: it is looked up before it is taken.
    The caller commits.
    """
    if not is_noted(task, action):
        _write(task, action, state=StepState.SENDING, started_at=now() - STILL_BUSY)


def take(
    task: Task,
    action: str,
    *,
    look_up: Callable[[], Made | None],
    send: Callable[[], Made],
    seen: Seen | None = None,
    forgetful: bool = False,
    name: str = "",
) -> Made:
    """Take the step once, whatever broke before. Commits around the call.

    `look_up` finds by the natural key what an earlier try may have made; `seen` is what Exact was
    seen to have of it, so that it need not be asked. Errors of `send` rise after they are noted;
    OutcomeUnknown also when it is too soon to tell, and LeaseLost when another worker has taken
    over. `forgetful`: see `find_out`; `name`: see `sent_as`.
    """
    made = find_out(task, action, look_up=look_up, seen=seen, forgetful=forgetful)
    return made or carry_out(task, action, send, name)


def find_out(
    task: Task,
    action: str,
    *,
    look_up: Callable[[], Made | None],
    seen: Seen | None = None,
    forgetful: bool = False,
) -> Made | None:
    """What Exact has of a step already; None when it may be taken. Commits.

    A step that was never taken is not looked up, unless we may be `forgetful`: the database may be
    an older copy, which does not know of it. Raises TooSoon when it is too soon to tell.
    """
    step = _find(task, action)
    if step and step.state is StepState.CONFIRMED:
        assert step.exact_id
        return Made(step.exact_id, step.label)
    in_doubt = step if step and step.state is StepState.SENDING else None
    if seen is None or (in_doubt and seen.at < in_doubt.started_at):
        seen = _look_up(look_up) if in_doubt or forgetful else None
    if seen and seen.made:
        lease.extend(task.connection_id)
        _confirm(task, action, seen.made, "found")
        return seen.made
    if seen and in_doubt:
        _rule_out(task, action, in_doubt.started_at, seen.at)
    return None


def carry_out(task: Task, action: str, send: Callable[[], Made], name: str = "") -> Made:
    """Take a step that Exact was found not to have (see `find_out`). Commits around the call;
    errors rise after they are noted, and LeaseLost. `name`: see `sent_as`.
    """
    db.session.commit()
    try:
        with _noting(task, action, name):
            made = send()
    except OutcomeUnknown:
        raise
    except ExactError:
        _undo(task, action)
        raise
    _confirm(task, action, made, "done")
    return made


def repeat(task: Task, action: str, made: Made, send: Callable[[], None]) -> None:
    """Take a step that may be taken again and again: it changes what `made` names in Exact, and
    twice the same change is one. Commits around the call; errors rise after they are noted.
    """

    def change() -> Made:
        send()
        return made

    carry_out(task, action, change)


def note_before(call: Call) -> bool:
    """Note the step at hand, if the call is one: it is made at once; whether it is. Extends the
    lease. Commits. Raises LeaseLost.
    """
    note = _at_hand.get() if call.writes else None
    if note is None:
        return False
    note()
    return True


def _look_up(look_up: Callable[[], Made | None]) -> Seen:
    asked_at = now()
    db.session.commit()
    return Seen(look_up(), asked_at)


def _rule_out(task: Task, action: str, started_at: datetime, asked_at: datetime) -> None:
    """Exact did not have it when it was asked, so the step was not taken: if that proves it."""
    if asked_at < started_at + STILL_BUSY:
        raise TooSoon(action, started_at + STILL_BUSY)
    _undo(task, action)


@contextmanager
def _noting(task: Task, action: str, name: str) -> Iterator[None]:
    """The next write in here is noted as this step: see `note_before`."""
    before = _at_hand.set(lambda: _note_sending(task, action, name))
    try:
        yield
    finally:
        _at_hand.reset(before)


def _note_sending(task: Task, action: str, name: str) -> None:
    _write(task, action, state=StepState.SENDING, started_at=now(), label=name)
    lease.extend(task.connection_id)
    db.session.commit()


def _undo(task: Task, action: str) -> None:
    """It was certainly not carried out. Commits."""
    in_doubt = _place(task, action) | {"state": StepState.SENDING}
    db.session.execute(update(ExactStep).filter_by(**in_doubt).values(state=StepState.NOT_DONE))
    db.session.commit()


def _confirm(task: Task, action: str, made: Made, result: str) -> None:
    _keep_confirmed(task, action, made, result)
    db.session.commit()


def _keep_confirmed(task: Task, action: str, made: Made, result: str) -> None:
    known = {"exact_id": made.id, "label": made.label, "confirmed_at": now()}
    _write(task, action, state=StepState.CONFIRMED, **known)
    outbox.note_attempt(task, action, result)


def _find(task: Task, action: str) -> Noted | None:
    columns = (ExactStep.state, ExactStep.exact_id, ExactStep.label, ExactStep.started_at)
    return db.session.execute(select(*columns).filter_by(**_place(task, action))).first()


def _write(task: Task, action: str, **values: Any) -> None:
    place = _place(task, action)
    written = db.session.execute(update(ExactStep).filter_by(**place).values(values))
    if not written.rowcount:  # type: ignore[attr-defined]
        db.session.execute(insert(ExactStep).values(**place, **values))


def _place(task: Task, action: str) -> dict[str, Any]:
    return asdict(task) | {"action": action}
