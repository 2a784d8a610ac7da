"""What only Exact can tell: a few calls, made for a person who waits. They read, and least of all:
whether the login may do what the switches ask for, and what the clock says there. Whether it may
also write, Exact tells only when something is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import TypeVar

from flask_babel import format_timedelta
from flask_babel.speaklater import LazyString

from ppplanner.clock import now
from ppplanner.i18n import _, _l, lazy_pgettext
from ppplanner.models import CostCarrier, CostCentre

from .. import endpoints
from ..client import ExactClient
from ..connect import open_client
from ..cost_ways import cost_ways
from ..endpoints import Endpoint
from ..errors import AccessRefused, EndpointStopped, ExactError, ExactNotConnected
from ..records import Administration, Me
from ..transport import Timeout
from .findings import Check, Finding, Who, fine, problem, warning
from .subject import Subject

R = TypeVar("R")

#: Somebody waits: seconds to connect, seconds between two bytes.
TIMEOUT: Timeout = (5.0, 10.0)
#: Clocks that differ by more belong to a machine that nobody sets.
CLOCKS_APART = timedelta(minutes=1)


class Silent(Exception):
    """Exact gives no answer, or not to us: asking on would only make people wait."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.text)
        self.finding = finding


@dataclass(frozen=True)
class Asked:
    """What was heard, while Exact answered."""

    subject: Subject
    client: ExactClient = field(repr=False)
    #: How far Exact's clock is ahead of ours, at each answer that names a moment.
    ahead: list[timedelta] = field(default_factory=list)

    @classmethod
    def open(cls, subject: Subject, division: int | None = None) -> Asked:
        key = subject.connection.id
        return cls(
            subject,
            _heard(lambda: open_client(key, "person", division=division, timeout=TIMEOUT), subject),
        )

    def peek(self, endpoint: Endpoint) -> None:
        """Raises AccessRefused, EndpointStopped, and Silent."""
        at_exact = _heard(lambda: self.client.peek(endpoint), self.subject)
        if at_exact:
            self.ahead.append(at_exact - now().replace(microsecond=0))


def _heard(ask: Callable[[], R], subject: Subject) -> R:
    """The answer. Raises AccessRefused and EndpointStopped, which are answers too, and Silent."""
    try:
        return ask()
    except (AccessRefused, EndpointStopped):
        raise
    except ExactNotConnected as error:
        text, advice, place = _words(error), _("Log in with Exact again."), subject.login_page
        raise Silent(problem(text, advice, Who.ADMINISTRATOR, place=place)) from error
    except ExactError as error:
        text, advice = _words(error), _("Ask once more in a few minutes.")
        raise Silent(warning(text, advice, Who.NOBODY)) from error


def ask(subject: Subject) -> Iterator[Finding]:
    """Everything, as long as Exact answers."""
    if not subject.works:
        yield fine(_("Exact was not asked: the link is switched off, or not set up yet."))
        return
    try:
        yield from _ask(subject)
    except Silent as silent:
        yield silent.finding
    except (AccessRefused, EndpointStopped) as error:
        advice = _("Cure that in Exact, or log in as another.")
        yield problem(_words(error), advice, Who.EXACT)


def _ask(subject: Subject) -> Iterator[Finding]:
    me = _heard(Asked.open(subject).client.me, subject)
    yield fine(_("Exact answers, to the login of %(name)s.", name=me.full_name or me.user_name))
    administration = _administration(subject, me)
    told = _told(subject, administration)
    yield _named(told, "exact-administration", _("Administration in Exact"))
    if administration and administration.usable:
        asked = Asked.open(subject)
        yield _named(_rights(asked), "exact-rights", _("Rights in Exact"))
        yield _named(_clocks(asked.ahead), "exact-clock", _("Clocks"))


def _named(finding: Finding, check: str, title: str) -> Finding:
    return replace(finding, check=check, title=title)


