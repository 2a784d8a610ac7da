"""Deleting what nobody uses; what is in use can only be archived."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import (
    Base,
    BusinessUnit,
    CatalogueItem,
    CostCarrier,
    CostCentre,
    GLAccount,
    PriceLineType,
    Rate,
    Role,
    RoleGrant,
    User,
)


def delete_unused(record: Base) -> None:
    """Delete a record that no other one refers to. The caller commits.

    Raises DomainError when something does: the database knows, add-ons' tables included.
    """
    with _all_or_nothing(record):
        db.session.delete(record)


@contextmanager
def _all_or_nothing(record: Base) -> Iterator[None]:
    """Undo what is deleted within when something in use is among it. Raises DomainError."""
    name = str(record)
    try:
        with db.session.begin_nested():
            yield
            db.session.flush()
    except IntegrityError as error:
        raise DomainError(
            _("%(record)s is in use, so it cannot be deleted.", record=name)
        ) from error


def delete_gl_account(account: GLAccount) -> None:
    """Delete a GL account that no record and nothing of the prices books on. Raises DomainError."""
    _delete_unnamed(account, "gl_code")


def delete_cost_centre(cost_centre: CostCentre) -> None:
    """Delete a cost centre that no record and nothing of the prices names. Raises DomainError."""
    _delete_unnamed(cost_centre, "cost_centre_code")


def delete_cost_carrier(cost_carrier: CostCarrier) -> None:
    """Delete a cost carrier that no record and nothing of the prices names. Raises DomainError."""
    _delete_unnamed(cost_carrier, "cost_carrier_code")


def _delete_unnamed(record: GLAccount | CostCentre | CostCarrier, field: str) -> None:
    """Delete what no article, rate or price line type names by its code in that field."""
    for model in (Rate, CatalogueItem, PriceLineType):
        named = db.session.scalar(select(model).filter_by(**{field: record.code}).limit(1))
        if named is not None:
            raise DomainError(
                _(
                    "“%(record)s” books on %(account)s, so it cannot be deleted.",
                    record=named.price_range if isinstance(named, Rate) else named,
                    account=record,
                )
            )
    delete_unused(record)


def delete_business_unit(unit: BusinessUnit) -> None:
    """Delete a business unit with its pools, when they hold nothing. Raises DomainError."""
    with _all_or_nothing(unit):
        for pool in list(unit.pools):
            db.session.delete(pool)
        db.session.flush()
        db.session.delete(unit)


def delete_role(role: Role) -> None:
    """Delete a role that nobody has. Raises DomainError."""
    holders = select(User).where(User.grants.any(RoleGrant.role_id == role.id))
    holder = db.session.scalar(holders.limit(1))
    if holder is not None:
        raise DomainError(
            _(
                "%(user)s has the role %(role)s: take it from everybody first.",
                user=holder.name,
                role=role.name,
            )
        )
    delete_unused(role)
