"""Forms that book: sent twice they book once (`services/collections/once.py`).

class MoneyForm(OnceForm): ...          its template draws {{ form.form_key() }}

@shows_what_is_booked                   on the route, below `require`
book_once(form, lambda: register(...))  instead of `attempt`
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import HiddenField

from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.htmx import go_to
from ppplanner.i18n import _
from ppplanner.models import Transaction
from ppplanner.services.collections import once
from ppplanner.services.collections.once import Booked

B = TypeVar("B", bound=Booked)
View = Callable[..., ResponseReturnValue]

KEY = re.compile(r"[0-9a-f]{32}")


class OnceForm(FlaskForm):
    """A form with a key, made when it is drawn; it stays the same until the form has booked."""

    # a browser that loads the page anew must not fill in the key of the form before
    form_key = HiddenField(render_kw={"autocomplete": "off"})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not KEY.fullmatch(self.form_key.data or ""):
            self.form_key.data = secrets.token_hex(16)


def shows_what_is_booked(view: View) -> View:
    """Let a route answer a form that has booked already with what it booked."""

    @wraps(view)
    def answer(**address: Any) -> ResponseReturnValue:
        key = request.form.get("form_key", "")
        if KEY.fullmatch(key) and (booked := once.booked_with(key)):
            return go_to(_url(booked), _("This was booked already. Here it is."), "info")
        return view(**address)

    return answer


def book_once(form: OnceForm, save: Callable[[], B]) -> B | None:
    """Like `attempt`, and what was booked keeps the key of the form."""

    def save_with_key() -> B:
        booked = save()
        once.keep_key(booked, form.form_key.data or "")
        return booked

    return attempt(form, save_with_key)


def _url(booked: Booked) -> str:
    if isinstance(booked, Transaction):
        return url_for("collections.show", transaction_id=booked.id)
    return url_for("collections.show_refund", refund_id=booked.id)
