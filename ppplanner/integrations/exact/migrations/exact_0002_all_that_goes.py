"""Runs, cost centres and carriers, branches and their transactions; what was last told of each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from alembic.operations.base import BatchOperations

from ppplanner.models.base import UtcDateTime

revision = "exact_0002"
down_revision = "exact_0001"
branch_labels = None
depends_on = "core_0009"

STATES = ("waiting", "sending", "done", "refused")
OPEN = sa.text("state in ('waiting', 'sending')")
OPEN_INVOICE = sa.text("kind = 'invoice' and state in ('waiting', 'sending')")
BY_RECORD = {
    "company_id": "select company_id from exact_connections where id = connection_id",
    "business_unit_id": "select business_unit_id from invoices where id = record_id",
    "title": "select coalesce(reference, '') from invoices where id = record_id",
}


def upgrade() -> None:
    _make_runs()
    _widen_connections()
    _widen_outbox()
    _make_cost_links()
    _make_branches()
    _make_payments()


def downgrade() -> None:
    op.drop_table("exact_payments")
    op.drop_table("exact_type_accounts")
    op.drop_table("exact_branches")
    op.drop_table("exact_cost_links")
    _narrow_outbox()
    _narrow_connections()
    _make_nights()


def _make_runs() -> None:
    op.create_table(
        "exact_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "night",
                "interval",
                "manual",
                name="runkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("slot", sa.String(length=40), nullable=True),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("started_by", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["exact_connections.id"],
            name=op.f("fk_exact_runs_connection_id_exact_connections"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_exact_runs_company_id_companies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exact_runs")),
        sa.UniqueConstraint(
            "connection_id", "kind", "slot", name=op.f("uq_exact_runs_connection_id_kind_slot")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_exact_runs_started", "exact_runs", ["started_at", "id"])
    op.execute(
        "insert into exact_runs (connection_id, company_id, kind, slot, started_at, started_by)"
        " select n.connection_id, c.company_id, 'night', cast(n.night_of as varchar(40)),"
        " n.started_at, '' from exact_nights n join exact_connections c on c.id = n.connection_id"
    )
    op.drop_table("exact_nights")


def _make_nights() -> None:
    op.create_table(
        "exact_nights",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("night_of", sa.Date(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("queued", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["exact_connections.id"],
            name=op.f("fk_exact_nights_connection_id_exact_connections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exact_nights")),
        sa.UniqueConstraint(
            "connection_id", "night_of", name=op.f("uq_exact_nights_connection_id_night_of")
        ),
        sqlite_autoincrement=True,
    )
    slot = "slot" if op.get_bind().dialect.name == "sqlite" else "cast(slot as date)"
    op.execute(
        "insert into exact_nights (connection_id, night_of, started_at, queued)"
        f" select connection_id, {slot}, started_at, 0 from exact_runs where kind = 'night'"
    )
    op.drop_table("exact_runs")


def _widen_connections() -> None:
    with op.batch_alter_table("exact_connections") as batch_op:
        batch_op.add_column(
            sa.Column("payment_condition", sa.String(20), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("language", sa.String(2), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("collected_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("payments_fetched_at", UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column("lists_asked_at", UtcDateTime(), nullable=True))
    with op.batch_alter_table("exact_customer_links") as batch_op:
        batch_op.add_column(sa.Column("known", sa.JSON(), nullable=True))


def _narrow_connections() -> None:
    with op.batch_alter_table("exact_customer_links") as batch_op:
        batch_op.drop_column("known")
    with op.batch_alter_table("exact_connections") as batch_op:
        for name in ("lists_asked_at", "payments_fetched_at", "collected_at"):
            batch_op.drop_column(name)
        for name in ("language", "payment_condition"):
            batch_op.drop_column(name)


def _widen_outbox() -> None:
    with op.batch_alter_table("exact_outbox") as batch_op:
        _drop_open_index(batch_op, "uq_exact_outbox_open_invoice", OPEN_INVOICE)
        batch_op.drop_index("ix_exact_outbox_due")
        batch_op.add_column(sa.Column("company_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("business_unit_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("title", sa.String(120), nullable=True))
        batch_op.add_column(sa.Column("rank", sa.SmallInteger(), nullable=True))
        batch_op.add_column(sa.Column("run_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("again", sa.Boolean(), nullable=True))
        _allow_states(batch_op, (*STATES, "held"))
    for name, found in BY_RECORD.items():
        op.execute(f"update exact_outbox set {name} = ({found})")
    op.execute("update exact_outbox set title = '' where title is null")
    op.execute("update exact_outbox set rank = 3, again = false")
    with op.batch_alter_table("exact_outbox") as batch_op:
        for name, kind in (
            ("company_id", sa.Integer()),
            ("title", sa.String(120)),
            ("rank", sa.SmallInteger()),
            ("again", sa.Boolean()),
        ):
            batch_op.alter_column(name, existing_type=kind, nullable=False)
        _refer(batch_op, "company_id", "companies")
        _refer(batch_op, "business_unit_id", "business_units")
        _refer(batch_op, "run_id", "exact_runs", ondelete="SET NULL")
        batch_op.create_index("ix_exact_outbox_due", ["connection_id", "state", "rank", "id"])
        batch_op.create_index("ix_exact_outbox_run", ["run_id", "state"])
        batch_op.create_index(
            "uq_exact_outbox_open",
            ["connection_id", "kind", "record_id"],
            unique=True,
            sqlite_where=OPEN,
            postgresql_where=OPEN,
        )


def _narrow_outbox() -> None:
    op.execute("delete from exact_outbox where kind <> 'invoice'")
    op.execute("update exact_outbox set state = 'refused' where state = 'held'")
    with op.batch_alter_table("exact_outbox") as batch_op:
        _drop_open_index(batch_op, "uq_exact_outbox_open", OPEN)
        batch_op.drop_index("ix_exact_outbox_run")
        batch_op.drop_index("ix_exact_outbox_due")
        for column, table in (
            ("run_id", "exact_runs"),
            ("business_unit_id", "business_units"),
            ("company_id", "companies"),
        ):
            name = op.f(f"fk_exact_outbox_{column}_{table}")
            batch_op.drop_constraint(name, type_="foreignkey")
        for column in ("again", "run_id", "rank", "title", "business_unit_id", "company_id"):
            batch_op.drop_column(column)
        _allow_states(batch_op, STATES)
        batch_op.create_index("ix_exact_outbox_due", ["connection_id", "state", "id"])
        batch_op.create_index(
            "uq_exact_outbox_open_invoice",
            ["record_id"],
            unique=True,
            sqlite_where=OPEN_INVOICE,
            postgresql_where=OPEN_INVOICE,
        )


def _drop_open_index(batch_op: BatchOperations, name: str, where: sa.TextClause) -> None:
    batch_op.drop_index(name, sqlite_where=where, postgresql_where=where)


def _allow_states(batch_op: BatchOperations, states: tuple[str, ...]) -> None:
    names = ", ".join(f"'{state}'" for state in states)
    batch_op.drop_constraint(op.f("ck_exact_outbox_workstate"), type_="check")
    batch_op.create_check_constraint(op.f("ck_exact_outbox_workstate"), f"state IN ({names})")


def _refer(batch_op: BatchOperations, column: str, table: str, ondelete: str | None = None) -> None:
    name = op.f(f"fk_exact_outbox_{column}_{table}")
    batch_op.create_foreign_key(name, table, [column], ["id"], ondelete=ondelete)


def _make_cost_links() -> None:
    op.create_table(
        "exact_cost_links",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("record_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("exact_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("linked_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["exact_connections.id"],
            name=op.f("fk_exact_cost_links_connection_id_exact_connections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "kind", "record_id", "connection_id", name=op.f("pk_exact_cost_links")
        ),
        sa.UniqueConstraint(
            "connection_id",
            "kind",
            "exact_id",
            name=op.f("uq_exact_cost_links_connection_id_kind_exact_id"),
        ),
    )


def _make_payments() -> None:
    op.create_table(
        "exact_payments",
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["invoices.id"],
            name=op.f("fk_exact_payments_invoice_id_invoices"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["exact_connections.id"],
            name=op.f("fk_exact_payments_connection_id_exact_connections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_exact_payments")),
    )


def _make_branches() -> None:
    op.create_table(
        "exact_branches",
        sa.Column("business_unit_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("cash_journal", sa.String(length=20), nullable=False),
        sa.Column("other_journal", sa.String(length=20), nullable=False),
        sa.Column("description", sa.String(length=100), nullable=False),
        sa.Column("customer_gl_id", sa.Uuid(), nullable=True),
        sa.Column("customer_gl_code", sa.String(length=30), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_unit_id"],
            ["business_units.id"],
            name=op.f("fk_exact_branches_business_unit_id_business_units"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["exact_connections.id"],
            name=op.f("fk_exact_branches_connection_id_exact_connections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_unit_id", name=op.f("pk_exact_branches")),
    )
    op.create_table(
        "exact_type_accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("business_unit_id", sa.Integer(), nullable=False),
        sa.Column("type_id", sa.Integer(), nullable=False),
        sa.Column("method_id", sa.Integer(), nullable=True),
        sa.Column("gl_account_id", sa.Uuid(), nullable=True),
        sa.Column("gl_account_code", sa.String(length=30), nullable=False),
        sa.Column("forwarded", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(gl_account_id is null) = (not forwarded)",
            name=op.f("ck_exact_type_accounts_account_exactly_when_forwarded"),
        ),
        sa.ForeignKeyConstraint(
            ["business_unit_id"],
            ["business_units.id"],
            name=op.f("fk_exact_type_accounts_business_unit_id_business_units"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["type_id"],
            ["transaction_types.id"],
            name=op.f("fk_exact_type_accounts_type_id_transaction_types"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["method_id"],
            ["transaction_methods.id"],
            name=op.f("fk_exact_type_accounts_method_id_transaction_methods"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exact_type_accounts")),
        sa.UniqueConstraint(
            "business_unit_id",
            "type_id",
            "method_id",
            name=op.f("uq_exact_type_accounts_business_unit_id_type_id_method_id"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_exact_type_accounts_type",
        "exact_type_accounts",
        ["business_unit_id", "type_id"],
        unique=True,
        sqlite_where=sa.text("method_id is null"),
        postgresql_where=sa.text("method_id is null"),
    )
