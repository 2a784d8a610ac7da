"""A cost centre or cost carrier for each new resource (mission S23).

Its code is the licence plate, or without one the code of the resource, as far as bookkeeping takes
it: 1-ABC-123 becomes 1ABC123.
"""

from __future__ import annotations

from collections.abc import Container
from itertools import count
from typing import cast
from unicodedata import normalize

from sqlalchemy import exists, func, select

from ppplanner.extensions import db
from ppplanner.models import CostCarrier, CostCentre, Resource
from ppplanner.plates import bare
from ppplanner.services.ledger import CostKind
from ppplanner.services.locking import take_turn

from .cost_ways import SAVE, CostItem

LONGEST_CODE, LONGEST_NAME = 8, 60
#: What codes that differ by a running number have in common, for up to 9,999 of them.
ALIKE = 4
#: The code of a resource whose own has neither letters nor digits.
NAMELESS = "R"


def free_code(text: str, taken: Container[str]) -> str:
    """A code like the text that is not taken: its letters, in capitals without accents, and its
    digits, at most eight of them; from the second on with a running number at its end.
    """
    plain = _plain(text)
    numbered = (_numbered(plain, str(number)) for number in count(2))
    return plain if plain not in taken else next(code for code in numbered if code not in taken)


def _plain(text: str) -> str:
    letters = normalize("NFKD", text).upper().encode("ascii", "ignore").decode()
    return "".join(filter(str.isalnum, letters))[:LONGEST_CODE] or NAMELESS


def _numbered(code: str, number: str) -> str:
    return code[: LONGEST_CODE - len(number)] + number


def give_own(resource: Resource, model: CostKind) -> None:
    """Put a resource on a cost centre, or a cost carrier, of its own: on the one that has its whole
    code already, unless another resource has it; else on a new one. The caller commits.
    """
    group_id = resource.pool.business_unit.company.group_id
    take_turn(f"{model.__tablename__} of company group {group_id}")
    item = _namesake(resource, model, group_id) or _make(resource, model, group_id)
    if model is CostCentre:
        resource.cost_centre = cast(CostCentre, item)
    else:
        resource.cost_carrier = cast(CostCarrier, item)
    db.session.flush()


def _namesake(resource: Resource, model: CostKind, group_id: int) -> CostItem | None:
    whole = bare(_called(resource))
    column = Resource.cost_centre_id if model is CostCentre else Resource.cost_carrier_id
    query = select(model).where(
        model.group_id == group_id,
        func.upper(model.code) == whole,
        model.active,
        ~exists().where(column == model.id),
    )
    return cast(CostItem | None, db.session.scalar(query.limit(1)))


def _make(resource: Resource, model: CostKind, group_id: int) -> CostItem:
    start = _plain(_called(resource))[:ALIKE]
    alike = select(func.upper(model.code)).where(
        model.group_id == group_id, func.upper(model.code).startswith(start, autoescape=True)
    )
    return SAVE[model](
        group_id=group_id,
        code=free_code(_called(resource), set(db.session.scalars(alike))),
        name=resource.title[:LONGEST_NAME],
        origin="resource",
    )


def _called(resource: Resource) -> str:
    return resource.licence_plate or resource.code
