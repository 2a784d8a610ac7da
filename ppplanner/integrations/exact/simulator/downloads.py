"""Attached files and the screens that answers link to, outside /api/v1."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from . import answers
from .api import identify, simulator
from .errors import Refused, not_found

bp = Blueprint("downloads", __name__, url_prefix="/docs")

SCOPE = "organization documents"


@bp.get("/SysAttachment.aspx")
def attachment() -> Response:
    """The file behind an attachment's Url; needs the bearer token and `&Download=1`."""
    sim = simulator()
    division = request.args.get("_Division_", 0, type=int)
    with sim.state.lock:
        try:
            visitor = identify(sim, division, "docs/SysAttachment")
        except Refused as refused:
            return answers.error(refused)
        may = division in visitor.grant.divisions and visitor.user.may(division, SCOPE)
        books = sim.state.books.get(division) if may else None
        content = books.files.get(request.args.get("ID", "")) if books else None
    if content is None or request.args.get("Download") != "1":
        return answers.error(not_found())
    return Response(content, content_type="application/octet-stream")


@bp.get("/DocView.aspx")
def document() -> ResponseReturnValue:
    """Where a document's DocumentViewUrl leads in the browser."""
    division = request.args.get("_Division_", 0, type=int)
    document_id = request.args.get("DocumentID", "")
    return redirect(url_for("pages.document", division=division, document_id=document_id))
