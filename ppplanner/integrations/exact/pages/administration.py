"""The administration of a company in Exact, and the lists that are fetched from it."""

from __future__ import annotations

from flask import flash, url_for
from flask.typing import ResponseReturnValue

from ppplanner.blueprints.htmx import go_to, render_form
from ppplanner.blueprints.records import find
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.permissions import require

from .. import linking
from ..connect import get_connection
from ..errors import ExactError
from ..forms import AdministrationForm
from ..models import ExactConnection
from ..records import Administration
from .blueprint import bp
from .trouble import at_the_screen, flash_trouble


@bp.route("/connections/<int:connection_id>/administration", methods=["GET", "POST"])
@require("exact.configure")
def administration(connection_id: int) -> ResponseReturnValue:
    """Choose among the administrations that the login covers."""
    connection = find(ExactConnection, connection_id)
    company_url = url_for(".company", company_id=connection.company_id)
    if not connection.is_connected:
        return go_to(company_url, _("Log in with Exact first."), "error")
    try:
        covered = linking.administrations(connection)
    except ExactError as error:
        flash_trouble(error)
        return go_to(company_url)
    form = AdministrationForm(covered, chosen=get_connection(connection_id).division)
    if form.validate_on_submit() and _choose(form, connection_id, covered):
        return go_to(company_url, _("The administration is chosen."))
    return render_form("exact/administration.html", form, connection=get_connection(connection_id))


def _choose(form: AdministrationForm, connection_id: int, covered: list[Administration]) -> bool:
    """Whether it could be chosen; if not, the form says why."""
    chosen = next(one for one in covered if str(one.division) == form.division.data)
    try:
        linking.choose_administration(get_connection(connection_id), chosen)
    except ExactError as error:
        form.form_errors.append(at_the_screen(error))
    except DomainError as error:
        form.form_errors.append(str(error))
    else:
        return True
    db.session.rollback()
    return False


@bp.post("/connections/<int:connection_id>/refresh")
@require("exact.configure")
def refresh(connection_id: int) -> ResponseReturnValue:
    """Fetch the lists from Exact anew."""
    connection = find(ExactConnection, connection_id)
    company_url = url_for(".company", company_id=connection.company_id)
    if connection.division is None:
        return go_to(company_url, _("Choose the administration first."), "error")
    try:
        linking.refresh_lists(connection)
    except ExactError as error:
        flash_trouble(error)
    else:
        flash(_("The lists are fresh from Exact."), "success")
    return go_to(company_url)
