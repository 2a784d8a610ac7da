"""What the history calls settings and their values: as the pages on which people change them."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import select

from ppplanner.addons.manifest import Text
from ppplanner.addons.registry import registry
from ppplanner.blueprints.customers.labels import DELIVERIES
from ppplanner.extensions import db
from ppplanner.formats import day
from ppplanner.i18n import _, _l
from ppplanner.models import Company, Setting

NAMES: Mapping[str, Text] = {
    "invoices.numbering": _l("Who numbers"),
    "invoices.own_credit_series": _l("Own numbers for credit notes"),
    "invoices.delivery": _l("Customers get invoices"),
    "invoices.mail_by_itself": _l("Mail confirmed invoices at once"),
    "collections.settle_deposit": _l("Settle the deposit with the final invoice"),
    "collections.refund_files": _l("Pay refunds with a file for the bank"),
    "collections.payment_file": _l("Kind of file"),
    "collections.cash_limit": _l("Most that is paid in cash"),
    "collections.round_cash": _l("Round cash of consumers to 5 cents"),
}

WORDS: Mapping[str, Mapping[str, Text]] = {
    "invoices.numbering": {
        "group": _l("Company group"),
        "company": _l("Company"),
        "business_unit": _l("Business unit"),
    },
    "invoices.delivery": {each.value: text for each, text in DELIVERIES.items()},
}


@dataclass(frozen=True)
class SettingWords:
    """A setting in words: what it is called, whose it is, and what its values are called."""

    title: Text
    company: str = ""
    words: Mapping[str, Text] = field(default_factory=dict)

    def value(self, stored: str | None) -> str | None:
        """A value as the history keeps it, as people read it."""
        if not stored:
            return None
        if stored in self.words:
            return str(self.words[stored])
        if stored in ("True", "False"):
            return _("on") if stored == "True" else _("off")
        return _day(stored) or stored

    @property
    def whose(self) -> str:
        """Whose setting it is, for a heading; what holds for all goes by its own name."""
        return self.company or str(self.title)


#: A setting that is there no more.
UNKNOWN = SettingWords(_l("Setting"))


def settings_in_words(ids: Collection[int]) -> dict[int, SettingWords]:
    """The settings with these keys, in one query."""
    query = (
        select(Setting.id, Setting.namespace, Setting.name, Company.name)
        .outerjoin(Company, Company.id == Setting.company_id)
        .where(Setting.id.in_(ids))
    )
    return {
        key: _in_words(namespace, name, company or "")
        for key, namespace, name, company in db.session.execute(query)
    }


def _in_words(namespace: str, name: str, company: str) -> SettingWords:
    """One of a former add-on goes by its own name, in readable letters."""
    if addon := registry().addons.get(namespace):
        key, names, words = name, addon.setting_names, addon.setting_words
    else:
        key, names, words = f"{namespace}.{name}", NAMES, WORDS
    title = names.get(key) or name.replace("_", " ").capitalize()
    return SettingWords(title, company, words.get(key, {}))


def _day(stored: str) -> str:
    try:
        return day(date.fromisoformat(stored))
    except ValueError:
        return ""
