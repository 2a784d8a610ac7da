"""What is confirmed stays: the database itself refuses to change or delete it.

A confirmed invoice or credit note keeps all its columns but those of its payment, its lines, its
VAT and its PDF. A series of numbers only goes on by one, its dates never back. Financial years of
one owner never overlap.

A later migration that makes one of these tables anew on SQLite has to make its triggers anew, too.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "core_0010"
down_revision = "core_0009"
branch_labels = None
depends_on = None

INVOICES = "confirmed_invoices_stay"
PARTS = "parts_of_confirmed_invoices_stay"
DOCUMENTS = "invoice_documents_stay"
SERIES = "numbers_follow_each_other"
YEARS = "financial_years_no_overlap"

#: Columns of a confirmed invoice that go on changing.
OPEN = ("payment_state", "balance")
#: Tables whose rows belong to an invoice.
PART_TABLES = ("invoice_lines", "invoice_vat")
OWNERS = ("group_id", "company_id", "business_unit_id")

#: A series that has given a number skips none, and keeps its owner.
BREAKS_OFF = """
old.last_date is not null and (
    new.financial_year_id <> old.financial_year_id or new.kind <> old.kind
    or new.last_date is null or new.last_date < old.last_date
    or new.next_number not in (old.next_number, old.next_number + 1)
)
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _make_on_postgresql()
    else:
        _make_on_sqlite()


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _drop_on_postgresql()
    else:
        _drop_on_sqlite()


# ---- PostgreSQL ----

REFUSE = "raise exception '{name}' using errcode = 'check_violation'"

KEEP_INVOICE = f"""
create function {INVOICES}() returns trigger language plpgsql as $$
declare
    open text[] := array{list(OPEN)};
begin
    if tg_op = 'DELETE' or to_jsonb(new) - open <> to_jsonb(old) - open then
        {REFUSE.format(name=INVOICES)};
    end if;
    return new;
end $$
"""

#: Whoever confirms the invoice at this moment is waited for.
KEEP_PARTS = f"""
create function {PARTS}() returns trigger language plpgsql as $$
declare
    owners integer[] := array[old.invoice_id, new.invoice_id];
begin
    perform from invoices where id = any(owners) for no key update;
    if exists (select from invoices where id = any(owners) and state = 'confirmed') then
        {REFUSE.format(name=PARTS)};
    end if;
    return coalesce(new, old);
end $$
"""

NEVER = """
create function {name}() returns trigger language plpgsql as $$
begin
    {refuse};
end $$
"""

OVERLAP = f"""
alter table financial_years add constraint {YEARS} exclude using gist (
    {", ".join(f"coalesce({owner}, 0) with =" for owner in OWNERS)},
    daterange(starts_on, ends_on, '[]') with &&
)
"""


def _make_on_postgresql() -> None:
    op.execute(KEEP_INVOICE)
    _watch(INVOICES, "invoices", "update or delete", "old.state = 'confirmed'")
    op.execute(KEEP_PARTS)
    for table in PART_TABLES:
        _watch(PARTS, table, "insert or update or delete")
    for name in (DOCUMENTS, SERIES):
        op.execute(NEVER.format(name=name, refuse=REFUSE.format(name=name)))
    _watch(DOCUMENTS, "invoice_documents", "update or delete")
    _watch(SERIES, "number_series", "update", BREAKS_OFF)
    _watch(SERIES, "number_series", "delete", "old.last_date is not null")
    op.execute(OVERLAP)


def _watch(function: str, table: str, deeds: str, condition: str = "") -> None:
    """Call `function` before each of these deeds."""
    name = function if " or " in deeds else f"{function}_{deeds}"
    when = f"when ({condition})" if condition else ""
    op.execute(
        f"create trigger {name} before {deeds} on {table} for each row {when}"
        f" execute function {function}()"
    )


def _drop_on_postgresql() -> None:
    op.execute(f"alter table financial_years drop constraint {YEARS}")
    for name in (INVOICES, PARTS, DOCUMENTS, SERIES):
        op.execute(f"drop function {name}() cascade")  # with its triggers


# ---- SQLite ----

ABORT = "begin select raise(abort, '{name}'); end"
CONFIRMED = "exists (select 1 from invoices where id = {row}.invoice_id and state = 'confirmed')"


def _make_on_sqlite() -> None:
    _guard(INVOICES, "invoices", "delete", "old.state = 'confirmed'")
    _guard(INVOICES, "invoices", "update", f"old.state = 'confirmed' and ({_changed_invoice()})")
    old, new = CONFIRMED.format(row="old"), CONFIRMED.format(row="new")
    for table in PART_TABLES:
        for deed, condition in {"insert": new, "update": f"{old} or {new}", "delete": old}.items():
            _guard(f"{PARTS}_{table}", table, deed, condition)
    for deed in ("update", "delete"):
        _guard(DOCUMENTS, "invoice_documents", deed)
    _guard(SERIES, "number_series", "update", BREAKS_OFF)
    _guard(SERIES, "number_series", "delete", "old.last_date is not null")
    for deed in ("insert", "update"):
        _guard(YEARS, "financial_years", deed, _overlapping_year())


def _guard(name: str, table: str, deed: str, condition: str = "true") -> None:
    abort = ABORT.format(name=name)
    op.execute(f"create trigger {name}_{deed} before {deed} on {table} when {condition} {abort}")


def _changed_invoice() -> str:
    """The condition that a column changed which may not."""
    names = [column["name"] for column in sa.inspect(op.get_bind()).get_columns("invoices")]
    return " or ".join(f"new.{name} is not old.{name}" for name in names if name not in OPEN)


def _overlapping_year() -> str:
    same = " and ".join(f"other.{owner} is new.{owner}" for owner in OWNERS)
    return (
        f"exists (select 1 from financial_years other where {same} and other.id is not new.id"
        " and other.starts_on <= new.ends_on and other.ends_on >= new.starts_on)"
    )


def _drop_on_sqlite() -> None:
    names = op.get_bind().scalars(
        sa.text(
            "select name from sqlite_master where type = 'trigger' and sql like '%raise(abort%'"
        )
    )
    ours = (INVOICES, PARTS, DOCUMENTS, SERIES, YEARS)
    for name in [name for name in names if name.startswith(ours)]:
        op.execute(f"drop trigger {name}")
