"""The planning half: handovers, steps of the board, calendars, saved views, files to import."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ppplanner.models.base import UtcDateTime

revision = "core_0005"
down_revision = "core_0004"
branch_labels = None
depends_on = None

#: Columns with their checks in one statement: rebuilding the table would lose its triggers.
CONTRACT_COLUMNS = {
    "rate_type": "varchar(20) constraint ck_contracts_ratetype"
    " check (rate_type IN ('hour', 'day', 'week', 'month', 'once'))",
    "price_basis": "varchar(20) not null default 'planned' constraint ck_contracts_pricebasis"
    " check (price_basis IN ('planned', 'actual'))",
}
#: What large lists are sorted and narrowed by: table and columns by name.
INDEXES = {
    "ix_contracts_ends_at_id": ("contracts", ["ends_at", "id"]),
    "ix_invoices_due_date_id": ("invoices", ["due_date", "id"]),
    "ix_invoices_net_id": ("invoices", ["net", "id"]),
    "ix_invoices_gross_id": ("invoices", ["gross", "id"]),
    "ix_invoices_state": ("invoices", ["state", "invoice_date", "id"]),
    "ix_invoices_payment_state": ("invoices", ["payment_state", "due_date", "id"]),
}
MOMENT = {"sqlite": "datetime", "postgresql": "timestamp with time zone"}


def upgrade() -> None:
    moment = MOMENT[op.get_bind().dialect.name]
    for name, kind in {**CONTRACT_COLUMNS, "ready_for_check_in_at": moment}.items():
        op.execute(f"alter table contracts add column {name} {kind}")
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)
    _make_handovers()
    _make_board_steps()
    _make_calendar_feeds()
    _make_workspace()


def downgrade() -> None:
    for table in (
        "uploads",
        "list_layouts",
        "saved_views",
        "calendar_feeds",
        "board_steps",
        "handovers",
    ):
        op.drop_table(table)
    for name, (table, _columns) in INDEXES.items():
        op.drop_index(name, table)
    for name in ("ready_for_check_in_at", *CONTRACT_COLUMNS):
        op.execute(f"alter table contracts drop column {name}")


def _key(table: str) -> tuple[sa.Column[int], sa.PrimaryKeyConstraint]:
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _refer(table: str, column: str, to: str, ondelete: str = "CASCADE") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete=ondelete
    )


def _make_handovers() -> None:
    kinds = sa.Enum(
        "check_out",
        "check_in",
        name="handoverkind",
        native_enum=False,
        create_constraint=True,
        length=20,
    )
    op.create_table(
        "handovers",
        *_key("handovers"),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("kind", kinds, nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("mileage", sa.Integer(), nullable=True),
        sa.Column("fuel", sa.Integer(), nullable=True),
        sa.Column("remarks", sa.String(length=1000), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("mileage >= 0", name=op.f("ck_handovers_mileage_not_negative")),
        sa.CheckConstraint("fuel between 0 and 8", name=op.f("ck_handovers_fuel_in_eighths")),
        _refer("handovers", "contract_id", "contracts"),
        _refer("handovers", "recorded_by_id", "users", "SET NULL"),
        sa.UniqueConstraint("contract_id", "kind", name=op.f("uq_handovers_contract_id_kind")),
        sqlite_autoincrement=True,
    )


def _make_board_steps() -> None:
    op.create_table(
        "board_steps",
        *_key("board_steps"),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("moves", sa.JSON(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        _refer("board_steps", "user_id", "users"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_board_steps_user", "board_steps", ["user_id", "id"])


def _make_calendar_feeds() -> None:
    op.create_table(
        "calendar_feeds",
        *_key("calendar_feeds"),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        sa.Column("pool_id", sa.Integer(), nullable=True),
        sa.Column("secret", sa.String(length=64), nullable=False),
        sa.Column("names_customers", sa.Boolean(), nullable=False),
        sa.Column("renewed_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "(resource_id is null) <> (pool_id is null)",
            name=op.f("ck_calendar_feeds_resource_or_pool"),
        ),
        _refer("calendar_feeds", "resource_id", "resources"),
        _refer("calendar_feeds", "pool_id", "pools"),
        sa.UniqueConstraint("resource_id", name=op.f("uq_calendar_feeds_resource_id")),
        sa.UniqueConstraint("pool_id", name=op.f("uq_calendar_feeds_pool_id")),
        sa.UniqueConstraint("secret", name=op.f("uq_calendar_feeds_secret")),
        sqlite_autoincrement=True,
    )


def _make_workspace() -> None:
    op.create_table(
        "saved_views",
        *_key("saved_views"),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("list_name", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        _refer("saved_views", "user_id", "users"),
        sa.UniqueConstraint(
            "user_id", "list_name", "name", name=op.f("uq_saved_views_user_id_list_name_name")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "list_layouts",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("list_name", sa.String(length=40), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        _refer("list_layouts", "user_id", "users"),
        sa.PrimaryKeyConstraint("user_id", "list_name", name=op.f("pk_list_layouts")),
    )
    op.create_table(
        "uploads",
        *_key("uploads"),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        _refer("uploads", "user_id", "users"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_uploads_user_id", "uploads", ["user_id"])
