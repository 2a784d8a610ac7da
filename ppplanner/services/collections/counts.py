"""Cash counts: what somebody found in a register, against what should be in it (domain 10)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from ppplanner.clock import now
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.formats import moment
from ppplanner.i18n import _
from ppplanner.models import CashCount, CashRegister, Transaction, TypeRole, User
from ppplanner.money import CENT
from ppplanner.services.collections import cash, registers, types
from ppplanner.services.collections.registers import Entry
from ppplanner.services.locking import lock

#: Euro notes and coins by their value in cents, the greatest first.
NOTES = (50000, 20000, 10000, 5000, 2000, 1000, 500)
COINS = (200, 100, 50, 20, 10, 5, 2, 1)
DENOMINATIONS = NOTES + COINS
#: More of one kind nobody has in a drawer: it is a slip.
MOST_PIECES = 100_000
MOST_VOUCHERS = Decimal(1_000_000)


@dataclass(frozen=True)
class Counted:
    """What is in the drawer: how many of each denomination, and cheques and vouchers in EUR."""

    pieces: Mapping[int, int] = field(default_factory=dict)
    vouchers: Decimal = Decimal(0)
    remark: str = ""

    @property
    def total(self) -> Decimal:
        """EUR in the drawer."""
        return sum((value * many for value, many in self.pieces.items()), 0) * CENT + self.vouchers


def count(
    register: CashRegister, counted: Counted, *, by: User | None, at: datetime | None = None
) -> CashCount:
    """Keep what was counted, now or at a moment after the last count. Raises Invalid.

    Nobody can change it later; what was before it stays as it is. The caller commits.
    """
    _check(counted)
    lock(register)
    at = at or now()
    _check_moment(register, at)
    made = CashCount(
        register=register,
        at=at,
        pieces={str(value): many for value, many in counted.pieces.items() if many},
        vouchers=counted.vouchers,
        total=counted.total,
        expected=cash.balance(register, before=at),
        remark=counted.remark.strip(),
        counted_by=by,
    )
    db.session.add(made)
    db.session.flush()
    return made


def book_difference(made: CashCount, *, by: User | None) -> Transaction:
    """Correct the register by what a count found too much or missing, at the moment of the count.

    Raises DomainError when there is nothing to book, or a later count has to be trusted.
    """
    lock(made.register)
    lock(made)
    if made.transaction_id is not None:
        raise DomainError(_("The difference of this count is booked already."))
    if not made.difference:
        raise DomainError(_("The count agrees: there is nothing to book."))
    if cash.last_count(made.register) is not made:
        raise DomainError(_("The register was counted again since: book that difference."))
    role = TypeRole.CORRECTION_IN if made.difference > 0 else TypeRole.CORRECTION_OUT
    entry = Entry(
        abs(made.difference),
        remark=_("Difference at the count of %(moment)s", moment=moment(made.at)),
        at=made.at,
    )
    made.transaction = registers.book(made.register, types.of_role(role), entry, by=by)
    db.session.flush()
    return made.transaction


def _check(counted: Counted) -> None:
    faults: dict[str, object] = {}
    for value, many in counted.pieces.items():
        if value not in DENOMINATIONS:
            raise ValueError(f"there is no coin or note of {value} cents")
        if not 0 <= many <= MOST_PIECES:
            faults[f"pieces_{value}"] = _("Type how many there are: a whole number from 0 on.")
    if not 0 <= counted.vouchers <= MOST_VOUCHERS:
        faults["vouchers"] = _("Type what they are worth together: 0 or more.")
    if faults:
        raise Invalid(**faults)


def _check_moment(register: CashRegister, at: datetime) -> None:
    if at > now():
        raise Invalid(at=_("Nobody can count before it is so late."))
    last = cash.last_count(register)
    if last and at <= last.at:
        raise Invalid(
            at=_("The register was counted on %(moment)s already.", moment=moment(last.at))
        )
