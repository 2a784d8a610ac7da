"""Undo and redo: the buttons, with what they would do in words, and the deeds."""

from __future__ import annotations

from collections.abc import Callable

from flask import Response
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ppplanner.blueprints.htmx import render_page
from ppplanner.blueprints.planning import bp
from ppplanner.blueprints.planning.notices import done, refused, refused_by, touched
from ppplanner.blueprints.planning.step_words import in_words
from ppplanner.blueprints.records import look_up
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import BoardStep, Contract, Resource
from ppplanner.permissions import require, visible
from ppplanner.services.planning import undo as history
from ppplanner.services.planning.moves import Refused
from ppplanner.services.planning.undo import Overtaken, deeds


@bp.get("/steps")
@require("contracts.edit")
def steps() -> Response:
    """The two buttons."""
    back, forth = history.next_steps(current_user.id)
    return render_page(
        "planning/steps.html",
        "steps",
        back=in_words(back) if back else "",
        forth=in_words(forth) if forth else "",
    )


@bp.post("/undo")
@require("contracts.edit")
def undo() -> ResponseReturnValue:
    back, _forth = history.next_steps(current_user.id)
    return _take(back, history.undo, lambda what: _("Undone: %(what)s", what=what))


@bp.post("/redo")
@require("contracts.edit")
def redo() -> ResponseReturnValue:
    _back, forth = history.next_steps(current_user.id)
    return _take(forth, history.redo, lambda what: _("Done again: %(what)s", what=what))


def _take(
    step: BoardStep | None, turn: Callable[..., BoardStep], said: Callable[[str], str]
) -> ResponseReturnValue:
    """Turn the step, if the person may still do so, and say what that did."""
    if step:
        _refuse_out_of_reach(step)
    try:
        turned = turn(current_user.id, visible(Resource))
    except Overtaken as error:
        return _forget(error)
    except Refused as error:
        return refused_by(error)
    except DomainError as error:
        db.session.rollback()
        return refused(str(error))
    db.session.commit()
    states = [state for deed in deeds(turned) for state in (deed.before, deed.after)]
    return done(touched(*states), said(in_words(turned)))


def _refuse_out_of_reach(step: BoardStep) -> None:
    """Answer 403 when the person's rights no longer reach what the step was about."""
    for deed in deeds(step):
        look_up(Contract, deed.contract_id)
        for state in filter(None, (deed.before, deed.after)):
            look_up(Resource, state["resource_id"])


def _forget(error: Overtaken) -> Response:
    """A step that has become impossible must not stand in the way of the ones before it."""
    db.session.rollback()
    history.forget(current_user.id, error.step_id)
    db.session.commit()
    return refused(_("%(why)s So this step stays as it is, and is off your list.", why=error))