def _administration(subject: Subject, me: Me) -> Administration | None:
    """The chosen one, if the login covers it. That is asked in the administration which is open in
    the person's browser, and so covered in any case.
    """
    there = Asked.open(subject, me.division)
    granted = _heard(lambda: list(there.client.administrations()), subject)
    chosen = subject.connection.division
    return next((each for each in granted if each.division == chosen), None)


def _told(subject: Subject, administration: Administration | None) -> Finding:
    name = subject.connection.division_name
    if administration is None:
        advice = _("Log in as somebody who may work in it, and tick it when Exact asks.")
        text = _("The login does not cover the administration %(name)s, or it is gone.", name=name)
        return problem(text, advice, Who.ADMINISTRATOR, place=subject.login_page)
    if not administration.usable:
        text = _("The administration %(name)s is archived or locked in Exact.", name=name)
        return problem(text, _("Have it opened in Exact, or wait until it is."), Who.EXACT)
    return fine(_("The administration %(name)s is there, and the login covers it.", name=name))


def _rights(asked: Asked) -> Finding:
    refused: dict[str, str] = {}
    wanted = dict(_wanted(asked.subject))
    for endpoint, name in wanted.items():
        try:
            asked.peek(endpoint)
        except (AccessRefused, EndpointStopped) as error:
            refused[str(name)] = _words(error)
    if not refused:
        names = ", ".join(map(str, wanted.values()))
        return fine(_("The login may see all that the link needs: %(names)s.", names=names))
    return problem(
        _("The login lacks rights in Exact: %(names)s.", names=", ".join(refused)),
        _("Give the rights in Exact to the person who logged in, or log in as another."),
        Who.EXACT,
        details=sorted(set(refused.values())),
    )


def _words(error: ExactError) -> str:
    return " ".join(map(str, error.messages))


def _wanted(subject: Subject) -> Iterator[tuple[Endpoint, LazyString]]:
    """By what the switches ask for."""
    settings, company = subject.settings, subject.company
    yield endpoints.JOURNALS, _l("journals")
    yield endpoints.GL_ACCOUNTS, lazy_pgettext("in a list", "GL accounts")
    yield endpoints.VAT_CODES, lazy_pgettext("in a list", "VAT codes")
    yield endpoints.PAYMENT_CONDITIONS, _l("payment conditions")
    yield endpoints.CUSTOMERS, _l("customers")
    if settings.invoices_send:
        yield endpoints.INVOICES, _l("bookings of invoices")
    if settings.invoices_send and settings.invoices_pdf:
        yield endpoints.DOCUMENTS, _l("documents")
    for endpoint, model, name in _COSTS:
        ways = cost_ways(company, model, settings)
        if ways.sent or ways.from_exact:
            yield endpoint, name
    if settings.transactions_send:
        yield endpoints.CASH_ENTRIES, _l("cash entries")
        yield endpoints.JOURNAL_ENTRIES, _l("journal entries")
    if settings.payments_fetch:
        yield endpoints.OPEN_ITEMS, _l("open items")
        yield endpoints.CLAIMS, _l("what customers owe")


_COSTS = (
    (endpoints.COST_CENTRES, CostCentre, _l("cost centres")),
    (endpoints.COST_CARRIERS, CostCarrier, _l("cost carriers")),
)


def _clocks(ahead: list[timedelta]) -> Finding:
    """The smallest difference that was seen: an answer that was long on its way adds to it."""
    if not ahead:
        return fine(_("Exact did not say what time it is there."))
    difference = min(ahead, key=abs)
    seconds = int(difference.total_seconds())
    if abs(difference) <= CLOCKS_APART:
        return fine(_("The clocks here and at Exact agree."), ahead_seconds=seconds)
    named = {"time": format_timedelta(abs(difference))}
    return warning(
        _("The clock of this machine is %(time)s behind that of Exact.", **named)
        if seconds > 0
        else _("The clock of this machine is %(time)s ahead of that of Exact.", **named),
        _("Let the machine set its clock by itself (NTP)."),
        Who.OPERATOR,
        figures={"ahead_seconds": seconds},
    )


CHECK: Check[Subject] = Check("exact", _l("Exact"), ask)
