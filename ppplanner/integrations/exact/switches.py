"""The switches of the link as forms, a subject each. Each says in a sentence what it does, and in
another what it does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from decimal import Decimal
from typing import Any

from wtforms import BooleanField, Field, RadioField
from wtforms.validators import InputRequired, NumberRange, Optional, Regexp

from ppplanner.addons.manifest import Text
from ppplanner.blueprints.form_fields import PICK_ONE, DayField, NumberField, TextField
from ppplanner.blueprints.stale import StaleAware, inputs
from ppplanner.i18n import _l
from ppplanner.models import CostCarrier, CostCentre
from ppplanner.services.ledger import CostKind

from .settings import LONGEST_INTERVAL, SHORTEST_INTERVAL, ExactSettings
from .switch_words import NAMES, WORDS


def _switch(name: str, description: Text) -> Any:
    return BooleanField(NAMES[name], description=description)


def _choice(name: str, description: Text) -> Any:
    return RadioField(
        NAMES[name],
        choices=lambda: [(value, str(text)) for value, text in WORDS[name].items()],
        invalid_choice_message=PICK_ONE,
        description=description,
    )


def _first_day(name: str, description: Text) -> Any:
    return DayField(NAMES[name], [Optional()], description=description)


class LinkForm(StaleAware):
    enabled = _switch(
        "enabled",
        _l(
            "What is switched on below goes to and fro. Switched off, nothing at all is asked of "
            "Exact, also not by hand; nothing is lost, since what waits is kept and goes later."
        ),
    )


class CustomersForm(StaleAware):
    customers_search = _switch(
        "customers_search",
        _l(
            "Whoever adds a customer can look in Exact and import who is there. Nothing is written "
            "to Exact by that, and customers can still be added by hand."
        ),
    )
    customers_send = _switch(
        "customers_send",
        _l(
            "Customers are made in Exact, and what changes of them goes there too. Nobody is "
            "deleted there; and while this is off, nobody is made there either: an invoice of a "
            "customer whom Exact does not know waits."
        ),
    )
    customers_send_moment = _choice(
        "customers_send_moment",
        _l(
            "On saving, customers go who never get an invoice as well; with an invoice, only those "
            "who do. Neither sends the customers whom you have already: each goes when its turn "
            "comes."
        ),
    )


class CostCentresForm(StaleAware):
    cost_centres_source = _choice(
        "cost_centres_source",
        _l(
            "Those made here go to Exact with their code and name. When they are imported, nobody "
            "of the company group makes them here, and nothing of them is written to Exact."
        ),
    )
    cost_centres_from_resources = _switch(
        "cost_centres_from_resources",
        _l(
            "A new resource gets a cost centre of its own, with a code made of its number plate. "
            "Resources that are there already get none."
        ),
    )
    cost_centres_on_invoice = _switch(
        "cost_centres_on_invoice",
        _l(
            "The lines of invoices name in Exact the cost centre that they have here. Switched "
            "off, they keep it here and go to Exact without it."
        ),
    )


class CostCarriersForm(StaleAware):
    cost_carriers_source = _choice(
        "cost_carriers_source",
        _l(
            "Those made here go to Exact with their code and name. When they are imported, nobody "
            "of the company group makes them here, and nothing of them is written to Exact."
        ),
    )
    cost_carriers_from_resources = _switch(
        "cost_carriers_from_resources",
        _l(
            "A new resource gets a cost carrier of its own, with a code made of its number plate. "
            "Resources that are there already get none."
        ),
    )
    cost_carriers_on_invoice = _switch(
        "cost_carriers_on_invoice",
        _l(
            "The lines of invoices name in Exact the cost carrier that they have here. Switched "
            "off, they keep it here and go to Exact without it."
        ),
    )


class GLAccountsForm(StaleAware):
    gl_search = _switch(
        "gl_search",
        _l(
            "People can look for a GL account in Exact and import it. Nothing is written to Exact "
            "by that."
        ),
    )
    gl_source = _choice(
        "gl_source",
        _l(
            "Made here, an account needs one with the same code in Exact, or another that you pick "
            "as its counterpart. No GL account is ever made or changed in Exact: the bookkeeper "
            "makes those that are missing there."
        ),
    )


class InvoicesForm(StaleAware):
    invoices_send = _switch(
        "invoices_send",
        _l(
            "Confirmed invoices and credit notes can go to Exact. Drafts never go, and nothing "
            "that is booked there is changed or deleted."
        ),
    )
    invoices_mode = _choice(
        "invoices_mode",
        _l(
            "The night takes all that are confirmed and not booked yet, those that were refused "
            "too. It never sends an invoice a second time."
        ),
    )
    invoices_night_time = TextField(
        NAMES["invoices_night_time"],
        [
            Regexp(
                r"([01][0-9]|2[0-3]):[0-5][0-9]\Z",
                message=_l("Type a time between 00:00 and 23:59, such as 02:15."),
            )
        ],
        longest=5,
        description=_l(
            "In the time zone of the company. It does not begin a second time when the clocks "
            "change."
        ),
    )
    invoices_from = _first_day(
        "invoices_from",
        _l(
            "Left empty, it is the day on which nights are switched on. Older ones do not go by "
            "themselves, since they may stand in Exact already; by hand they can."
        ),
    )
    invoices_pdf = _switch(
        "invoices_pdf",
        _l(
            "The same file that the customer got is attached to the booking. Exact mails it to "
            "nobody."
        ),
    )


class TransactionsForm(StaleAware):
    transactions_send = _switch(
        "transactions_send",
        _l(
            "Payments, deposits, refunds and cash are booked in Exact, as each business unit is "
            "set up. One for which something is not set up waits, and holds up no other."
        ),
    )
    transactions_interval = NumberField(
        NAMES["transactions_interval"],
        [
            InputRequired(_l("Fill in after how many minutes transactions go.")),
            NumberRange(
                SHORTEST_INTERVAL,
                LONGEST_INTERVAL,
                _l("Fill in %(min)s to %(max)s minutes; 1440 is once a day."),
            ),
        ],
        places=0,
        unit=_l("minutes"),
        description=_l(
            "All that are new go together, each time. When there is nothing new, nothing is asked "
            "of Exact."
        ),
    )
    transactions_from = _first_day(
        "transactions_from",
        _l(
            "Left empty, it is the day on which this is switched on. Older ones do not go, since "
            "they may stand in Exact already."
        ),
    )


class PaymentsForm(StaleAware):
    payments_fetch = _switch(
        "payments_fetch",
        _l(
            "Every half hour Exact is asked which of your booked invoices are paid, and here they "
            "become paid, or open again. No transaction is made of it, and payments that you "
            "registered here stay as they are."
        ),
    )


@dataclass(frozen=True)
class Subject:
    """What belongs together: a tile on the page, and the dialog behind it."""

    key: str
    title: Text
    form: type[StaleAware]
    #: Whether a company group can do without it altogether.
    of: CostKind | None = None


SUBJECTS: Mapping[str, Subject] = {
    each.key: each
    for each in (
        Subject("link", _l("The link"), LinkForm),
        Subject("customers", _l("Customers"), CustomersForm),
        Subject("invoices", _l("Invoices and credit notes"), InvoicesForm),
        Subject("transactions", _l("Transactions"), TransactionsForm),
        Subject("payments", _l("Payments"), PaymentsForm),
        Subject("gl-accounts", _l("GL accounts"), GLAccountsForm),
        Subject("cost-centres", _l("Cost centres"), CostCentresForm, CostCentre),
        Subject("cost-carriers", _l("Cost carriers"), CostCarriersForm, CostCarrier),
    )
}


def form_values(settings: ExactSettings) -> dict[str, Any]:
    """The switches as the fields of the forms hold them."""
    days = {
        "invoices_from": settings.first_day,
        "transactions_from": settings.transactions_first_day,
    }
    interval = {"transactions_interval": Decimal(settings.transactions_interval)}
    return asdict(settings) | days | interval


def chosen(form: StaleAware, settings: ExactSettings) -> ExactSettings:
    """The switches as they will stand: those of the form, the others as they are."""
    return replace(settings, **{field.name: _plain(field) for field in inputs(form)})


def _plain(field: Field) -> Any:
    """A value as it is stored."""
    if isinstance(field, DayField):
        return field.data.isoformat() if field.data else ""
    return int(field.data or 0) if isinstance(field, NumberField) else field.data
