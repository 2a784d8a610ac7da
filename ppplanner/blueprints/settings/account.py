"""One's own account: open to everybody who is logged in."""

from __future__ import annotations

from flask import url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required, login_user
from flask_wtf import FlaskForm
from wtforms import PasswordField
from wtforms.validators import DataRequired, EqualTo, InputRequired

from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.form_fields import EmailField, TextField, choice_field
from ppplanner.blueprints.htmx import go_to, render_page
from ppplanner.blueprints.settings import bp
from ppplanner.blueprints.settings.people import PASSWORD_HINT, TOO_LONG
from ppplanner.blueprints.stale import StaleAware, stale
from ppplanner.extensions import limiter
from ppplanner.i18n import LANGUAGES, _, _l
from ppplanner.permissions import open_to_all
from ppplanner.services.firm.account import change_password, save_account

#: Guesses at the present password, of somebody at a screen left open.
TRIES = "10 per minute; 60 per hour"


class AccountForm(StaleAware):
    name = TextField(_l("Name"), [DataRequired(_l("Fill in a name."))], longest=80)
    email = EmailField(_l("E-mail"))
    language = choice_field(
        _l("Language"),
        choices=lambda: list(LANGUAGES.items()),
    )


class PasswordForm(FlaskForm):
    present = PasswordField(
        _l("Present password"),
        [InputRequired(_l("Fill in your present password.")), TOO_LONG],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        _l("New password"),
        [InputRequired(_l("Fill in a new password.")), TOO_LONG],
        description=PASSWORD_HINT,
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("New password again"),
        [EqualTo("new", _l("This is not the same as above."))],
        render_kw={"autocomplete": "new-password"},
    )


@bp.route("/account", methods=["GET", "POST"])
@login_required
@open_to_all
def account() -> ResponseReturnValue:
    values = {name: getattr(current_user, name) for name in ("name", "email", "language")}
    form = AccountForm(data=values)
    if form.is_submitted() and stale(form, values):
        return _page(form, PasswordForm(formdata=None), "details", 409)
    if form.validate_on_submit():
        wanted = {name: form[name].data for name in values}
        if attempt(form, lambda: save_account(current_user, **wanted)):
            return go_to(url_for(".account"), _("Your account is saved."))
    return _page(form, PasswordForm(formdata=None), "details", 422 if form.errors else 200)


@bp.post("/account/password")
@login_required
@open_to_all
@limiter.limit(TRIES, deduct_when=lambda response: response.status_code == 422)
def password() -> ResponseReturnValue:
    """Change the password; other sessions of this person end, this one goes on."""
    form = PasswordForm()
    typed = {"present": form.present.data or "", "new": form.new.data or ""}
    if form.validate_on_submit() and attempt(form, lambda: change_password(current_user, **typed)):
        login_user(current_user._get_current_object())
        return go_to(url_for(".account"), _("Your password is changed."))
    return _page(AccountForm(formdata=None, obj=current_user), form, "password", 422)


def _page(
    account_form: AccountForm, password_form: PasswordForm, fragment: str, status: int
) -> ResponseReturnValue:
    return render_page(
        "settings/account.html",
        fragment,
        status,
        account_form=account_form,
        password_form=password_form,
    )
