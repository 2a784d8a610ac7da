"""Price line types: what price lines are about, for the books."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import select

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import LANGUAGES, _, _l, in_language
from ppplanner.models import LineRole, PriceLineType, VatCode
from ppplanner.services.doubles import refuse_double
from ppplanner.services.locking import take_turn
from ppplanner.services.pricing.codes import set_codes

#: What the types that the application charges with are called at first; people may rename them.
ROLES: Mapping[LineRole, object] = {
    LineRole.RENT: _l("Rent"),
    LineRole.KILOMETRES: _l("Excess kilometres"),
    LineRole.FUEL: _l("Fuel"),
}


def type_for(role: LineRole) -> PriceLineType:
    """The price line type with that role, made when it is needed first. The caller flushes and
    commits: a price that is only shown leaves nothing behind.
    """
    query = select(PriceLineType).filter_by(role=role)
    if known := db.session.scalar(query):
        return known
    take_turn(f"price line type {role}")
    return db.session.scalar(query) or _begun(role) or _make(role)


def _begun(role: LineRole) -> PriceLineType | None:
    """The one that has been made in this transaction and is not written yet."""
    made = (each for each in db.session.new if isinstance(each, PriceLineType))
    return next((each for each in made if each.role is role), None)


def _make(role: LineRole) -> PriceLineType:
    """A type that a person has made under that name takes the role on."""
    names = {}
    for language in LANGUAGES:
        with in_language(language):
            names[language] = str(ROLES[role])
    query = select(PriceLineType).filter_by(name=names["en"], role=None)
    line_type = db.session.scalar(query) or PriceLineType(name=names["en"], names=names)
    line_type.role = role
    db.session.add(line_type)
    return line_type


def save_line_type(
    *,
    name: str,
    names: Mapping[str, str] | None = None,
    vat_code: VatCode | None = None,
    gl_code: str | None = None,
    cost_centre_code: str | None = None,
    cost_carrier_code: str | None = None,
    active: bool = True,
    role: LineRole | None = None,
    line_type: PriceLineType | None = None,
) -> PriceLineType:
    """Make a price line type, or change the one given. Raises Invalid. The caller commits.

    A new one may have a `role`; one that is there keeps what it has.
    """
    if not name.strip():
        raise Invalid(name=_("Fill in a name."))
    line_type = line_type or PriceLineType(role=role)
    if line_type.role and not active:
        raise Invalid(active=_("The application charges with this type: it stays in use."))
    refuse_double(line_type, "name", name.strip())
    line_type.name, line_type.names = name.strip(), translations(names)
    line_type.vat_code, line_type.active = vat_code, active
    set_codes(line_type, gl_code, cost_centre_code, cost_carrier_code)
    db.session.add(line_type)
    db.session.flush()
    return line_type


def translations(names: Mapping[str, str] | None) -> dict[str, str]:
    """The names that are filled in, by language."""
    stripped = {language: name.strip() for language, name in (names or {}).items()}
    return {language: name for language, name in stripped.items() if name}
