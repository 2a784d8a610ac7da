"""Two records with the same name or code: refused with a sentence, before the database has to."""

from __future__ import annotations

from sqlalchemy import select

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Base


def refuse_double(record: Base, field: str, value: str | None, **within: object) -> None:
    """Raise Invalid at `field` when another record like it, `within` these values, has `value`.

    None is never a double.
    """
    if value is None:
        return
    with db.session.no_autoflush:
        query = select(type(record)).filter_by(**{field: value}, **within)
        other = db.session.scalar(query)
    if other is not None and other is not record:
        raise Invalid(**{field: _("%(other)s has this already: choose another.", other=other)})
