"""Small pieces of HTML that Python and templates both make: icons and badges.

A list draws hundreds of them, so they escape by hand: `Markup.format` takes eight times as long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from flask import Flask, current_app
from markupsafe import Markup, escape

Colour = Literal["grey", "blue", "green", "amber", "red", "purple"]

#: A badge with more characters may break into lines.
LONG = 24


@dataclass(frozen=True)
class Badge:
    """A state in words, with a colour that helps but never speaks alone."""

    text: Any
    colour: Colour = "grey"

    def __html__(self) -> Markup:
        text = escape(self.text)
        long = " state-long" if len(text) > LONG else ""
        return Markup(f'<span class="state state-{self.colour}{long}">{text}</span>')


def icon(name: str) -> Markup:
    """An icon of Tabler's set. It is decoration: put the meaning in words beside it."""
    sprite = current_app.jinja_env.globals["asset"]("icons.svg")  # type: ignore[operator]
    address = escape(f"{sprite}#tabler-{name}")
    return Markup(
        f'<svg class="icon" aria-hidden="true" focusable="false"><use href="{address}"/></svg>'
    )


def register(app: Flask) -> None:
    """Let every template say `{{ icon("plus") }}` and `{{ badge(_("Draft"), "amber") }}`."""
    app.jinja_env.globals.update(icon=icon, badge=Badge)
