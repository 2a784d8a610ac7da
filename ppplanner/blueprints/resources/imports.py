"""Importing resources from a spreadsheet: choose the file, look what it would do, do it."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any

from flask import Response, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.file_form import FileForm
from ppplanner.blueprints.htmx import go_to, render_form, render_page
from ppplanner.blueprints.lists.list_export import XLSX
from ppplanner.blueprints.lists.workbook import write_workbook
from ppplanner.blueprints.records import LARGEST_ID
from ppplanner.blueprints.resources import bp
from ppplanner.extensions import db
from ppplanner.i18n import _, _l, ngettext
from ppplanner.models import BusinessUnit, Pool, Upload
from ppplanner.permissions import require, visible
from ppplanner.security import takes_files
from ppplanner.services.files import uploads
from ppplanner.services.fleet.resource_columns import columns_for
from ppplanner.services.fleet.resource_import import (
    Outcome,
    Plan,
    PlannedRow,
    carry_out,
    plan_import,
)

PURPOSE = "resources"
UPLOAD = f"<int(max={LARGEST_ID}):upload_id>"
#: Rows of a kind on one page of the preview.
PAGE = 200
OUTCOMES = {
    Outcome.REFUSED: _l("Refused"),
    Outcome.NEW: _l("New"),
    Outcome.CHANGED: _l("Changed"),
    Outcome.UNCHANGED: _l("Unchanged"),
}


@bp.route("/import", methods=["GET", "POST"])
@require("resources.edit")
@takes_files
def choose_file() -> ResponseReturnValue:
    """Where the file is chosen. It is read at once: what is no spreadsheet goes no further."""
    form = FileForm()
    if form.validate_on_submit() and (upload := attempt(form, lambda: form.keep(PURPOSE, _plan))):
        return go_to(url_for(".preview_import", upload_id=upload.id))
    return render_form("resources/import.html", form, "content", titles=columns_for(_pools()))


@bp.get("/import/template")
@require("resources.edit")
def import_template() -> Response:
    """An empty file with the columns that are imported, in the person's language."""
    file, titles = BytesIO(), [str(title) for title in columns_for(_pools()).values()]
    write_workbook(file, _("Resources"), titles, [], [""] * len(titles))
    file.seek(0)
    return send_file(file, XLSX, as_attachment=True, download_name=f"{_('Resources')}.xlsx")


@bp.route(f"/import/{UPLOAD}", methods=["GET", "POST"])
@require("resources.edit")
def preview_import(upload_id: int) -> ResponseReturnValue:
    """What the import would do; posted, with the same outcome as was shown, it is done."""
    upload = uploads.kept(upload_id, current_user.id, PURPOSE)
    plan = _plan(upload.content, "types" in request.values)
    form, fresh = SureForm(), request.form.get("seen", plan.fingerprint) == plan.fingerprint
    if fresh and form.validate_on_submit() and attempt(form, lambda: _import(plan, upload)):
        return go_to(url_for(".index"), _said(plan))
    if not fresh:
        form.form_errors.append(
            _("The resources have changed meanwhile: look again at what will happen.")
        )
    return render_page(
        "resources/import_preview.html",
        "content",
        200 if not form.form_errors else 409,
        form=form,
        upload=upload,
        plan=plan,
        outcomes=OUTCOMES,
        with_types="types" in request.values,
        **_shown(plan),
    )


@bp.post(f"/import/{UPLOAD}/discard")
@require("resources.edit")
def discard_import(upload_id: int) -> ResponseReturnValue:
    if SureForm().validate_on_submit():
        uploads.forget(uploads.kept(upload_id, current_user.id, PURPOSE))
        db.session.commit()
    return go_to(url_for(".choose_file"))


def _plan(content: bytes, with_types: bool = False) -> Plan:
    return plan_import(content, _pools(), with_types)


def _pools() -> Sequence[Pool]:
    """The pools whose resources the person may change."""
    query = (
        select(Pool)
        .where(visible(Pool, "resources.edit"))
        .options(joinedload(Pool.business_unit).joinedload(BusinessUnit.company))
    )
    return db.session.scalars(query).all()


def _import(plan: Plan, upload: Upload) -> bool:
    carry_out(plan)
    uploads.forget(upload)
    return True


def _said(plan: Plan) -> str:
    new, changed = plan.counts[Outcome.NEW], plan.counts[Outcome.CHANGED]
    return _(
        "Imported: %(new)s and %(changed)s.",
        new=ngettext("%(num)s new resource", "%(num)s new resources", new),
        changed=ngettext("%(num)s changed one", "%(num)s changed ones", changed),
    )


def _shown(plan: Plan) -> dict[str, Any]:
    """The rows of the kind that is looked at, a page of them; at first those that need looking."""
    present = [outcome for outcome in OUTCOMES if plan.counts[outcome]]
    asked = request.args.get("show", "")
    shown = next((each for each in present if each == asked), present[0])
    rows: list[PlannedRow] = [row for row in plan.rows if row.outcome is shown]
    start = max(request.args.get("from", 0, type=int), 0)
    return {
        "shown": shown,
        "rows": rows[start : start + PAGE],
        "before": start - PAGE if start else None,
        "after": start + PAGE if len(rows) > start + PAGE else None,
    }
