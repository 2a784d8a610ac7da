"""Who changed what of a company's link: its switches, its counterparts, its business units."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from ppplanner.blueprints.costs import told_here
from ppplanner.blueprints.history_lines import NEWEST, HistoryLine, by_entity, in_words, names_of
from ppplanner.blueprints.vocabulary import kind_of
from ppplanner.extensions import db
from ppplanner.models import BusinessUnit, Change, Company, GLAccount, Setting

from ..models import ExactBranch, ExactConnection, ExactGLAccountLink, ExactTypeAccount
from ..settings import exact_settings


def changes_of(company: Company, connection: ExactConnection | None) -> list[HistoryLine]:
    """The newest changes, newest first."""
    query = select(Change).where(or_(*_of_link(company, connection)), told_here())
    changes = db.session.scalars(query.order_by(Change.id.desc()).limit(NEWEST)).all()
    lines = {
        change.id: line
        for entity, model, some in by_entity(changes)
        for change, line in zip(some, _told(some, entity, model), strict=True)
    }
    return [lines[change.id] for change in changes]


def _told(changes: list[Change], entity: str, model: Any) -> list[HistoryLine]:
    """A switch speaks for itself; of the rest one wants to know which it is."""
    lines = in_words(changes, entity, model)
    if model is Setting:
        return lines
    title, names = kind_of(entity).title, names_of(model, {each.record_id for each in changes})
    parts = [f"{title} {names.get(each.record_id, each.old or '')}".strip() for each in changes]
    return [replace(line, part=part) for line, part in zip(lines, parts, strict=True)]


def _of_link(company: Company, connection: ExactConnection | None) -> Iterator[ColumnElement[bool]]:
    settings = select(Setting.id).filter_by(
        namespace=exact_settings.namespace, company_id=company.id
    )
    yield _is_one_of(Setting, settings)
    if connection is None:
        return
    units = select(BusinessUnit.id).filter_by(company_id=company.id)
    accounts = select(GLAccount.id).where(GLAccount.business_unit_id.in_(units))
    types = select(ExactTypeAccount.id).where(ExactTypeAccount.business_unit_id.in_(units))
    yield and_(Change.entity == ExactConnection.__tablename__, Change.record_id == connection.id)
    yield _is_one_of(ExactBranch, units)
    yield _is_one_of(ExactTypeAccount, types)
    yield _is_one_of(ExactGLAccountLink, accounts)


def _is_one_of(model: Any, keys: Any) -> ColumnElement[bool]:
    return and_(Change.entity == model.__tablename__, Change.record_id.in_(keys))
