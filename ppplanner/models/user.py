"""People who log in, and what they may do."""

from __future__ import annotations

from flask_login import UserMixin
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ppplanner.models.base import Base, Key, Tracked
from ppplanner.models.organisation import BusinessUnit, CompanyGroup, Pool


class Role(Base, Tracked):
    """A named set of rights, such as "Accountant". `permissions` holds their names."""

    __tablename__ = "roles"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(String(60), unique=True)
    permissions: Mapped[list[str]] = mapped_column(JSON, default=list)

    def __str__(self) -> str:
        return self.name


class RoleGrant(Base):
    """A user has a role: generally, in one company group with all its pools, or in one pool.

    Grants add up: a grant lower down extends what one higher up gives, and never takes away.
    """

    __tablename__ = "role_grants"
    __table_args__ = (
        CheckConstraint("group_id is null or pool_id is null", name="one_place"),
        UniqueConstraint("user_id", "role_id", "group_id"),
        UniqueConstraint("user_id", "role_id", "pool_id"),
        Index(
            "uq_role_grants_general",
            "user_id",
            "role_id",
            unique=True,
            sqlite_where=text("group_id is null and pool_id is null"),
            postgresql_where=text("group_id is null and pool_id is null"),
        ),
    )

    id: Mapped[Key]
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    role_id: Mapped[int] = mapped_column(ForeignKey("roles.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("company_groups.id"))
    pool_id: Mapped[int | None] = mapped_column(ForeignKey("pools.id"))

    role: Mapped[Role] = relationship(lazy="joined", innerjoin=True)
    group: Mapped[CompanyGroup | None] = relationship()
    pool: Mapped[Pool | None] = relationship()

    def __str__(self) -> str:
        return f"{self.role} ({self.place})" if self.place else str(self.role)

    @property
    def general(self) -> bool:
        return self.group_id is None and self.pool_id is None

    @property
    def place(self) -> str:
        """Where the role is granted; "" is everywhere."""
        if self.pool:
            return self.pool.title
        return str(self.group) if self.group else ""


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

    grants: Mapped[list[RoleGrant]] = relationship(
        order_by=RoleGrant.id, cascade="all, delete-orphan", info={"history": True}
    )
    business_unit: Mapped[BusinessUnit | None] = relationship()

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.active

    def get_id(self) -> str:
        return f"{self.id}.{self.session_version}"

    @property
    def roles(self) -> list[Role]:
        """What this person is, wherever that may be."""
        return sorted({grant.role for grant in self.grants}, key=str)

    @property
    def permissions(self) -> frozenset[str]:
        """The rights that this person has everywhere."""
        granted = (grant.role for grant in self.grants if grant.general)
        return frozenset(name for role in granted for name in role.permissions)
