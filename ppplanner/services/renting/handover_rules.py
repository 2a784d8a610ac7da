"""What a handover has to satisfy, and what there is to know before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from ppplanner.clock import now
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.formats import moment, number
from ppplanner.i18n import _
from ppplanner.models import Contract, ContractStatus, Handover, HandoverKind, Resource
from ppplanner.services.locking import lock
from ppplanner.services.renting.contracts import PLANNED

#: A handover is a fact, not a plan; clocks may differ a little.
AHEAD = timedelta(hours=1)
#: So long before the agreed start nothing leaves: charged as it went, that would be years of rent.
EARLY = timedelta(days=366)
FULL_TANK = 8
MOST_KILOMETRES = 9_999_999


@dataclass(frozen=True)
class HandoverData:
    """A handover as a person enters it: when it really was (UTC), and in which state."""

    at: datetime
    #: Kilometres on the counter; None when the thing has none.
    mileage: int | None = None
    #: Eighths of a tank; None when it has none.
    fuel: int | None = None
    remarks: str = ""


def check(contract: Contract, kind: HandoverKind, data: HandoverData) -> None:
    """Raise Invalid for what cannot be, by itself or beside the other handover."""
    faults = dict(_own_faults(contract, data))
    out, back = contract.check_out, contract.check_in
    if kind is HandoverKind.CHECK_IN and out:
        faults |= _faults_between(contract, out, data)
    elif kind is HandoverKind.CHECK_OUT and back:
        faults |= _faults_between(contract, data, back)
    if faults:
        raise Invalid(**faults)


def _own_faults(contract: Contract, data: HandoverData) -> Iterable[tuple[str, object]]:
    if data.at > now() + AHEAD:
        yield "at", _("This lies in the future: fill in when it really was.")
    if data.at < contract.starts_at - EARLY:
        yield "at", _("Check the year.")
    if data.mileage is not None and not 0 <= data.mileage <= MOST_KILOMETRES:
        yield "mileage", _("Fill in between 0 and 9,999,999 kilometres.")
    if data.fuel is not None and not 0 <= data.fuel <= FULL_TANK:
        yield "fuel", _("Choose between an empty and a full tank.")


def _faults_between(
    contract: Contract, out: Handover | HandoverData, back: Handover | HandoverData
) -> dict[str, object]:
    """What does not fit together; the fields have the same names at both handovers."""
    faults: dict[str, object] = {}
    if back.at < out.at:
        faults["at"] = _(
            "The check-in cannot lie before the check-out at %(moment)s.",
            moment=moment(contract.local(out.at)),
        )
    if out.mileage is not None and back.mileage is None:
        faults["mileage"] = _(
            "Fill in the mileage: it was %(mileage)s km at check-out.", mileage=number(out.mileage)
        )
    elif out.mileage is not None and back.mileage is not None and back.mileage < out.mileage:
        faults["mileage"] = _(
            "The mileage at check-in (%(back)s km) cannot be below that at check-out (%(out)s km).",
            back=number(back.mileage),
            out=number(out.mileage),
        )
    return faults


def lock_free(contract: Contract) -> None:
    """Keep the resource for this contract. Raises DomainError when there is none, or it is out."""
    if contract.resource is None:
        raise DomainError(_("Choose a resource first: this contract has none yet."))
    lock(contract.resource)
    if other := still_out(contract):
        raise DomainError(
            _(
                "%(resource)s is still out on contract %(contract)s (%(customer)s, until %(end)s)."
                " Check that one in first, or choose another resource.",
                resource=contract.resource,
                contract=other,
                customer=other.customer.full_name,
                end=moment(other.local(other.ends_at)),
            )
        )


def is_late(contract: Contract, at: datetime) -> bool:
    """Whether a return at that moment comes after the agreed end."""
    return at > contract.ends_at


def last_known(resource: Resource) -> tuple[int | None, int | None]:
    """The mileage and the fuel of the resource's latest handover that tells each; None if none."""
    query = (
        select(Handover)
        .join(Handover.contract)
        .where(Contract.resource_id == resource.id)
        .order_by(Handover.at.desc(), Handover.id.desc())
        .limit(5)
    )
    latest = db.session.scalars(query).all()
    mileages = (each.mileage for each in latest if each.mileage is not None)
    fuels = (each.fuel for each in latest if each.fuel is not None)
    return next(mileages, None), next(fuels, None)


def still_out(contract: Contract) -> Contract | None:
    """Another contract on which the contract's resource is checked out and not back."""
    query = (
        select(Contract)
        .where(
            Contract.resource_id == contract.resource_id,
            Contract.status == ContractStatus.OPEN,
            Contract.id != contract.id,
        )
        .order_by(Contract.ends_at)
        .limit(1)
    )
    return db.session.scalar(query) if contract.resource_id else None


def waiting_for(contract: Contract, at: datetime) -> Contract | None:
    """The next contract on the same resource, when it should have begun by that moment."""
    query = (
        select(Contract)
        .where(
            Contract.resource_id == contract.resource_id,
            Contract.starts_at >= contract.ends_at,
            Contract.starts_at <= at,
            Contract.status.in_(tuple(PLANNED)),
        )
        .order_by(Contract.starts_at)
        .limit(1)
    )
    return db.session.scalar(query) if contract.resource_id else None
