"""Puts the parts together into one web application."""

from __future__ import annotations

from flask import Flask

from . import api, downloads, lists, oauth, pages, steering
from .connection import LARGEST_BODY
from .core import Simulator
from .front import Front
from .options import Options


def create_simulator(options: Options | None = None) -> Flask:
    """A Flask application that behaves like Exact Online's API."""
    return create_app(Simulator(options))


def create_app(simulator: Simulator) -> Flask:
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.extensions["simulator"] = simulator
    app.url_map.strict_slashes = False
    for part in (api, steering, downloads, oauth, lists):
        app.register_blueprint(part.bp)
    pages.init_app(app)
    app.wsgi_app = Front(app.wsgi_app, simulator)  # type: ignore[method-assign]
    return app
