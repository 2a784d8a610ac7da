"""Every write to Exact is a step with a memory: noted and committed before the call.

Exact has no key that would make a repeated write harmless. So a step whose outcome is unknown (the
worker died, the answer was lost) is looked up by its natural key before it is sent again. That it
is not found proves something only after a while: Exact may still be busy with a call that we gave
up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, select

from ppplanner.clock import now
from ppplanner.extensions import db

from . import lease, outbox
from .errors import ExactError, OutcomeUnknown
from .models import ExactOutboxEntry, ExactStep, StepState

#: How long Exact may go on with a call whose answer nobody awaits; web servers stop before.
STILL_BUSY = timedelta(seconds=120)


@dataclass(frozen=True)
class Made:
    """What a write made in Exact: its id there, and what people call it."""

    id: UUID
    label: str = ""


def confirmed(entry: ExactOutboxEntry, action: str) -> UUID | None:
    """Exact's id of what the step made, if it is confirmed."""
    step = _find(entry, action)
    return step.exact_id if step and step.state is StepState.CONFIRMED else None


def forget(connection_id: int, kind: str, record_id: int, actions: Collection[str]) -> None:
    """What these steps made is gone in Exact: they may be taken again. The caller commits."""
    key = {"connection_id": connection_id, "kind": kind, "record_id": record_id}
    db.session.execute(delete(ExactStep).filter_by(**key).where(ExactStep.action.in_(actions)))


def take(
    entry: ExactOutboxEntry,
    action: str,
    *,
    look_up: Callable[[], Made | None],
    send: Callable[[], Made],
) -> Made:
    """Take the step once, whatever broke before. Commits around the call.

    `look_up` finds by the natural key what an earlier try with unknown outcome may have made; it is
    called only after such a try. Errors of `send` rise after they are noted; OutcomeUnknown also
    when it is too soon to tell, and LeaseLost when another worker has taken over.
    """
    step = _find(entry, action)
    if step and step.state is StepState.CONFIRMED:
        assert step.exact_id
        return Made(step.exact_id, step.label)
    if step and step.state is StepState.SENDING and (found := _look_up(step, look_up)):
        return _confirm(entry, step, found, "found")
    step = _note_sending(entry, action, step)
    try:
        made = send()
    except OutcomeUnknown:
        raise
    except ExactError:
        step.state = StepState.NOT_DONE
        db.session.commit()
        raise
    return _confirm(entry, step, made, "done")


def repeat(entry: ExactOutboxEntry, action: str, made: Made, send: Callable[[], None]) -> None:
    """Take a step that may be taken again and again: it changes what `made` names in Exact, and
    twice the same change is one. Commits around the call; errors rise after they are noted.
    """
    step = _note_sending(entry, action, _find(entry, action))
    try:
        send()
    except OutcomeUnknown:
        raise
    except ExactError:
        step.state = StepState.NOT_DONE
        db.session.commit()
        raise
    _confirm(entry, step, made, "done")


def _find(entry: ExactOutboxEntry, action: str) -> ExactStep | None:
    key = {"connection_id": entry.connection_id, "kind": entry.kind, "record_id": entry.record_id}
    return db.session.scalar(select(ExactStep).filter_by(**key, action=action))


def _look_up(step: ExactStep, look_up: Callable[[], Made | None]) -> Made | None:
    action, sent_at = step.action, step.started_at
    db.session.commit()
    found = look_up()
    if found is None and now() < sent_at + STILL_BUSY:
        raise OutcomeUnknown("POST", action, "too_soon")
    return found


def _note_sending(entry: ExactOutboxEntry, action: str, step: ExactStep | None) -> ExactStep:
    step = step or ExactStep(
        connection_id=entry.connection_id,
        kind=entry.kind,
        record_id=entry.record_id,
        action=action,
    )
    step.state, step.started_at = StepState.SENDING, now()
    db.session.add(step)
    lease.extend(entry.connection_id)
    db.session.commit()
    return step


def _confirm(entry: ExactOutboxEntry, step: ExactStep, made: Made, result: str) -> Made:
    step.state, step.exact_id, step.label = StepState.CONFIRMED, made.id, made.label
    step.confirmed_at = now()
    outbox.note_attempt(entry, step.action, result)
    db.session.commit()
    return made
