"""What the first screen shows to one person: numbers, tiles, or the first steps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import url_for
from flask_babel import format_date
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from ppplanner.blueprints.invoice_runs.access import EDIT as INVOICING
from ppplanner.blueprints.invoice_runs.waiting import waiting_runs
from ppplanner.blueprints.scope import here
from ppplanner.clock import day_starts, now, today
from ppplanner.extensions import db
from ppplanner.formats import day as written_day
from ppplanner.formats import money, number
from ppplanner.i18n import _
from ppplanner.locales import timezone
from ppplanner.models import BusinessUnit, Company, Contract, Invoice, Resource
from ppplanner.permissions import allowed, has_rights
from ppplanner.services.firm.year_cover import gaps
from ppplanner.services.overviews import desk
from ppplanner.services.overviews.desk import Shortlist


@dataclass(frozen=True)
class Number:
    """One figure: what it counts, and the list behind it."""

    title: str
    value: str
    url: str
    #: It asks for somebody's attention.
    urgent: bool = False
    #: What is behind it opens as a dialog.
    dialog: bool = False


@dataclass(frozen=True)
class Tile:
    """A shortlist of what waits. `when` and `amount` name the attributes that tell when it is, and
    what an invoice comes to; both are shown by a filter.
    """

    title: str
    kind: str
    when: str
    shortlist: Shortlist
    url: str
    nothing: str
    amount: str = "gross"


@dataclass(frozen=True)
class Step:
    """One first step of a new installation, with where to take it if the person may."""

    title: str
    done: bool
    url: str | None


def areas() -> list[str]:
    """What the person works on; for somebody who only looks, what they may see."""
    seen = [area for area in ("contracts", "invoices") if allowed(f"{area}.view")]
    return [area for area in seen if allowed(f"{area}.edit")] or seen


def first_screen() -> str:
    """Where somebody begins: who only plans on the board, once there is something on it."""
    plans = areas() == ["contracts"] and not desk.is_empty()
    return url_for("planning.index" if plans else "home.index")


def numbers() -> Iterator[Number]:
    if "contracts" in areas():
        yield from _planning_numbers()
    if "invoices" in areas():
        yield from _invoice_numbers()


def _contracts() -> ColumnElement[bool]:
    return here(Contract, "contracts.view")


def _invoices() -> ColumnElement[bool]:
    return here(Invoice, "invoices.view")


def _planning_numbers() -> Iterator[Number]:
    zone, among = timezone(), _contracts()
    start, end = day_starts(0, zone), day_starts(1, zone)
    taken, in_use = desk.fleet(now(), here(Resource, "contracts.view"))
    url = url_for("contracts.index", period="now")
    share = _("%(taken)s of %(all)s", taken=number(taken), all=number(in_use))
    yield Number(_("Resources taken now"), share, url)
    url = url_for("contracts.index", period="today")
    leaving = desk.departures(start, end, among).count
    yield Number(_("Leaving today"), number(leaving), url)
    coming = desk.returns(start, end, among).count
    yield Number(_("Coming back today"), number(coming), url)


def _invoice_numbers() -> Iterator[Number]:
    day = today(timezone())
    late = desk.overdue_amount(day, _invoices())
    url = url_for("invoices.index", payment="late")
    yield Number(_("Overdue"), money(late), url, urgent=late > 0)
    if allowed(INVOICING):
        waiting = desk.to_invoice(day, here(Contract, INVOICING))
        run = url_for("invoice_runs.new")
        yield Number(_("Contracts to invoice"), number(waiting), run, dialog=True)


def tiles() -> Iterator[Tile]:
    if "contracts" in areas():
        yield from _planning_tiles()
    if "invoices" in areas():
        yield from _invoice_tiles()


def _planning_tiles() -> Iterator[Tile]:
    zone, among = timezone(), _contracts()
    start, end = day_starts(0, zone), day_starts(2, zone)
    yield Tile(
        _("Leaving today and tomorrow"),
        "contracts",
        "starts_at",
        desk.departures(start, end, among),
        url_for("contracts.index", period="today"),
        _("Nothing leaves today or tomorrow."),
    )
    yield Tile(
        _("Coming back today and tomorrow"),
        "contracts",
        "ends_at",
        desk.returns(start, end, among),
        url_for("contracts.index", period="today"),
        _("Nothing comes back today or tomorrow."),
    )
    yield Tile(
        _("Without a resource"),
        "contracts",
        "starts_at",
        desk.without_resource(now(), among),
        url_for("contracts.index", resource="waiting"),
        _("Every contract has a resource."),
    )


def _invoice_tiles() -> Iterator[Tile]:
    among = _invoices()
    yield Tile(
        _("Drafts to confirm"),
        "invoices",
        "invoice_date",
        desk.drafts(among),
        url_for("invoices.index", state="draft"),
        _("No drafts wait."),
    )
    yield Tile(
        _("Overdue invoices"),
        "invoices",
        "due_date",
        desk.overdue(today(timezone()), among),
        url_for("invoices.index", payment="late"),
        _("Nobody is late with paying."),
        amount="balance",
    )
    if (waiting := waiting_runs()).count:
        yield Tile(
            _("Invoice runs"),
            "runs",
            "made_at",
            waiting,
            url_for("invoice_runs.index", state="ready"),
            "",
        )


def notices() -> Iterator[str]:
    """What will go wrong unless somebody acts: financial years that are missing soon, for those who
    invoice.
    """
    if not allowed(INVOICING):
        return
    units = select(BusinessUnit).where(here(BusinessUnit, INVOICING))
    owner = joinedload(BusinessUnit.company).joinedload(Company.group)
    for gap in gaps(db.session.scalars(units.options(owner))):
        yield _(
            "From %(day)s on %(owner)s has no financial year: nothing can be invoiced then.",
            day=written_day(gap.day),
            owner=gap.owner,
        )


def steps() -> list[Step]:
    """What a firm needs before its first contract, in the order that works."""
    done = desk.first_steps()
    words: dict[str, tuple[str, str, str]] = {
        "company": (_("Your company"), "settings.companies", "organisation.edit"),
        "business_unit": (
            _("Its first business unit"),
            "settings.business_units",
            "organisation.edit",
        ),
        "vat_code": (_("The VAT codes you invoice with"), "ledger.vat_codes", "ledger.edit"),
        "gl_account": (_("The GL account of your revenue"), "ledger.gl_accounts", "ledger.edit"),
        "price_range": (_("What a day costs: the first rate"), "settings.rates", "rates.edit"),
        "resource_type": (
            _("The kinds of things you rent out, such as “Van”"),
            "resources.types",
            "resources.edit",
        ),
        "resource": (_("Something to rent out"), "resources.new", "resources.edit"),
        "customer": (_("A customer"), "customers.add", "customers.edit"),
        "contract": (_("The first contract"), "contracts.new", "contracts.edit"),
    }
    return [Step(title, done[name], _way(*way)) for name, (title, *way) in words.items()]


def _way(endpoint: str, permission: str) -> str | None:
    return url_for(endpoint) if allowed(permission) else None


def shown() -> dict[str, Any]:
    """The desk; on an empty installation the first steps instead, and for somebody without any
    rights a word about that.
    """
    found: dict[str, Any] = {"steps": [], "notices": [], "numbers": [], "tiles": []}
    found |= {"day": format_date(today(timezone()), "full"), "nothing": not has_rights()}
    if found["nothing"]:
        return found
    if desk.is_empty():
        return found | {"steps": steps()}
    shown = {"notices": list(notices()), "numbers": list(numbers()), "tiles": list(tiles())}
    return found | shown
