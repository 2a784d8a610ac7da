"""How a customer pays an invoice by bank: the structured communication and the EPC QR code."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from segno import QRCode
from segno.helpers import make_epc_qr
from stdnum import iban as iban_number
from stdnum.be import ogm_vcs

from ppplanner.models import Invoice

#: Limits of the EPC guideline 069-12 (version 2.1), in EUR and in characters.
LEAST, MOST = Decimal("0.01"), Decimal("999999999.99")
LONGEST_NAME = 70


def written_communication(digits: str) -> str:
    """Twelve digits as Belgian banks print them: +++090/9337/55493+++; empty for a draft."""
    return f"+++{ogm_vcs.format(digits)}+++" if digits else ""


def written_iban(iban: str) -> str:
    """An account number in groups of four, as people read it."""
    return str(iban_number.format(iban))


@dataclass(frozen=True)
class Payment:
    """What a transfer needs: the account, what it says, and the QR code that fills all of it in."""

    iban: str
    bic: str
    #: The structured communication with its signs, or, for a foreign account, the invoice's number.
    communication: str
    structured: bool
    code: QRCode


def payment(invoice: Invoice) -> Payment | None:
    """How to pay; None when there is nothing to pay, or no account to pay to."""
    company = invoice.company
    if not company.iban or not LEAST <= invoice.gross <= MOST:
        return None
    structured = _compact(company.iban).startswith("BE")
    return Payment(
        iban=written_iban(company.iban),
        bic=company.bic,
        communication=written_communication(invoice.payment_reference)
        if structured
        else invoice.reference,
        structured=structured,
        code=_payment_code(invoice, structured),
    )


def _payment_code(invoice: Invoice, structured: bool) -> QRCode:
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
        amount=invoice.gross,
        reference=invoice.payment_reference if structured else None,
        text=None if structured else invoice.reference,
        encoding="utf-8",
    )


def _compact(text: str) -> str:
    return "".join(text.split()).upper()
