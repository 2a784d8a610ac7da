"""What routes share to answer both a browser and htmx.

Every URL is a whole page for a browser and one block of the same template for htmx. Answers
differ only in their headers, and only here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, urlsplit

import htmx_flask
from flask import Response, flash, redirect, render_template
from flask.typing import ResponseReturnValue
from htmx_flask import request
from wtforms import Form


def wants_fragment() -> bool:
    """Whether htmx asks for a part of the page, not a browser for the whole."""
    htmx = request.htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_page(template: str, fragment: str, status: int = 200, **context: Any) -> Response:
    """The whole page for a browser, its block `fragment` for htmx.

    "layout.html" does the choosing, so blocks may be inherited and use what the page imports.
    """
    only = fragment if wants_fragment() else None
    response = Response(render_template(template, fragment=only, **context), status)
    response.vary.add("HX-Request")
    return response


def render_form(
    template: str, form: Form, fragment: str = "form", status: int | None = None, **context: Any
) -> Response:
    """A page with a form: 422 when the form came back with errors, 200 when it is fresh, unless
    `status` says otherwise.
    """
    status = status or (422 if form.errors else 200)
    return render_page(template, fragment, status, form=form, **context)


def go_to(url: str, message: str | None = None, kind: str = "success") -> ResponseReturnValue:
    """Leave for another page after a save; `message` is said once on arrival.

    A 303 would be followed inside the request of htmx and land in the form, hence HX-Redirect.
    """
    if message:
        flash(message, kind)
    if request.htmx:
        return make_response("", redirect=url)
    return redirect(url, 303)


def finish(url: str, message: str | None, kind: str = "success") -> ResponseReturnValue:
    """Leave a form after a save: go to `url`, or, out of a dialog, stay on the page beneath it.

    That page loads itself anew, so its filters and its place in the list remain.
    """
    if is_dialog():
        if message:
            flash(message, kind)
        return make_response("", refresh=True)
    return go_to(url, message, kind)


def is_dialog() -> bool:
    """Whether htmx asks from another page than the one it asks for: then it shows a dialog."""
    page = request.htmx.current_url
    return wants_fragment() and page is not None and split_url(page).path != request.path


def split_url(address: str) -> SplitResult:
    """The parts of an address that a browser named; all of them empty if it cannot be read."""
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def is_own(path: str) -> bool:
    """Whether it is a path of this site: nobody is sent to another one."""
    plain = path.isprintable() and path.startswith("/") and not path.startswith(("//", "/\\"))
    return plain and not split_url(path).netloc


def stay(message: str, events: Mapping[str, Any] | None = None) -> Response:
    """Close the dialog without touching the page beneath, which may listen to `events`.

    `{"picked": {"field": "customer_id", "value": 12, "text": "Jansen"}}` fills a picker.
    """
    told = {"dialog-close": None, "toast": {"text": message, "kind": "success"}}
    return make_response("", reswap="none", trigger={**told, **(events or {})})


def make_response(body: Any, reswap: str | None = None, **headers: Any) -> Response:
    """`htmx_flask.make_response`, with every swap style that htmx knows.

    Version 0.1.0 refuses "beforebegin", "afterbegin" and all modifiers ("innerHTML swap:1s").
    """
    response = htmx_flask.make_response(body, **headers)
    if reswap:
        response.headers["HX-Reswap"] = reswap
    return response
