"""What a draft needs before it can be confirmed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ppplanner.clock import today
from ppplanner.i18n import N_, Message
from ppplanner.models import Customer, Invoice, InvoiceLine
from ppplanner.services.invoices.vat_rules import vat_faults
from ppplanner.services.vat_numbers import EU_COUNTRIES


def faults_of(invoice: Invoice) -> list[Message]:
    """What keeps a draft from being confirmed, a sentence each with what to do; its number, and
    with it the financial year of its date, aside.
    """
    if not invoice.lines:
        return [Message(N_("An invoice needs at least one line."))]
    return [
        *_date_faults(invoice),
        *_amount_faults(invoice),
        *_account_faults(invoice.lines),
        *_archived_faults(invoice),
        *_address_faults(invoice.customer),
        *vat_faults(invoice),
    ]


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


def _account_faults(lines: list[InvoiceLine]) -> Iterator[Message]:
    missing = [line for line in lines if line.gl_account is None]
    yield from _about(
        missing,
        N_("Line %(lines)s has no GL account: give its rate one, or the business unit a default."),
        N_(
            "Lines %(lines)s have no GL account: give their rates one, or the business unit a"
            " default."
        ),
    )


def _archived_faults(invoice: Invoice) -> Iterator[Message]:
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


def _about(lines: Sequence[InvoiceLine], one: str, several: str) -> Iterator[Message]:
    """A sentence about these lines, if there are any; it names their positions."""
    if lines:
        positions = ", ".join(str(line.position) for line in lines)
        yield Message(one if len(lines) == 1 else several, {"lines": positions})


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
