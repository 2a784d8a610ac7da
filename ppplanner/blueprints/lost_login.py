"""The login or the page's token ended while somebody was typing: nothing typed is lost.

For htmx the page stays as it is, with an alert on top that says what to do. The answer carries a
fresh token, which "app.js" puts into the page: then the same button works again.
"""

from __future__ import annotations

from flask import Flask, Response, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_login.utils import login_url
from flask_wtf.csrf import CSRFError, generate_csrf

from ppplanner.blueprints.htmx import make_response, wants_fragment
from ppplanner.extensions import login
from ppplanner.i18n import _


def init_app(app: Flask) -> None:
    login.unauthorized_handler(_log_in_first)
    app.register_error_handler(CSRFError, _token_too_old)


def _log_in_first() -> ResponseReturnValue:
    if wants_fragment():
        return _alert(401, logged_out=True)
    flash(_("Please log in."))
    wanted = request.url if request.method == "GET" else None
    return redirect(login_url("auth.login", wanted))


def _token_too_old(_error: CSRFError) -> ResponseReturnValue:
    if wants_fragment():
        logged_out = not current_user.is_authenticated
        return _alert(401 if logged_out else 400, logged_out)
    message = _("This page was open for too long. Go back, reload it and save again.")
    return render_template("errors/error.html", status=400, message=message), 400


def _alert(status: int, logged_out: bool) -> Response:
    alert = render_template("errors/_not_saved.html", logged_out=logged_out)
    response = make_response((alert, status), retarget="#problem", reswap="innerHTML")
    response.headers["X-CSRFToken"] = generate_csrf()
    return response
