"""Transaction types and methods: lists that the firm maintains, the usual ones to begin with."""

from __future__ import annotations

from collections.abc import Mapping
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
    """The first method of that kind that is in use; the usual lists are made when there is none.
    The caller commits.
    """
    query = (
        select(TransactionMethod).filter_by(kind=kind, active=True).order_by(TransactionMethod.id)
    )
    found = db.session.scalar(query.limit(1))
    if found is None:
        make_usual_lists()
        found = db.session.scalars(query.limit(1)).one()
    return found


def lists_are_made() -> bool:
    """Whether every type that the application books with is there."""
    roles = db.session.scalars(select(TransactionType.role)).all()
    return set(TypeRole) <= set(roles)


def make_usual_lists() -> None:
    """Add the usual types and methods that are missing; what is there stays. The caller commits."""
    take_turn("transaction types and methods")
    roles = set(db.session.scalars(select(TransactionType.role)))
    for role, usual in USUAL_TYPES.items():
        if role not in roles:
            _make_type(role, usual)
    kinds = set(db.session.scalars(select(TransactionMethod.kind).filter_by(active=True)))
    for kind, usual_method in USUAL_METHODS.items():
        if kind not in kinds:
            _make_method(kind, usual_method)
    db.session.flush()


def _make_type(role: TypeRole, usual: UsualType) -> None:
    """A type that a person has made under that code takes the role on, when it is of its family."""
    names = _names(usual.name, usual.german)
    made = db.session.scalar(select(TransactionType).filter_by(code=usual.code))
    if made is None:
        made = TransactionType(code=usual.code, name=_free(TransactionType, names["en"]))
        made.names = names
    made.family, made.direction, made.role, made.active = usual.family, usual.direction, role, True
    db.session.add(made)


def _make_method(kind: MethodKind, usual: UsualMethod) -> None:
    names = _names(usual.name, usual.german)
    made = db.session.scalar(select(TransactionMethod).filter_by(code=usual.code))
    if made is None:
        made = TransactionMethod(code=usual.code, name=_free(TransactionMethod, names["en"]))
        made.names = names
    made.kind, made.active = kind, True
    db.session.add(made)


def _free(model: type[Listed], name: str) -> str:
    """The name, or one like it when somebody has given it to another."""
    taken = db.session.scalar(select(model.id).filter_by(name=name))
    return f"{name} (2)" if taken else name


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

    Its kind stays once it is chosen; a kind always has a method in use.
    """
    if method is None:
        if kind is MethodKind.SETTLEMENT:
            raise Invalid(kind=_("The application alone settles: choose another kind."))
        method = TransactionMethod(kind=kind)
    elif not active and _is_last(method):
        raise Invalid(active=_("This is the last method of its kind: it stays in use."))
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
    if _is_last(method):
        raise DomainError(_("This is the last method of its kind: it stays."))
    delete_unused(method)


def _is_last(method: TransactionMethod) -> bool:
    query = select(TransactionMethod.id).where(
        TransactionMethod.kind == method.kind,
        TransactionMethod.active,
        TransactionMethod.id != method.id,
    )
    return db.session.scalar(query.limit(1)) is None


def _write(record: Listed, code: str, name: str, names: Mapping[str, str] | None) -> None:
    code, name = code.strip(), name.strip()
    faults: dict[str, object] = {}
    if not code:
        faults["code"] = _("Fill in a code.")
    if not name:
        faults["name"] = _("Fill in a name.")
    if faults:
        raise Invalid(**faults)
    refuse_double(record, "code", code)
    refuse_double(record, "name", name)
    record.code, record.name = code, name
    if names is not None:
        record.names = _renamed(record.names or {}, names)


def _renamed(before: Mapping[str, str], names: Mapping[str, str]) -> dict[str, str]:
    """The names that are filled in; a language that was not asked for keeps its name."""
    merged = {**before, **{language: text.strip() for language, text in names.items()}}
    return {language: text for language, text in merged.items() if text}
