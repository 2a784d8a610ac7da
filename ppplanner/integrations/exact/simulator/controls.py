"""The controls page, and the same controls for scripts that send JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, TypeVar

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .api import simulator
from .core import Simulator
from .faults import BLIND_KINDS, KINDS, Fault
from .metadata import resources
from .summary import CHOICES, LIMITS, NUMBERS, SWITCHES, summary

bp = Blueprint("controls", __name__, url_prefix="/controls")

Given = Mapping[str, Any]
N = TypeVar("N", int, float)


@bp.before_request
def refuse_other_sites() -> None:
    """A page elsewhere must not steer the simulator through somebody's browser."""
    origin = request.headers.get("Origin")
    if request.method != "GET" and origin not in (None, request.host_url.rstrip("/")):
        abort(403)


@bp.get("")
def show() -> str:
    return render_template(
        "simulator/controls.html",
        kinds=KINDS,
        resources=sorted(resources()),
        faults=simulator().faults,
        options=simulator().options,
        limits=LIMITS,
        switches=SWITCHES,
        choices=CHOICES,
        users=simulator().state.users.values(),
        refused=simulator().refused_users,
    )


@bp.get("/state.json")
def state() -> ResponseReturnValue:
    """What is booked, planned, and went wrong, in numbers."""
    return jsonify(summary(simulator()))


@bp.post("/faults")
def plan_fault() -> ResponseReturnValue:
    """`{"kind": "drop_after", "method": "POST", "resource": "salesentry/SalesEntries"}`; several
    at once as a list.
    """
    body = request.get_json() if request.is_json else None
    several = body if isinstance(body, list) else [sent()]
    simulator().faults.plan(*[_fault(each) for each in several])
    return done()


@bp.post("/chance")
def plan_chances() -> ResponseReturnValue:
    """`{"seed": 1, "probability": 0.05}`: every kind that passes by itself, or those of `kinds`,
    each with this chance until cleared; instead of all that was planned.
    """
    given, faults = sent(), simulator().faults
    try:
        seed = _number(given, "seed", 0, int)
    except ValueError as error:
        abort(400, str(error))
    kinds = request.form.getlist("kinds") or given.get("kinds") or BLIND_KINDS
    planned = [_fault({"times": 0} | dict(given) | {"kind": kind}) for kind in kinds]
    if sum(fault.probability for fault in planned) > 1:
        abort(400, "The chances of one call add up to more than 1.")
    faults.clear()
    faults.sow(seed)
    faults.plan(*planned)
    return done()


@bp.post("/faults/clear")
def clear_faults() -> ResponseReturnValue:
    simulator().faults.clear()
    return done()


@bp.post("/options")
def change_options() -> ResponseReturnValue:
    """Limits (empty switches one off), switches and latency; what is not sent stays."""
    sim, given = simulator(), sent()
    try:
        _set_options(sim, given)
    except ValueError as error:
        abort(400, str(error))
    return done()


def _set_options(sim: Simulator, given: Given) -> None:
    for name in LIMITS:
        if name in given:
            setattr(sim.options, name, int(given[name]) if given[name] else None)
    for name in SWITCHES:
        if name in given:
            setattr(sim.options, name, is_on(given[name]))
    for name, allowed in CHOICES.items():
        if given.get(name, allowed[0]) not in allowed:
            raise ValueError(f"{name} is one of {', '.join(allowed)}.")
        setattr(sim.options, name, given.get(name, getattr(sim.options, name)))
    for name, kind in NUMBERS.items():
        if given.get(name) not in (None, ""):
            setattr(sim.options, name, max(kind(0), kind(given[name])))


@bp.post("/clock")
def move_clock() -> ResponseReturnValue:
    """`{"minutes": 10}` jumps (seconds, hours and days too), `{"at": "2026-03-16T08:00:00Z"}` sets
    it, `{"speed": 60}` runs faster, 0 stands still, `{"real": true}` is real time again.
    """
    sim, given = simulator(), sent()
    try:
        _move(sim, given)
    except ValueError as error:
        abort(400, str(error))
    with sim.state.lock:
        sim.state.keep_tokens()
    return done()


def _move(sim: Simulator, given: Given) -> None:
    if given.get("real"):
        sim.clock.reset()
    if given.get("at"):
        sim.clock.set(datetime.fromisoformat(str(given["at"])))
    jumps = {unit: float(given.get(unit) or 0) for unit in ("seconds", "minutes", "hours", "days")}
    if any(jumps.values()):
        sim.clock.jump(**jumps)
    if given.get("speed") not in (None, ""):
        sim.clock.run(float(given["speed"]))


def _fault(given: Given) -> Fault:
    """A trouble as a form or a script describes it; `times` 0 goes on until cleared."""
    try:
        return Fault(
            kind=str(given.get("kind")),
            method=given.get("method") or None,
            resource=given.get("resource") or None,
            times=_number(given, "times", 1, int) or None,
            probability=_number(given, "probability", 1, float),
            seconds=_number(given, "seconds", 30, float),
            after=_number(given, "after", 0, int),
            text=str(given.get("text") or ""),
        )
    except ValueError as error:
        abort(400, str(error))


def _number(given: Given, name: str, usual: float, kind: type[N]) -> N:
    """The number of that name, else the usual one; raises ValueError."""
    text = given.get(name, "")
    return kind(usual if text == "" else text or 0)


def sent() -> Given:
    """What a form or a script sent."""
    if request.is_json:
        body = request.get_json()
        return body if isinstance(body, dict) else abort(400, "Send an object.")
    return request.form


def is_on(value: Any) -> bool:
    return str(value).lower() in ("true", "1", "on")


def done(address: str | None = None) -> ResponseReturnValue:
    """Nothing for a script; a person is led back to the page."""
    if request.is_json:
        return "", 204
    return redirect(address or url_for("controls.show"), 303)
