"""What a draft needs before it can be confirmed."""

from __future__ import annotations

from collections.abc import Iterator

from ppplanner.clock import today
from ppplanner.i18n import _, ngettext
from ppplanner.models import Customer, Invoice, InvoiceLine
from ppplanner.services.invoices.vat_rules import vat_faults
from ppplanner.services.vat_numbers import EU_COUNTRIES


def faults_of(invoice: Invoice) -> list[str]:
    """What keeps a draft from being confirmed, a sentence each with what to do; its number, and
    with it the financial year of its date, aside.
    """
    if not invoice.lines:
        return [_("An invoice needs at least one line.")]
    return [
        *_date_faults(invoice),
        *_amount_faults(invoice),
        *_account_faults(invoice.lines),
        *_address_faults(invoice.customer),
        *vat_faults(invoice),
    ]


def _date_faults(invoice: Invoice) -> Iterator[str]:
    if invoice.invoice_date > today(invoice.company.timezone):
        yield _(
            "The invoice date lies in the future: confirm the invoice then, or change its date."
        )


def _amount_faults(invoice: Invoice) -> Iterator[str]:
    if invoice.gross < 0 and not invoice.is_credit_note:
        yield _("This invoice comes to less than zero: credit an earlier invoice instead.")


def _account_faults(lines: list[InvoiceLine]) -> Iterator[str]:
    if missing := [line for line in lines if line.gl_account is None]:
        yield ngettext(
            "Line %(lines)s has no GL account: give its rate one, or the business unit a default.",
            "Lines %(lines)s have no GL account: give their rates one, or the business unit a"
            " default.",
            len(missing),
            lines=_positions(missing),
        )
    if closed := [line for line in lines if line.gl_account and not line.gl_account.active]:
        yield ngettext(
            "The GL account of line %(lines)s is archived: choose another.",
            "The GL accounts of lines %(lines)s are archived: choose others.",
            len(closed),
            lines=_positions(closed),
        )


def _positions(lines: list[InvoiceLine]) -> str:
    return ", ".join(str(line.position) for line in lines)


def _address_faults(customer: Customer) -> Iterator[str]:
    """An invoice names the full address of the customer (directive 2006/112/EC, art. 226, 5). Not
    every country outside the union has postcodes.
    """
    needed = [customer.street, customer.city]
    if customer.country in EU_COUNTRIES:
        needed.append(customer.postcode)
    if not all(needed):
        yield _(
            "%(customer)s has no full address: fill in street, postcode and city.",
            customer=customer.full_name,
        )
