"""More controls: what people do at Exact that an application only feels."""

from __future__ import annotations

from flask import abort, request, url_for
from flask.typing import ResponseReturnValue

from .api import simulator
from .controls import bp, done, is_on, sent
from .people import ANTWERP


@bp.post("/users", defaults={"user_name": ""})
@bp.post("/users/<user_name>")
def refuse_user(user_name: str) -> ResponseReturnValue:
    """`{"reason": "BlockedUser"}`: every call of theirs gets a 403; an empty reason lifts it."""
    sim, reason = simulator(), str(sent().get("reason") or "")
    user_name = user_name or str(sent().get("user"))
    if user_name not in sim.state.users:
        abort(404)
    sim.refused_users.pop(user_name, None)
    if reason:
        sim.refused_users[user_name] = reason
    return done()


@bp.post("/divisions/<int:division>")
def block_division(division: int) -> ResponseReturnValue:
    """`{"blocked": true}` makes an administration unusable, as during a backup."""
    if division not in simulator().state.books:
        abort(404)
    simulator().block_division(division, int(is_on(sent().get("blocked"))))
    return done()


@bp.post("/periods")
def close_period() -> ResponseReturnValue:
    """`{"journal": "70", "year": 2026, "period": 3}` closes; `"closed": false` opens again."""
    given = sent()
    try:
        simulator().close_period(
            int(given.get("year") or 0),
            int(given.get("period") or 0),
            str(given.get("journal") or "70"),
            int(given.get("division") or ANTWERP),
            is_on(given.get("closed", True)),
        )
    except (KeyError, ValueError) as error:
        abort(400, str(error))
    return done()


@bp.post("/revoke")
def revoke() -> ResponseReturnValue:
    simulator().revoke()
    return done()


@bp.post("/reset")
def reset() -> ResponseReturnValue:
    simulator().reset()
    return done()


@bp.post("/entries/<entry_id>/<action>")
def steer_entry(entry_id: str, action: str) -> ResponseReturnValue:
    """What an accountant may do to an entry at Exact's own screens."""
    sim = simulator()
    actions = {
        "paid": lambda: sim.mark_paid(entry_id),
        "open": lambda: sim.mark_paid(entry_id, paid=False),
        "process": lambda: sim.process(entry_id),
        "delete": lambda: sim.delete_entry(entry_id),
    }
    if action not in actions:
        abort(404)
    try:
        actions[action]()
    except KeyError:
        abort(404)
    return done(url_for("pages.index") if action == "delete" else request.referrer)
