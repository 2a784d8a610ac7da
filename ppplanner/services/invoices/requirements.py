"""What a draft needs before it can be confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from ppplanner.clock import today
from ppplanner.i18n import N_, Message
from ppplanner.models import Customer, Invoice, InvoiceLine
from ppplanner.services.invoices.numbering import number_faults
from ppplanner.services.invoices.vat_rules import vat_faults
from ppplanner.services.ledger import revenue_account
from ppplanner.services.vat_numbers import EU_COUNTRIES


class Cure(StrEnum):
    """Where a person takes away what keeps a draft from being confirmed."""

    NEW_LINE = "new_line"
    LINE = "line"
    DATES = "dates"
    CUSTOMER = "customer"
    #: Several ways, or an administrator's: the sentence says which.
    OTHER = "other"


@dataclass(frozen=True)
class Obstacle:
    """What keeps a draft from being confirmed, and where that is changed."""

    reason: Message
    cure: Cure
    #: The first one that it is about.
    line: InvoiceLine | None = None


def faults_of(invoice: Invoice) -> list[Message]:
    """What keeps a draft from being confirmed, a sentence each with what to do; its number, and
    with it the financial year of its date, aside.
    """
    return [each.reason for each in _obstacles_of(invoice)]


def obstacles_of(invoice: Invoice) -> list[Obstacle]:
    """All that would keep a draft from being confirmed now, its number included: to be shown before
    anybody tries. Nothing for what has its number.
    """
    if not invoice.is_draft:
        return []
    about_dates = [*_date_faults(invoice)] or [*number_faults(invoice)]
    return [*_cured(about_dates, Cure.DATES), *_obstacles_of(invoice, dates=False)]


def _obstacles_of(invoice: Invoice, *, dates: bool = True) -> list[Obstacle]:
    if not invoice.lines:
        return [Obstacle(Message(N_("An invoice needs at least one line.")), Cure.NEW_LINE)]
    return [
        *_cured(_date_faults(invoice) if dates else (), Cure.DATES),
        *_cured(_amount_faults(invoice), Cure.OTHER),
        *_account_obstacles(invoice),
        *_archived_obstacles(invoice),
        *_cured(_address_faults(invoice.customer), Cure.CUSTOMER),
        *_cured(vat_faults(invoice), Cure.OTHER),
    ]


def _cured(faults: Iterable[Message], cure: Cure) -> Iterator[Obstacle]:
    return (Obstacle(fault, cure) for fault in faults)


def _date_faults(invoice: Invoice) -> Iterator[Message]:
    if invoice.invoice_date > today(invoice.company.timezone):
        yield Message(
            N_("The invoice date lies in the future: confirm the invoice then, or change its date.")
        )


def _amount_faults(invoice: Invoice) -> Iterator[Message]:
    if invoice.gross < 0 and not invoice.is_credit_note:
        yield Message(
            N_("This invoice comes to less than zero: credit an earlier invoice instead.")
        )


def _account_obstacles(invoice: Invoice) -> Iterator[Obstacle]:
    """Confirming puts lines without account on the business unit's default, if it has one."""
    missing = [line for line in invoice.lines if line.gl_account is None]
    if missing and revenue_account(invoice.business_unit):
        return
    yield from _about(
        missing,
        N_("Line %(lines)s has no GL account: give its rate one, or the business unit a default."),
        N_(
            "Lines %(lines)s have no GL account: give their rates one, or the business unit a"
            " default."
        ),
    )


def _archived_obstacles(invoice: Invoice) -> Iterator[Obstacle]:
    """Lines that would be booked on an archived account; a credit note goes where its invoice went.

    Cost centres and cost carriers may be archived: the last rent of a van that was sold is still
    revenue of that van.
    """
    lines = [] if invoice.is_credit_note else invoice.lines
    yield from _about(
        [line for line in lines if line.gl_account and not line.gl_account.active],
        N_("The GL account of line %(lines)s is archived: choose another."),
        N_("The GL accounts of lines %(lines)s are archived: choose others."),
    )


def _about(lines: Sequence[InvoiceLine], one: str, several: str) -> Iterator[Obstacle]:
    """A sentence about these lines, if there are any; it names their positions."""
    if lines:
        positions = ", ".join(str(line.position) for line in lines)
        reason = Message(one if len(lines) == 1 else several, {"lines": positions})
        yield Obstacle(reason, Cure.LINE, lines[0])


def _address_faults(customer: Customer) -> Iterator[Message]:
    """An invoice names the full address of the customer (directive 2006/112/EC, art. 226, 5). Not
    every country outside the union has postcodes.
    """
    needed = [customer.street, customer.city]
    if customer.country in EU_COUNTRIES:
        needed.append(customer.postcode)
    if not all(needed):
        yield Message(
            N_("%(customer)s has no full address: fill in street, postcode and city."),
            {"customer": customer.full_name},
        )
