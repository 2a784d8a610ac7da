"""Cards, and the terminals that take them."""

from __future__ import annotations

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import BusinessUnit, CardType, Terminal
from ppplanner.services.doubles import refuse_double


def save_card_type(
    *, name: str, active: bool = True, card_type: CardType | None = None
) -> CardType:
    """Make a card type, or change the one given. Raises Invalid. The caller commits."""
    name = name.strip()
    if not name:
        raise Invalid(name=_("Fill in a name."))
    card_type = card_type or CardType()
    refuse_double(card_type, "name", name)
    card_type.name, card_type.active = name, active
    db.session.add(card_type)
    db.session.flush()
    return card_type


def save_terminal(
    unit: BusinessUnit,
    *,
    code: str,
    name: str = "",
    active: bool = True,
    terminal: Terminal | None = None,
) -> Terminal:
    """Make a terminal, or change the one given. Raises Invalid. The caller commits.

    It stays in its business unit: whose money it took is known by it (domain 9.5).
    """
    code = code.strip()
    if not code:
        raise Invalid(code=_("Fill in a code."))
    if terminal is not None and terminal.business_unit is not unit:
        raise Invalid(business_unit_id=_("A terminal stays in its business unit: add a new one."))
    terminal = terminal or Terminal(business_unit=unit)
    refuse_double(terminal, "code", code)
    terminal.code, terminal.name, terminal.active = code, name.strip(), active
    db.session.add(terminal)
    db.session.flush()
    return terminal
