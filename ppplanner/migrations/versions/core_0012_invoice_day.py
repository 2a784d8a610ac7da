"""Contracts know on which day of the month they are invoiced; items of invoice runs keep why they
were not invoiced as messages, for every reader in a language of their own.
"""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa
from alembic import op

revision = "core_0012"
down_revision = "core_0011"
branch_labels = None
depends_on = None

CONTRACTS = sa.table(
    "contracts",
    sa.column("id", sa.Integer),
    sa.column("periodicity", sa.String),
    sa.column("next_invoice_date", sa.Date),
    sa.column("invoice_day", sa.Integer),
)
ITEMS = sa.table(
    "invoice_run_items",
    sa.column("id", sa.Integer),
    sa.column("message", sa.String),
    sa.column("reasons", sa.JSON),
)


def upgrade() -> None:
    op.add_column("contracts", sa.Column("invoice_day", sa.Integer(), nullable=True))
    _find_days()
    reasons = sa.Column("reasons", sa.JSON(), nullable=False, server_default="[]")
    op.add_column("invoice_run_items", reasons)
    _keep_words()
    op.drop_column("invoice_run_items", "message")


def downgrade() -> None:
    op.drop_column("invoice_run_items", "reasons")
    message = sa.Column("message", sa.String(length=500), nullable=False, server_default="")
    op.add_column("invoice_run_items", message)
    op.drop_column("contracts", "invoice_day")


def _find_days() -> None:
    """The next invoice date tells the day; that it was another before a short month, nobody knows
    any more.
    """
    connection = op.get_bind()
    monthly = sa.select(CONTRACTS.c.id, CONTRACTS.c.next_invoice_date).where(
        CONTRACTS.c.periodicity == "monthly", CONTRACTS.c.next_invoice_date.is_not(None)
    )
    for key, day in connection.execute(monthly).all():
        change = sa.update(CONTRACTS).where(CONTRACTS.c.id == key)
        connection.execute(change.values(invoice_day=_day_of(day)))


def _day_of(day: date) -> int:
    """The day of the month; 31 for the last one."""
    return 31 if (day + timedelta(days=1)).day == 1 else day.day


def _keep_words() -> None:
    """Sentences of before stay in the language in which they were written."""
    connection = op.get_bind()
    told = sa.select(ITEMS.c.id, ITEMS.c.message).where(ITEMS.c.message != "")
    for key, words in connection.execute(told).all():
        change = sa.update(ITEMS).where(ITEMS.c.id == key)
        connection.execute(change.values(reasons=[{"text": words, "params": {}}]))
