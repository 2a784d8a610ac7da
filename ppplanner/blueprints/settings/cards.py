"""The cards of the first page of the settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask_babel.speaklater import LazyString

from ppplanner.addons.manifest import SettingsPanel
from ppplanner.addons.registry import registry
from ppplanner.blueprints.mails import may_see_caught_mails
from ppplanner.i18n import _l
from ppplanner.permissions import allowed


@dataclass(frozen=True)
class Card:
    """One subject; without `permission` it is for everybody who is logged in."""

    title: LazyString
    description: LazyString
    endpoint: str
    icon: str
    permission: str | None = None
    #: Whether there is something to see behind it, asked each time the page is drawn.
    offered: Callable[[], bool] = lambda: True


CARDS = (
    Card(
        _l("My account"),
        _l("Your name, e-mail address, language and password."),
        "settings.account",
        "user-circle",
    ),
    Card(
        _l("Organisation"),
        _l("Companies, their business units, and pools of resources."),
        "settings.companies",
        "building",
        "organisation.edit",
    ),
    Card(
        _l("Invoicing"),
        _l("Who numbers invoices, in which financial years, and how customers get them."),
        "settings.invoicing",
        "receipt",
        "organisation.edit",
    ),
    Card(
        _l("Papers"),
        _l("Logo, terms and general conditions, on invoices and in mails."),
        "settings.papers",
        "file-text",
        "organisation.edit",
    ),
    Card(
        _l("Caught mails"),
        _l("What customers would get by e-mail, as long as no mail server is set up."),
        "mails.index",
        "mail",
        "invoices.view",
        offered=may_see_caught_mails,
    ),
    Card(
        _l("Mails to colleagues"),
        _l("Who was told by e-mail that something needs a person, and whether it arrived."),
        "mails.colleagues",
        "mail",
        "users.edit",
    ),
    Card(
        _l("Prices"),
        _l("Price ranges with their rates, articles, surcharges, and what prices are about."),
        "settings.rates",
        "tag",
        "rates.edit",
    ),
    Card(
        _l("Collections"),
        _l("Transaction types, methods, cards, terminals, and what is done with deposits."),
        "settings.transaction_types",
        "coin-euro",
        "collections.lists",
    ),
    Card(
        _l("Users"),
        _l("Who can log in, and in which roles."),
        "settings.users",
        "users",
        "users.edit",
    ),
    Card(
        _l("Roles"),
        _l("Sets of rights, to give to users."),
        "settings.roles",
        "shield-check",
        "users.edit",
    ),
    Card(
        _l("History"),
        _l("Who changed what and when, from, to."),
        "settings.history",
        "history",
        "history.view",
    ),
)


def cards() -> Iterator[Card | SettingsPanel]:
    """What this person may open: the core's subjects, then those of add-ons."""
    yield from (card for card in CARDS if allowed(card.permission) and card.offered())
    yield from registry().settings_panels()
