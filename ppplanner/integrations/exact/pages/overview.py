"""The page of a company's link: how it is doing, and what is set."""

from __future__ import annotations

from flask import Response, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from ppplanner.blueprints.htmx import go_to, render_page
from ppplanner.blueprints.records import find
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Company, User
from ppplanner.permissions import allowed, require
from ppplanner.services.mails.notices import reachable

from .. import keeping, linking
from ..connect import connection_of, sharing_login
from ..health import health_of
from ..jobs import send_soon
from ..models import ExactConnection
from ..next_step import next_step
from ..settings import exact_settings
from ..views.branches import UnitShown, shown_units
from .blueprint import bp
from .changes import changes_of
from .companies import all_companies, company_at_screen
from .mapping import mapping_state
from .switches import subject_tiles


@bp.get("/")
@require("exact.view")
def settings() -> ResponseReturnValue:
    """The settings of the company of the chosen business unit, or of the first one."""
    return redirect(url_for(".company", company_id=company_at_screen().id))


@bp.get("/companies/<int:company_id>")
@require("exact.view")
def company(company_id: int) -> Response:
    of, connection = find(Company, company_id), connection_of(company_id)
    return render_page(
        "exact/settings.html",
        "content",
        company=of,
        companies=all_companies(),
        connection=connection,
        settings=exact_settings.load(company_id),
        mapping=mapping_state(connection),
        units=_units(of, connection),
        health=health_of(connection) if connection else None,
        sharing=sharing_login(connection) if connection else [],
        step=next_step(of, connection),
        subjects=subject_tiles(of),
        changes=changes_of(of, connection),
        told=[user.name for user in reachable(of, keeping.RIGHT)],
        ask=[] if allowed("exact.configure") else people_who_configure(),
    )


def _units(of: Company, connection: ExactConnection | None) -> list[UnitShown]:
    """How far the settings of the business units are, once there is something to pick from."""
    if connection is None or connection.division is None:
        return []
    return shown_units(connection, sorted(of.business_units, key=lambda unit: unit.name))


def people_who_configure() -> list[str]:
    """The names of those who may change the link: whom the others have to ask."""
    query = select(User).filter_by(active=True).options(selectinload(User.grants))
    users = db.session.scalars(query.order_by(User.name))
    return [user.name for user in users if "exact.configure" in user.permissions]


@bp.post("/connections/<int:connection_id>/wake")
@require("exact.forward")
def wake(connection_id: int) -> ResponseReturnValue:
    """End a pause of the link."""
    connection = find(ExactConnection, connection_id)
    linking.end_pause(connection)
    send_soon()
    db.session.commit()
    message = _("The pause is over: what waits is sent now.")
    return go_to(url_for(".company", company_id=connection.company_id), message)
