"""Turns errors into answers: a page or, for htmx, a fragment, with a status and a sentence."""

from __future__ import annotations

import logging

from flask import Flask, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError, TimeoutError
from werkzeug.exceptions import HTTPException, InternalServerError

from ppplanner.blueprints import lost_login
from ppplanner.blueprints.htmx import make_response, wants_fragment
from ppplanner.errors import DomainError, Invalid, NotFound
from ppplanner.extensions import db, login
from ppplanner.i18n import _

log = logging.getLogger(__name__)

#: PostgreSQL ends one of two transactions that wait for each other.
DEADLOCK = "40P01"


def init_app(app: Flask) -> None:
    app.register_error_handler(
        Invalid, lambda error: answer(422, "; ".join(map(str, error.fields.values())))
    )
    app.register_error_handler(DomainError, lambda error: answer(409, str(error)))
    app.register_error_handler(NotFound, lambda error: answer(404, str(error)))
    app.register_error_handler(IntegrityError, _overtaken)
    app.register_error_handler(OperationalError, _no_database)
    app.register_error_handler(TimeoutError, _no_database)
    lost_login.init_app(app)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(InternalServerError, _unexpected)


def answer(status: int, message: str) -> ResponseReturnValue:
    """The page for an error; for a request that swaps a part of a page, an alert on top of it."""
    db.session.rollback()
    if wants_fragment():
        alert = render_template("errors/_alert.html", message=message)
        return make_response((alert, status), retarget="#problem", reswap="innerHTML")
    return render_template("errors/error.html", status=status, message=message), status


def _overtaken(error: SQLAlchemyError) -> ResponseReturnValue:
    """Services refuse what cannot be; what only the database saw, somebody else did meanwhile."""
    log.warning("the database refused a change at %r", request.path, exc_info=error)
    return answer(409, overtaken())


def overtaken() -> str:
    return _("A colleague saved something at the same moment. Check the page, then save again.")


def _no_database(error: SQLAlchemyError) -> ResponseReturnValue:
    if getattr(getattr(error, "orig", None), "sqlstate", "") == DEADLOCK:
        return _overtaken(error)
    log.error("no answer from the database at %r", request.path, exc_info=error)
    _forget_person()
    return answer(503, _("The database does not answer just now. Please try again in a minute."))


def _http_error(error: HTTPException) -> ResponseReturnValue:
    status = error.code or 500
    if status < 400:
        return error
    return answer(status, _sentences().get(status, error.name))


def _unexpected(error: InternalServerError) -> ResponseReturnValue:
    log.error("unexpected error at %r", request.path, exc_info=error.original_exception)
    _forget_person()
    return answer(
        500, _("Something went wrong on our side. It has been noted; please try again later.")
    )


def _forget_person() -> None:
    """Draw the page for nobody: it must not need a database that may not answer."""
    db.session.close()
    login._update_request_context_with_user()


def _sentences() -> dict[int, str]:
    return {
        400: _("The request could not be understood. Go back and try again."),
        403: _("You may not open this. Ask an administrator of your firm for the right."),
        404: _("There is nothing here (any more). Go back to the list and look it up."),
        405: _("This page cannot be opened like that. Go back and use the button."),
        413: _("That is too large: at most 10 MB."),
        429: _("Too many tries. Wait a minute, then try again."),
    }
