"""The controls page, and the same controls for scripts that send JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from flask import Blueprint, abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from .api import simulator
from .core import Simulator
from .faults import KINDS, Fault
from .metadata import resources

bp = Blueprint("controls", __name__, url_prefix="/controls")

LIMITS = ("calls_per_minute", "calls_per_day", "errors_per_hour", "token_calls_per_day")
SWITCHES = ("case_sensitive", "substringof", "one_chain_per_user")


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
        faults=simulator().faults.planned(),
        options=simulator().options,
        limits=LIMITS,
        switches=SWITCHES,
    )


@bp.get("/state.json")
def state() -> ResponseReturnValue:
    """What is booked and planned, in numbers."""
    sim = simulator()
    options = {name: getattr(sim.options, name) for name in (*LIMITS, *SWITCHES, "latency")}
    return jsonify(
        now=sim.clock.now().isoformat(),
        calls=len(sim.log),
        entries=len(sim.records("salesentry/SalesEntries")),
        documents=len(sim.records("documents/Documents")),
        faults=[asdict(fault) for fault in sim.faults.planned()],
        options=options,
    )


@bp.post("/faults")
def plan_fault() -> ResponseReturnValue:
    """`{"kind": "drop_after", "method": "POST", "resource": "salesentry/SalesEntries"}`."""
    given = _given()
    times = given.get("times", 1)
    try:
        fault = Fault(
            kind=str(given.get("kind")),
            method=given.get("method") or None,
            resource=given.get("resource") or None,
            times=int(times) if times else None,
            probability=float(given.get("probability") or 1),
            seconds=float(given.get("seconds") or 30),
            after=int(given.get("after") or 0),
            text=str(given.get("text") or ""),
        )
    except ValueError as error:
        abort(400, str(error))
    simulator().faults.plan(fault)
    return _done()


@bp.post("/faults/clear")
def clear_faults() -> ResponseReturnValue:
    simulator().faults.clear()
    return _done()


@bp.post("/options")
def change_options() -> ResponseReturnValue:
    """Limits (empty switches one off), switches and latency; what is not sent stays."""
    sim, given = simulator(), _given()
    try:
        _set_options(sim, given)
    except ValueError as error:
        abort(400, str(error))
    return _done()


def _set_options(sim: Simulator, given: Mapping[str, Any]) -> None:
    for name in LIMITS:
        if name in given:
            setattr(sim.options, name, int(given[name]) if given[name] else None)
    for name in SWITCHES:
        if name in given:
            setattr(sim.options, name, str(given[name]).lower() in ("true", "1", "on"))
    if given.get("latency") not in (None, ""):
        sim.options.latency = max(0.0, float(given["latency"]))


@bp.post("/clock")
def move_clock() -> ResponseReturnValue:
    """`{"minutes": 10}` jumps, `{"speed": 60}` runs faster, `{"real": true}` is real time again."""
    sim, given = simulator(), _given()
    try:
        if given.get("real"):
            sim.clock.reset()
        if given.get("minutes"):
            sim.clock.jump(minutes=float(given["minutes"]))
        if given.get("speed") not in (None, ""):
            sim.clock.run(float(given["speed"]))
    except ValueError as error:
        abort(400, str(error))
    with sim.state.lock:
        sim.state.keep_tokens()
    return _done()


@bp.post("/revoke")
def revoke() -> ResponseReturnValue:
    simulator().revoke()
    return _done()


@bp.post("/reset")
def reset() -> ResponseReturnValue:
    simulator().reset()
    return _done()


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
    return _done(url_for("pages.index") if action == "delete" else request.referrer)


def _given() -> Mapping[str, Any]:
    if request.is_json:
        body = request.get_json()
        return body if isinstance(body, dict) else abort(400, "Send an object.")
    return request.form


def _done(address: str | None = None) -> ResponseReturnValue:
    if request.is_json:
        return "", 204
    return redirect(address or url_for("controls.show"), 303)
