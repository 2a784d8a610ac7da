"""One contract at a time on a resource: the rule as the database itself keeps it.

PostgreSQL has exclusion constraints for it; on SQLite triggers do the same, which is enough as
SQLite has one writer at a time.
"""

from __future__ import annotations

from alembic import op

revision = "core_0002"
down_revision = "core_0001"
branch_labels = None
depends_on = None

NAME = "contracts_no_overlap"

EXCLUSION = f"""
alter table contracts add constraint {NAME} exclude using gist (
    resource_id with =, tstzrange(starts_at, ends_at, '[)') with &&
) where (resource_id is not null and status <> 'cancelled')
"""

TRIGGER = f"""
create trigger {NAME}_{{moment}} before {{moment}} on contracts
when new.resource_id is not null and new.status <> 'cancelled'
begin
    select raise(abort, '{NAME}') where exists (
        select 1 from contracts other
        where other.resource_id = new.resource_id
        and other.id is not new.id
        and other.status <> 'cancelled'
        and other.starts_at < new.ends_at
        and other.ends_at > new.starts_at
    );
end
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("create extension if not exists btree_gist")
        op.execute(EXCLUSION)
    else:
        op.execute(TRIGGER.format(moment="insert"))
        op.execute(TRIGGER.format(moment="update"))


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"alter table contracts drop constraint {NAME}")
    else:
        op.execute(f"drop trigger {NAME}_insert")
        op.execute(f"drop trigger {NAME}_update")
