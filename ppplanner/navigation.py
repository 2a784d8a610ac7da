"""The side bar: what there is, for people who may open it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import request
from flask_babel.speaklater import LazyString

from ppplanner.addons.registry import registry
from ppplanner.i18n import _l
from ppplanner.permissions import allowed


@dataclass(frozen=True)
class NavigationItem:
    """One entry: `area` is the blueprint whose pages light it up; those of `more` do so, too."""

    title: LazyString
    endpoint: str
    icon: str
    permission: str | None = None
    more: tuple[str, ...] = ()

    @property
    def area(self) -> str:
        return self.endpoint.split(".")[0]

    @property
    def active(self) -> bool:
        here = (request.blueprint or "").split(".")[0]
        if here in (self.area, *self.more):
            return True
        return self.area == "settings" and here in _settings_of_addons()


def _settings_of_addons() -> set[str]:
    """The blueprints of add-ons whose pages stand among the settings."""
    return {panel.endpoint.split(".")[0] for panel in registry().settings_panels()}


ITEMS = (
    NavigationItem(_l("Home"), "home.index", "home"),
    NavigationItem(_l("Planning"), "planning.index", "calendar-event", "contracts.view"),
    NavigationItem(_l("Contracts"), "contracts.index", "file-text", "contracts.view"),
    NavigationItem(_l("Customers"), "customers.index", "users", "customers.view"),
    NavigationItem(_l("Resources"), "resources.index", "truck", "resources.view"),
    NavigationItem(
        _l("Invoices"), "invoices.index", "receipt", "invoices.view", more=("invoice_runs",)
    ),
    NavigationItem(_l("Collections"), "collections.index", "coin-euro", "collections.view"),
    NavigationItem(_l("Ledger"), "ledger.index", "book-2", "ledger.view"),
    NavigationItem(_l("Reports"), "reports.index", "chart-bar", "resources.view"),
    NavigationItem(_l("Settings"), "settings.index", "settings"),
)


def navigation() -> Iterator[NavigationItem]:
    return (item for item in ITEMS if allowed(item.permission))
