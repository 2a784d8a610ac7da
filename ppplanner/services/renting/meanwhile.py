"""What a colleague did to a contract meanwhile, for a person who saw it as it was before."""

from __future__ import annotations

from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.formats import moment
from ppplanner.i18n import _
from ppplanner.models import Change, Contract

#: Where a contract is, when, and how far: what makes it another one for whoever looks at it.
WHEREABOUTS = ("resource_id", "starts_at", "ends_at", "status")


def latest_change(contract: Contract, moved: bool = True) -> Change | None:
    """The newest change of where, when, or in which status the contract is; or of its parts."""
    itself = (
        Change.entity == Contract.__tablename__,
        Change.record_id == contract.id,
        Change.field.in_(WHEREABOUTS),
    )
    parts = Change.whole == Contract.__tablename__, Change.whole_id == contract.id
    query = select(Change).where(*(itself if moved else parts)).order_by(Change.id.desc()).limit(1)
    return db.session.scalar(query)


def who_changed(contract: Contract, change: Change | None) -> str:
    """The sentence that says it, with the moment."""
    if change is None:
        return _("Contract %(contract)s has changed meanwhile.", contract=contract)
    return _(
        "%(person)s changed contract %(contract)s meanwhile (%(moment)s).",
        person=change.actor,
        contract=contract,
        moment=moment(contract.local(change.at)),
    )
