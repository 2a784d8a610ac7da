"""Business settings: typed, one frozen dataclass per namespace, stored per company.

@dataclass(frozen=True)
class InvoiceSettings:
    logo: bool = True

invoice_settings = Settings("invoice", InvoiceSettings)
invoice_settings.load(company.id).logo
invoice_settings.save(company.id, logo=False)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import Any, Generic, TypeVar

from sqlalchemy import insert, select

from ppplanner.extensions import db
from ppplanner.models import Setting

T = TypeVar("T")


@dataclass(frozen=True)
class Settings(Generic[T]):
    """The settings of one namespace. Every change lands in the history."""

    namespace: str
    shape: type[T]

    def load(self, company_id: int | None = None) -> T:
        """The values stored, defaults for the rest; names that no longer exist are ignored."""
        return self._shaped(self._rows(company_id))

    def load_each(self, company_ids: Iterable[int]) -> dict[int, T]:
        """Those of several companies, in one query."""
        rows: dict[int | None, list[Setting]] = {company_id: [] for company_id in company_ids}
        query = select(Setting).filter_by(namespace=self.namespace)
        for row in db.session.scalars(query.where(Setting.company_id.in_(rows))):
            rows[row.company_id].append(row)
        return {key: self._shaped(found) for key, found in rows.items() if key is not None}

    def _shaped(self, rows: Iterable[Setting]) -> T:
        stored = {row.name: row.value for row in rows}
        return self.shape(**{name: stored[name] for name in self._names() & stored.keys()})

    def save(self, company_id: int | None = None, **values: Any) -> None:
        """Store the values given, leave the others. The caller commits.

        Raises TypeError for a name that the namespace does not have.
        """
        if unknown := values.keys() - self._names():
            raise TypeError(f"{self.namespace} has no setting {', '.join(sorted(unknown))}")
        rows = {row.name: row for row in self._rows(company_id)}
        rows |= self._begin(company_id, values.keys() - rows.keys())
        for name, value in values.items():
            rows[name].value = value
        db.session.flush()

    def _begin(self, company_id: int | None, names: Iterable[str]) -> dict[str, Setting]:
        """Store the defaults first: so the history tells of a first value, too, what was before.
        That they are stored it does not tell: nobody has changed anything by that.
        """
        wanted, key = set(names), {"namespace": self.namespace, "company_id": company_id}
        defaults = [{**key, "name": name, "value": getattr(self.shape(), name)} for name in wanted]
        if defaults:
            db.session.execute(insert(Setting), defaults)
        return {row.name: row for row in self._rows(company_id) if row.name in wanted}

    def _names(self) -> set[str]:
        return {field.name for field in fields(self.shape)}  # type: ignore[arg-type]

    def _rows(self, company_id: int | None) -> list[Setting]:
        query = select(Setting).filter_by(namespace=self.namespace, company_id=company_id)
        return list(db.session.scalars(query))
