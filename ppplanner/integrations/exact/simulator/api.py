"""`/api/v1`: who asks, may they, and then read or write."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, current_app, request

from . import answers, trouble
from .computed import Asker
from .core import Simulator
from .errors import Problems, Refused, forbidden, not_found, unauthorized
from .limits import EXCEEDED, Headers
from .metadata import Resource, resources
from .options import RegisteredApp
from .people import User
from .places import Place, find_place
from .reading import Reading, count, list_records, read_one
from .store import Books
from .tokens import Grant
from .work import Work
from .writing import create_record, delete_record, update_record

bp = Blueprint("api", __name__, url_prefix="/api/v1")

VERBS = ["GET", "POST", "PUT", "DELETE", "PATCH", "MERGE"]
ME = "current/Me"
LONGEST_ADDRESS = 8_192
"""Ours: how long Exact's may be is not known, clients ask for 25 to 40 things at once."""
OUTSIDE = "Forbidden - User division is not within division scope"


@dataclass(frozen=True)
class Visitor:
    """Who stands behind an access token."""

    grant: Grant
    user: User
    app: RegisteredApp


def simulator() -> Simulator:
    found: Simulator = current_app.extensions["simulator"]
    return found


@bp.route("/current/Me", methods=VERBS)
def me() -> Response:
    return answer(simulator().current_division, ME)


@bp.route("/<int:division>/<path:address>", methods=VERBS)
def resource(division: int, address: str) -> Response:
    return answer(division, address)


@bp.route("/<path:address>", methods=VERBS)
def elsewhere(address: str) -> Response:
    return answers.error(not_found())


def answer(division: int, address: str) -> Response:
    """One call, start to end, with nothing else going on meanwhile."""
    sim, endpoint = simulator(), address.partition("(")[0]
    with sim.state.lock:
        try:
            visitor = identify(sim, division, endpoint)
        except Refused as refused:
            return answers.error(refused)
        response = _limited(sim, visitor, division, address, endpoint)
        return _count_error(sim, visitor, division, endpoint, response)


def identify(sim: Simulator, division: int, endpoint: str) -> Visitor:
    """The holder of the access token; raises Refused (401, or 429 after too many of these)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    grant = sim.state.tokens.holder(token) if scheme.lower() == "bearer" and token else None
    app = sim.options.app(grant.client_id) if grant else None
    if grant is None or app is None:
        raise unauthorized()
    if not sim.state.tokens.is_valid(grant, token):
        sim.limits.refuse_when_blocked(grant.client_id, grant.user, division, endpoint)
        if sim.limits.note(401, grant.client_id, grant.user, division, endpoint):
            raise Refused(429, EXCEEDED)
        raise unauthorized()
    return Visitor(grant, sim.state.user(grant.user), app)


def _limited(
    sim: Simulator, visitor: Visitor, division: int, address: str, endpoint: str
) -> Response:
    """Answer within the limits of calls; every answer but a 429 tells how much is left."""
    left: Headers = {}
    try:
        left = sim.limits.take(visitor.app.client_id, division)
        sim.limits.refuse_when_blocked(
            visitor.app.client_id, visitor.user.user_name, division, endpoint
        )
        response = _serve(sim, visitor, division, address)
        sim.state.flush()
    except Refused as refused:
        response = answers.error(refused)
    response.headers.update(left)
    return response


def _count_error(
    sim: Simulator, visitor: Visitor, division: int, endpoint: str, response: Response
) -> Response:
    one_too_many = sim.limits.note(
        response.status_code, visitor.app.client_id, visitor.user.user_name, division, endpoint
    )
    if not one_too_many:
        return response
    blocked = answers.error(Refused(429, EXCEEDED))
    blocked.headers.update(
        (name, text) for name, text in response.headers.items() if name.startswith("X-RateLimit")
    )
    return blocked


def _serve(sim: Simulator, visitor: Visitor, division: int, address: str) -> Response:
    planned = request.environ.get(trouble.PLANNED)
    if planned is not None:
        raise trouble.refused(planned)
    if visitor.user.user_name in sim.refused_users:
        raise forbidden(sim.refused_users[visitor.user.user_name])
    if len(request.full_path) > LONGEST_ADDRESS:
        raise Refused(414, "Request-URI Too Long")
    books = _enter(sim, visitor, division, address)
    place = find_place(address, resources())
    _check_rights(visitor, division, place.resource, request.method)
    if request.method not in place.resource.methods:
        raise Refused(405, "Method not allowed.")
    if request.method == "GET":
        return _get(sim, visitor, books, place)
    return _write(_work(sim, visitor, books), place)


def _enter(sim: Simulator, visitor: Visitor, division: int, address: str) -> Books:
    """The administration, when the user may open it and ticked it when consenting. `Me` is asked
    for without one.
    """
    books = sim.state.place(division)
    if books is not None and address == ME:
        return books
    granted = division in visitor.grant.divisions and division in visitor.user.divisions
    if books is None or not granted:
        raise forbidden("NoDivisionAccess", OUTSIDE)
    if books.facts["BlockingStatus"]:
        raise forbidden("DivisionBlocked")
    return books


def _check_rights(visitor: Visitor, division: int, resource: Resource, method: str) -> None:
    if resource.scope is None:
        return
    level = visitor.app.scopes.get(resource.scope)
    verb = "read" if method == "GET" else "manage"
    if level is None or (verb == "manage" and level == "read"):
        scope = resource.scope.replace(" ", ".")
        raise forbidden(
            "ApplicationScopeViolated",
            f"Forbidden - Application Scope Violated. Cannot {verb} '{scope}' scope.",
        )


def _get(sim: Simulator, visitor: Visitor, books: Books, place: Place) -> Response:
    may = visitor.user.may(books.code, place.resource.scope)
    if not may and sim.options.missing_rights != "empty":
        raise forbidden("NoAccess")
    reading = Reading(sim, _asker(sim, visitor), books, place.resource, sees_all=may)
    if place.key is not None:
        return read_one(reading, place)
    return count(reading) if place.count else list_records(reading)


def _asker(sim: Simulator, visitor: Visitor) -> Asker:
    granted = [sim.state.books[code] for code in visitor.grant.divisions]
    return Asker(visitor.user, granted, sim.current_division, sim.clock)


def _work(sim: Simulator, visitor: Visitor, books: Books) -> Work:
    return Work(
        books=books,
        others=[other for other in sim.state.books.values() if other is not books],
        user=visitor.user,
        now=sim.clock.wall(),
        options=sim.options,
        root=request.host_url.rstrip("/"),
        client_id=visitor.app.client_id,
        problems=Problems(visitor.user.language),
    )


def _write(work: Work, place: Place) -> Response:
    if not work.user.may(work.books.code, place.resource.scope):
        raise forbidden("NoAccess")
    if request.method == "POST" and place.key is None:
        return create_record(work, place.resource)
    if request.method == "PUT" and place.key is not None:
        return update_record(work, place.resource, place.key)
    if request.method == "DELETE" and place.key is not None:
        return delete_record(work, place.resource, place.key)
    raise Refused(405, "Method not allowed.")
