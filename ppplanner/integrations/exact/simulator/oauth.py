"""`/api/oauth2`: the page on which a person consents, and the token endpoint."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit, urlunsplit

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request
from flask.typing import ResponseReturnValue

from .api import simulator
from .options import Options, RegisteredApp
from .people import USERS
from .tokens import Grant, TokenRefused

bp = Blueprint("oauth", __name__, url_prefix="/api/oauth2")

LOOPBACK = ("127.0.0.1", "localhost", "::1")


@bp.get("/auth")
def ask() -> ResponseReturnValue:
    """Who asks for what; nothing is redirected to an address that is not registered."""
    app, address = _registered_sender()
    if request.args.get("response_type") != "code":
        return redirect(_back(address, {"error": "unsupported_response_type"}), 302)
    return _consent_page(app)


def _consent_page(app: RegisteredApp, problem: str = "", status: int = 200) -> ResponseReturnValue:
    sim = simulator()
    divisions = [books.facts for books in sim.state.books.values()]
    page = render_template(
        "simulator/consent.html", app=app, users=USERS, divisions=divisions, problem=problem
    )
    return page, status


@bp.post("/auth")
def decide() -> ResponseReturnValue:
    """The person said yes or no."""
    app, address = _registered_sender()
    if request.form.get("decision") != "allow":
        denied = {"error": "access_denied", "error_description": "The user denied access."}
        return redirect(_back(address, denied), 302)
    sim = simulator()
    user = sim.state.users.get(request.form.get("user", ""))
    divisions = [int(code) for code in request.form.getlist("division") if code.isdigit()]
    known = [code for code in divisions if user and code in user.divisions]
    if user is None or not known:
        return _consent_page(app, "Tick at least one administration.", 422)
    with sim.state.lock:
        code = sim.state.tokens.consent(app, user.user_name, known, address)
        sim.state.keep_tokens()
    return redirect(_back(address, {"code": code}), 302)


def _registered_sender() -> tuple[RegisteredApp, str]:
    """The app and return address of the query, when both are registered; else 400."""
    options = simulator().options
    app = options.app(request.args.get("client_id"))
    address = request.args.get("redirect_uri", "")
    if app is None or not _may_return_to(app, address, options):
        abort(400, "The client id or the redirect address is not registered.")
    return app, address


def _may_return_to(app: RegisteredApp, address: str, options: Options) -> bool:
    if address in app.redirect_uris:
        return True
    parts = urlsplit(address)
    here = parts.scheme in ("http", "https") and parts.hostname in LOOPBACK
    return options.allow_loopback_redirects and here


def _back(address: str, answer: dict[str, str]) -> str:
    """The return address with the answer and the sender's state added."""
    if "state" in request.args:
        answer = answer | {"state": request.args["state"]}
    parts = urlsplit(address)
    query = "&".join(part for part in (parts.query, urlencode(answer)) if part)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, query, ""))


@bp.post("/token")
def token() -> Response:
    """Codes and refresh tokens become new pairs of tokens."""
    sim = simulator()
    with sim.state.lock:
        try:
            grant = _new_pair()
        except TokenRefused as refused:
            sim.state.tokens.outcomes[f"{refused.status} {refused.error}"] += 1
            return _refusal(refused)
        finally:
            sim.state.keep_tokens()
    access, _ = list(grant.access.items())[-1]
    return jsonify(
        access_token=access,
        token_type="bearer",
        expires_in="600",
        refresh_token=grant.refresh_token,
    )


def _new_pair() -> Grant:
    sim, form = simulator(), request.form
    app = sim.options.app(form.get("client_id"))
    if app is None or form.get("client_secret") != app.client_secret:
        raise TokenRefused(400, "invalid_request")
    if form.get("grant_type") == "authorization_code":
        return sim.state.tokens.exchange(app, form.get("code", ""), form.get("redirect_uri", ""))
    if form.get("grant_type") == "refresh_token":
        return sim.state.tokens.refresh(app, form.get("refresh_token", ""))
    raise TokenRefused(400, "unsupported_grant_type")


def _refusal(refused: TokenRefused) -> Response:
    body = {"error": refused.error}
    if refused.description:
        body["error_description"] = refused.description
    response = jsonify(body)
    response.status_code = refused.status
    if refused.reason:
        response.headers["Reason"] = refused.reason
    return response
