"""Changes of a part tell which whole they belong to: a price line, its contract."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0003"
down_revision = "core_0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    whole = sa.Column("whole", sa.String(length=40), nullable=False, server_default="")
    op.add_column("changes", whole)
    op.add_column("changes", sa.Column("whole_id", sa.Integer(), nullable=True))
    with op.batch_alter_table("changes") as batch_op:
        batch_op.alter_column("whole", server_default=None)
    op.create_index("ix_changes_whole", "changes", ["whole", "whole_id", "id"])


def downgrade() -> None:
    op.drop_index("ix_changes_whole", "changes")
    with op.batch_alter_table("changes") as batch_op:
        batch_op.drop_column("whole_id")
        batch_op.drop_column("whole")
