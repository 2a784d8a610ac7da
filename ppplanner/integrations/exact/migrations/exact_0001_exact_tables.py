"""The tables of the link with Exact."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ppplanner.models.base import UtcDateTime

revision = "exact_0001"
down_revision = None
branch_labels = ("exact",)
depends_on = "core_0002"


def upgrade() -> None:
    op.create_table(
        "exact_connections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("base_url", sa.String(length=200), nullable=False),
        sa.Column("client_id", sa.String(length=100), nullable=False),
        sa.Column("client_secret", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "disconnected",
                "connected",
                "needs_login",
                name="connectionstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("consented_by", sa.String(length=100), nullable=False),
        sa.Column("access_token", sa.Text(), nullable=True),
        sa.Column("refresh_token", sa.Text(), nullable=True),
        sa.Column("obtained_at", UtcDateTime(), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("renewing_until", UtcDateTime(), nullable=True),
        sa.Column("division", sa.Integer(), nullable=True),
        sa.Column("division_name", sa.String(length=100), nullable=False),
        sa.Column("sales_journal", sa.String(length=20), nullable=False),
        sa.Column("nightly_since", UtcDateTime(), nullable=True),
        sa.Column("lists_fetched_at", UtcDateTime(), nullable=True),
        sa.Column("leased_by", sa.String(length=100), nullable=True),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("paused_until", UtcDateTime(), nullable=True),
        sa.Column("pause_reason", sa.JSON(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_answer_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_exact_connections_company_id_companies")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exact_connections")),
        sa.UniqueConstraint("company_id", name=op.f("uq_exact_connections_company_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "exact_attempts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=30), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("result", sa.String(length=20), nullable=False),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["exact_connections.id"],
            name=op.f("fk_exact_attempts_connection_id_exact_connections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exact_attempts")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("exact_attempts", schema=None) as batch_op:
        batch_op.create_index("ix_exact_attempts_record", ["kind", "record_id", "id"], unique=False)

    op.create_table(
        "exact_customer_links",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("linked_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["exact_connections.id"],
            name=op.f("fk_exact_customer_links_connection_id_exact_connections"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_exact_customer_links_customer_id_customers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "customer_id", "connection_id", name=op.f("pk_exact_customer_links")
        ),
        sa.UniqueConstraint(
            "connection_id",
            "account_id",
            name=op.f("uq_exact_customer_links_connection_id_account_id"),
        ),
    )
    op.create_table(
        "exact_list_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "journal",
                "vat_code",
                "gl_account",
                "payment_condition",
                name="listkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("exact_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["exact_connections.id"],
            name=op.f("fk_exact_list_items_connection_id_exact_connections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exact_list_items")),
        sa.UniqueConstraint(
            "connection_id",
            "kind",
            "code",
            name=op.f("uq_exact_list_items_connection_id_kind_code"),
        ),
        sqlite_autoincrement=True,
    )
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
    op.create_table(
        "exact_outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "sending",
                "done",
                "refused",
                name="workstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("reasons", sa.JSON(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("not_before", UtcDateTime(), nullable=True),
        sa.Column("queued_by", sa.String(length=80), nullable=False),
        sa.Column("queued_at", UtcDateTime(), nullable=False),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["exact_connections.id"],
            name=op.f("fk_exact_outbox_connection_id_exact_connections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exact_outbox")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("exact_outbox", schema=None) as batch_op:
        batch_op.create_index("ix_exact_outbox_due", ["connection_id", "state", "id"], unique=False)
        batch_op.create_index("ix_exact_outbox_record", ["kind", "record_id", "id"], unique=False)
        batch_op.create_index(
            "uq_exact_outbox_open_invoice",
            ["record_id"],
            unique=True,
            sqlite_where=sa.text("kind = 'invoice' and state in ('waiting', 'sending')"),
            postgresql_where=sa.text("kind = 'invoice' and state in ('waiting', 'sending')"),
        )

    op.create_table(
        "exact_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=30), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "sending",
                "confirmed",
                "not_done",
                name="stepstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("exact_id", sa.Uuid(), nullable=True),
        sa.Column("label", sa.String(length=60), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["exact_connections.id"],
            name=op.f("fk_exact_steps_connection_id_exact_connections"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exact_steps")),
        sa.UniqueConstraint(
            "connection_id",
            "kind",
            "record_id",
            "action",
            name=op.f("uq_exact_steps_connection_id_kind_record_id_action"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "exact_vat_links",
        sa.Column("vat_code_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["exact_connections.id"],
            name=op.f("fk_exact_vat_links_connection_id_exact_connections"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["vat_code_id"],
            ["vat_codes.id"],
            name=op.f("fk_exact_vat_links_vat_code_id_vat_codes"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("vat_code_id", "connection_id", name=op.f("pk_exact_vat_links")),
    )
    op.create_table(
        "exact_gl_account_links",
        sa.Column("gl_account_id", sa.Integer(), nullable=False),
        sa.Column("connection_id", sa.Integer(), nullable=False),
        sa.Column("exact_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["exact_connections.id"],
            name=op.f("fk_exact_gl_account_links_connection_id_exact_connections"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["gl_account_id"],
            ["gl_accounts.id"],
            name=op.f("fk_exact_gl_account_links_gl_account_id_gl_accounts"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "gl_account_id", "connection_id", name=op.f("pk_exact_gl_account_links")
        ),
    )


def downgrade() -> None:
    op.drop_table("exact_gl_account_links")
    op.drop_table("exact_vat_links")
    op.drop_table("exact_steps")
    with op.batch_alter_table("exact_outbox", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_exact_outbox_open_invoice",
            sqlite_where=sa.text("kind = 'invoice' and state in ('waiting', 'sending')"),
            postgresql_where=sa.text("kind = 'invoice' and state in ('waiting', 'sending')"),
        )
        batch_op.drop_index("ix_exact_outbox_record")
        batch_op.drop_index("ix_exact_outbox_due")

    op.drop_table("exact_outbox")
    op.drop_table("exact_nights")
    op.drop_table("exact_list_items")
    op.drop_table("exact_customer_links")
    with op.batch_alter_table("exact_attempts", schema=None) as batch_op:
        batch_op.drop_index("ix_exact_attempts_record")

    op.drop_table("exact_attempts")
    op.drop_table("exact_connections")
