"""Which language and time zone a page is in, and how it writes days and amounts."""

from __future__ import annotations

from flask import g, has_request_context, request, session
from flask_login import current_user

from ppplanner.clock import BRUSSELS
from ppplanner.i18n import LANGUAGES, LOCALES


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
    """The time zone of the business unit that the person looks at."""
    if has_request_context() and current_user.is_authenticated and current_user.business_unit:
        return str(current_user.business_unit.company.timezone)
    return BRUSSELS
