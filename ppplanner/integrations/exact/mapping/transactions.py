"""Transactions as cash entries and general journal entries (domain 14.5), and their description."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from functools import partial
from uuid import UUID

from ppplanner.clock import local_day
from ppplanner.models import Transaction, TransactionFamily

from ..bodies import DESCRIPTION
from ..odata import cut
from ..records import NewEntry, NewEntryLine

#: What a business unit books with as long as nobody typed a description.
USUAL_DESCRIPTION = "{type} {contract} {customer}"

_VARIABLE = re.compile(r"\{([^{}]*)\}")
_HALF = re.compile(r"[{}](\w*)")

#: What a description can name, in the words between braces; what has names in several languages is
#: named in the bookkeeper's.
VARIABLES: dict[str, Callable[[Transaction, str], object]] = {
    "number": lambda transaction, _language: transaction,
    "type": lambda transaction, language: transaction.type.name_in(language),
    "method": lambda transaction, language: (
        transaction.method.name_in(language) if transaction.method else ""
    ),
    "contract": lambda transaction, _language: transaction.contract or "",
    "invoice": lambda transaction, _language: _invoice_number(transaction),
    "customer": lambda transaction, _language: (
        transaction.customer.full_name if transaction.customer else ""
    ),
    "date": lambda transaction, _language: f"{booking_day(transaction):%d/%m/%Y}",
    "unit": lambda transaction, _language: transaction.business_unit,
    "register": lambda transaction, _language: (
        transaction.register.code if transaction.register else ""
    ),
    "voucher": lambda transaction, _language: transaction.voucher,
    "remark": lambda transaction, _language: transaction.remark,
}


def transaction_reference(transaction: Transaction) -> str:
    """The natural key of a transaction in Exact, whose entries have none: kept in the notes."""
    return f"PPP {transaction}"


def booking_day(transaction: Transaction) -> date:
    """The day on which it happened, where the company is."""
    return local_day(transaction.at, transaction.business_unit.company.timezone)


def unknown_variables(template: str) -> list[str]:
    """What stands between braces in a description without being one of `VARIABLES`; also what
    follows a brace that has no other half.
    """
    unknown = [name for name in _VARIABLE.findall(template) if name.strip() not in VARIABLES]
    return unknown + _HALF.findall(_VARIABLE.sub("", template))


def describe(template: str, transaction: Transaction, language: str = "") -> str:
    """The description of a unit, filled in for a transaction, as long as Exact's field. The invoice
    that it pays and its own number stand at the end, unless the description names them.
    """
    always = [word for word in (_invoice_number(transaction), str(transaction)) if word]
    text = _filled_in(template.strip() or USUAL_DESCRIPTION, transaction, language)
    text = cut(text, DESCRIPTION - len(" ".join(always)) - 1)
    missing = [word for word in always if word not in text.split()]
    return " ".join([text, *missing]).strip()


def _filled_in(template: str, transaction: Transaction, language: str) -> str:
    def value(found: re.Match[str]) -> str:
        known = VARIABLES.get(found[1].strip())
        return str(known(transaction, language)) if known else found[0]

    return _VARIABLE.sub(value, template)


def _invoice_number(transaction: Transaction) -> str:
    return transaction.invoice.reference or "" if transaction.invoice else ""


def is_of_customer(transaction: Transaction) -> bool:
    """Whether it moves what a customer owes; otherwise it concerns a cash register alone."""
    return transaction.type.family is not TransactionFamily.REGISTER


def is_cash(transaction: Transaction) -> bool:
    """Whether it goes into the cash journal, whose own account is the other side."""
    return transaction.method is not None and transaction.method.is_cash


def transaction_entry(
    transaction: Transaction,
    *,
    journal: str,
    description: str,
    customer_gl: UUID | None,
    type_gl: UUID | None,
    account_id: UUID | None,
    invoice_entry: int | None,
    language: str = "",
) -> NewEntry:
    """A transaction as an entry in a cash journal or a general journal.

    Cash is one line, of the customer, or on the account of the type for a cash register alone:
    positive is money in, as it is here. The rest are two that add up to nil: what comes in is debit
    on the account of the type and credit on the customer's; what goes out the reverse.
    """
    amount = transaction.amount
    line = partial(
        NewEntryLine,
        day=booking_day(transaction),
        description=describe(description, transaction, language),
        notes=transaction_reference(transaction),
    )
    line_of_customer = partial(line, account_id=account_id, our_ref=invoice_entry)
    if not is_cash(transaction):
        assert type_gl
        assert customer_gl
        return NewEntry(journal, [line(type_gl, amount), line_of_customer(customer_gl, -amount)])
    if is_of_customer(transaction):
        assert customer_gl
        return NewEntry(journal, [line_of_customer(customer_gl, amount)])
    assert type_gl
    return NewEntry(journal, [line(type_gl, amount)])
