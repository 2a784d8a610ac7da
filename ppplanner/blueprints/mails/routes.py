"""The caught mails: the list of them, one of them, and what is attached to it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

from flask import Response, abort, redirect, request, send_file, url_for
from flask.typing import ResponseReturnValue

from ppplanner.blueprints.htmx import render_page
from ppplanner.blueprints.mails import (  # noqa: F401 - the other routes
    RIGHT,
    bp,
    caught_mails,
    colleagues,
)
from ppplanner.errors import NotFound
from ppplanner.i18n import _
from ppplanner.mailing import caught
from ppplanner.mailing.caught import CaughtMail
from ppplanner.permissions import require
from ppplanner.services.firm.company_files import PDF

#: The last ones stand on the page.
SHOWN = 100


def _folder() -> Path:
    """Where the mails lie; the pages are not there when a mail server gets them."""
    return caught_mails() or abort(404)


def _find(name: str) -> CaughtMail:
    mail = caught.read(_folder(), name)
    if mail is None:
        raise NotFound(_("This mail is not here any more."))
    return mail


@bp.get("/")
@require(RIGHT, generally=True)
def index() -> Response:
    mails = list(caught.newest(_folder(), SHOWN))
    return render_page("mails/index.html", "content", mails=mails)


@bp.get("/of")
@require(RIGHT, generally=True)
def of_key() -> ResponseReturnValue:
    """The mail with a Message-ID."""
    name = caught.name_of(_folder(), request.args.get("key", ""))
    if name is None:
        raise NotFound(_("This mail is not here any more."))
    return redirect(url_for(".show", name=name))


@bp.get("/<name>")
@require(RIGHT, generally=True)
def show(name: str) -> Response:
    return render_page("mails/show.html", "content", mail=_find(name))


@bp.get("/<name>/attachments/<int:number>")
@require(RIGHT, generally=True)
def attachment(name: str, number: int) -> Response:
    """What is attached, counted from 1; only a PDF opens in the browser."""
    files = _find(name).attachments
    if not 1 <= number <= len(files):
        raise NotFound(_("This mail is not here any more."))
    file = files[number - 1]
    answer = send_file(
        BytesIO(file.content),
        file.media_type,
        download_name=file.filename,
        as_attachment=file.media_type != PDF,
    )
    answer.cache_control.private = True
    return answer
