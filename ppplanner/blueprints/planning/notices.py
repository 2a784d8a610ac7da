"""What the deeds on the board answer: which rows changed, and what is said above the board.

Answers are fragments for `#board-notice`; without scripts they lead back to the board, or are a
page of their own when there is something to decide.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response, url_for
from flask.typing import ResponseReturnValue

from ppplanner.blueprints.htmx import go_to, make_response, render_page, wants_fragment
from ppplanner.blueprints.planning.choices import offers
from ppplanner.extensions import db
from ppplanner.models import Contract
from ppplanner.services.planning.alternatives import FreePlace
from ppplanner.services.planning.moves import Moved, Refused, State, state_of, version

TEMPLATE = "planning/notice.html"


def touched(*states: State | None) -> dict[str, Any]:
    """The rows of the board that these states of contracts stand in."""
    ids = {state["resource_id"] for state in states if state}
    return {"resources": sorted(ids - {None}), "strip": None in ids}


def done(changed: dict[str, Any], message: str = "") -> ResponseReturnValue:
    """It is done, and there is nothing to decide; `message` goes by in a corner."""
    if not wants_fragment():
        return go_to(url_for("planning.index"), message or None)
    return _above_the_board(Response(""), {"board-changed": changed, **_toast(message)})


def _toast(message: str) -> dict[str, Any]:
    """What goes by in a corner, as an event."""
    return {"toast": {"text": message, "kind": "success"}} if message else {}


def moved_to(moved: Moved, message: str = "") -> ResponseReturnValue:
    """A contract has moved; a price that changed with it is shown, and can be refused.

    `message` says where it went, to those who did not bring it there themselves.
    """
    changed = touched(moved.before, moved.after)
    if not moved.price_changed:
        return done(changed, message)
    page = render_page(TEMPLATE, "notice", moved=moved, contract=moved.contract)
    return _above_the_board(page, {"board-changed": changed, **_toast(message)})


def refused(
    reason: str,
    contract: Contract | None = None,
    choices: Iterable[FreePlace] = (),
    status: int = 409,
) -> Response:
    """It was not done: why, and what the contract could have instead."""
    zone = contract.business_unit.company.timezone if contract else ""
    page = render_page(
        TEMPLATE,
        "notice",
        status,
        reason=reason,
        contract=contract,
        seen=version(contract) if contract else "",
        offers=offers(choices, zone),
    )
    changed = touched(state_of(contract)) if contract else touched()
    return _above_the_board(page, {"board-changed": changed})


def refused_by(error: Refused) -> Response:
    """What a move or a step was refused with. What it had begun is given up."""
    db.session.rollback()
    contract = db.session.get(Contract, error.contract_id)
    return refused(str(error), contract, error.choices)


def _above_the_board(response: Response, events: dict[str, Any]) -> Response:
    if not wants_fragment():
        return response
    return make_response(
        response,
        retarget="#board-notice",
        reswap="innerHTML",
        trigger={"dialog-close": None, **events},
    )
