"""The key of the form with which something was booked: sent twice, it is booked once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0011"
down_revision = "core_0010"
branch_labels = None
depends_on = None

TABLES = ("transactions", "refund_requests")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("form_key", sa.String(length=32), nullable=True))
        op.create_index(f"uq_{table}_form_key", table, ["form_key"], unique=True)


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_index(f"uq_{table}_form_key", table_name=table)
        op.drop_column(table, "form_key")
