"""Where the rules of services meet the fields of a form."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from flask_wtf import FlaskForm
from sqlalchemy.exc import IntegrityError
from wtforms import Form

from ppplanner.blueprints.errors import overtaken
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db

log = logging.getLogger(__name__)

T = TypeVar("T")


class SureForm(FlaskForm):
    """Nothing but the button: a clear question before something that cannot be undone."""


def attempt(form: Form, save: Callable[[], T]) -> T | None:
    """Do `save` and commit. When a rule refuses: keep nothing, let the form say why, give None."""
    try:
        saved = save()
        db.session.commit()
    except Invalid as error:
        db.session.rollback()
        show_faults(form, error)
    except DomainError as error:
        db.session.rollback()
        form.form_errors.append(str(error))
    except IntegrityError:
        log.warning("the database refused a change", exc_info=True)
        db.session.rollback()
        form.form_errors.append(overtaken())
    else:
        return saved
    return None


def show_faults(form: Form, error: Invalid) -> None:
    """Put what a service refuses at the fields it speaks of; the rest goes on top of the form."""
    for name, message in error.fields.items():
        if name in form:
            form[name].errors = [*form[name].errors, str(message)]
        else:
            form.form_errors.append(str(message))
