"""The pages of resources and of their types."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from ppplanner.blueprints.contracts.listing import CONTRACTS, every_contract
from ppplanner.blueprints.contracts.period import read_moment
from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.history_lines import history_of
from ppplanner.blueprints.htmx import go_to, render_page
from ppplanner.blueprints.list_page import render_list
from ppplanner.blueprints.maintenance import Maintenance
from ppplanner.blueprints.pickers import Option, answer_picker
from ppplanner.blueprints.rate_words import from_price
from ppplanner.blueprints.records import asked_id, find, look_up
from ppplanner.blueprints.resources import bp
from ppplanner.blueprints.resources.forms import ResourceForm, TypeForm, read, values_of
from ppplanner.blueprints.resources.labels import use_badge
from ppplanner.blueprints.resources.listing import RESOURCES, SEARCH, TYPES, pool_title
from ppplanner.blueprints.resources.occupation import next_days
from ppplanner.blueprints.stale import stale
from ppplanner.formats import moment
from ppplanner.i18n import _, _l
from ppplanner.models import BusinessUnit, Contract, Pool, PriceRange, Resource, ResourceType
from ppplanner.permissions import require
from ppplanner.services import related, resources
from ppplanner.services.availability import is_taken, takers
from ppplanner.services.resource_types import save_resource_type

Maintenance(
    model=ResourceType,
    listing=TYPES,
    form=TypeForm,
    save=lambda values, kind: save_resource_type(**values, resource_type=kind),
    view="resources.view",
    edit="resources.edit",
    add=_l("Add resource type"),
).register(bp, "/types")


@bp.get("/")
@require("resources.view")
def index() -> Response:
    return render_list(RESOURCES, "resources/index.html")


@bp.get("/<int:resource_id>")
@require("resources.view")
def show(resource_id: int) -> Response:
    resource = find(Resource, resource_id)
    return render_page(
        "resources/show.html",
        "content",
        resource=resource,
        state=use_badge(resource),
        pool=pool_title(resource.pool.name, resource.pool.business_unit.name),
        days=next_days(resource),
        contracts=related.latest_contracts(related.holds(resource_id)),
        history=history_of(resource),
    )


@bp.get("/<int:resource_id>/contracts")
@require("contracts.view")
def all_contracts(resource_id: int) -> Response:
    resource = find(Resource, resource_id)
    return render_list(
        replace(
            CONTRACTS,
            title=_("Contracts of %(name)s", name=resource.title),
            query=lambda: every_contract().where(Contract.resource_id == resource_id),
            new=None,
        )
    )


@bp.route("/new", methods=["GET", "POST"])
@require("resources.edit")
def new() -> ResponseReturnValue:
    form = ResourceForm()
    if form.validate_on_submit():
        resource = attempt(form, lambda: resources.save_resource(read(form)))
        if resource:
            url = url_for(".show", resource_id=resource.id)
            return go_to(url, _("%(name)s is added.", name=resource.title))
    return _form_page(form)


@bp.route("/<int:resource_id>/edit", methods=["GET", "POST"])
@require("resources.edit")
def edit(resource_id: int) -> ResponseReturnValue:
    resource = find(Resource, resource_id)
    form = ResourceForm(data=values_of(resource))
    if form.is_submitted() and stale(form, values_of(resource)):
        return _form_page(form, resource, status=409)
    if form.validate_on_submit() and attempt(
        form, lambda: resources.save_resource(read(form), resource)
    ):
        return go_to(url_for(".show", resource_id=resource_id), _("The resource is saved."))
    return _form_page(form, resource)


@bp.get("/pick")
@require("resources.view")
def pick() -> Response:
    """Resources to choose from; when the address tells the period, the free ones first."""
    query = (
        select(Resource)
        .where(Resource.active)
        .join(Resource.pool)
        .options(joinedload(Resource.pool).joinedload(Pool.business_unit))
        .options(joinedload(Resource.price_range).selectinload(PriceRange.rates))
    )
    unit, period, besides = _asked()
    taken = takers(*period, besides) if period else {}
    if period:
        query = query.order_by(is_taken(*period, besides))
    if unit:
        query = query.order_by(Pool.business_unit_id != unit.id)
    return answer_picker(
        query.order_by(Resource.code),
        SEARCH,
        lambda resource: Option(
            resource.id, resource.title, _detail(resource, taken.get(resource.id), bool(period))
        ),
    )


def _asked() -> tuple[BusinessUnit | None, tuple[datetime, datetime] | None, int | None]:
    """The business unit and the period (UTC) of a contract on the screen, and which one that is."""
    args = request.args
    contract = look_up(Contract, asked_id("contract"))
    if contract:
        return contract.business_unit, (contract.starts_at, contract.ends_at), contract.id
    unit = look_up(BusinessUnit, asked_id("business_unit_id"))
    zone = unit.company.timezone if unit else ""
    start = read_moment(args.get("starts_at"), zone) if unit else None
    end = read_moment(args.get("ends_at"), zone) if unit else None
    period = (start, end) if start and end and start < end else None
    return unit, period, asked_id("besides")


def _detail(resource: Resource, taker: Contract | None, asked: bool) -> str:
    """What tells two resources apart: whether it is free, what a day costs, where it stands."""
    parts = [resource.pool.business_unit.name]
    if shown := from_price(resource.price_range):
        parts.append(shown)
    if taker:
        parts.append(
            _("taken until %(end)s by %(contract)s", end=moment(taker.ends_at), contract=taker)
        )
    elif asked:
        parts.append(_("free"))
    return " · ".join(parts)


def _form_page(
    form: ResourceForm, resource: Resource | None = None, status: int | None = None
) -> Response:
    return render_page(
        "resources/form.html",
        "form",
        status or (422 if form.errors else 200),
        form=form,
        resource=resource,
    )
