"""Some contracts are invoiced, and their invoices paid or not; most wait for an invoice run."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from ppplanner.clock import BRUSSELS, now, today
from ppplanner.models import Contract, ContractStatus, Invoice, MethodKind, TypeRole, User
from ppplanner.money import cents
from ppplanner.services.collections.entry import TransactionData
from ppplanner.services.collections.transactions import register
from ppplanner.services.collections.types import method_of, of_role
from ppplanner.services.invoices.confirming import confirm_invoice
from ppplanner.services.invoices.crediting import credit, credit_in_full
from ppplanner.services.invoices.drafts import draft_from_contract
from ppplanner.services.renting.lifecycle import Step, advance

#: One in so many of what came back is invoiced; of the others, so many of the latest have a draft.
INVOICED, DRAFTS = 5, 6
#: The share of an invoice that a customer pays: most in full, and not many nothing.
SHARES, OFTEN = (Decimal(1), Decimal("0.5"), Decimal(0)), (8, 1, 2)
#: How many of the invoices that are not due yet have been paid, and of the contracts that are paid
#: have been completed.
EARLY, COMPLETED = 0.2, 0.3


def make_invoices(contracts: Sequence[Contract], by: User, random: Random) -> None:
    returned = [each for each in contracts if each.status is ContractStatus.CHECKED_IN]
    returned.sort(key=lambda contract: contract.ends_at)
    done = returned[::INVOICED]
    invoices = [_make_invoice(contract) for contract in done]
    wholly, partly = [each for each in invoices if each.balance == each.gross][-2:]
    for invoice in invoices:
        if invoice not in (wholly, partly):
            _pay(invoice, by, random)
    _make_credit_notes(wholly, partly, on=invoices[-1].invoice_date)
    waiting = [contract for contract in returned if contract not in done]
    for contract in waiting[-DRAFTS:]:
        _make_draft(contract)


def _make_invoice(contract: Contract) -> Invoice:
    invoice = _make_draft(contract)
    confirm_invoice(invoice)
    return invoice


def _make_draft(contract: Contract) -> Invoice:
    last_day = contract.ends_at.astimezone(ZoneInfo(BRUSSELS)).date()
    return draft_from_contract(contract, invoice_date=last_day)


def _pay(invoice: Invoice, by: User, random: Random) -> None:
    """Most people pay in time; of the late ones some have paid a part."""
    due = invoice.due_date < today()
    share = random.choices(SHARES, OFTEN)[0] if due else Decimal(random.random() < EARLY)
    if not share or not invoice.balance:
        return
    days = random.randrange((invoice.due_date - invoice.invoice_date).days + 1)
    day = min(invoice.invoice_date + timedelta(days=days), today())
    payment = TransactionData(
        of_role(TypeRole.PAYMENT),
        cents(invoice.balance * share),
        method_of(MethodKind.BANK),
        at=min(datetime.combine(day, time(6), ZoneInfo(BRUSSELS)), now()),
        invoice=invoice,
        iban=invoice.customer.iban,
    )
    register(payment, by)
    contract = invoice.contract
    if contract and not invoice.balance and random.random() < COMPLETED:
        advance(contract, Step.COMPLETE)


def _make_credit_notes(wholly: Invoice, partly: Invoice, on: date) -> None:
    """One invoice is taken back, and of another one half of its first line."""
    confirm_invoice(credit_in_full(wholly, on=on))
    line = partly.lines[0]
    confirm_invoice(credit(partly, {line.id: cents(line.net / 2)}, on=on))
