"""What becomes of a record, and of the link, when sending failed: decided in one place.

refused      Exact, or a rule of ours, says no to this record: a person cures the cause
held         a setting is missing: once it is there, the next interval takes the record
postponed    it goes by itself: after a pause of its own, ever longer, when the trouble may lie
             in this very record; else as soon as the link, or the endpoint, works again

Rights that are missing are about the whole link (the user, the licence, the administration), about
an endpoint, or, as Exact has them, about a single record. The link rests for the first; the fuse
closes the endpoint for the second; and a record that is refused again, while others go through, is
refused for good.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from ppplanner.clock import now
from ppplanner.errors import PpplannerError
from ppplanner.extensions import db
from ppplanner.i18n import N_, Message

from .. import fuse, outbox
from ..client import ExactClient
from ..connect import note_answer
from ..errors import (
    AccessRefused,
    EndpointStopped,
    ExactError,
    ExactNotConnected,
    ExactRejected,
    ExactUnavailable,
    OutcomeUnknown,
)
from ..incomplete import Incomplete, OnHold, StaysHere
from ..models import ExactConnection, ExactOutboxEntry
from ..steps import TooSoon

log = logging.getLogger(__name__)

#: Seconds that the link rests after 1, 2, 3, ... failures in a row.
LINK_PAUSES = (5, 10, 20, 40, 60, 120, 300)
#: The same for one record.
RECORD_PAUSES = (*LINK_PAUSES, 900, 3600)
#: The same for one record of which the answer did not come: longer than the link rests, so that
#: others are tried before it.
SILENCE_PAUSES = (10, 20, 40, 80, 120, 240, 600)
#: So many calls in a row without an answer are an outage: a single one is lost at times.
OUTAGE = 3
#: When so many records one after another crash on their first try, the trouble lies in Exact.
CRASHES_IN_A_ROW = 5
#: The same for one record that we lack the rights for. Exact counts these refusals.
RIGHTS_PAUSES = (900, 1800, 3600)
#: Four refusals an hour: Exact blocks the app after ten.
PAUSE_WITHOUT_ACCESS = timedelta(minutes=15)

UNEXPECTED = N_(
    "Something unexpected went wrong in ppplanner. It is tried again by itself; if it stays, tell "
    "your administrator: the log says what it is."
)


def take_note(entry_id: int, error: Exception, unanswered: float) -> bool:
    """Note on the record why it did not go; whether it is settled. Raises what stops the whole; so
    many calls in a row were `unanswered`. Commits.
    """
    match error:
        case ExactNotConnected() | AccessRefused(about_link=True):
            _postpone(entry_id, error.messages)
            raise error
        case AccessRefused() if not _is_about_record(entry_id, error):
            _pause(entry_id, error.messages, RIGHTS_PAUSES)
            return False
        case ExactRejected():
            _refuse(entry_id, error.messages, error.texts)
            note_answer(_again(entry_id).connection_id)
            return True
        case OnHold():
            _hold(entry_id, error.messages)
            return True
        case StaysHere():
            outbox.settle(_again(entry_id), error.messages)
            db.session.commit()
            return True
        case Incomplete():
            _refuse(entry_id, error.messages)
            return True
        case PpplannerError():
            _refuse(entry_id, [Message(str(error))])
            return True
    _postpone_with_reason(entry_id, error, unanswered)
    return False


def _postpone_with_reason(entry_id: int, error: Exception, unanswered: float) -> None:
    match error:
        case EndpointStopped():
            _wait_for_endpoint(entry_id, error)
        case ExactUnavailable(reason="crash" | "unusable_answer"):
            _pause_after_crash(entry_id, error.messages)
        case ExactUnavailable(reason="no_answer") | OutcomeUnknown(reason="no_answer"):
            _pause(entry_id, error.messages, SILENCE_PAUSES)
            if unanswered >= OUTAGE:
                raise ExactUnavailable("no_answer") from error
        case ExactUnavailable():
            _postpone(entry_id, error.messages)
            raise error
        case TooSoon():
            _wait_until(entry_id, error.messages, error.until)
        case OutcomeUnknown():
            _pause_after_crash(entry_id, error.messages)
        case _:
            log.error("entry %s: unexpected trouble", entry_id, exc_info=error)
            _pause(entry_id, [Message(UNEXPECTED)])


def _is_about_record(entry_id: int, error: AccessRefused) -> bool:
    """Whether it was refused before, and others went through since."""
    entry = _again(entry_id)
    return entry.tries > 0 and fuse.goes_well(entry.connection, error.resource)


def rest(connection_id: int, error: ExactError, client: ExactClient | None = None) -> None:
    """Let the link rest: until the moment that Exact named, or ever longer; not so long when only
    the last few calls of the client went unanswered. Not for a refusal, nor for an endpoint that is
    stopped: all else may go on. Commits.
    """
    db.session.rollback()
    if isinstance(error, ExactRejected | EndpointStopped) and not error.about_link:
        log.warning("connection %s: %s", connection_id, error)
        return
    connection = db.session.get_one(ExactConnection, connection_id)
    connection.failures += 1
    if client and getattr(error, "reason", "") == "no_answer":
        connection.failures = int(min(connection.failures, client.unanswered))
    pause = timedelta(seconds=_after(connection.failures, LINK_PAUSES))
    if isinstance(error, AccessRefused):
        pause = PAUSE_WITHOUT_ACCESS
    connection.paused_until = getattr(error, "retry_at", None) or now() + pause
    connection.pause_reason = error.messages[0].to_json()
    db.session.commit()
    log.info("connection %s rests: %s", connection_id, error)


def _refuse(entry_id: int, reasons: Iterable[Message], words: Iterable[str] = ()) -> None:
    entry, reasons, words = _again(entry_id), list(reasons), list(words)
    outbox.refuse(entry, reasons, words)
    outbox.note_attempt(entry, "send", "refused", reasons, words)
    db.session.commit()


def _hold(entry_id: int, reasons: Iterable[Message]) -> None:
    entry, reasons = _again(entry_id), list(reasons)
    outbox.hold(entry, reasons)
    outbox.note_attempt(entry, "send", "held", reasons)
    db.session.commit()


def _pause(
    entry_id: int, reasons: Iterable[Message], pauses: tuple[int, ...] = RECORD_PAUSES
) -> None:
    """Put one record off, ever longer: the trouble may lie in itself."""
    entry, reasons = _again(entry_id), list(reasons)
    entry.tries += 1
    until = now() + timedelta(seconds=_after(entry.tries, pauses))
    outbox.postpone(entry, reasons, until)
    outbox.note_attempt(entry, "send", "postponed", reasons)
    db.session.commit()


def _pause_after_crash(entry_id: int, reasons: Iterable[Message]) -> None:
    """Put one record off, ever longer. Raises ExactUnavailable when it is the last of too many in a
    row, whatever Exact answered in between: one that crashed before says nothing new.
    """
    entry = _again(entry_id)
    connection, is_new = entry.connection, not entry.tries
    _pause(entry_id, reasons)
    if not is_new:
        return
    connection.failures += 1
    in_a_row = connection.failures
    db.session.commit()
    if in_a_row >= CRASHES_IN_A_ROW:
        raise ExactUnavailable("crash")


def _wait_for_endpoint(entry_id: int, stop: EndpointStopped) -> None:
    """Put it off until the endpoint is asked again; what Exact said of it stays its reason."""
    entry = _again(entry_id)
    own = [Message.from_json(reason) for reason in entry.reasons]
    outbox.postpone(entry, own or stop.messages, stop.retry_at)
    db.session.commit()


def _wait_until(entry_id: int, reasons: Iterable[Message], until: datetime) -> None:
    """Put it off until it can be told what became of it."""
    entry, reasons = _again(entry_id), list(reasons)
    outbox.postpone(entry, reasons, until)
    outbox.note_attempt(entry, "send", "postponed", reasons)
    db.session.commit()


def _postpone(entry_id: int, reasons: Iterable[Message]) -> None:
    """Leave it to the link to say when it goes."""
    entry, reasons = _again(entry_id), list(reasons)
    outbox.postpone(entry, reasons, None)
    outbox.note_attempt(entry, "send", "postponed", reasons)
    db.session.commit()


def _again(entry_id: int) -> ExactOutboxEntry:
    """The entry read anew, after whatever the failed try left in the session."""
    db.session.rollback()
    return db.session.get_one(ExactOutboxEntry, entry_id)


def _after(failures: int, pauses: tuple[int, ...]) -> int:
    return pauses[min(failures, len(pauses)) - 1]
