"""Money as a person enters it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from ppplanner.models import (
    CardType,
    CashRegister,
    Contract,
    Customer,
    Direction,
    Invoice,
    Terminal,
    TransactionFamily,
    TransactionMethod,
    TransactionType,
)


@dataclass(frozen=True)
class TransactionData:
    """Money as a person enters it. `amount` (EUR) is above zero: its type knows the direction.

    `customer` need not be said where contract or invoice name one.
    """

    type: TransactionType
    amount: Decimal
    method: TransactionMethod | None = None
    #: When it moved, in UTC; now when not said.
    at: datetime | None = None
    contract: Contract | None = None
    invoice: Invoice | None = None
    customer: Customer | None = None
    register: CashRegister | None = None
    terminal: Terminal | None = None
    card_type: CardType | None = None
    iban: str = ""
    voucher: str = ""
    remark: str = ""

    @property
    def signed(self) -> Decimal:
        """EUR, below zero for what goes out."""
        return self.amount if self.type.direction is Direction.IN else -self.amount

    @property
    def whole_contract(self) -> Contract | None:
        """The contract that it is for, also by way of an invoice."""
        return self.contract or (self.invoice.contract if self.invoice else None)

    @property
    def payer(self) -> Customer | None:
        """The customer whose money it is; nobody's where it only moves between cash registers."""
        if self.type.family is TransactionFamily.REGISTER:
            return None
        purpose = self.invoice or self.contract
        return purpose.customer if purpose else self.customer
