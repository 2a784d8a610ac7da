"""The money of the desks: cash registers that are counted, terminals, deposits and advances."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from ppplanner.clock import BRUSSELS, now, today
from ppplanner.demo.firm import Firm
from ppplanner.extensions import db
from ppplanner.i18n import in_language
from ppplanner.models import (
    BusinessUnit,
    CardType,
    CashRegister,
    Contract,
    ContractStatus,
    MethodKind,
    Terminal,
    Transaction,
    TransactionFamily,
    TransactionType,
    TypeRole,
    User,
)
from ppplanner.money import cents
from ppplanner.services.collections import (
    cash,
    counts,
    deposits,
    refunds,
    registers,
    transactions,
)
from ppplanner.services.collections.cash_rounding import rounded
from ppplanner.services.collections.counts import DENOMINATIONS, Counted
from ppplanner.services.collections.entry import TransactionData
from ppplanner.services.collections.places import save_card_type, save_terminal
from ppplanner.services.collections.refunds import Refund
from ppplanner.services.collections.registers import Entry
from ppplanner.services.collections.types import method_of, of_role
from ppplanner.services.pricing.vat import add_up

ZERO = Decimal(0)
CARD_TYPES = ("Bancontact", "Visa", "Mastercard")
#: Code of the business unit: the code and name of its register, and those of its terminal.
DESKS = {
    "ANT": ("ANT-1", "Balie Antwerpen", "TERM-ANT", "Balie Antwerpen"),
    "LIE": ("LIE-1", "Comptoir Liège", "TERM-LIE", "Comptoir Liège"),
}
#: EUR of change that a register begins with, and keeps.
CHANGE = Decimal(250)
#: EUR that was missing in Antwerp when it was last counted.
MISSING = Decimal("0.50")
#: How many days back desks took money; of how many contracts they asked the deposit that is due,
#: and of how many of the others the price.
DAYS, DEPOSITS, PRICES = 21, 0.5, 0.8
#: EUR: more is not paid in cash, and not every one pays less so.
MOST_CASH, CASH = Decimal(400), 0.6
#: How many deposits of what came back were asked to be transferred, and are still to be.
REFUNDS = 3
#: Contracts to come that were paid online when they were booked, and how much of the price.
ADVANCES, SHARE = 5, Decimal("0.3")


@dataclass(frozen=True)
class Desk:
    """Where a business unit takes money, and who does."""

    register: CashRegister
    terminal: Terminal
    clerk: User


@dataclass(frozen=True)
class Movement:
    """Money of a contract that goes over the counter, in EUR."""

    at: datetime
    role: TypeRole
    contract: Contract
    amount: Decimal
    in_cash: bool


def make_cash_desks(
    firm: Firm, contracts: Sequence[Contract], people: Mapping[str, User], random: Random
) -> None:
    """Three weeks at the desks; yesterday evening the cash was counted, today it is not yet."""
    cards = [save_card_type(name=name) for name in CARD_TYPES]
    clerks = (people["planner@demo.example"], people["planner.liege@demo.example"])
    desks = {
        unit.id: _open_desk(unit, clerk) for unit, clerk in zip(firm.units, clerks, strict=True)
    }
    evening = _at(today() - timedelta(days=1), 20)
    movements = sorted(_movements(contracts, random), key=lambda each: each.at)
    for movement in movements:
        if movement.at < evening:
            _move(movement, desks, cards, random)
    _close_day(desks[firm.antwerp.id], evening, MISSING)
    _close_day(desks[firm.liege.id], evening, Decimal(0))
    for movement in movements:
        if movement.at >= evening:
            _move(movement, desks, cards, random)
    _ask_refunds(contracts, people["planner@demo.example"])
    _take_advances(contracts, cards[0], random)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), ZoneInfo(BRUSSELS))


def _open_desk(unit: BusinessUnit, clerk: User) -> Desk:
    code, name, terminal_code, terminal_name = DESKS[unit.code]
    register = registers.open_register(code=code, name=name, business_unit=unit, user=clerk)
    change = Entry(CHANGE, remark="Wisselgeld", at=_at(today() - timedelta(days=DAYS + 1), 7))
    registers.book(register, of_role(TypeRole.CORRECTION_IN), change, by=clerk)
    return Desk(register, save_terminal(unit, code=terminal_code, name=terminal_name), clerk)


def _movements(contracts: Sequence[Contract], random: Random) -> Iterator[Movement]:
    """What went over the counter with the contracts that began in the last weeks: a deposit that
    goes back with the resource, or the price. A few deposits still wait to be transferred.
    """
    first, waiting = now() - timedelta(days=DAYS), REFUNDS
    for contract in contracts:
        out, back = contract.check_out, contract.check_in
        if out is None or out.at < first:
            continue
        deposit, price = deposits.expected(contract), add_up(contract.lines).gross
        if deposit and random.random() < DEPOSITS:
            in_cash = _in_cash(deposit, random)
            yield Movement(out.at, TypeRole.DEPOSIT, contract, deposit, in_cash)
            if back and waiting and contract.customer.iban and not in_cash:
                waiting -= 1
            elif back:
                at = min(back.at, now())
                yield Movement(at, TypeRole.DEPOSIT_REFUND, contract, deposit, in_cash)
        elif price and random.random() < PRICES:
            in_cash = _in_cash(price, random)
            yield Movement(out.at, TypeRole.PAYMENT, contract, price, in_cash)


def _in_cash(amount: Decimal, random: Random) -> bool:
    """Nobody pays an advance in cash that would have to be rounded to five cents."""
    return amount <= MOST_CASH and random.random() < CASH and rounded(amount) == amount


def _move(
    movement: Movement, desks: Mapping[int, Desk], cards: Sequence[CardType], random: Random
) -> None:
    desk = desks[movement.contract.business_unit_id]
    data = TransactionData(
        of_role(movement.role),
        movement.amount,
        at=movement.at,
        contract=movement.contract,
    )
    if movement.in_cash:
        data = replace(data, method=method_of(MethodKind.CASH), register=desk.register)
    else:
        data = replace(
            data,
            method=method_of(MethodKind.TERMINAL),
            terminal=desk.terminal,
            card_type=random.choice(cards),
        )
    transactions.register(data, desk.clerk)


def _close_day(desk: Desk, at: datetime, missing: Decimal) -> None:
    """Carry to the bank what nobody gets back, and count the rest; what is missing is booked."""
    surplus = cash.balance(desk.register, before=at) - CHANGE - _deposits_in(desk.register)
    if (carried := surplus // 50 * 50) > 0:
        entry = Entry(carried, remark="Storting bank", at=at - timedelta(minutes=15))
        registers.book(desk.register, of_role(TypeRole.TO_BANK), entry, by=desk.clerk)
    pieces = _pieces(cash.balance(desk.register, before=at) - missing)
    count = counts.count(desk.register, Counted(pieces), by=desk.clerk, at=at)
    if missing:
        with in_language(desk.clerk.language):
            counts.book_difference(count, by=desk.clerk)


def _deposits_in(register: CashRegister) -> Decimal:
    """EUR in it that customers get back."""
    query = select(func.sum(Transaction.amount)).join(Transaction.type)
    family = TransactionType.family == TransactionFamily.DEPOSIT
    return db.session.scalar(query.where(Transaction.register_id == register.id, family)) or ZERO


def _pieces(amount: Decimal) -> dict[int, int]:
    """The amount in notes of 50 euro at most, and in coins."""
    left, pieces = int(amount * 100), {}
    for value in DENOMINATIONS:
        if value <= 5000:
            pieces[value], left = divmod(left, value)
    return pieces


def _ask_refunds(contracts: Sequence[Contract], by: User) -> None:
    """Ask to transfer the deposits of what came back that are still there."""
    for contract in contracts:
        held = deposits.held(contract) if contract.status is ContractStatus.CHECKED_IN else ZERO
        if held:
            refunds.ask(Refund(held, contract, deposit=True, iban=contract.customer.iban), by=by)


def _take_advances(contracts: Sequence[Contract], card: CardType, random: Random) -> None:
    coming = [each for each in contracts if each.status is ContractStatus.CONFIRMED]
    for contract in random.sample(coming, ADVANCES):
        advance = TransactionData(
            of_role(TypeRole.PAYMENT),
            cents(add_up(contract.lines).gross * SHARE),
            method_of(MethodKind.ONLINE),
            at=now() - timedelta(hours=random.randrange(1, 200)),
            contract=contract,
            card_type=card,
        )
        transactions.register(advance, None)
