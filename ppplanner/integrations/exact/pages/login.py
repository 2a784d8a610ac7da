"""Logging in with Exact: as which app we come, the consent of a person, and taking it back."""

from __future__ import annotations

import secrets

from flask import flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from ppplanner import jobs
from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.htmx import go_to, render_form
from ppplanner.blueprints.records import find
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Company
from ppplanner.permissions import require

from .. import linking
from ..connect import connection_of, get_connection
from ..errors import ExactError, ExactNotConnected
from ..forms import AppForm
from ..jobs import send_what_waits
from ..models import ExactConnection
from ..records import Administration
from .blueprint import bp
from .trouble import flash_trouble

#: What the session keeps while the person is at Exact: the connection, and the state sent along.
ASKED = "exact_consent"


@bp.route("/companies/<int:company_id>/app", methods=["GET", "POST"])
@require("exact.configure")
def app(company_id: int) -> ResponseReturnValue:
    """Where Exact is, and as which app we come."""
    of = find(Company, company_id)
    form = AppForm(connection_of(company_id))
    if form.validate_on_submit() and attempt(form, lambda: _save_app(of, form)):
        return go_to(url_for(".company", company_id=company_id), _("Saved. Now log in with Exact."))
    return render_form("exact/app.html", form, "dialog", company=of, redirect_uri=_redirect_uri())


def _save_app(of: Company, form: AppForm) -> ExactConnection:
    return linking.save_app(
        of,
        base_url=form.base_url,
        client_id=form.client_id.data or "",
        client_secret=form.client_secret.data or "",
    )


@bp.get("/connections/<int:connection_id>/login")
@require("exact.configure")
def login(connection_id: int) -> ResponseReturnValue:
    """Send the person to Exact to let us in."""
    connection = find(ExactConnection, connection_id)
    state = secrets.token_urlsafe(24)
    session[ASKED] = {"connection_id": connection_id, "state": state}
    return redirect(linking.consent_address(connection, _redirect_uri(), state))


@bp.get("/callback")
@require("exact.configure")
def callback() -> ResponseReturnValue:
    """Exact sends the person back here, with a code or with a refusal."""
    asked = session.pop(ASKED, None)
    if asked is None:
        flash(
            _("No login with Exact was under way. If it is not logged in below, start it again."),
            "warning",
        )
        return redirect(url_for(".settings"))
    connection = get_connection(asked["connection_id"])
    company_id = connection.company_id
    try:
        covered = linking.finish_consent(connection, _redirect_uri(), request.args, asked["state"])
    except ExactNotConnected:
        flash(_("Exact takes this login no longer. Log in once more, without a break."), "error")
    except ExactError as error:
        flash_trouble(error)
    else:
        return _logged_in(get_connection(asked["connection_id"]), covered)
    return redirect(url_for(".company", company_id=company_id))


def _logged_in(connection: ExactConnection, covered: list[Administration]) -> ResponseReturnValue:
    """On to what comes next: choosing the administration, or what waited for the login."""
    if connection.division is None:
        return redirect(url_for(".administration", connection_id=connection.id))
    if connection.division in {each.division for each in covered}:
        flash(_("Logged in with Exact again; what waits goes on."), "success")
        jobs.enqueue(send_what_waits, on=jobs.LINKS)
    else:
        flash(
            _(
                "This login has no access to %(administration)s. Log in as somebody who has, and "
                "tick that administration.",
                administration=connection.division_name,
            ),
            "error",
        )
    return redirect(url_for(".company", company_id=connection.company_id))


@bp.post("/connections/<int:connection_id>/disconnect")
@require("exact.configure")
def disconnect(connection_id: int) -> ResponseReturnValue:
    """Forget the login."""
    connection = find(ExactConnection, connection_id)
    linking.disconnect(connection)
    db.session.commit()
    message = _("The login is forgotten. What waits is kept until somebody logs in again.")
    return go_to(url_for(".company", company_id=connection.company_id), message)


def _redirect_uri() -> str:
    """Where Exact sends people back to: it has to be registered with the app, letter by letter."""
    return url_for("exact.callback", _external=True)
