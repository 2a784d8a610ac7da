"""The screens that a person can jump to: the side bar, the settings, and what begins something."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import url_for

from ppplanner.addons.manifest import Text
from ppplanner.blueprints.settings.cards import cards
from ppplanner.i18n import _, _l
from ppplanner.navigation import navigation
from ppplanner.permissions import allowed


@dataclass(frozen=True)
class Screen:
    """A page, its name and what it is for."""

    title: Text
    url: str
    icon: str
    detail: Text = ""


#: What begins something: its name, endpoint and right.
BEGINNINGS = (
    (_l("Find free"), "availability.index", "resources.view"),
    (_l("New contract"), "contracts.new", "contracts.edit"),
    (_l("Add customer"), "customers.add", "customers.edit"),
    (_l("Add resource"), "resources.new", "resources.edit"),
    (_l("New invoice"), "invoices.new", "invoices.edit"),
    (_l("New invoice run"), "invoice_runs.new", "invoices.edit"),
    (_l("Register money"), "collections.new", "collections.edit"),
    (_l("New refund"), "collections.new_refund", "collections.refund"),
)


#: Lists beside those of the side bar: name, endpoint, icon and right.
BESIDES = (
    (_l("Cash registers"), "collections.list_registers", "cash-register", "collections.view"),
    (_l("Refunds"), "collections.list_refunds", "arrow-back-up", "collections.view"),
)


def screens() -> Iterator[Screen]:
    """All that this person may open."""
    for item in navigation():
        yield Screen(item.title, url_for(item.endpoint), item.icon)
    for title, endpoint, icon, permission in BESIDES:
        if allowed(permission):
            yield Screen(title, url_for(endpoint), icon)
    for title, endpoint, permission in BEGINNINGS:
        if allowed(permission):
            yield Screen(title, url_for(endpoint), "plus")
    for card in cards():
        detail = card.description or _("Settings")
        yield Screen(card.title, url_for(card.endpoint), card.icon, detail)
