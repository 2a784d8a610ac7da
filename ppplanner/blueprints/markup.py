"""Small pieces of HTML that Python and templates both make: icons and badges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from flask import Flask, current_app
from markupsafe import Markup

Colour = Literal["grey", "blue", "green", "amber", "red", "purple"]

#: A badge with more characters may break into lines.
LONG = 24


@dataclass(frozen=True)
class Badge:
    """A state in words, with a colour that helps but never speaks alone."""

    text: Any
    colour: Colour = "grey"

    def __html__(self) -> Markup:
        long = " state-long" if len(str(self.text)) > LONG else ""
        state = Markup('<span class="state state-{}{}">{}</span>')
        return state.format(self.colour, long, self.text)


def icon(name: str) -> Markup:
    """An icon of Tabler's set. It is decoration: put the meaning in words beside it."""
    sprite = current_app.jinja_env.globals["asset"]("icons.svg")  # type: ignore[operator]
    return Markup(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#tabler-{}"/></svg>'
    ).format(sprite, name)


def register(app: Flask) -> None:
    """Let every template say `{{ icon("plus") }}` and `{{ badge(_("Draft"), "amber") }}`."""
    app.jinja_env.globals.update(icon=icon, badge=Badge)
