"""Logging in and out, and the choices of the top bar: business unit, language, light or dark."""

from __future__ import annotations

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required, login_user, logout_user

from ppplanner.blueprints.auth import bp
from ppplanner.blueprints.auth.forms import LoginForm
from ppplanner.blueprints.home.desk import first_screen
from ppplanner.blueprints.htmx import is_own, split_url
from ppplanner.blueprints.records import look_up
from ppplanner.extensions import db, limiter
from ppplanner.i18n import LANGUAGES, _
from ppplanner.models import BusinessUnit
from ppplanner.permissions import open_to_all
from ppplanner.services.firm import users

TRIES = "10 per minute; 60 per hour"
TRIES_PER_NAME = "5 per minute; 30 per hour"
THEMES = ("light", "dark")


def _failed(response: object) -> bool:
    return getattr(response, "status_code", 0) == 422


def _name_tried() -> str:
    return request.form.get("username", "").strip().lower()[:128] or "-"


@bp.route("/login", methods=["GET", "POST"])
@open_to_all
@limiter.limit(TRIES, methods=["POST"], deduct_when=_failed)
@limiter.limit(TRIES_PER_NAME, methods=["POST"], key_func=_name_tried, deduct_when=_failed)
def login() -> ResponseReturnValue:
    if current_user.is_authenticated:
        return redirect(first_screen())
    form = LoginForm()
    if form.validate_on_submit():
        user = users.authenticate(form.username.data or "", form.password.data or "")
        if user:
            session.pop("language", None)
            login_user(user, remember=form.remember.data)
            db.session.commit()
            return redirect(_next_page(), 303)
        form.form_errors.append(_("The user name or the password is not right."))
    return render_template("auth/login.html", form=form), 422 if form.errors else 200


@bp.post("/logout")
@open_to_all
def logout() -> ResponseReturnValue:
    logout_user()
    session.clear()
    return redirect(url_for(".login"), 303)


@bp.post("/switch/unit")
@login_required
@open_to_all
def switch_unit() -> ResponseReturnValue:
    unit = look_up(BusinessUnit, request.form.get("business_unit_id", type=int))
    current_user.business_unit_id = unit.id if unit else None
    db.session.commit()
    return _back()


@bp.post("/switch/language")
@open_to_all
def switch_language() -> ResponseReturnValue:
    language = request.form.get("language", "")
    if language in LANGUAGES:
        if current_user.is_authenticated:
            current_user.language = language
            db.session.commit()
        else:
            session["language"] = language
    return _back()


@bp.post("/switch/theme")
@login_required
@open_to_all
def switch_theme() -> ResponseReturnValue:
    theme = request.form.get("theme", "")
    if theme in THEMES:
        current_user.theme = theme
        db.session.commit()
    return _back()


def _next_page() -> str:
    wanted = request.args.get("next", "")
    return wanted if wanted != "/" and is_own(wanted) else first_screen()


def _back() -> ResponseReturnValue:
    """Return to the page that the choice was made on."""
    page = split_url(request.referrer or "")
    path = f"{page.path}?{page.query}" if page.query else page.path
    return redirect(path if is_own(path) else url_for("home.index"), 303)
