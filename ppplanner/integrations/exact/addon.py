"""Everything Exact adds to ppplanner, on one page."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from ppplanner import events
from ppplanner.addons.manifest import (
    AddOn,
    BulkAction,
    Companion,
    ContractMarks,
    RunningWork,
    Schedule,
    SettingsPanel,
    Slot,
)
from ppplanner.i18n import _l
from ppplanner.permissions import Level, Permission

from . import by_hand, cli, config, demo, jobs, listening, marks, switch_words, views
from .pages import bp

addon = AddOn(
    name="exact",
    title="Exact Online",
    package=__package__,
    folder=Path(__file__).parent,
    blueprints=[bp],
    slots={
        "page.banner": Slot(views.home.login_banner, "exact.view"),
        "home.panel": Slot(views.home.tile, "exact.view"),
        "customer.add.choices": Slot(views.customers.search_choices, "exact.search"),
        "customer.panel": Slot(views.customers.tile, "exact.view"),
        "invoice.actions": Slot(views.invoices.button, "exact.forward"),
        "invoice.panel": Slot(views.invoices.tile, "exact.view"),
        "transaction.panel": Slot(views.transactions.tile, "exact.view"),
        "cost_item.panel": Slot(views.costs.tile, "exact.view"),
        "cost_item.actions": Slot(views.costs.search_button, "exact.search"),
        "gl_account.actions": Slot(views.gl_accounts.search_button, "exact.search"),
    },
    bulk_actions=[
        BulkAction(
            "invoices",
            _l("Forward to Exact"),
            "exact.forward",
            "exact.forward",
            dialog=True,
            offered=views.invoices.OFFERED,
        ),
        BulkAction(
            "transactions",
            _l("Forward to Exact"),
            "exact.forward_transactions",
            "exact.forward",
            dialog=True,
            offered=views.transactions.OFFERED,
        ),
        *views.costs.SENDING,
    ],
    list_columns=[
        views.invoices.COLUMN,
        views.customers.COLUMN,
        views.transactions.COLUMN,
        *views.costs.COLUMNS,
        views.gl_accounts.COLUMN,
    ],
    list_filters=[
        views.invoices.FILTER,
        views.customers.FILTER,
        views.transactions.FILTER,
        *views.costs.FILTERS,
    ],
    elsewhere=by_hand.ELSEWHERE,
    contract_marks=[ContractMarks(marks.contract_marks, "exact.view")],
    running_work=[RunningWork(views.running.running_runs, "exact.view")],
    settings_panels=[
        SettingsPanel(
            "Exact Online",
            "exact.settings",
            "exact.view",
            description=_l("The link with the bookkeeping: login, administration, what goes when."),
        ),
        SettingsPanel(
            _l("Exact: needs attention"),
            "exact.attention",
            "exact.view",
            icon="alert-triangle",
            description=_l("What Exact refused, and what is on hold, with the reason."),
        ),
        SettingsPanel(
            _l("Exact: runs"),
            "exact.runs",
            "exact.view",
            icon="history",
            description=_l(
                "Nights, intervals, and what people forwarded: what went, what did not."
            ),
        ),
        SettingsPanel(
            _l("Exact: health"),
            "exact.health",
            "exact.configure",
            icon="list-check",
            description=_l("What is wrong with the link, what to do about it, and who can."),
        ),
    ],
    permissions=[
        Permission("exact.view", _l("See what is known in Exact"), Level.POOL),
        Permission(
            "exact.search", _l("Find customers and parts of the ledger in Exact"), Level.POOL
        ),
        Permission("exact.forward", _l("Forward invoices and transactions to Exact"), Level.POOL),
        Permission("exact.configure", _l("Set up the link with Exact")),
    ],
    listeners=[
        (events.customer_saved, listening.customer_saved),
        (events.cost_item_saved, listening.cost_item_saved),
        (events.resource_saved, listening.resource_saved),
    ],
    commands=[cli.exact],
    schedules=[Schedule(jobs.tick, every=timedelta(seconds=15))],
    companions=[Companion("Exact simulator", ("exact", "simulator"), hint=demo.hint)],
    record_names={
        "exact_connections": _l("Link with Exact"),
        "exact_gl_account_links": _l("Choice of the GL account in Exact"),
        "exact_vat_links": _l("Choice of the VAT code in Exact"),
        "exact_branches": _l("Settings of a business unit for Exact"),
        "exact_type_accounts": _l("Choice of the account for transactions"),
    },
    field_names={
        "base_url": _l("Address of Exact"),
        "client_id": _l("Client id"),
        "state": _l("State"),
        "consented_by": _l("Logged in by"),
        "division": _l("Administration"),
        "division_name": _l("Name of the administration"),
        "sales_journal": _l("Sales journal"),
        "payment_condition": _l("Payment condition"),
        "cash_journal": _l("Cash journal"),
        "other_journal": _l("Journal for other transactions"),
        "customer_gl_code": _l("GL account for customers"),
        "gl_account_code": _l("GL account"),
        "forwarded": _l("Forwarded"),
        "type_id": _l("Type of transaction"),
        "method_id": _l("Method"),
        "nightly_since": _l("Goes by night since"),
        "connection_id": _l("Link with Exact"),
        "exact_id": _l("Key in Exact"),
    },
    field_words={
        "state": {
            "disconnected": _l("not logged in"),
            "connected": _l("logged in"),
            "needs_login": _l("login has ended"),
        }
    },
    setting_names=switch_words.NAMES,
    setting_words=switch_words.WORDS,
    demo=demo.prepare,
    demo_permissions={
        "Planner": ["exact.view", "exact.search"],
        "Accountant": ["exact.view", "exact.search", "exact.forward"],
        "Administrator": ["exact.view", "exact.search", "exact.forward", "exact.configure"],
    },
    configure=config.read,
)
