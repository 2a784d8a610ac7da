"""What a contract costs: the price lines that follow from what it is and from what happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from ppplanner.extensions import db
from ppplanner.models import (
    CatalogueItem,
    Contract,
    ContractStatus,
    LineKind,
    PriceLine,
    PriceLineType,
    Rate,
)
from ppplanner.services.pricing.charges import (
    USE,
    book,
    follow,
    key_of,
    line_key,
    new_line,
    rebook,
)
from ppplanner.services.pricing.excess import use_charges
from ppplanner.services.pricing.rent import rent_charges

#: Price lines stay as they are in these.
CLOSED = frozenset({ContractStatus.INVOICED, ContractStatus.COMPLETED, ContractStatus.CANCELLED})
#: Follow from the period, the resource and its rates.
RENTAL = frozenset({LineKind.RENT, LineKind.SURCHARGE})
#: What a snapshot holds of a line, beside its kind.
PLAIN = ("rate_id", "item_id", "line_type_id", "description", "price_locked")
NUMBERS = ("units", "counted_units", "unit_price", "discount")


def price_contract(contract: Contract) -> None:
    """Bring the lines that follow from period, resource, rates and handovers in line with them.
    The other lines stay, but go to the books of the contract's business unit and resource.

    What a line keeps of its own: see `charges.follow`. A contract whose resource has no rates, or
    that has no resource yet, gets no rent. Of what is invoiced already, the difference remains to
    invoice.
    """
    follow_rental(contract)
    charge_use(contract)


def follow_rental(contract: Contract) -> None:
    """Bring rent and surcharges, ahead of the other lines, in line with period, resource and rates;
    all lines go to the books of the contract. The change itself is not flushed.
    """
    charges = rent_charges(contract)
    with db.session.no_autoflush:
        rebook(contract)
        leading = follow(contract, RENTAL, charges)
        for position, line in enumerate(leading, start=1 - len(leading)):
            line.position = position
        contract.lines.sort(key=lambda line: line.position)


def follow_use(contract: Contract) -> None:
    """What `charge_use` does, not flushed."""
    charges = use_charges(contract)
    with db.session.no_autoflush:
        follow(contract, USE, charges)


def charge_use(contract: Contract) -> None:
    """Bring the lines for excess kilometres and fuel in line with the handovers. The caller
    commits.
    """
    follow_use(contract)
    db.session.flush()


def net_of(contract: Contract) -> Decimal:
    """What the price lines come to together, in EUR without VAT."""
    return sum((line.net for line in contract.lines), Decimal(0))


def snapshot(contract: Contract) -> list[dict[str, Any]]:
    """The lines that follow from period and resource, ready for JSON: see `restore`."""
    return [_picture(line) for line in contract.lines if line.kind in RENTAL]


def _picture(line: PriceLine) -> dict[str, Any]:
    numbers = {name: getattr(line, name) for name in NUMBERS}
    return {
        "kind": line.kind.value,
        **{name: getattr(line, name) for name in PLAIN},
        **{name: _plain(value) for name, value in numbers.items()},
    }


def _plain(value: Decimal | None) -> str | None:
    """The same text for the same number, however many zeros the database adds."""
    return None if value is None else f"{value.normalize():f}"


def restore(contract: Contract, pictures: Sequence[Mapping[str, Any]]) -> None:
    """Give the contract the rent and surcharges of a snapshot back. The caller commits.

    Where the contract has another period or other rates by now, the old price is locked, so that it
    holds until a person unlocks it.
    """
    known = {key_of(line): line for line in contract.lines if line.kind in RENTAL}
    with db.session.no_autoflush:
        lines = [_redraw(contract, picture, known) for picture in pictures]
        for line in known.values():
            contract.lines.remove(line)
        for position, line in enumerate(lines, start=1 - len(lines)):
            line.position = position
    if _counts_anew(contract, lines):
        _hold(contract, lines)
    db.session.flush()


def _redraw(
    contract: Contract, picture: Mapping[str, Any], known: dict[Any, PriceLine]
) -> PriceLine:
    """The line of the picture: the one among `known` that it is of, or a new one."""
    rate = db.session.get(Rate, picture["rate_id"] or 0)
    item = db.session.get(CatalogueItem, picture["item_id"] or 0)
    kind = LineKind(picture["kind"])
    line = known.pop(line_key(kind, rate, item), None)
    line = line or new_line(contract, kind)
    line.rate, line.item = rate, item
    line.line_type = db.session.get(PriceLineType, picture["line_type_id"] or 0)
    line.description, line.price_locked = picture["description"], picture["price_locked"]
    for name in NUMBERS:
        value = picture[name]
        setattr(line, name, None if value is None else Decimal(value))
    book(line)
    return line


def _counts_anew(contract: Contract, lines: Sequence[PriceLine]) -> bool:
    """Whether pricing the contract would count other units, or at other rates, than `lines`."""
    due = {key_of(each): (each.units, each.rate) for each in rent_charges(contract)}
    return due != {key_of(line): (line.counted_units, line.rate) for line in lines}


def _hold(contract: Contract, lines: Sequence[PriceLine]) -> None:
    """Lock the prices of `lines` and keep their units, whatever they would come to now."""
    for line in lines:
        line.price_locked = True
    due = {key_of(each): each.units for each in rent_charges(contract)}
    for line in lines:
        line.counted_units = due.get(key_of(line), line.counted_units)
    price_contract(contract)
