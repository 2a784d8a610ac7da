"""The login form."""

from __future__ import annotations

from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, StringField
from wtforms.validators import InputRequired, Length

from ppplanner.i18n import _l


class LoginForm(FlaskForm):
    username = StringField(
        _l("User name"), [InputRequired(_l("Fill in your user name.")), Length(max=128)]
    )
    password = PasswordField(
        _l("Password"), [InputRequired(_l("Fill in your password.")), Length(max=500)]
    )
    remember = BooleanField(_l("Stay logged in on this computer"))
