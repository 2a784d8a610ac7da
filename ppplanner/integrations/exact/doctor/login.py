"""Whether anything can go at all: the login, the switch, pauses, the limits of Exact."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from ppplanner import formats
from ppplanner.i18n import Message, _, _l, ngettext
from ppplanner.services.mails.notices import reachable

from .. import fuse
from ..connect import calls_today, sharing_login
from ..keeping import RIGHT, ends_at
from ..messages import UNAVAILABLE
from ..models import ConnectionState
from ..oauth import DIES_UNUSED_AFTER
from ..outbox import count_waiting
from ..vault import UNREADABLE
from .findings import Check, Finding, Place, Who, fine, problem, warning
from .subject import Subject

#: What is left of it when it becomes a warning, and when a problem.
SOON, VERY_SOON = timedelta(days=14), timedelta(days=3)
#: A link that rests for longer than this has no passing trouble.
LONG = timedelta(hours=2)
#: Of the calls of a day, the share below which it is said.
FEW = 20


def secrets(subject: Subject) -> Iterator[Finding]:
    connection = subject.connection
    kept = (connection.client_secret, connection.access_token, connection.refresh_token)
    if UNREADABLE not in kept:
        yield fine(_("What Exact has trusted us with can be read."))
        return
    yield problem(
        _("What Exact has trusted us with cannot be read: it was encrypted with another key."),
        _(
            "Add the key from before to ENCRYPTION_KEY. If it is lost, enter the client secret "
            "anew and log in with Exact again."
        ),
        Who.OPERATOR,
        place=subject.settings_page,
    )


def switch(subject: Subject) -> Iterator[Finding]:
    if subject.settings.enabled:
        yield fine(_("The link is switched on."))
        return
    waiting = count_waiting([subject.connection.id])
    if not waiting:
        yield fine(_("The link is switched off: nothing is asked of Exact."))
        return
    yield warning(
        ngettext(
            "The link is switched off, and %(num)s record waits for it.",
            "The link is switched off, and %(num)s records wait for it.",
            waiting,
        ),
        _("Switch it on when they are to go."),
        Who.ADMINISTRATOR,
        place=subject.settings_page,
    )


def login(subject: Subject) -> Iterator[Finding]:
    connection, page = subject.connection, subject.login_page
    if connection.state is ConnectionState.NEEDS_LOGIN:
        text = _("The login with Exact has ended. What is to go waits; nothing is lost.")
        yield problem(text, _("Log in with Exact again."), Who.ADMINISTRATOR, place=page)
    elif (ends := ends_at(connection)) is None:
        advice = _("Log in as somebody who may book in the administration of this company.")
        yield problem(_("Nobody is logged in."), advice, Who.ADMINISTRATOR, place=page)
    else:
        yield _age(subject, ends)


def _age(subject: Subject, ends: datetime) -> Finding:
    """Each renewal gives it another thirty days."""
    left = ends - subject.moment
    text = _(
        "Logged in as %(name)s; renewed on %(renewed)s. Unused, the login ends on %(moment)s.",
        name=subject.connection.consented_by or "?",
        renewed=formats.moment(ends - DIES_UNUSED_AFTER),
        moment=formats.moment(ends),
    )
    figures = {"ends_in_seconds": int(left.total_seconds())}
    if left > SOON:
        return fine(text, **figures)
    advice = _("Switch the link on, which keeps the login alive, or log in with Exact again.")
    level = problem if left <= VERY_SOON else warning
    return level(text, advice, Who.ADMINISTRATOR, place=subject.login_page, figures=figures)


def mails(subject: Subject) -> Iterator[Finding]:
    """Who hears by mail that a login ends: whoever looks at no screen just then."""
    count = len(reachable(subject.company, RIGHT))
    if count:
        text = ngettext(
            "%(num)s person gets a mail when the login ends.",
            "%(num)s people get a mail when the login ends.",
            count,
        )
        yield fine(text, people=count)
        return
    yield warning(
        _("Nobody gets a mail when the login ends: who may set up the link has no e-mail address."),
        _("Give one of them an e-mail address, or the right to somebody who has one."),
        Who.ADMINISTRATOR,
        place=Place(_("To the users"), "settings.users"),
    )


def sharing(subject: Subject) -> Iterator[Finding]:
    others = sharing_login(subject.connection)
    if not others:
        yield fine(_("No other company uses the same app and person at Exact."))
        return
    yield warning(
        _(
            "%(companies)s uses the same app and person at Exact: each new login ends the other.",
            companies=", ".join(others),
        ),
        _("Let each company log in as a person of its own, or register an app for each."),
        Who.ADMINISTRATOR,
        place=subject.settings_page,
    )


def pause(subject: Subject) -> Iterator[Finding]:
    connection, moment = subject.connection, subject.moment
    if not (connection.paused_until and connection.paused_until > moment):
        yield fine(_("The link does not rest."))
        return
    reason = connection.pause_reason or {"text": UNAVAILABLE["no_answer"]}
    answered = connection.last_answer_at
    passes = reason["text"] in UNAVAILABLE.values()
    since_long = connection.failures > 1 and (answered is None or moment - answered > LONG)
    level = problem if since_long or not passes else warning
    yield level(
        _("The link rests until %(moment)s.", moment=formats.moment(connection.paused_until)),
        str(Message.from_json(reason)),
        Who.NOBODY if passes else Who.EXACT,
        details=[_("Exact answered last at %(moment)s.", moment=formats.moment(answered))]
        if answered
        else [],
        place=subject.settings_page,
        figures={"failures": connection.failures},
    )


def stopped(subject: Subject) -> Iterator[Finding]:
    """What the fuse keeps from being asked: see `fuse`."""
    stops = fuse.stops(subject.connection)
    if not stops:
        yield fine(_("No part of Exact has to be left in peace for having refused too much."))
        return
    yield warning(
        ngettext(
            "%(num)s part of Exact is left in peace: it has refused too much.",
            "%(num)s parts of Exact are left in peace: they have refused too much.",
            len(stops),
        ),
        _("Cure what was refused, which says why; then it goes on by itself."),
        Who.STAFF,
        details=[str(message) for stop in stops for message in stop.messages],
        place=Place(_("Needs attention"), "exact.attention"),
        figures={"stopped": len(stops)},
    )


def quota(subject: Subject) -> Iterator[Finding]:
    count = calls_today(subject.connection)
    figures = {"calls_left": count.left, "calls_allowed": count.allowed}
    named = {"left": formats.number(count.left), "all": formats.number(count.allowed)}
    text = _("Of %(all)s calls that Exact allows today, %(left)s are left.", **named)
    if count.left > count.allowed // FEW:
        yield fine(text, **figures)
        return
    advice = _("Nothing is lost: what waits goes on after midnight (UTC).")
    yield warning(text, advice, Who.NOBODY, figures=figures)


CHECKS: tuple[Check[Subject], ...] = (
    Check("secrets", _l("Encryption"), secrets),
    Check("switch", _l("Switch"), switch),
    Check("login", _l("Login"), login),
    Check("mails", _l("Mails"), mails),
    Check("shared-login", _l("Own login"), sharing),
    Check("pause", _l("Pause"), pause),
    Check("refusals", _l("Refusals"), stopped),
    Check("quota", _l("Calls"), quota),
)
