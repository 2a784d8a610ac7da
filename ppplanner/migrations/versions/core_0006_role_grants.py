"""Roles are granted generally, for a company group, or for a pool."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0006"
down_revision = "core_0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "role_grants",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("pool_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "group_id is null or pool_id is null", name=op.f("ck_role_grants_one_place")
        ),
        _refer("role_grants", "user_id", "users", "CASCADE"),
        _refer("role_grants", "role_id", "roles"),
        _refer("role_grants", "group_id", "company_groups"),
        _refer("role_grants", "pool_id", "pools"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grants")),
        sa.UniqueConstraint(
            "user_id", "role_id", "group_id", name=op.f("uq_role_grants_user_id_role_id_group_id")
        ),
        sa.UniqueConstraint(
            "user_id", "role_id", "pool_id", name=op.f("uq_role_grants_user_id_role_id_pool_id")
        ),
        sqlite_autoincrement=True,
    )
    general = sa.text("group_id is null and pool_id is null")
    op.create_index(
        "uq_role_grants_general",
        "role_grants",
        ["user_id", "role_id"],
        unique=True,
        sqlite_where=general,
        postgresql_where=general,
    )
    op.execute(
        "insert into role_grants (user_id, role_id)"
        " select user_id, role_id from user_roles order by user_id, role_id"
    )
    op.drop_table("user_roles")


def downgrade() -> None:
    """Grants in one place go: as roles without a place they would give more than was meant."""
    op.create_table(
        "user_roles",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        _refer("user_roles", "user_id", "users", "CASCADE"),
        _refer("user_roles", "role_id", "roles", "CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "role_id", name=op.f("pk_user_roles")),
    )
    op.execute(
        "insert into user_roles (user_id, role_id) select user_id, role_id from role_grants"
        " where group_id is null and pool_id is null"
    )
    op.drop_table("role_grants")


def _refer(
    table: str, column: str, to: str, ondelete: str | None = None
) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete=ondelete
    )
