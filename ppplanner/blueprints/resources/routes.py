"""The pages of resources and of their types."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, url_for
from flask.typing import ResponseReturnValue

from ppplanner.blueprints.contracts.listing import CONTRACTS, every_contract
from ppplanner.blueprints.costs import costs, keep
from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.htmx import finish, go_to, render_form, render_page
from ppplanner.blueprints.lists.list_page import render_list
from ppplanner.blueprints.maintenance import Maintenance
from ppplanner.blueprints.records import find
from ppplanner.blueprints.resources import (  # noqa: F401 - the other routes
    bp,
    imports,
    picking,
)
from ppplanner.blueprints.resources.forms import ResourceForm, TypeForm, read, values_of
from ppplanner.blueprints.resources.listing import RESOURCES, TYPES
from ppplanner.blueprints.resources.page import page_of
from ppplanner.blueprints.stale import stale
from ppplanner.i18n import _, _l, ngettext
from ppplanner.models import BusinessUnit, Contract, Resource, ResourceType
from ppplanner.permissions import require
from ppplanner.services.fleet import resources
from ppplanner.services.fleet.resource_types import save_resource_type

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
    return render_page("resources/show.html", "content", **page_of(resource))


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
    keep(form, costs(resource.pool.business_unit))
    if form.is_submitted() and stale(form, values_of(resource)):
        return _form_page(form, resource, status=409)
    unit = resource.pool.business_unit
    if form.validate_on_submit() and attempt(
        form, lambda: resources.save_resource(read(form, resource), resource)
    ):
        return go_to(url_for(".show", resource_id=resource_id), _saved(resource, unit))
    return _form_page(form, resource)


def _saved(resource: Resource, unit: BusinessUnit) -> str:
    """What is said after a change; `unit` is the business unit that the resource came from."""
    coming = resources.count_unfinished(resource.id)
    if resource.pool.business_unit is unit or not coming:
        return _("The resource is saved.")
    return ngettext(
        "The resource is saved. %(num)s contract that is not finished stays with %(unit)s.",
        "The resource is saved. %(num)s contracts that are not finished stay with %(unit)s.",
        coming,
        unit=unit.name,
    )


@bp.route("/<int:resource_id>/archive", methods=["GET", "POST"])
@require("resources.edit")
def archive(resource_id: int) -> ResponseReturnValue:
    resource, form = find(Resource, resource_id), SureForm()
    url = url_for(".show", resource_id=resource_id)
    if form.validate_on_submit() and attempt(form, lambda: resources.archive(resource)):
        return finish(url, _("%(name)s is archived.", name=resource.title))
    coming = resources.count_unfinished(resource.id)
    return render_form(
        "resources/archive.html", form, "dialog", resource=resource, coming=coming, back=url
    )


@bp.post("/<int:resource_id>/restore")
@require("resources.edit")
def restore(resource_id: int) -> ResponseReturnValue:
    resource, form = find(Resource, resource_id), SureForm()
    url = url_for(".show", resource_id=resource_id)
    if form.validate_on_submit() and attempt(form, lambda: resources.restore(resource)):
        return go_to(url, _("%(name)s is in use again.", name=resource.title))
    return go_to(url)


def _form_page(
    form: ResourceForm, resource: Resource | None = None, status: int | None = None
) -> Response:
    return render_form(
        "resources/form.html",
        form,
        "form",
        status,
        resource=resource,
    )
