"""Collections: transactions and their lists, cash registers and counts, refund requests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ppplanner.models.base import Fixed, UtcDateTime

revision = "core_0009"
down_revision = "core_0008"
branch_labels = None
depends_on = None

#: In the order in which they are made.
TABLES = (
    "card_types",
    "transaction_methods",
    "transaction_types",
    "terminals",
    "cash_registers",
    "transactions",
    "cash_counts",
    "payment_files",
    "refund_requests",
)


def upgrade() -> None:
    _make_lists()
    _make_places()
    _make_transactions()
    _make_cash_counts()
    _make_payment_files()
    _make_refund_requests()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)


def _make_lists() -> None:
    op.create_table(
        "card_types",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card_types")),
        sa.UniqueConstraint("name", name=op.f("uq_card_types_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "transaction_methods",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "cash",
                "terminal",
                "online",
                "bank",
                "settlement",
                name="methodkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transaction_methods")),
        sa.UniqueConstraint("code", name=op.f("uq_transaction_methods_code")),
        sa.UniqueConstraint("name", name=op.f("uq_transaction_methods_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "transaction_types",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column(
            "family",
            sa.Enum(
                "payment",
                "deposit",
                "refund",
                "register",
                "administrative",
                name="transactionfamily",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "direction",
            sa.Enum(
                "in", "out", name="direction", native_enum=False, create_constraint=True, length=20
            ),
            nullable=False,
        ),
        sa.Column(
            "role",
            sa.Enum(
                "payment",
                "deposit",
                "deposit_refund",
                "refund",
                "deposit_settled",
                "paid_from_deposit",
                "correction_in",
                "correction_out",
                "transfer_in",
                "transfer_out",
                "to_bank",
                "written_off",
                "written_up",
                name="typerole",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transaction_types")),
        sa.UniqueConstraint("code", name=op.f("uq_transaction_types_code")),
        sa.UniqueConstraint("name", name=op.f("uq_transaction_types_name")),
        sa.UniqueConstraint("role", name=op.f("uq_transaction_types_role")),
        sqlite_autoincrement=True,
    )


def _make_places() -> None:
    op.create_table(
        "terminals",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("business_unit_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_unit_id"],
            ["business_units.id"],
            name=op.f("fk_terminals_business_unit_id_business_units"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_terminals")),
        sa.UniqueConstraint("code", name=op.f("uq_terminals_code")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "cash_registers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("business_unit_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_unit_id"],
            ["business_units.id"],
            name=op.f("fk_cash_registers_business_unit_id_business_units"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_cash_registers_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_registers")),
        sa.UniqueConstraint("code", name=op.f("uq_cash_registers_code")),
        sqlite_autoincrement=True,
    )


def _make_transactions() -> None:
    op.create_table(
        "transactions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("type_id", sa.Integer(), nullable=False),
        sa.Column("method_id", sa.Integer(), nullable=True),
        sa.Column("amount", Fixed(14, 2), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("business_unit_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("invoice_id", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.Column("register_id", sa.Integer(), nullable=True),
        sa.Column("terminal_id", sa.Integer(), nullable=True),
        sa.Column("card_type_id", sa.Integer(), nullable=True),
        sa.Column("iban", sa.String(length=42), nullable=False),
        sa.Column("voucher", sa.String(length=40), nullable=False),
        sa.Column("remark", sa.String(length=200), nullable=False),
        sa.Column("counterpart_id", sa.Integer(), nullable=True),
        sa.Column("reverses_id", sa.Integer(), nullable=True),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("amount <> 0", name=op.f("ck_transactions_amount_not_zero")),
        sa.ForeignKeyConstraint(
            ["business_unit_id"],
            ["business_units.id"],
            name=op.f("fk_transactions_business_unit_id_business_units"),
        ),
        sa.ForeignKeyConstraint(
            ["card_type_id"],
            ["card_types.id"],
            name=op.f("fk_transactions_card_type_id_card_types"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contracts.id"], name=op.f("fk_transactions_contract_id_contracts")
        ),
        sa.ForeignKeyConstraint(
            ["counterpart_id"],
            ["transactions.id"],
            name=op.f("fk_transactions_counterpart_id_transactions"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by_id"],
            ["users.id"],
            name=op.f("fk_transactions_created_by_id_users"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_transactions_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_transactions_invoice_id_invoices")
        ),
        sa.ForeignKeyConstraint(
            ["method_id"],
            ["transaction_methods.id"],
            name=op.f("fk_transactions_method_id_transaction_methods"),
        ),
        sa.ForeignKeyConstraint(
            ["register_id"],
            ["cash_registers.id"],
            name=op.f("fk_transactions_register_id_cash_registers"),
        ),
        sa.ForeignKeyConstraint(
            ["reverses_id"],
            ["transactions.id"],
            name=op.f("fk_transactions_reverses_id_transactions"),
        ),
        sa.ForeignKeyConstraint(
            ["terminal_id"], ["terminals.id"], name=op.f("fk_transactions_terminal_id_terminals")
        ),
        sa.ForeignKeyConstraint(
            ["type_id"],
            ["transaction_types.id"],
            name=op.f("fk_transactions_type_id_transaction_types"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transactions")),
        sa.UniqueConstraint("number", name=op.f("uq_transactions_number")),
        sa.UniqueConstraint("reverses_id", name=op.f("uq_transactions_reverses_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_transactions_amount_id", "transactions", ["amount", "id"])
    op.create_index("ix_transactions_at_id", "transactions", ["at", "id"])
    op.create_index("ix_transactions_contract_id", "transactions", ["contract_id"])
    op.create_index("ix_transactions_customer_id", "transactions", ["customer_id"])
    op.create_index("ix_transactions_invoice_id", "transactions", ["invoice_id"])
    op.create_index("ix_transactions_method_id", "transactions", ["method_id"])
    op.create_index("ix_transactions_register", "transactions", ["register_id", "at", "id"])
    op.create_index(
        "ix_transactions_totals", "transactions", ["type_id", "method_id", "at", "amount"]
    )
    op.create_index("ix_transactions_unit", "transactions", ["business_unit_id", "at", "id"])


def _make_cash_counts() -> None:
    op.create_table(
        "cash_counts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("register_id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("pieces", sa.JSON(), nullable=False),
        sa.Column("vouchers", Fixed(14, 2), nullable=False),
        sa.Column("total", Fixed(14, 2), nullable=False),
        sa.Column("expected", Fixed(14, 2), nullable=False),
        sa.Column("remark", sa.String(length=200), nullable=False),
        sa.Column("counted_by_id", sa.Integer(), nullable=True),
        sa.Column("transaction_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("total >= 0", name=op.f("ck_cash_counts_total_not_negative")),
        sa.ForeignKeyConstraint(
            ["counted_by_id"],
            ["users.id"],
            name=op.f("fk_cash_counts_counted_by_id_users"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["register_id"],
            ["cash_registers.id"],
            name=op.f("fk_cash_counts_register_id_cash_registers"),
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["transactions.id"],
            name=op.f("fk_cash_counts_transaction_id_transactions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cash_counts")),
        sa.UniqueConstraint("transaction_id", name=op.f("uq_cash_counts_transaction_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_cash_counts_register", "cash_counts", ["register_id", "at", "id"])


def _make_payment_files() -> None:
    op.create_table(
        "payment_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=35), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_payment_files_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"],
            ["users.id"],
            name=op.f("fk_payment_files_made_by_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_files")),
        sa.UniqueConstraint("name", name=op.f("uq_payment_files_name")),
        sqlite_autoincrement=True,
    )


def _make_refund_requests() -> None:
    op.create_table(
        "refund_requests",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("invoice_id", sa.Integer(), nullable=True),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("business_unit_id", sa.Integer(), nullable=False),
        sa.Column("amount", Fixed(14, 2), nullable=False),
        sa.Column("deposit", sa.Boolean(), nullable=False),
        sa.Column("iban", sa.String(length=42), nullable=False),
        sa.Column("remark", sa.String(length=200), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "exported",
                "processed",
                "withdrawn",
                name="refundstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("requested_at", UtcDateTime(), nullable=False),
        sa.Column("requested_by_id", sa.Integer(), nullable=True),
        sa.Column("payment_file_id", sa.Integer(), nullable=True),
        sa.Column("transaction_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(state = 'processed') = (transaction_id is not null)",
            name=op.f("ck_refund_requests_transaction_exactly_when_processed"),
        ),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refund_requests_amount_positive")),
        sa.ForeignKeyConstraint(
            ["business_unit_id"],
            ["business_units.id"],
            name=op.f("fk_refund_requests_business_unit_id_business_units"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contracts.id"], name=op.f("fk_refund_requests_contract_id_contracts")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_refund_requests_customer_id_customers")
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"], ["invoices.id"], name=op.f("fk_refund_requests_invoice_id_invoices")
        ),
        sa.ForeignKeyConstraint(
            ["payment_file_id"],
            ["payment_files.id"],
            name=op.f("fk_refund_requests_payment_file_id_payment_files"),
        ),
        sa.ForeignKeyConstraint(
            ["requested_by_id"],
            ["users.id"],
            name=op.f("fk_refund_requests_requested_by_id_users"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["transactions.id"],
            name=op.f("fk_refund_requests_transaction_id_transactions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refund_requests")),
        sa.UniqueConstraint("transaction_id", name=op.f("uq_refund_requests_transaction_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_refund_requests_business_unit_id", "refund_requests", ["business_unit_id"])
    op.create_index("ix_refund_requests_contract_id", "refund_requests", ["contract_id"])
    op.create_index("ix_refund_requests_customer_id", "refund_requests", ["customer_id"])
    op.create_index("ix_refund_requests_payment_file_id", "refund_requests", ["payment_file_id"])
    op.create_index("ix_refund_requests_state", "refund_requests", ["state", "requested_at", "id"])
