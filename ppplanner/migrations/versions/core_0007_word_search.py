"""Indexes for words anywhere in a text, on PostgreSQL.

Search boxes look for a word in the middle of names, numbers and addresses, whatever the case. To
compare one such text takes PostgreSQL half a microsecond: of 100,000 contracts, 20,000 customers
with six texts each, or a long history, people would wait a tenth of a second for each word. SQLite
compares several times as fast and needs nothing.

New rows are sorted into the indexes at once (`fastupdate`): a pile of them that waits makes
PostgreSQL leave an index aside.

The extension comes with PostgreSQL, and whoever owns the database may switch it on. Where that is
refused, search boxes work all the same, slower.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.exc import DBAPIError

revision = "core_0007"
down_revision = "core_0006"
branch_labels = None
depends_on = None

#: By table; written as the queries write them, or else they are not used.
PLACES = {
    "customers": (
        "name",
        "cast(number as varchar)",
        "vat_number",
        "vat_key",
        "city",
        "email",
    ),
    "contracts": ("'C' || cast(number as varchar)",),
    "invoices": ("reference",),
    "changes": ("actor", "old", "new"),
}


def upgrade() -> None:
    if op.get_bind().dialect.name != "postgresql" or not _switch_on():
        return
    for table, places in PLACES.items():
        columns = ", ".join(f"({place}) gin_trgm_ops" for place in places)
        index = f"create index words_of_{table} on {table} using gin ({columns})"
        op.execute(f"{index} with (fastupdate = off)")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table in PLACES:
            op.execute(f"drop index if exists words_of_{table}")


def _switch_on() -> bool:
    """Whether there is the extension now."""
    connection = op.get_bind()
    try:
        with connection.begin_nested():
            connection.execute(sa.text("create extension if not exists pg_trgm"))
    except DBAPIError:
        return False
    return True
