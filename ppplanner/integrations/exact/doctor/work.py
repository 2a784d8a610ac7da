"""Whether the work goes on: what waits, what needs a person, the night, the intervals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from flask_babel import format_timedelta
from sqlalchemy import func, select

from ppplanner import formats
from ppplanner.extensions import db
from ppplanner.i18n import Message, _, _l, ngettext

from .. import fuse, outbox
from ..attention import count_matters
from ..models import ExactOutboxEntry, ExactRun, RunKind
from ..outbox import count_waiting
from ..runs import Fate, counts
from ..settings import InvoiceMode
from ..standing import why_it_rests
from ..sync import payments
from ..sync.nights import last_due
from .findings import Check, Finding, Place, Who, fine, problem, warning
from .subject import Subject

#: A worker that is at it hears of Exact every few seconds, and waits at most minutes for a limit.
STANDS_STILL = timedelta(minutes=15)
#: One record that goes by itself and still does not.
OLD = timedelta(days=1)
#: The clock begins a night within seconds.
NIGHT_LATE = timedelta(minutes=30)
#: How many times its own pace something may be late.
PACES = 4


def waiting(subject: Subject) -> Iterator[Finding]:
    oldest, count = _oldest(subject), count_waiting([subject.connection.id])
    if oldest is None:
        yield fine(_("Nothing is on its way."), waiting=0)
        return
    age = subject.moment - oldest.queued_at
    figures = {"waiting": count, "oldest_seconds": int(age.total_seconds())}
    text = ngettext(
        "%(num)s record is on its way: %(title)s, for %(time)s.",
        "%(num)s records are on their way; %(title)s is the oldest, for %(time)s.",
        count,
        title=oldest.title,
        time=format_timedelta(age),
    )
    if not subject.works or why_it_rests(subject.connection):
        yield fine(text, **figures)
    elif _stands_still(subject, oldest):
        advice = _("Nothing goes. See whether clock and workers live, and look at their logs.")
        yield problem(text, advice, Who.OPERATOR, figures=figures)
    elif age > OLD and oldest.tries:
        reasons = [str(Message.from_json(reason)) for reason in oldest.reasons]
        advice = _("It is tried again by itself. If it stays, look at the log of the workers.")
        yield warning(text, advice, Who.OPERATOR, details=reasons, figures=figures)
    else:
        yield fine(text, **figures)


def _oldest(subject: Subject) -> ExactOutboxEntry | None:
    """The first that was queued, told by the index of what is on its way."""
    first = select(func.min(ExactOutboxEntry.id)).where(
        ExactOutboxEntry.connection_id == subject.connection.id,
        outbox.IS_OPEN,
    )
    key = db.session.scalar(first)
    return db.session.get(ExactOutboxEntry, key) if key else None


def _stands_still(subject: Subject, oldest: ExactOutboxEntry) -> bool:
    """Whether something could have gone for long, and since it was queued, and the link has rested
    last, Exact was not heard of.
    """
    connection = subject.connection
    if not outbox.due_ids(connection.id, 1, without=fuse.waiting_kinds(connection)):
        return False
    moved = (oldest.queued_at, connection.last_answer_at, connection.paused_until)
    return subject.moment - max(filter(None, moved)) > STANDS_STILL


def attention(subject: Subject) -> Iterator[Finding]:
    count = count_matters(ExactOutboxEntry.connection_id == subject.connection.id)
    if not count:
        yield fine(_("Exact has refused nothing, and nothing is on hold."), need_person=0)
        return
    yield warning(
        ngettext(
            "%(num)s record needs a person: refused, on hold, or without its PDF.",
            "%(num)s records need a person: refused, on hold, or without their PDF.",
            count,
        ),
        _("Each says why, and what to do."),
        Who.STAFF,
        place=Place(_("Needs attention"), "exact.attention"),
        figures={"need_person": count},
    )


def night(subject: Subject) -> Iterator[Finding]:
    settings, since = subject.settings, subject.connection.nightly_since
    if not (settings.invoices_send and settings.invoices_mode == InvoiceMode.NIGHTLY):
        yield fine(_("No invoices go by night."))
        return
    zone = subject.company.timezone
    due_on, due_at = last_due(subject.moment, settings.night_time, zone)
    if since is None or due_at < since or not subject.works:
        yield fine(_("No night was due yet."))
        return
    of_night = {"kind": RunKind.NIGHT, "slot": due_on.isoformat()}
    query = select(ExactRun).filter_by(connection_id=subject.connection.id, **of_night)
    run = db.session.scalars(query).one_or_none()
    yield _night(run) if run else _no_night(subject.moment, due_at)


def _no_night(moment: datetime, due_at: datetime) -> Finding:
    named = {"moment": formats.moment(due_at)}
    if moment - due_at < NIGHT_LATE:
        return fine(_("The night of %(moment)s is about to begin.", **named))
    return problem(
        _("The night of %(moment)s has not begun.", **named),
        _("See whether clock and workers live, and look at their logs. It begins late, not never."),
        Who.OPERATOR,
    )


def _night(run: ExactRun) -> Finding:
    count = counts([run.id])[run.id]
    refused = count[Fate.FAILED] + count[Fate.INCOMPLETE]
    figures = {"gone": count[Fate.WENT], "need_person": refused, "waiting": count[Fate.OPEN]}
    text = _(
        "The night of %(moment)s: %(gone)s went, %(waiting)s wait, %(need_person)s need a person.",
        moment=formats.moment(run.started_at),
        **figures,
    )
    if not refused:
        return fine(text, **figures)
    place = Place(_("The run"), "exact.run", {"run_id": run.id})
    advice = _("Cure what was refused; the next night takes it along.")
    return warning(text, advice, Who.STAFF, place=place, figures=figures)


def interval(subject: Subject) -> Iterator[Finding]:
    last = subject.connection.collected_at
    yield _regular(
        subject,
        subject.settings.transactions_send,
        last,
        timedelta(minutes=subject.settings.transactions_interval),
        off=_("Transactions do not go by themselves."),
        told=_("New transactions were last looked for: %(moment)s.", moment=_when(last)),
    )


def paid(subject: Subject) -> Iterator[Finding]:
    last = subject.connection.payments_fetched_at
    yield _regular(
        subject,
        subject.settings.payments_fetch,
        last,
        payments.EVERY,
        off=_("Exact is not asked which invoices are paid."),
        told=_("Exact was last asked which invoices are paid: %(moment)s.", moment=_when(last)),
    )


def _regular(
    subject: Subject,
    wanted: bool,
    last: datetime | None,
    pace: timedelta,
    *,
    off: str,
    told: str,
) -> Finding:
    """What the clock does every so often."""
    if not wanted:
        return fine(off)
    resting = not subject.works or why_it_rests(subject.connection)
    since = last or subject.connection.lists_fetched_at  # a link is new when its lists are
    if resting or (since and subject.moment - since < PACES * pace):
        return fine(told)
    advice = _("That should be more often. See whether clock and workers live.")
    return warning(told, advice, Who.OPERATOR)


def _when(moment: datetime | None) -> str:
    return formats.moment(moment) if moment else _("never")


CHECKS: tuple[Check[Subject], ...] = (
    Check("waiting", _l("On their way"), waiting),
    Check("attention", _l("Needs attention"), attention),
    Check("night", _l("Last night"), night),
    Check("interval", _l("Transactions"), interval),
    Check("payments", _l("Payments"), paid),
)
