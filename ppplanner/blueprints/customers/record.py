"""The page of one customer, and the lists that it leads to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TypeVar

from flask import Response
from flask_babel import get_locale
from flask_babel.speaklater import LazyString
from sqlalchemy import select

from ppplanner.blueprints.contracts.listing import CONTRACTS, every_contract
from ppplanner.blueprints.customers import bp
from ppplanner.blueprints.customers.labels import (
    DELIVERIES,
    KINDS,
    MAILINGS,
    language_name,
    status_badge,
)
from ppplanner.blueprints.history_lines import history_of
from ppplanner.blueprints.htmx import render_page
from ppplanner.blueprints.invoices.listing import INVOICES
from ppplanner.blueprints.lists.list_page import render_list
from ppplanner.blueprints.records import find
from ppplanner.i18n import _
from ppplanner.models import Contract, Customer, Invoice
from ppplanner.permissions import require, visible
from ppplanner.services.invoices.written import written_iban
from ppplanner.services.renting import related

T = TypeVar("T")


@bp.get("/<int:customer_id>")
@require("customers.view")
def show(customer_id: int) -> Response:
    customer = find(Customer, customer_id)
    billed = (Invoice.customer_id == customer_id) & visible(Invoice, "invoices.view")
    return render_page(
        "customers/show.html",
        "content",
        customer=customer,
        kind=KINDS[customer.kind],
        state=status_badge(customer.status),
        address=_address(customer),
        iban=written_iban(customer.iban),
        language=language_name(customer.language),
        delivery=_wanted(customer.invoice_delivery, DELIVERIES),
        mailing=_wanted(customer.mail_invoices, MAILINGS),
        contracts=related.latest_contracts(
            related.involves(customer_id) & visible(Contract, "contracts.view")
        ),
        invoices=related.latest_invoices(billed),
        still_open=related.still_open(billed),
        history=history_of(customer),
    )


@bp.get("/<int:customer_id>/contracts")
@require("contracts.view")
def all_contracts(customer_id: int) -> Response:
    customer = find(Customer, customer_id)
    return render_list(
        replace(
            CONTRACTS,
            title=_("Contracts of %(name)s", name=customer.full_name),
            query=lambda: every_contract().where(related.involves(customer_id)),
            new=None,
        )
    )


@bp.get("/<int:customer_id>/invoices")
@require("invoices.view")
def all_invoices(customer_id: int) -> Response:
    customer = find(Customer, customer_id)
    return render_list(
        replace(
            INVOICES,
            title=_("Invoices of %(name)s", name=customer.full_name),
            query=lambda: (
                select(Invoice).join(Invoice.customer).where(Invoice.customer_id == customer_id)
            ),
            new=None,
        )
    )


def _wanted(choice: T | None, words: Mapping[T, LazyString]) -> LazyString | str:
    return _("As the company does") if choice is None else words[choice]


def _address(customer: Customer) -> str:
    """The address as an envelope shows it."""
    place = f"{customer.postcode} {customer.city}".strip()
    country = get_locale().territories.get(customer.country, customer.country)
    return "\n".join(filter(None, (customer.street, place, country)))
