"""How a customer pays an invoice by bank: the structured communication and the EPC QR code."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from segno import QRCode
from segno.helpers import make_epc_qr

from ppplanner.models import Invoice
from ppplanner.services.invoices.written import written_communication, written_iban

#: Limits of the EPC guideline 069-12 (version 2.1), in EUR and in characters.
LEAST, MOST = Decimal("0.01"), Decimal("999999999.99")
LONGEST_NAME = 70


@dataclass(frozen=True)
class Payment:
    """What a transfer needs: how much, to which account, what it says, and the QR code that fills
    all of it in.
    """

    #: What is still to be paid, in EUR.
    amount: Decimal
    iban: str
    bic: str
    #: The structured communication with its signs, or, for a foreign account, the invoice's number.
    communication: str
    structured: bool
    code: QRCode


def payment(invoice: Invoice) -> Payment | None:
    """How to pay; None when there is nothing to pay, or no account to pay to."""
    company, amount = invoice.company, to_pay(invoice)
    if not company.iban or not LEAST <= amount <= MOST:
        return None
    structured = _compact(company.iban).startswith("BE")
    return Payment(
        amount=amount,
        iban=written_iban(company.iban),
        bic=company.bic,
        communication=written_communication(invoice.payment_reference)
        if structured
        else invoice.reference,
        structured=structured,
        code=_payment_code(invoice, amount, structured),
    )


def to_pay(invoice: Invoice) -> Decimal:
    """What an invoice asked for when it was confirmed, in EUR: what had been paid is taken off."""
    return invoice.gross - invoice.prepaid


def _payment_code(invoice: Invoice, amount: Decimal, structured: bool) -> QRCode:
    """The EPC QR code. It carries a structured or a free text, never both.

    Belgian banks know their structured communication on the structured line, as twelve bare digits;
    on the free line some apps show it as mere text, and then nobody checks or matches it. Banks
    elsewhere expect an ISO 11649 reference on that line, so they get the number as free text.
    """
    company = invoice.company
    return make_epc_qr(
        name=company.name[:LONGEST_NAME],
        iban=_compact(company.iban),
        bic=_compact(company.bic) or None,
        amount=amount,
        reference=invoice.payment_reference if structured else None,
        text=None if structured else invoice.reference,
        encoding="utf-8",
    )


def _compact(text: str) -> str:
    return "".join(text.split()).upper()
