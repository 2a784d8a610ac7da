"""Puts the parts together into one web application."""

from __future__ import annotations

from flask import Flask

from . import api, controls, downloads, oauth, pages
from .core import Simulator
from .front import Front
from .options import Options

LARGEST_BODY = 32 * 1024 * 1024


def create_simulator(options: Options | None = None) -> Flask:
    """A Flask application that behaves like Exact Online's API."""
    return create_app(Simulator(options))


def create_app(simulator: Simulator) -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.extensions["simulator"] = simulator
    app.url_map.strict_slashes = False
    for part in (api, controls, downloads, oauth, pages):
        app.register_blueprint(part.bp)
    pages.init_app(app)
    app.wsgi_app = Front(app.wsgi_app, simulator)  # type: ignore[method-assign]
    return app
