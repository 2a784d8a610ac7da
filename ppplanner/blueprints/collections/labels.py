"""What the families, kinds and fields of collections are called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ppplanner.blueprints.markup import Badge, Colour
from ppplanner.i18n import _, _l, lazy_pgettext
from ppplanner.locales import language
from ppplanner.models import (
    Direction,
    MethodKind,
    PayMoment,
    RefundState,
    Transaction,
    TransactionFamily,
    TransactionMethod,
    TransactionType,
    TypeRole,
)
from ppplanner.services.collections.types import USUAL_TYPES

FAMILIES = {
    TransactionFamily.PAYMENT: _l("Payment"),
    TransactionFamily.DEPOSIT: _l("Security deposit"),
    TransactionFamily.REFUND: _l("Refund"),
    TransactionFamily.REGISTER: _l("Cash register"),
    TransactionFamily.ADMINISTRATIVE: _l("Administrative"),
}
FAMILY_COLOURS: Mapping[TransactionFamily, Colour] = {
    TransactionFamily.PAYMENT: "green",
    TransactionFamily.DEPOSIT: "blue",
    TransactionFamily.REFUND: "amber",
    TransactionFamily.REGISTER: "purple",
    TransactionFamily.ADMINISTRATIVE: "grey",
}
DIRECTIONS = {
    Direction.IN: lazy_pgettext("money", "In"),
    Direction.OUT: lazy_pgettext("money", "Out"),
}
METHOD_KINDS = {
    MethodKind.CASH: _l("Cash"),
    MethodKind.TERMINAL: _l("Payment terminal"),
    MethodKind.ONLINE: _l("Online"),
    MethodKind.BANK: _l("Bank transfer"),
    MethodKind.SETTLEMENT: _l("Settlement"),
}
ROLES: Mapping[TypeRole, Any] = {role: usual.name for role, usual in USUAL_TYPES.items()}
PAY_MOMENTS = {
    PayMoment.RESERVATION: _l("At reservation"),
    PayMoment.CHECK_OUT: _l("At check-out"),
    PayMoment.CHECK_IN: _l("At check-in"),
    PayMoment.INVOICE: _l("On invoice"),
}
REFUND_STATES = {
    RefundState.OPEN: lazy_pgettext("refund", "Open"),
    RefundState.EXPORTED: _l("In a payment file"),
    RefundState.PROCESSED: lazy_pgettext("refund", "Processed"),
    RefundState.WITHDRAWN: lazy_pgettext("refund", "Withdrawn"),
}
#: The fields of a transaction, as forms and the history call them.
FIELDS = {
    "number": _l("Number"),
    "type_id": _l("Type"),
    "method_id": _l("Method"),
    "amount": _l("Amount"),
    "at": _l("Day and time"),
    "business_unit_id": _l("Business unit"),
    "contract_id": _l("Contract"),
    "invoice_id": _l("Invoice"),
    "customer_id": _l("Customer"),
    "register_id": _l("Cash register"),
    "terminal_id": _l("Terminal"),
    "card_type_id": _l("Card"),
    "iban": _l("IBAN"),
    "voucher": _l("Voucher or reference"),
    "remark": _l("Remark"),
    "counterpart_id": _l("Other half"),
    "reverses_id": _l("Undoes"),
    "locked": _l("Handed on"),
    "created_by_id": _l("Registered by"),
}

#: What a contract says of money.
CONTRACT_FIELDS = {
    "deposit": _l("Deposit"),
    "payment_moment": _l("Payment is asked"),
    "deposit_moment": _l("Deposit is asked"),
}
CONTRACT_WORDS = dict.fromkeys(("payment_moment", "deposit_moment"), PAY_MOMENTS)
#: Those of cash registers and counts of them, which share some.
CASH_FIELDS = {
    "user_id": _l("Who answers for it"),
    "register_id": _l("Cash register"),
    "at": _l("Day and time"),
    "pieces": _l("Coins and notes"),
    "vouchers": _l("Cheques and vouchers"),
    "total": _l("Counted"),
    "expected": _l("Should be in it"),
    "remark": _l("Remark"),
    "counted_by_id": _l("Counted by"),
    "transaction_id": _l("Booked with"),
}
REFUND_FIELDS = {
    "amount": _l("Amount"),
    "deposit": _l("Of the deposit"),
    "invoice_id": _l("Invoice"),
    "customer_id": _l("Customer"),
    "remark": _l("Remark"),
    "state": _l("State"),
    "requested_at": _l("Asked on"),
    "requested_by_id": _l("Asked by"),
    "payment_file_id": _l("Payment file"),
    "transaction_id": _l("Paid with"),
}


def listed_name(record: TransactionType | TransactionMethod | None) -> str:
    """What a type or method is called in the person's language."""
    return record.name_in(language()) if record else ""


def family_badge(transaction: Transaction) -> Badge:
    """The type in words, in the colour of its family."""
    kind = transaction.type
    return Badge(listed_name(kind), FAMILY_COLOURS[kind.family])


def method_name(transaction: Transaction) -> str:
    """How the money moved; of what was only written in the books, nothing did."""
    return listed_name(transaction.method) or _("No money moved")
