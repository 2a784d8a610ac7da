"""Changing prices with a spreadsheet: choose the file, look what it would do, do it."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ppplanner.blueprints.costs import unused_codes
from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.file_form import FileForm, file_field
from ppplanner.blueprints.htmx import go_to, render_form, render_page
from ppplanner.blueprints.rate_words import RATE_TYPES
from ppplanner.blueprints.settings import bp
from ppplanner.extensions import db
from ppplanner.i18n import LANGUAGES, _, _l, in_language, ngettext
from ppplanner.models import PriceRange, Upload
from ppplanner.permissions import require, visible
from ppplanner.security import takes_files
from ppplanner.services.files import uploads
from ppplanner.services.pricing.rate_file import NAME, Plan, carry_out, plan_prices

PURPOSE = "prices"
#: What the columns for codes are called.
CODES = {
    "gl_code": _l("Revenue account"),
    "cost_centre_code": _l("Cost centre"),
    "cost_carrier_code": _l("Cost carrier"),
}


class PricesForm(FileForm):
    file = file_field(
        _l(
            "Export the list of price ranges, change its prices, and choose it here. An empty cell"
            " means that the rate is no longer offered."
        )
    )


@bp.route("/rates/import", methods=["GET", "POST"])
@require("rates.edit")
@takes_files
def choose_rate_file() -> ResponseReturnValue:
    """Where the file is chosen. It is read at once: what is no spreadsheet goes no further."""
    form = PricesForm()
    if form.validate_on_submit() and (upload := attempt(form, lambda: form.keep(PURPOSE, _plan))):
        return go_to(url_for(".preview_rates", upload_id=upload.id))
    return render_form("settings/rate_file.html", form, "content")


@bp.route("/rates/import/<int:upload_id>", methods=["GET", "POST"])
@require("rates.edit")
def preview_rates(upload_id: int) -> ResponseReturnValue:
    """What the file would change; posted, with the same outcome as was shown, it is done."""
    upload = uploads.kept(upload_id, current_user.id, PURPOSE)
    plan = _plan(upload.content)
    form, fresh = SureForm(), request.form.get("seen", plan.fingerprint) == plan.fingerprint
    if fresh and form.validate_on_submit() and attempt(form, lambda: _change(plan, upload)):
        return go_to(url_for(".rates"), _said(plan))
    if not fresh:
        form.form_errors.append(
            _("The prices have changed meanwhile: look again at what will happen.")
        )
    return render_page(
        "settings/rate_preview.html",
        "content",
        409 if form.form_errors else 200,
        form=form,
        upload=upload,
        plan=plan,
        titles={**RATE_TYPES, **CODES},
    )


def _plan(content: bytes) -> Plan:
    query = select(PriceRange).where(visible(PriceRange)).options(selectinload(PriceRange.rates))
    return plan_prices(content, _headings(), db.session.scalars(query).all())


def _headings() -> dict[str, str]:
    """The headings of an exported list, in each language."""
    names = {NAME: _l("Name"), **RATE_TYPES, **CODES}
    asked = {name: names[name] for name in names if name not in unused_codes()}
    headings: dict[str, str] = {}
    for language in LANGUAGES:
        with in_language(language):
            headings |= {str(title).casefold(): name for name, title in asked.items()}
    return headings


def _change(plan: Plan, upload: Upload) -> bool:
    carry_out(plan)
    uploads.forget(upload)
    return True


def _said(plan: Plan) -> str:
    return ngettext(
        "The prices of %(num)s price range are changed.",
        "The prices of %(num)s price ranges are changed.",
        len(plan.changed),
    )
