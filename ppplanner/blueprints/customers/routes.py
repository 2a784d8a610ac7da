"""The list of customers, and the ways to add and change one."""

from __future__ import annotations

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from ppplanner.blueprints.customers import bp, record  # noqa: F401 - the other routes
from ppplanner.blueprints.customers.chosen import chosen, field_to_fill, purpose
from ppplanner.blueprints.customers.forms import FORMS, CustomerForm, read, values_of
from ppplanner.blueprints.customers.labels import STATUSES, status_badge
from ppplanner.blueprints.customers.listing import CUSTOMERS, SEARCH
from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.htmx import go_to, render_form, render_page
from ppplanner.blueprints.lists.list_page import render_list
from ppplanner.blueprints.pickers import Option, answer_picker
from ppplanner.blueprints.records import find
from ppplanner.blueprints.scope import chosen_group, in_chosen_unit
from ppplanner.blueprints.stale import stale
from ppplanner.i18n import _
from ppplanner.models import Customer, CustomerKind, CustomerStatus
from ppplanner.permissions import require
from ppplanner.services import customers
from ppplanner.services.customers import CustomerData, Known

bp.add_app_template_global(status_badge, "customer_badge")


@bp.get("/")
@require("customers.view")
def index() -> Response:
    return render_list(CUSTOMERS)


@bp.get("/add")
@require("customers.edit")
def add() -> Response:
    """The choice of ways to add a customer, or, for the purpose "driver", a private person."""
    only = CustomerKind.PRIVATE if purpose() == "driver" else None
    kinds = [kind for kind in CustomerKind if only in (None, kind)]
    return render_page(
        "customers/add.html",
        "dialog",
        kinds=kinds,
        kind=only,
        purpose=purpose(),
        field=field_to_fill(),
    )


@bp.route("/new/<any(private, business):kind>", methods=["GET", "POST"])
@require("customers.edit")
def new(kind: str) -> ResponseReturnValue:
    asked = CustomerKind(kind)
    form = FORMS[asked]()
    known = None
    if form.validate_on_submit():
        data = read(form, asked)
        known = _known(data)
        if known is None and (customer := _save(form, data)):
            return chosen(customer, _("%(name)s is added.", name=customer.full_name))
    return _form_page(form, asked, status=409 if known else None, known=known)


@bp.route("/<int:customer_id>/edit", methods=["GET", "POST"])
@require("customers.edit")
def edit(customer_id: int) -> ResponseReturnValue:
    customer = find(Customer, customer_id)
    form = FORMS[customer.kind](data=values_of(customer))
    if form.is_submitted() and stale(form, values_of(customer)):
        return _form_page(form, customer.kind, status=409, customer=customer)
    if form.validate_on_submit() and _save(form, read(form, customer.kind, customer), customer):
        return go_to(url_for(".show", customer_id=customer.id), _("The customer is saved."))
    return _form_page(form, customer.kind, customer=customer)


@bp.get("/<int:customer_id>/choose")
@require("customers.view")
def choose(customer_id: int) -> ResponseReturnValue:
    """The customer whom an "Add customer" dialog found known already: they are the one."""
    customer = find(Customer, customer_id)
    return chosen(customer, _("%(name)s was known already.", name=customer.full_name))


@bp.get("/pick")
@require("customers.view")
def pick() -> Response:
    in_use = Customer.status != CustomerStatus.INACTIVE
    query = select(Customer).where(in_use, in_chosen_unit(Customer))
    if purpose() == "driver":
        query = query.where(Customer.kind == CustomerKind.PRIVATE)
    return answer_picker(query.order_by(Customer.name), SEARCH, _option)


def _option(customer: Customer) -> Option:
    details = [str(customer.number), customer.city, customer.vat_number or customer.email]
    if customer.status is not CustomerStatus.ACTIVE:
        details.append(str(STATUSES[customer.status]))
    return Option(customer.id, customer.full_name, " · ".join(filter(None, details)))


def _known(data: CustomerData) -> Known | None:
    """Who the new customer seems to be already, unless the person said to go on all the same."""
    known = customers.find_known(data, group_id=chosen_group().id)
    if known and request.form.get("anyway") == str(known.customer.id) and _may_be_another(known):
        return None
    return known


def _may_be_another(known: Known) -> bool:
    """Two people can share a name or an e-mail address; nobody shares a VAT number."""
    return known.by != "vat_number"


def _save(
    form: CustomerForm, data: CustomerData, customer: Customer | None = None
) -> Customer | None:
    group_id = customer.group_id if customer else chosen_group().id
    return attempt(
        form, lambda: customers.save_customer(data, group_id=group_id, customer=customer)
    )


def _form_page(
    form: CustomerForm,
    kind: CustomerKind,
    status: int | None = None,
    customer: Customer | None = None,
    known: Known | None = None,
) -> Response:
    return render_form(
        "customers/form.html",
        form,
        "form",
        status,
        kind=kind,
        customer=customer,
        known=known,
        may_be_another=known is not None and _may_be_another(known),
        field=field_to_fill(),
    )
