"""What keeps Exact's limits when the queue is away, and whom we told that a login is lost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ppplanner.models.base import UtcDateTime

revision = "exact_0003"
down_revision = "exact_0002"
branch_labels = None
depends_on = None

OPEN = sa.text("state in ('waiting', 'sending')")


def upgrade() -> None:
    op.create_table(
        "exact_calls",
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("state", sa.JSON(), nullable=False),
        sa.Column("changed_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_exact_calls")),
    )
    op.create_table(
        "exact_counted_errors",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(400), nullable=False),
        sa.Column("resource", sa.String(80), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exact_counted_errors")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_exact_counted_errors_endpoint", "exact_counted_errors", ["key", "resource", "at"]
    )
    op.add_column("exact_connections", sa.Column("loss_told_at", UtcDateTime()))
    op.add_column("exact_connections", sa.Column("warned_days", sa.SmallInteger()))
    op.drop_index("ix_exact_outbox_due", "exact_outbox")
    op.create_index(
        "ix_exact_outbox_due",
        "exact_outbox",
        ["connection_id", "rank", "id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    op.drop_index("ix_exact_outbox_due", "exact_outbox")
    op.create_index("ix_exact_outbox_due", "exact_outbox", ["connection_id", "state", "rank", "id"])
    with op.batch_alter_table("exact_connections") as batch_op:
        batch_op.drop_column("warned_days")
        batch_op.drop_column("loss_told_at")
    op.drop_table("exact_counted_errors")
    op.drop_table("exact_calls")
