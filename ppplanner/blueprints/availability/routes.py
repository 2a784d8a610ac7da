"""What is free in a period, at what price, and the way from there to a contract."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Response, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from ppplanner.blueprints.availability import bp
from ppplanner.blueprints.contracts.period import (
    TYPED,
    MomentField,
    first_proposal,
    to_local,
    to_utc,
)
from ppplanner.blueprints.faults import show_faults
from ppplanner.blueprints.form_fields import choice_field
from ppplanner.blueprints.htmx import is_dialog, render_form
from ppplanner.blueprints.records import id_or_none
from ppplanner.blueprints.resources.listing import pool_title, types
from ppplanner.blueprints.scope import here
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _, _l
from ppplanner.locales import timezone
from ppplanner.models import Pool, Resource
from ppplanner.permissions import allowed, require, visible
from ppplanner.services.planning import availability
from ppplanner.services.planning.availability import FreeResource, Period
from ppplanner.services.renting import contracts

#: How many free resources are shown at once.
SHOWN = 50
EDIT = "contracts.edit"


class SearchForm(FlaskForm):
    """Read from the address; nothing is kept."""

    class Meta:
        csrf = False

    # The page beneath may have a form with fields of the same names.
    starts_at = MomentField(_l("From"), id="free-from")
    ends_at = MomentField(_l("Until"), id="free-until")
    type = choice_field(
        _l("Type"),
        choices=lambda: [("", _("Any type")), *types()],
        coerce=id_or_none,
        id="free-type",
    )
    pool = choice_field(
        _l("Pool"),
        choices=lambda: [("", _("All pools")), *_pools()],
        coerce=id_or_none,
        id="free-pool",
    )


@dataclass(frozen=True)
class Found:
    """What the page shows: what is free, or when something is."""

    free: list[FreeResource]
    #: The ids of those that the person may make contracts on.
    rentable: set[int]
    more: bool
    #: Nearby periods in which something is free, when nothing is in the one that was asked.
    nearest: list[Period]


@bp.get("/")
@require("resources.view")
def index() -> Response:
    """A page of its own, and a dialog from every other one."""
    zone, form = timezone(), _form()
    period = _period(form, zone) if form.validate() else None
    return render_form(
        "availability/index.html",
        form,
        _block(),
        in_dialog=is_dialog(),
        found=_find(form, period) if period else None,
        local=lambda moment: to_local(moment, zone).strftime(TYPED),
        contract_url=lambda free: _contract_url(free, period) if period else "",
    )


def _block() -> str:
    """The dialog for other pages; for this one, only the results that change."""
    return "results" if request.headers.get("HX-Target") == "free-results" else "dialog"


def _form() -> SearchForm:
    asked = request.args
    proposal = first_proposal(timezone())
    return SearchForm(formdata=asked if "starts_at" in asked else None, data=proposal | _asked())


def _asked() -> dict[str, Any]:
    """A type or a pool that another page named, before anything was chosen here."""
    asked = {name: request.args.get(name, type=int) for name in ("type", "pool")}
    return {name: value for name, value in asked.items() if value is not None}


def _period(form: SearchForm, zone: str) -> Period | None:
    """The period on the form, in UTC; None, with the reason at its field, when it is none."""
    if form.starts_at.data is None or form.ends_at.data is None:
        return None
    try:
        starts_at = to_utc(form.starts_at.data, zone, "starts_at")
        ends_at = to_utc(form.ends_at.data, zone, "ends_at")
    except Invalid as error:
        show_faults(form, error)
        return None
    if fault := contracts.period_fault(starts_at, ends_at):
        show_faults(form, Invalid(ends_at=fault))
        return None
    return starts_at, ends_at


def _find(form: SearchForm, period: Period) -> Found:
    conditions = list(_conditions(form))
    free = availability.free_resources(*period, *conditions, limit=SHOWN + 1)
    nearest = [] if free else availability.nearest_periods(*period, *conditions)
    return Found(free[:SHOWN], _rentable(free), len(free) > SHOWN, nearest)


def _rentable(free: list[FreeResource]) -> set[int]:
    if not allowed(EDIT):
        return set()
    among = Resource.id.in_([each.resource.id for each in free])
    return set(db.session.scalars(select(Resource.id).where(among, visible(Resource, EDIT))))


def _conditions(form: SearchForm) -> Iterator[ColumnElement[bool]]:
    yield here(Resource)
    if form.type.data:
        yield Resource.type_id == form.type.data
    if form.pool.data:
        yield Resource.pool_id == form.pool.data


def _contract_url(free: FreeResource, period: Period) -> str:
    """A new contract with all this filled in."""
    zone = free.resource.pool.business_unit.company.timezone
    starts_at, ends_at = (to_local(moment, zone).strftime(TYPED) for moment in period)
    return url_for(
        "contracts.new", resource_id=free.resource.id, starts_at=starts_at, ends_at=ends_at
    )


def _pools() -> list[tuple[int, str]]:
    query = select(Pool).where(here(Pool)).options(joinedload(Pool.business_unit))
    pools = db.session.scalars(query.order_by(Pool.business_unit_id, Pool.name))
    return [(each.id, pool_title(each.name, each.business_unit.name)) for each in pools]
