"""People who log in, and what they may do."""

from __future__ import annotations

from flask_login import UserMixin
from sqlalchemy import JSON, Column, ForeignKey, String, Table
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppplanner.models.base import Base, Key, Tracked
from ppplanner.models.organisation import BusinessUnit

user_roles = Table(
    "user_roles",
    Base.metadata,
    Column("user_id", ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True),
)


class Role(Base, Tracked):
    """A named set of rights, such as "Accountant". `permissions` holds their names."""

    __tablename__ = "roles"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(60), unique=True)
    permissions: Mapped[list[str]] = mapped_column(JSON, default=list)

    def __str__(self) -> str:
        return self.name


class User(Base, Tracked, UserMixin):
    """Somebody with a login. The user name is fixed once made."""

    __tablename__ = "users"
    untracked = frozenset({"password_hash", "business_unit_id", "theme"})

    id: Mapped[Key]
    username: Mapped[str] = mapped_column(String(128), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    email: Mapped[str] = mapped_column(String(128), default="")
    password_hash: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(5), default="nl")
    theme: Mapped[str] = mapped_column(String(10), default="light")
    active: Mapped[bool] = mapped_column(default=True)
    #: Goes up with each new password: older sessions end, and the history tells of it.
    session_version: Mapped[int] = mapped_column(default=1)
    #: The business unit chosen in the top bar; None shows all.
    business_unit_id: Mapped[int | None] = mapped_column(
        ForeignKey("business_units.id", ondelete="SET NULL")
    )

    roles: Mapped[list[Role]] = relationship(secondary=user_roles, order_by=Role.name)
    business_unit: Mapped[BusinessUnit | None] = relationship()

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.active

    def get_id(self) -> str:
        return f"{self.id}.{self.session_version}"

    @property
    def permissions(self) -> frozenset[str]:
        return frozenset(name for role in self.roles for name in role.permissions)
