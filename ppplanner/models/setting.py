"""Business settings as they are stored; `ppplanner/settings.py` gives them types."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from ppplanner.models.base import Base, Key, Tracked


class Setting(Base, Tracked):
    """One value of one namespace, for one company or (without company) for all."""

    __tablename__ = "settings"
    __table_args__ = (
        Index("uq_settings_company", "namespace", "company_id", "name", unique=True),
        Index(
            "uq_settings_general",
            "namespace",
            "name",
            unique=True,
            sqlite_where=text("company_id is null"),
            postgresql_where=text("company_id is null"),
        ),
    )

    id: Mapped[Key]
    namespace: Mapped[str] = mapped_column(String(30))
    company_id: Mapped[int | None] = mapped_column(ForeignKey("companies.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(60))
    value: Mapped[Any] = mapped_column(JSON)

    def __str__(self) -> str:
        return f"{self.namespace}.{self.name}"
