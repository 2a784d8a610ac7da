"""Transaction types and methods: lists that the firm maintains, the usual ones to begin with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeVar

from sqlalchemy import select

from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import LANGUAGES, _, _l, in_language
from ppplanner.models import (
    Direction,
    MethodKind,
    TransactionFamily,
    TransactionMethod,
    TransactionType,
    TypeRole,
)
from ppplanner.services.doubles import refuse_double
from ppplanner.services.locking import take_turn
from ppplanner.services.naming import code_and_name
from ppplanner.services.removal import delete_unused

PAYMENT, DEPOSIT, REFUND, REGISTER, ADMINISTRATIVE = TransactionFamily
IN, OUT = Direction

Listed = TypeVar("Listed", TransactionType, TransactionMethod)


class UsualType(NamedTuple):
    """A type with which the application books; people may rename it. German is for the paper of
    customers only, so no catalogue of the screens has it.
    """

    code: str
    name: object
    german: str
    family: TransactionFamily
    direction: Direction


USUAL_TYPES: Mapping[TypeRole, UsualType] = {
    TypeRole.PAYMENT: UsualType("PAY", _l("Payment"), "Zahlung", PAYMENT, IN),
    TypeRole.DEPOSIT: UsualType("DEP", _l("Deposit"), "Kaution", DEPOSIT, IN),
    TypeRole.DEPOSIT_REFUND: UsualType(
        "DEPBACK", _l("Deposit given back"), "Kaution zurückgezahlt", DEPOSIT, OUT
    ),
    TypeRole.REFUND: UsualType("REFUND", _l("Refund"), "Rückzahlung", REFUND, OUT),
    TypeRole.DEPOSIT_SETTLED: UsualType(
        "DEPUSED", _l("Deposit used for an invoice"), "Kaution verrechnet", DEPOSIT, OUT
    ),
    TypeRole.PAID_FROM_DEPOSIT: UsualType(
        "PAYDEP", _l("Paid from the deposit"), "Aus der Kaution bezahlt", PAYMENT, IN
    ),
    TypeRole.CORRECTION_IN: UsualType(
        "CASHPLUS", _l("Cash correction, too much"), "Kassenkorrektur, zu viel", REGISTER, IN
    ),
    TypeRole.CORRECTION_OUT: UsualType(
        "CASHMIN", _l("Cash correction, too little"), "Kassenkorrektur, zu wenig", REGISTER, OUT
    ),
    TypeRole.TRANSFER_IN: UsualType(
        "CASHIN", _l("From another cash register"), "Von einer anderen Kasse", REGISTER, IN
    ),
    TypeRole.TRANSFER_OUT: UsualType(
        "CASHOUT", _l("To another cash register"), "An eine andere Kasse", REGISTER, OUT
    ),
    TypeRole.TO_BANK: UsualType(
        "TOBANK", _l("Cash carried to the bank"), "Zur Bank gebracht", REGISTER, OUT
    ),
    TypeRole.WRITTEN_OFF: UsualType(
        "OFF", _l("Balance written off"), "Saldo ausgebucht", ADMINISTRATIVE, IN
    ),
    TypeRole.WRITTEN_UP: UsualType(
        "UP", _l("Excess written off"), "Überschuss ausgebucht", ADMINISTRATIVE, OUT
    ),
}


class UsualMethod(NamedTuple):
    code: str
    name: object
    german: str


USUAL_METHODS: Mapping[MethodKind, UsualMethod] = {
    MethodKind.CASH: UsualMethod("CASH", _l("Cash"), "Bar"),
    MethodKind.TERMINAL: UsualMethod("TERMINAL", _l("Payment terminal"), "Zahlungsterminal"),
    MethodKind.ONLINE: UsualMethod("ONLINE", _l("Online"), "Online"),
    MethodKind.BANK: UsualMethod("BANK", _l("Bank transfer"), "Überweisung"),
    MethodKind.SETTLEMENT: UsualMethod("SETTLE", _l("Settlement"), "Verrechnung"),
}
#: A person chooses these; the application settles by itself.
CHOSEN_KINDS = tuple(kind for kind in MethodKind if kind is not MethodKind.SETTLEMENT)


def of_role(role: TypeRole) -> TransactionType:
    """The type with which the application books such a thing; the usual lists are made when it is
    missing. The caller commits.
    """
    query = select(TransactionType).filter_by(role=role)
    found = db.session.scalar(query)
    if found is None:
        make_usual_lists()
        found = db.session.scalars(query).one()
    return found


def method_of(kind: MethodKind) -> TransactionMethod:
    """The first method of that kind, one in use if there is any; the usual lists are made when
    there is none. The caller commits.
    """
    query = (
        select(TransactionMethod)
        .filter_by(kind=kind)
        .order_by(TransactionMethod.active.desc(), TransactionMethod.id)
    )
    found = db.session.scalar(query.limit(1))
    if found is None:
        make_usual_lists()
        found = db.session.scalars(query.limit(1)).one()
    return found


def type_called(code: str) -> TransactionType | None:
    """The type with that code, one of the usual ones even before it is kept."""
    return _called(TransactionType, code, {usual.code for usual in USUAL_TYPES.values()})


def method_called(code: str) -> TransactionMethod | None:
    """The method with that code, one of the usual ones even before it is kept."""
    return _called(TransactionMethod, code, {usual.code for usual in USUAL_METHODS.values()})


def _called(model: type[Listed], code: str, usual: Collection[str]) -> Listed | None:
    query = select(model).filter_by(code=code)
    found = db.session.scalar(query)
    if found is None and code in usual:
        make_usual_lists()
        found = db.session.scalar(query)
    return found


def types_in_use() -> list[TransactionType]:
    """The types to choose from. Before the lists are kept, the usual ones: looking at them leaves
    nothing behind, choosing one (`type_called`) keeps them all.
    """
    found = db.session.scalars(select(TransactionType).order_by(TransactionType.id)).all()
    roles = {each.role for each in found}
    missing = (role for role in USUAL_TYPES if role not in roles)
    return [*_active(found), *(_usual_type(role) for role in missing)]


def methods_in_use() -> list[TransactionMethod]:
    """The methods to choose from, in the same way."""
    found = db.session.scalars(select(TransactionMethod).order_by(TransactionMethod.id)).all()
    kinds = {each.kind for each in found}
    missing = (kind for kind in USUAL_METHODS if kind not in kinds)
    return [*_active(found), *(_usual_method(kind) for kind in missing)]


def _active(records: Iterable[Listed]) -> list[Listed]:
    return [each for each in records if each.active]


def lists_are_made() -> bool:
    """Whether every type that the application books with is there."""
    roles = db.session.scalars(select(TransactionType.role)).all()
    return set(TypeRole) <= set(roles)


def make_usual_lists() -> None:
    """Add the usual types and methods that are missing; what is there stays. The caller commits."""
    take_turn("transaction types and methods")
    types = db.session.scalars(select(TransactionType)).all()
    roles = {each.role for each in types}
    _add(types, [_usual_type(role) for role in USUAL_TYPES if role not in roles])
    methods = db.session.scalars(select(TransactionMethod)).all()
    kinds = {each.kind for each in methods}
    _add(methods, [_usual_method(kind) for kind in USUAL_METHODS if kind not in kinds])
    db.session.flush()


def _usual_type(role: TypeRole) -> TransactionType:
    usual = USUAL_TYPES[role]
    names = _names(usual.name, usual.german)
    return TransactionType(
        code=usual.code,
        name=names["en"],
        names=names,
        family=usual.family,
        direction=usual.direction,
        role=role,
    )


def _usual_method(kind: MethodKind) -> TransactionMethod:
    usual = USUAL_METHODS[kind]
    names = _names(usual.name, usual.german)
    return TransactionMethod(code=usual.code, name=names["en"], names=names, kind=kind)


def _add(there: Sequence[Listed], missing: Sequence[Listed]) -> None:
    """Under another code or name where a person has given it to something else."""
    for field in ("code", "name"):
        given = {getattr(each, field) for each in there}
        for record in missing:
            if (value := getattr(record, field)) in given:
                setattr(record, field, f"{value} (2)")
    db.session.add_all(missing)


def _names(name: object, german: str) -> dict[str, str]:
    names = {"de": german}
    for language in LANGUAGES:
        with in_language(language):
            names[language] = str(name)
    return names


def save_type(
    *,
    code: str,
    name: str,
    names: Mapping[str, str] | None = None,
    family: TransactionFamily = PAYMENT,
    direction: Direction = IN,
    active: bool = True,
    transaction_type: TransactionType | None = None,
) -> TransactionType:
    """Make a transaction type, or change the one given. Raises Invalid. The caller commits.

    Family and direction stay once they are chosen: transactions that are booked follow them.
    """
    if transaction_type is None:
        _refuse_family(family)
        transaction_type = TransactionType(family=family, direction=direction)
    elif transaction_type.role and not active:
        raise Invalid(active=_("The application books with this type: it stays in use."))
    _write(transaction_type, code, name, names)
    transaction_type.active = active
    db.session.add(transaction_type)
    db.session.flush()
    return transaction_type


def _refuse_family(family: TransactionFamily) -> None:
    if family is ADMINISTRATIVE:
        raise Invalid(family=_("The application alone brings balances to zero."))


def save_method(
    *,
    code: str,
    name: str,
    names: Mapping[str, str] | None = None,
    kind: MethodKind = MethodKind.BANK,
    active: bool = True,
    method: TransactionMethod | None = None,
) -> TransactionMethod:
    """Make a transaction method, or change the one given. Raises Invalid. The caller commits.

    Its kind stays once it is chosen.
    """
    if method is None:
        if kind is MethodKind.SETTLEMENT:
            raise Invalid(kind=_("The application alone settles: choose another kind."))
        method = TransactionMethod(kind=kind)
    elif method.kind is MethodKind.SETTLEMENT and not active:
        raise Invalid(active=_("The application settles with this method: it stays in use."))
    _write(method, code, name, names)
    method.active = active
    db.session.add(method)
    db.session.flush()
    return method


def delete_type(transaction_type: TransactionType) -> None:
    """Delete a type that nothing was booked with. Raises DomainError. The caller commits."""
    if transaction_type.role:
        raise DomainError(_("The application books with this type: it stays."))
    delete_unused(transaction_type)


def delete_method(method: TransactionMethod) -> None:
    """Delete a method that nothing was paid by. Raises DomainError. The caller commits."""
    if method.kind is MethodKind.SETTLEMENT:
        raise DomainError(_("The application settles with this method: it stays."))
    delete_unused(method)


def _write(record: Listed, code: str, name: str, names: Mapping[str, str] | None) -> None:
    code, name = code_and_name(code, name)
    refuse_double(record, "code", code)
    refuse_double(record, "name", name)
    record.code, record.name = code, name
    if names is not None:
        record.names = _renamed(record.names or {}, names)


def _renamed(before: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """The names that are filled in; a language that was not asked for keeps its name."""
    merged = {**before, **{language: text.strip() for language, text in names.items()}}
    return {language: text for language, text in merged.items() if text}
