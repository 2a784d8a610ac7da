"""The board's pages. What changes something lies beside this file, each deed in its own."""

from __future__ import annotations

from flask import Response, redirect, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from ppplanner.blueprints.contracts.labels import status_badge
from ppplanner.blueprints.contracts.next_steps import next_steps
from ppplanner.blueprints.htmx import render_page
from ppplanner.blueprints.planning import (  # noqa: F401 - the other routes
    bp,
    changes,
    moves,
    new,
    steps,
)
from ppplanner.blueprints.planning.filters import filters
from ppplanner.blueprints.planning.marks import marks_of
from ppplanner.blueprints.planning.page import board_page, drawn, not_yet
from ppplanner.blueprints.planning.paper import paper
from ppplanner.blueprints.planning.state import BoardState
from ppplanner.blueprints.records import LARGEST_ID, find
from ppplanner.models import Contract, ContractStatus
from ppplanner.permissions import require
from ppplanner.services.planning import board
from ppplanner.services.planning.moves import why_fixed
from ppplanner.services.pricing.contract_price import net_of
from ppplanner.services.pricing.invoiced import is_invoiced

#: Rows that one request may ask for: a chunk, or those that a colleague has changed.
ROWS = 100

bp.add_app_template_filter(not_yet, "not_yet")


@bp.get("/")
@require("contracts.view")
def index() -> ResponseReturnValue:
    """The board as the address says; without one as the person last looked at it, but today."""
    remembered = session.get("board")
    if remembered and not request.args:
        return redirect(BoardState.read(MultiDict(remembered)).url())
    state = BoardState.read(request.args)
    session["board"] = {key: text for key, text in state.params().items() if key != "day"}
    form = filters(state, current_user.business_unit_id)
    response = render_page("planning/index.html", "board", filters=form, **board_page(state))
    response.headers["HX-Push-Url"] = state.url()
    return response


@bp.get("/rows")
@require("contracts.view")
def rows() -> Response:
    """Rows that come into sight; or, without their number, the bars of rows that are there."""
    state, ids = BoardState.read(request.args), _asked_ids()
    window = state.window()
    found = board.rows(state.choice(), window, ids) if ids else []
    first = request.args.get("first", type=int)
    return Response(
        render_template(
            "planning/_rows.html" if first else "planning/_tracks.html",
            rows=found,
            first=first,
            drawn=drawn(state, [row.id for row in found], strip="strip" in request.args),
            strip="strip" in request.args,
            window=window,
        )
    )


@bp.get("/contracts/<int:contract_id>")
@require("contracts.view")
def show(contract_id: int) -> Response:
    """The contract beside the board; as a page of its own without scripts."""
    contract = find(Contract, contract_id)
    return render_page(
        "planning/contract.html",
        "panel",
        contract=contract,
        state=status_badge(contract.status),
        net=net_of(contract),
        next_step=next_steps(contract, to_invoice=False).primary,
        marks=marks_of([contract.id]).get(contract.id, []),
        movable=_movable(contract),
    )


def _movable(contract: Contract) -> bool:
    """Whether it may go elsewhere, or, handed out, end at another time."""
    open_ended = contract.status is ContractStatus.OPEN and not is_invoiced(contract)
    return open_ended or not why_fixed({contract.id: contract.status})


@bp.get("/contracts/<int:contract_id>/card")
@require("contracts.view")
def card(contract_id: int) -> Response:
    """Who, when, what, phone: for the one over whose bar the mouse stands still."""
    contract = find(Contract, contract_id)
    state = status_badge(contract.status)
    marks = marks_of([contract.id]).get(contract.id, [])
    html = render_template("planning/_card.html", contract=contract, state=state, marks=marks)
    return Response(html)


@bp.get("/print")
@require("contracts.view")
def on_paper() -> Response:
    """A day as a list of what each resource does, a week as a table."""
    return Response(render_template("planning/print.html", **paper(BoardState.read(request.args))))


def _asked_ids() -> list[int]:
    ids = request.args.getlist("resource", type=int)
    return [each for each in ids if 0 < each <= LARGEST_ID][:ROWS]
