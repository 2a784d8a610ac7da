"""How full a tank is, on screens and on papers."""

from __future__ import annotations

from flask import Flask

from ppplanner.i18n import _l

EIGHTHS = {
    8: _l("Full"),
    7: "7/8",
    6: "3/4",
    5: "5/8",
    4: "1/2",
    3: "3/8",
    2: "1/4",
    1: "1/8",
    0: _l("Empty"),
}


def init_app(app: Flask) -> None:
    app.jinja_env.globals["fuel_level"] = EIGHTHS.get
