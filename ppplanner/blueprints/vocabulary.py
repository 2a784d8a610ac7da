"""What the history calls records, their fields, and values that have names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ppplanner.addons.manifest import Text
from ppplanner.addons.registry import registry
from ppplanner.blueprints.collections import labels as collections
from ppplanner.blueprints.contracts import labels as contracts
from ppplanner.blueprints.customers import labels as customers
from ppplanner.blueprints.invoices import labels as invoices
from ppplanner.blueprints.ledger.labels import VAT_TREATMENTS
from ppplanner.blueprints.rate_words import ITEM_KINDS, LINE_ROLES, RATE_TYPES
from ppplanner.blueprints.resources import labels as resources
from ppplanner.i18n import LANGUAGES, PAPER_LANGUAGES, _l
from ppplanner.services.invoices.written import written_communication

#: For each field whose values have names: the name of each value.
Words = Mapping[str, Mapping[Any, Any]]

#: Fields of the plain records, most of which share them.
FIELDS: Mapping[str, Text] = {
    "active": _l("Active"),
    "bic": _l("BIC"),
    "business_unit_id": _l("Business unit"),
    "city": _l("City"),
    "code": _l("Code"),
    "company_id": _l("Company"),
    "contract_id": _l("Contract"),
    "cost_carrier_code": _l("Cost carrier"),
    "cost_carrier_id": _l("Cost carrier"),
    "cost_carrier_locked": _l("Cost carrier chosen by hand"),
    "cost_centre_code": _l("Cost centre"),
    "cost_centre_id": _l("Cost centre"),
    "cost_centre_locked": _l("Cost centre chosen by hand"),
    "country": _l("Country"),
    "credited_invoice_id": _l("Credited invoice"),
    "price": _l("Price"),
    "default_revenue": _l("Default for revenue"),
    "description": _l("Description"),
    "discount": _l("Discount"),
    "email": _l("E-mail"),
    "gl_account_id": _l("GL account"),
    "gl_code": _l("Revenue account"),
    "grants": _l("Roles"),
    "group_id": _l("Company group"),
    "fuel_price": _l("Price of a litre of fuel"),
    "iban": _l("IBAN"),
    "id": _l("Key"),
    "invoice_text": _l("Text on the invoice"),
    "invoice_mail_address": _l("Address of the sender of invoices"),
    "invoice_mail_name": _l("Sender of invoices"),
    "invoice_terms": _l("Terms on invoices"),
    "invoice_terms_in": _l("Terms on invoices by language"),
    "item_id": _l("Article or surcharge"),
    "kind": _l("Kind"),
    "km_per_day": _l("Kilometres included a day"),
    "km_price": _l("Price of an extra kilometre"),
    "language": _l("Language"),
    "legal_text": _l("Text on the invoice"),
    "line_type_id": _l("Price line type"),
    "mail_address": _l("Address of the sender of mails"),
    "mail_name": _l("Sender of mails"),
    "name": _l("Name"),
    "names": _l("Name for customers"),
    "namespace": _l("Subject"),
    "origin": _l("Origin"),
    "per_unit": _l("For each unit"),
    "percentage": _l("Percentage"),
    "permissions": _l("Rights"),
    "phone": _l("Phone"),
    "position": _l("Position"),
    "postcode": _l("Postcode"),
    "price_locked": _l("Price locked"),
    "price_range_id": _l("Price range"),
    "rate_id": _l("Rate"),
    "rate_type": _l("Counted per"),
    "role": _l("Use"),
    "roles": _l("Roles"),
    "rolls_up": _l("Best price"),
    "session_version": _l("New password"),
    "street": _l("Street and number"),
    "surcharges": _l("Surcharges"),
    "timezone": _l("Time zone"),
    "treatment": _l("Treatment"),
    "unit_price": _l("Unit price"),
    "units": _l("Units"),
    "uses_cost_carriers": _l("Cost carriers"),
    "uses_cost_centres": _l("Cost centres"),
    "username": _l("User name"),
    "value": _l("Value"),
    "vat_code_id": _l("VAT code"),
    "vat_number": _l("VAT number"),
}


@dataclass(frozen=True)
class Kind:
    """One kind of record: its name, its own fields, and where it is seen, by whom."""

    title: Text
    fields: Mapping[str, Text] = field(default_factory=dict)
    words: Words = field(default_factory=dict)
    #: The endpoint of its page, and what that calls the record's id.
    endpoint: str | None = None
    argument: str = "record_id"
    permission: str | None = None
    #: How values are written that people read otherwise than they are kept.
    written: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    #: What its records are called where they call themselves by a key.
    names: Mapping[Any, Any] = field(default_factory=dict)


#: By the name of the table.
KINDS: Mapping[str, Kind] = {
    "business_units": Kind(_l("Business unit")),
    "calendar_feeds": Kind(
        _l("Calendar"),
        {
            "names_customers": _l("Names of customers"),
            "renewed_at": _l("New address"),
            "resource_id": _l("Resource"),
            "pool_id": _l("Pool"),
        },
    ),
    "card_types": Kind(_l("Card")),
    "cash_counts": Kind(_l("Cash count"), collections.CASH_FIELDS),
    "cash_registers": Kind(_l("Cash register"), collections.CASH_FIELDS),
    "catalogue_items": Kind(_l("Catalogue item"), words={"kind": ITEM_KINDS}),
    "companies": Kind(_l("Company")),
    "company_groups": Kind(_l("Company group")),
    "contracts": Kind(
        _l("Contract"),
        {**contracts.FIELDS, **collections.CONTRACT_FIELDS},
        {**contracts.WORDS, **collections.CONTRACT_WORDS},
        "contracts.show",
        "contract_id",
        "contracts.view",
    ),
    "cost_carriers": Kind(_l("Cost carrier")),
    "cost_centres": Kind(_l("Cost centre")),
    "customers": Kind(
        _l("Customer"),
        customers.FIELDS,
        {
            "kind": customers.KINDS,
            "status": customers.STATUSES,
            "language": PAPER_LANGUAGES,
            "invoice_delivery": customers.DELIVERIES,
            "mail_invoices": {str(key): text for key, text in customers.MAILINGS.items()},
        },
        "customers.show",
        "customer_id",
        "customers.view",
    ),
    "financial_years": Kind(
        _l("Financial year"),
        {"starts_on": _l("First day"), "ends_on": _l("Last day"), "closed": _l("Closed")},
        endpoint="settings.financial_year",
        argument="year_id",
        permission="organisation.edit",
    ),
    "gl_accounts": Kind(_l("GL account")),
    "handovers": Kind(
        _l("Handover"),
        contracts.HANDOVER_FIELDS,
        {"kind": contracts.HANDOVERS, "fuel": contracts.FUEL},
        names=contracts.HANDOVERS,
    ),
    "invoices": Kind(
        _l("Invoice"),
        invoices.FIELDS,
        {
            "kind": invoices.KINDS,
            "state": invoices.STATES,
            "payment_state": invoices.PAYMENTS,
        },
        "invoices.show",
        "invoice_id",
        "invoices.view",
        written={"payment_reference": written_communication},
    ),
    "pools": Kind(_l("Pool")),
    "price_line_types": Kind(_l("Price line type"), words={"role": LINE_ROLES}),
    "price_lines": Kind(_l("Price line")),
    "price_ranges": Kind(_l("Price range")),
    "rates": Kind(_l("Rate"), words={"rate_type": RATE_TYPES}),
    "refund_requests": Kind(
        _l("Refund request"), collections.REFUND_FIELDS, {"state": collections.REFUND_STATES}
    ),
    "resource_types": Kind(_l("Kind of resource")),
    "resources": Kind(
        _l("Resource"),
        resources.FIELDS,
        {},
        "resources.show",
        "resource_id",
        "resources.view",
    ),
    "roles": Kind(_l("Role")),
    "settings": Kind(_l("Setting")),
    "terminals": Kind(_l("Terminal")),
    "transaction_methods": Kind(_l("Transaction method"), words={"kind": collections.METHOD_KINDS}),
    "transaction_types": Kind(
        _l("Transaction type"),
        {"family": _l("Kind"), "direction": _l("Direction")},
        {
            "family": collections.FAMILIES,
            "direction": collections.DIRECTIONS,
            "role": collections.ROLES,
        },
    ),
    "transactions": Kind(
        _l("Transaction"),
        collections.FIELDS,
        {},
        "collections.show",
        "transaction_id",
        "collections.view",
    ),
    "users": Kind(_l("User"), words={"language": LANGUAGES}),
    "vat_codes": Kind(_l("VAT code"), words={"treatment": VAT_TREATMENTS}),
}


def kind_of(entity: str) -> Kind:
    """The kind of a table; those of add-ons as the add-on calls them."""
    if entity in KINDS:
        return KINDS[entity]
    addon = registry().addons.get(entity.split("_")[0])
    if addon is None:
        return Kind(entity)
    title = addon.record_names.get(entity, addon.title)
    return Kind(title, addon.field_names, addon.field_words)


def field_name(entity: str, name: str) -> Text:
    """What a field is called; that of a former add-on by its own name, in readable letters."""
    known = {**FIELDS, **kind_of(entity).fields}
    return known.get(name) or name.removesuffix("_id").replace("_", " ").capitalize()
