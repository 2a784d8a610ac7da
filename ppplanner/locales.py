"""Which language and time zone a page is in, and how it writes days and amounts."""

from __future__ import annotations

from flask import g, has_request_context, request, session
from flask_login import current_user
from sqlalchemy import inspect, select

from ppplanner.clock import BRUSSELS
from ppplanner.i18n import LANGUAGES, LOCALES
from ppplanner.models import Company


def language() -> str:
    """The person's own; before the login the one chosen there, or what the browser asks for.

    Asked once a request: a page that tells of a dead database still knows it.
    """
    if not has_request_context():
        return "en"
    if "language" not in g:
        g.language = _language()
    return str(g.language)


def _language() -> str:
    if current_user.is_authenticated:
        return str(current_user.language)
    return session.get("language") or request.accept_languages.best_match(LANGUAGES) or "en"


def locale() -> str:
    """How days and amounts are written in that language."""
    return LOCALES[language()]


def timezone() -> str:
    """The time zone of the business unit that the person looks at; of all of them together that of
    their companies, as long as these have the same.
    """
    if not has_request_context() or not current_user.is_authenticated:
        return BRUSSELS
    if current_user.business_unit:
        return str(current_user.business_unit.company.timezone)
    if "timezone" not in g:
        g.timezone = _timezone_of_all()
    return str(g.timezone)


def _timezone_of_all() -> str:
    database = inspect(current_user._get_current_object()).session
    zones = database.scalars(select(Company.timezone).distinct().limit(2)).all()
    return zones[0] if len(zones) == 1 else BRUSSELS
