"""Setting the link up: the app, the consent, the administration, the switches."""

from __future__ import annotations

import secrets

from flask import Response, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.htmx import finish, go_to, render_form, render_page
from ppplanner.errors import DomainError, NotFound
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Company
from ppplanner.permissions import require

from .. import linking
from ..connect import connection_of, get_connection
from ..errors import ExactError
from ..forms import OTHER, AppForm, SwitchesForm
from ..hosts import SITES
from ..models import ExactConnection
from ..records import Administration
from ..settings import ExactSettings, exact_settings
from .blueprint import bp
from .mapping import mapping_state


@bp.get("/")
@require("exact.view")
def settings() -> ResponseReturnValue:
    """The settings of the first company, or of the one of the chosen business unit."""
    company = _company_at_screen()
    return redirect(url_for(".company", company_id=company.id))


@bp.get("/companies/<int:company_id>")
@require("exact.view")
def company(company_id: int) -> Response:
    connection = connection_of(company_id)
    return render_page(
        "exact/settings.html",
        "content",
        company=_get_company(company_id),
        companies=_companies(),
        connection=connection,
        settings=exact_settings.load(company_id),
        mapping=mapping_state(connection),
    )


@bp.route("/companies/<int:company_id>/app", methods=["GET", "POST"])
@require("exact.configure")
def app(company_id: int) -> ResponseReturnValue:
    of, connection = _get_company(company_id), connection_of(company_id)
    form = AppForm(data=_app_values(connection))
    if form.validate_on_submit():
        saved = attempt(
            form,
            lambda: linking.save_app(
                of,
                base_url=form.base_url,
                client_id=form.client_id.data or "",
                client_secret=form.client_secret.data or "",
            ),
        )
        if saved:
            return go_to(
                url_for(".company", company_id=company_id), _("Saved. Now log in with Exact.")
            )
        _faults_of_address(form)
    return render_form("exact/app.html", form, "dialog", company=of, redirect_uri=_redirect_uri())


@bp.get("/connections/<int:connection_id>/login")
@require("exact.configure")
def login(connection_id: int) -> ResponseReturnValue:
    """Send the person to Exact to let us in."""
    connection = get_connection(connection_id)
    state = secrets.token_urlsafe(24)
    session["exact_consent"] = {"connection_id": connection_id, "state": state}
    return redirect(linking.consent_address(connection, _redirect_uri(), state))


@bp.get("/callback")
@require("exact.configure")
def callback() -> ResponseReturnValue:
    """Exact sends the person back here, with a code or with a refusal."""
    asked = session.pop("exact_consent", None)
    if asked is None:
        flash(_("This login was not started here, or took too long. Start it once more."), "error")
        return redirect(url_for(".settings"))
    connection = get_connection(asked["connection_id"])
    company_id = connection.company_id
    try:
        linking.finish_consent(connection, _redirect_uri(), request.args, asked["state"])
    except ExactError as error:
        _flash_trouble(error)
        return redirect(url_for(".company", company_id=company_id))
    if get_connection(asked["connection_id"]).division:
        flash(_("Logged in with Exact again; what waits goes on."), "success")
        return redirect(url_for(".company", company_id=company_id))
    return redirect(url_for(".administration", connection_id=asked["connection_id"]))


@bp.route("/connections/<int:connection_id>/administration", methods=["GET", "POST"])
@require("exact.configure")
def administration(connection_id: int) -> ResponseReturnValue:
    connection = get_connection(connection_id)
    company_id = connection.company_id
    try:
        choices = linking.administrations(connection)
        if request.method == "POST":
            picked = _picked(choices, request.form.get("division", ""))
            if picked is None:
                return _administration_page(connection_id, choices, _("Choose an administration."))
            linking.choose_administration(get_connection(connection_id), picked)
            return go_to(
                url_for(".company", company_id=company_id), _("The administration is chosen.")
            )
    except ExactError as error:
        _flash_trouble(error)
        return go_to(url_for(".company", company_id=company_id))
    return _administration_page(connection_id, choices)


def _picked(choices: list[Administration], division: str) -> Administration | None:
    return next((one for one in choices if str(one.division) == division), None)


def _administration_page(
    connection_id: int, choices: list[Administration], problem: str = ""
) -> Response:
    return render_page(
        "exact/administration.html",
        "content",
        422 if problem else 200,
        connection=get_connection(connection_id),
        choices=choices,
        problem=problem,
    )


@bp.post("/connections/<int:connection_id>/refresh")
@require("exact.configure")
def refresh(connection_id: int) -> ResponseReturnValue:
    """Fetch the lists from Exact anew."""
    connection = get_connection(connection_id)
    company_id = connection.company_id
    try:
        linking.refresh_lists(connection)
    except ExactError as error:
        _flash_trouble(error)
    else:
        flash(_("The lists are fresh from Exact."), "success")
    return go_to(url_for(".company", company_id=company_id))


@bp.post("/connections/<int:connection_id>/disconnect")
@require("exact.configure")
def disconnect(connection_id: int) -> ResponseReturnValue:
    connection = get_connection(connection_id)
    linking.disconnect(connection)
    db.session.commit()
    message = _("The login is forgotten. What waits is kept until somebody logs in again.")
    return go_to(url_for(".company", company_id=connection.company_id), message)


@bp.route("/companies/<int:company_id>/switches", methods=["GET", "POST"])
@require("exact.configure")
def switches(company_id: int) -> ResponseReturnValue:
    of = _get_company(company_id)
    form = SwitchesForm(data=exact_settings.load(company_id).__dict__)
    if form.validate_on_submit():
        values = {name: form[name].data for name in ExactSettings.__dataclass_fields__}
        linking.save_settings(of, connection_of(company_id), ExactSettings(**values))
        db.session.commit()
        return finish(url_for(".company", company_id=company_id), _("Saved; it holds from now on."))
    return render_form("exact/switches.html", form, "dialog", company=of)


def _companies() -> list[Company]:
    return list(db.session.scalars(select(Company).order_by(Company.name)))


def _company_at_screen() -> Company:
    if current_user.business_unit:
        return current_user.business_unit.company
    companies = _companies()
    if not companies:
        raise DomainError(_("Add a company first, under Settings."))
    return companies[0]


def _get_company(company_id: int) -> Company:
    found = db.session.get(Company, company_id)
    if found is None:
        raise NotFound(_("There is no such company (any more)."))
    return found


def _redirect_uri() -> str:
    """Where Exact sends people back to: it has to be registered with the app, letter by letter."""
    return url_for("exact.callback", _external=True)


def _app_values(connection: ExactConnection | None) -> dict[str, str]:
    if connection is None:
        return {"site": SITES[0].url}
    own = connection.base_url in {site.url for site in SITES}
    return {
        "site": connection.base_url if own else OTHER,
        "test_server": "" if own else connection.base_url,
        "client_id": connection.client_id,
    }


def _faults_of_address(form: AppForm) -> None:
    """The address is two fields on the form: show what is wrong with it at the one in use."""
    problems = [str(error) for error in form.form_errors]
    if problems and form.site.data == OTHER and "test_server" in form:
        form.test_server.errors = [*form.test_server.errors, *problems]
        form.form_errors.clear()


def _flash_trouble(error: ExactError) -> None:
    for message in error.messages:
        flash(str(message), "error")
    for words in getattr(error, "texts", ()):
        flash(_("Exact's own words: %(words)s", words=words), "error")
