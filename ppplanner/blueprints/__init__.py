"""The edges: routes read input, call a service, commit, answer."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

from ppplanner.blueprints import errors, frame, fuel_words, rate_words

AREAS = (
    "auth",
    "home",
    "planning",
    "contracts",
    "customers",
    "resources",
    "availability",
    "calendars",
    "reports",
    "invoices",
    "invoice_runs",
    "collections",
    "mails",
    "ledger",
    "lists",
    "search",
    "work",
    "settings",
)


def init_app(app: Flask) -> None:
    frame.init_app(app)
    errors.init_app(app)
    fuel_words.init_app(app)
    rate_words.init_app(app)
    for area in AREAS:
        import_module(f"{__name__}.{area}.routes")
        app.register_blueprint(import_module(f"{__name__}.{area}").bp)
