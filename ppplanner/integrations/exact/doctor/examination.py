"""All checks put together. One that cannot be made says so, and hides none of the others."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from redis.exceptions import RedisError
from sqlalchemy import select
from sqlalchemy.exc import OperationalError, TimeoutError

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.i18n import _, _l
from ppplanner.models import Company

from ..models import ExactConnection
from . import asking, choices, installation, login, work
from .findings import Check, Finding, Level, Part, Who, problem, warning, worst
from .subject import Subject

log = logging.getLogger(__name__)

T = TypeVar("T")
#: Whether Exact itself is asked about a connection.
Asking = Callable[[int], bool]

STORED: tuple[Check[Subject], ...] = (*login.CHECKS, *choices.CHECKS, *work.CHECKS)


@dataclass(frozen=True)
class Examination:
    """What was found, and when it was looked for."""

    moment: datetime
    parts: Sequence[Part]

    @property
    def level(self) -> Level:
        return worst(part.level for part in self.parts)

    @property
    def links(self) -> list[Part]:
        return [part for part in self.parts if part.connection_id is not None]

    @property
    def none_linked(self) -> bool:
        """Whether no company is linked; not while nobody can tell."""
        unread = any(finding.check == "links" for finding in self.parts[0].findings)
        return not self.links and not unread


def nobody(_connection_id: int) -> bool:
    return False


def everybody(_connection_id: int) -> bool:
    return True


def examine(asked: Asking = nobody) -> Examination:
    """Look at the installation and at each company's link; only where it is `asked`, Exact is
    asked too. Ends the present transaction, and leaves none open.
    """
    moment, links = now(), _Links()
    found = [each for check in installation.CHECKS for each in _look(check, lambda: None)]
    found += _look(Check("links", _l("Links"), links.read), lambda: None)
    of_all = Part(_("This installation"), found)
    return Examination(moment, [of_all, *(_of(link, moment, asked) for link in links.found)])


class _Links:
    """The companies that are linked; none while the database does not tell."""

    def __init__(self) -> None:
        self.found: list[tuple[int, int, str]] = []

    def read(self, _nothing: None) -> Iterator[Finding]:
        query = select(ExactConnection.id, Company.id, Company.name)
        rows = db.session.execute(query.join(ExactConnection.company).order_by(Company.name))
        self.found = [(key, company_id, name) for key, company_id, name in rows]
        return iter(())


def _of(link: tuple[int, int, str], moment: datetime, asked: Asking) -> Part:
    key, company_id, name = link
    checks = (asking.CHECK, *STORED) if asked(key) else STORED
    found = [each for check in checks for each in _look(check, lambda: Subject.read(key, moment))]
    return Part(name, found, company_id=company_id, connection_id=key)


def _look(check: Check[T], read: Callable[[], T]) -> list[Finding]:
    """Each look reads anew, in a transaction of its own, and leaves nothing locked."""
    try:
        found = list(check.look(read()))
    except Exception as error:
        found = [_not_made(check, error)]
    finally:
        db.session.rollback()
    return [
        replace(each, check=each.check or check.code, title=each.title or str(check.title))
        for each in found
    ]


def _not_made(check: Check[T], error: Exception) -> Finding:
    """What kept us from looking. What it says itself is for the log: it may name addresses."""
    match error:
        case RedisError():
            return _no_queue(check.code)
        case OperationalError() | TimeoutError():
            advice = _("See whether its server runs, and whether its disk is full (DATABASE_URL).")
            return problem(_("The database does not answer."), advice, Who.OPERATOR)
    log.error("the check %s failed", check.code, exc_info=error)
    text = _("This could not be looked at: something unexpected went wrong in ppplanner.")
    return problem(text, _("The log says what it is."), Who.OPERATOR)


def _no_queue(code: str) -> Finding:
    if code == "queue":
        advice = _("Start it (REDIS_URL). Nothing is lost: what waits stands in the database.")
        return problem(_("The queue's server does not answer."), advice, Who.OPERATOR)
    text = _("This cannot be seen while the queue's server does not answer.")
    return warning(text, _("Start the queue's server (REDIS_URL)."), Who.OPERATOR)
