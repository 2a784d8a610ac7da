"""Our records in Exact's terms and back: pure functions, no I/O.

The lengths to which Exact cuts texts are kept in `fields.py`, beside the names of its properties.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from itertools import cycle, islice
from uuid import UUID

from ppplanner.models import Customer, CustomerKind, Invoice, InvoiceKind, InvoiceLine
from ppplanner.money import CENT, vat_amount
from ppplanner.services.customers import CustomerData

from .fields import account_name
from .records import Account, NewAccount, NewDocument, NewSalesEntry, NewSalesEntryLine

LANGUAGES = {"nl", "fr", "en", "de"}


def search_code(customer: Customer) -> str:
    """The natural key of a customer that we made in Exact: how it is found again."""
    return f"PPP{customer.number}"


def new_account(customer: Customer) -> NewAccount:
    """A customer as a relation; Exact gives it a code of its own."""
    return NewAccount(
        name=customer.full_name,
        search_code=search_code(customer),
        vat_number=customer.vat_number,
        email=customer.email,
        phone=customer.phone,
        address_line1=customer.street,
        postcode=customer.postcode,
        city=customer.city,
        country=customer.country,
        language=customer.language.upper(),
    )


def is_named(account: Account, name: str) -> bool:
    """Whether a relation bears the name, as far as Exact's field holds it."""
    return account.name.casefold() == account_name(name).casefold()


def customer_data(account: Account, kind: CustomerKind) -> CustomerData:
    """A relation as a customer. The person's choice decides private or business (mission S14)."""
    first, last = _split_name(account.name)
    is_business = kind is CustomerKind.BUSINESS
    language = account.language.lower()[:2]
    return CustomerData(
        kind=kind,
        company_name=account.name if is_business else "",
        first_name="" if is_business else first,
        last_name="" if is_business else last,
        vat_number=account.vat_number if is_business else "",
        street=account.address_line1,
        postcode=account.postcode,
        city=account.city,
        country=account.country or "BE",
        language=language if language in LANGUAGES else "nl",
        email=account.email,
        phone=account.phone,
    )


def _split_name(name: str) -> tuple[str, str]:
    """ "First Last" apart at the first space: all that follows belongs to the last name."""
    first, _space, last = name.strip().partition(" ")
    return (first, last) if last else ("", first)


def document(invoice: Invoice, account_id: UUID) -> NewDocument:
    """The cover to which the PDF is attached. Its subject finds it again."""
    return NewDocument(
        subject=document_subject(invoice), account_id=account_id, document_date=invoice.invoice_date
    )


def document_subject(invoice: Invoice) -> str:
    word = "Credit note" if invoice.kind is InvoiceKind.CREDIT_NOTE else "Invoice"
    return f"{word} {invoice.reference} {invoice.customer.full_name}"


def file_name(invoice: Invoice) -> str:
    return f"{invoice.reference}.pdf"


def sales_entry(
    invoice: Invoice,
    *,
    account_id: UUID,
    journal: str,
    gl_accounts: Mapping[int, UUID],
    vat_codes: Mapping[int, str],
    document_id: UUID | None,
) -> NewSalesEntry:
    """An invoice or credit note as a booking: our number is its reference (domain 14.5)."""
    own_vat = vat_amounts(invoice)
    return NewSalesEntry(
        customer_id=account_id,
        journal=journal,
        entry_date=invoice.invoice_date,
        due_date=invoice.due_date,
        your_ref=invoice.reference,
        description=_description(invoice),
        document_id=document_id,
        payment_reference=invoice.payment_reference,
        lines=[
            NewSalesEntryLine(
                gl_account_id=gl_accounts[line.gl_account_id or 0],
                amount=line.net,
                vat_code=vat_codes[line.vat_code_id],
                vat_amount=own_vat.get(line.position),
                description=line.description,
            )
            for line in invoice.lines
        ],
    )


def vat_amounts(invoice: Invoice) -> dict[int, Decimal]:
    """The VAT in EUR of the lines, by position, for which Exact's own sum might differ from ours.

    Exact computes VAT per line, the law asks for it per rate (royal decree of 8 July 2025). The
    cents by which the two differ go on the largest lines of the rate, one each; the last credit
    note of an invoice takes back all VAT that is left, so it may have more of them than lines. How
    Exact rounds half a cent nobody wrote down, so that a line that has to be rounded says its VAT,
    too.
    """
    own: dict[int, Decimal] = {}
    for total in invoice.vat_totals:
        lines = [
            line
            for line in invoice.lines
            if (line.vat_code, line.vat_percentage) == (total.vat_code, total.percentage)
        ]
        own |= _spread(lines, total.percentage, total.vat)
    return own


def _spread(lines: list[InvoiceLine], percentage: Decimal, vat: Decimal) -> dict[int, Decimal]:
    exact = {line.position: line.net * percentage / 100 for line in lines}
    own = {line.position: vat_amount(line.net, percentage) for line in lines}
    gap = vat - sum(own.values(), Decimal(0))
    largest = sorted(lines, key=lambda line: abs(line.net), reverse=True)
    for line in islice(cycle(largest), int(abs(gap) / CENT)):
        own[line.position] += CENT.copy_sign(gap)
    return {position: amount for position, amount in own.items() if amount != exact[position]}


def _description(invoice: Invoice) -> str:
    if invoice.kind is InvoiceKind.CREDIT_NOTE and invoice.credited_invoice:
        return f"Credit note {invoice.reference} for {invoice.credited_invoice.reference}"
    return document_subject(invoice)
