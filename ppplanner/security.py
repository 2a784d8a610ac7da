"""What every answer carries to keep the browser on our side."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from flask import Flask, Response, abort, current_app, request
from werkzeug.middleware.proxy_fix import ProxyFix

P = ParamSpec("P")
R = TypeVar("R")

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def init_app(app: Flask) -> None:
    app.before_request(_refuse_nul)
    app.before_request(_refuse_files)
    app.after_request(_harden)
    config = app.config["PPPLANNER"]
    if config.production:
        HSTS = {"Strict-Transport-Security": "max-age=31536000"}
        app.after_request(lambda response: _add(response, HSTS))
    if proxies := config.trusted_proxies:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies
        )


def _refuse_nul() -> None:
    """No text of a person holds a NUL character, and PostgreSQL cannot keep one."""
    texts = (request.path, *(value for _name, value in request.values.items(multi=True)))
    if any("\0" in text for text in texts):
        abort(400)


def takes_files(view: Callable[P, R]) -> Callable[P, R]:
    """Say that a route's form asks for a file."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def _refuse_files() -> None:
    """Few forms ask for a file; one in the place of a text would only break what reads it."""
    view = current_app.view_functions.get(request.endpoint or "")
    if not getattr(view, "takes_files", False) and request.files:
        abort(400)


def _harden(response: Response) -> Response:
    """Nobody keeps an answer, unless its route says who may: files would get "no-cache" only."""
    if request.endpoint != "static" and not response.cache_control.private:
        response.headers["Cache-Control"] = "no-store"
    return _add(response, HEADERS)


def _add(response: Response, headers: dict[str, str]) -> Response:
    for name, value in headers.items():
        response.headers.setdefault(name, value)
    return response
