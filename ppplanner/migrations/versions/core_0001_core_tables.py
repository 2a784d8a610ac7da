"""The tables of the core."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from ppplanner.models.base import Fixed, UtcDateTime

revision = "core_0001"
down_revision = None
branch_labels = ("core",)
depends_on = None


def upgrade() -> None:
    op.create_table(
        "company_groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_groups")),
        sa.UniqueConstraint("name", name=op.f("uq_company_groups_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "resource_types",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_types")),
        sa.UniqueConstraint("name", name=op.f("uq_resource_types_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "roles",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("permissions", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint("name", name=op.f("uq_roles_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "vat_codes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("percentage", Fixed(5, 2), nullable=False),
        sa.Column("legal_text", sa.String(length=200), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "percentage >= 0",
            name=op.f("ck_vat_codes_percentage_not_negative"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vat_codes")),
        sa.UniqueConstraint("code", name=op.f("uq_vat_codes_code")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "companies",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("vat_number", sa.String(length=20), nullable=False),
        sa.Column("street", sa.String(length=80), nullable=False),
        sa.Column("postcode", sa.String(length=12), nullable=False),
        sa.Column("city", sa.String(length=40), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("email", sa.String(length=128), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("iban", sa.String(length=42), nullable=False),
        sa.Column("bic", sa.String(length=11), nullable=False),
        sa.Column("timezone", sa.String(length=40), nullable=False),
        sa.Column("invoice_terms", sa.String(length=1000), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["company_groups.id"],
            name=op.f("fk_companies_group_id_company_groups"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_companies")),
        sa.UniqueConstraint("name", name=op.f("uq_companies_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "cost_carriers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["company_groups.id"],
            name=op.f("fk_cost_carriers_group_id_company_groups"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_carriers")),
        sa.UniqueConstraint("group_id", "code", name=op.f("uq_cost_carriers_group_id_code")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "cost_centres",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["company_groups.id"],
            name=op.f("fk_cost_centres_group_id_company_groups"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cost_centres")),
        sa.UniqueConstraint("group_id", "code", name=op.f("uq_cost_centres_group_id_code")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "customers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "private",
                "business",
                name="customerkind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("company_name", sa.String(length=100), nullable=False),
        sa.Column("first_name", sa.String(length=60), nullable=False),
        sa.Column("last_name", sa.String(length=60), nullable=False),
        sa.Column("vat_number", sa.String(length=35), nullable=False),
        sa.Column("vat_key", sa.String(length=40), nullable=True),
        sa.Column("street", sa.String(length=100), nullable=False),
        sa.Column("postcode", sa.String(length=12), nullable=False),
        sa.Column("city", sa.String(length=60), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("email", sa.String(length=128), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("iban", sa.String(length=42), nullable=False),
        sa.Column("payment_days", sa.Integer(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "active",
                "warning",
                "blocked",
                "inactive",
                name="customerstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "kind = 'business' or last_name <> ''",
            name=op.f("ck_customers_private_has_name"),
        ),
        sa.CheckConstraint(
            "kind = 'private' or company_name <> ''",
            name=op.f("ck_customers_business_has_name"),
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["company_groups.id"],
            name=op.f("fk_customers_group_id_company_groups"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
        sa.UniqueConstraint("group_id", "number", name=op.f("uq_customers_group_id_number")),
        sa.UniqueConstraint("group_id", "vat_key", name=op.f("uq_customers_group_id_vat_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.create_index("ix_customers_name_id", ["name", "id"], unique=False)

    op.create_table(
        "rates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("day_price", Fixed(14, 4), nullable=False),
        sa.Column("vat_code_id", sa.Integer(), nullable=False),
        sa.Column("gl_code", sa.String(length=20), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("day_price >= 0", name=op.f("ck_rates_day_price_not_negative")),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["company_groups.id"],
            name=op.f("fk_rates_group_id_company_groups"),
        ),
        sa.ForeignKeyConstraint(
            ["vat_code_id"],
            ["vat_codes.id"],
            name=op.f("fk_rates_vat_code_id_vat_codes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rates")),
        sa.UniqueConstraint("group_id", "name", name=op.f("uq_rates_group_id_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "business_units",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("street", sa.String(length=80), nullable=False),
        sa.Column("postcode", sa.String(length=12), nullable=False),
        sa.Column("city", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=128), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_business_units_company_id_companies"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_business_units")),
        sa.UniqueConstraint("code", name=op.f("uq_business_units_code")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "number_series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "invoice",
                "credit_note",
                name="invoicekind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("next_number", sa.Integer(), nullable=False),
        sa.Column("last_date", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_number_series_company_id_companies"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_series")),
        sa.UniqueConstraint(
            "company_id",
            "kind",
            "year",
            name=op.f("uq_number_series_company_id_kind_year"),
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "settings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("namespace", sa.String(length=30), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_settings_company_id_companies"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settings")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("settings", schema=None) as batch_op:
        batch_op.create_index(
            "uq_settings_company", ["namespace", "company_id", "name"], unique=True
        )
        batch_op.create_index(
            "uq_settings_general",
            ["namespace", "name"],
            unique=True,
            sqlite_where=sa.text("company_id is null"),
            postgresql_where=sa.text("company_id is null"),
        )

    op.create_table(
        "gl_accounts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("business_unit_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("default_revenue", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_unit_id"],
            ["business_units.id"],
            name=op.f("fk_gl_accounts_business_unit_id_business_units"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gl_accounts")),
        sa.UniqueConstraint(
            "business_unit_id",
            "code",
            name=op.f("uq_gl_accounts_business_unit_id_code"),
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("gl_accounts", schema=None) as batch_op:
        batch_op.create_index(
            "uq_gl_accounts_default_revenue",
            ["business_unit_id"],
            unique=True,
            sqlite_where=sa.text("default_revenue"),
            postgresql_where=sa.text("default_revenue"),
        )

    op.create_table(
        "pools",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("business_unit_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_unit_id"],
            ["business_units.id"],
            name=op.f("fk_pools_business_unit_id_business_units"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pools")),
        sa.UniqueConstraint(
            "business_unit_id", "name", name=op.f("uq_pools_business_unit_id_name")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("email", sa.String(length=128), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=5), nullable=False),
        sa.Column("theme", sa.String(length=10), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("session_version", sa.Integer(), nullable=False),
        sa.Column("business_unit_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["business_unit_id"],
            ["business_units.id"],
            name=op.f("fk_users_business_unit_id_business_units"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=10), nullable=False),
        sa.Column("entity", sa.String(length=40), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("old", sa.Text(), nullable=True),
        sa.Column("new", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_changes_user_id_users"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_changes")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.create_index("ix_changes_record", ["entity", "record_id", "id"], unique=False)

    op.create_table(
        "resources",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("licence_plate", sa.String(length=15), nullable=True),
        sa.Column("brand", sa.String(length=40), nullable=False),
        sa.Column("model", sa.String(length=60), nullable=False),
        sa.Column("type_id", sa.Integer(), nullable=False),
        sa.Column("pool_id", sa.Integer(), nullable=False),
        sa.Column("rate_id", sa.Integer(), nullable=True),
        sa.Column("cost_centre_id", sa.Integer(), nullable=True),
        sa.Column("cost_carrier_id", sa.Integer(), nullable=True),
        sa.Column("active_from", sa.Date(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["cost_carrier_id"],
            ["cost_carriers.id"],
            name=op.f("fk_resources_cost_carrier_id_cost_carriers"),
        ),
        sa.ForeignKeyConstraint(
            ["cost_centre_id"],
            ["cost_centres.id"],
            name=op.f("fk_resources_cost_centre_id_cost_centres"),
        ),
        sa.ForeignKeyConstraint(["pool_id"], ["pools.id"], name=op.f("fk_resources_pool_id_pools")),
        sa.ForeignKeyConstraint(["rate_id"], ["rates.id"], name=op.f("fk_resources_rate_id_rates")),
        sa.ForeignKeyConstraint(
            ["type_id"],
            ["resource_types.id"],
            name=op.f("fk_resources_type_id_resource_types"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resources")),
        sa.UniqueConstraint("code", name=op.f("uq_resources_code")),
        sa.UniqueConstraint("licence_plate", name=op.f("uq_resources_licence_plate")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("resources", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_resources_pool_id"), ["pool_id"], unique=False)

    op.create_table(
        "user_roles",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("role_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["role_id"],
            ["roles.id"],
            name=op.f("fk_user_roles_role_id_roles"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"],
            ["users.id"],
            name=op.f("fk_user_roles_user_id_users"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("user_id", "role_id", name=op.f("pk_user_roles")),
    )
    op.create_table(
        "contracts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("business_unit_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("driver_id", sa.Integer(), nullable=True),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        sa.Column("starts_at", UtcDateTime(), nullable=False),
        sa.Column("ends_at", UtcDateTime(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "in_preparation",
                "confirmed",
                "open",
                "checked_in",
                "invoiced",
                "completed",
                "cancelled",
                name="contractstatus",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("remarks", sa.String(length=1000), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_contracts_starts_before_ends")),
        sa.ForeignKeyConstraint(
            ["business_unit_id"],
            ["business_units.id"],
            name=op.f("fk_contracts_business_unit_id_business_units"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_contracts_customer_id_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["driver_id"],
            ["customers.id"],
            name=op.f("fk_contracts_driver_id_customers"),
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"],
            ["resources.id"],
            name=op.f("fk_contracts_resource_id_resources"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contracts")),
        sa.UniqueConstraint("number", name=op.f("uq_contracts_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("contracts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_contracts_business_unit_id"),
            ["business_unit_id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_contracts_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(
            "ix_contracts_resource_period",
            ["resource_id", "starts_at", "ends_at"],
            unique=False,
        )
        batch_op.create_index("ix_contracts_starts_at_id", ["starts_at", "id"], unique=False)

    op.create_table(
        "invoices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "invoice",
                "credit_note",
                name="invoicekind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "state",
            sa.Enum(
                "draft",
                "confirmed",
                name="documentstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "payment_state",
            sa.Enum(
                "unknown",
                "not_paid",
                "partially_paid",
                "fully_paid",
                "never_paid",
                name="paymentstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("business_unit_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=True),
        sa.Column("credited_invoice_id", sa.Integer(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("reference", sa.String(length=30), nullable=False),
        sa.Column("invoice_date", sa.Date(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("net", Fixed(14, 2), nullable=False),
        sa.Column("vat", Fixed(14, 2), nullable=False),
        sa.Column("gross", Fixed(14, 2), nullable=False),
        sa.Column("payment_reference", sa.String(length=12), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'draft') = (number is null)",
            name=op.f("ck_invoices_number_exactly_when_confirmed"),
        ),
        sa.ForeignKeyConstraint(
            ["business_unit_id"],
            ["business_units.id"],
            name=op.f("fk_invoices_business_unit_id_business_units"),
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_invoices_company_id_companies"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contracts.id"],
            name=op.f("fk_invoices_contract_id_contracts"),
        ),
        sa.ForeignKeyConstraint(
            ["credited_invoice_id"],
            ["invoices.id"],
            name=op.f("fk_invoices_credited_invoice_id_invoices"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_invoices_customer_id_customers"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint(
            "company_id",
            "kind",
            "year",
            "number",
            name=op.f("uq_invoices_company_id_kind_year_number"),
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("invoices", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invoices_business_unit_id"),
            ["business_unit_id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_invoices_contract_id"), ["contract_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoices_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index("ix_invoices_invoice_date_id", ["invoice_date", "id"], unique=False)
        batch_op.create_index(batch_op.f("ix_invoices_reference"), ["reference"], unique=False)

    op.create_table(
        "price_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "rent",
                "extra",
                name="linekind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("units", Fixed(12, 3), nullable=False),
        sa.Column("unit_price", Fixed(14, 4), nullable=False),
        sa.Column("discount", Fixed(5, 2), nullable=False),
        sa.Column("vat_code_id", sa.Integer(), nullable=False),
        sa.Column("gl_account_id", sa.Integer(), nullable=True),
        sa.Column("cost_centre_id", sa.Integer(), nullable=True),
        sa.Column("cost_carrier_id", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "discount >= 0",
            name=op.f("ck_price_lines_discount_not_negative"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contracts.id"],
            name=op.f("fk_price_lines_contract_id_contracts"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["cost_carrier_id"],
            ["cost_carriers.id"],
            name=op.f("fk_price_lines_cost_carrier_id_cost_carriers"),
        ),
        sa.ForeignKeyConstraint(
            ["cost_centre_id"],
            ["cost_centres.id"],
            name=op.f("fk_price_lines_cost_centre_id_cost_centres"),
        ),
        sa.ForeignKeyConstraint(
            ["gl_account_id"],
            ["gl_accounts.id"],
            name=op.f("fk_price_lines_gl_account_id_gl_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["vat_code_id"],
            ["vat_codes.id"],
            name=op.f("fk_price_lines_vat_code_id_vat_codes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_lines")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("price_lines", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_price_lines_contract_id"), ["contract_id"], unique=False
        )

    op.create_table(
        "invoice_documents",
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["invoices.id"],
            name=op.f("fk_invoice_documents_invoice_id_invoices"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("invoice_id", name=op.f("pk_invoice_documents")),
    )
    op.create_table(
        "invoice_lines",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("price_line_id", sa.Integer(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("units", Fixed(12, 3), nullable=False),
        sa.Column("unit_price", Fixed(14, 4), nullable=False),
        sa.Column("discount", Fixed(5, 2), nullable=False),
        sa.Column("net", Fixed(14, 2), nullable=False),
        sa.Column("vat_code_id", sa.Integer(), nullable=False),
        sa.Column("vat_percentage", Fixed(5, 2), nullable=False),
        sa.Column("gl_account_id", sa.Integer(), nullable=True),
        sa.Column("cost_centre_id", sa.Integer(), nullable=True),
        sa.Column("cost_carrier_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["cost_carrier_id"],
            ["cost_carriers.id"],
            name=op.f("fk_invoice_lines_cost_carrier_id_cost_carriers"),
        ),
        sa.ForeignKeyConstraint(
            ["cost_centre_id"],
            ["cost_centres.id"],
            name=op.f("fk_invoice_lines_cost_centre_id_cost_centres"),
        ),
        sa.ForeignKeyConstraint(
            ["gl_account_id"],
            ["gl_accounts.id"],
            name=op.f("fk_invoice_lines_gl_account_id_gl_accounts"),
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["invoices.id"],
            name=op.f("fk_invoice_lines_invoice_id_invoices"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["price_line_id"],
            ["price_lines.id"],
            name=op.f("fk_invoice_lines_price_line_id_price_lines"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["vat_code_id"],
            ["vat_codes.id"],
            name=op.f("fk_invoice_lines_vat_code_id_vat_codes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_lines")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("invoice_lines", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_invoice_lines_invoice_id"), ["invoice_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_invoice_lines_price_line_id"),
            ["price_line_id"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("invoice_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invoice_lines_price_line_id"))
        batch_op.drop_index(batch_op.f("ix_invoice_lines_invoice_id"))

    op.drop_table("invoice_lines")
    op.drop_table("invoice_documents")
    with op.batch_alter_table("price_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_price_lines_contract_id"))

    op.drop_table("price_lines")
    with op.batch_alter_table("invoices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_invoices_reference"))
        batch_op.drop_index("ix_invoices_invoice_date_id")
        batch_op.drop_index(batch_op.f("ix_invoices_customer_id"))
        batch_op.drop_index(batch_op.f("ix_invoices_contract_id"))
        batch_op.drop_index(batch_op.f("ix_invoices_business_unit_id"))

    op.drop_table("invoices")
    with op.batch_alter_table("contracts", schema=None) as batch_op:
        batch_op.drop_index("ix_contracts_starts_at_id")
        batch_op.drop_index("ix_contracts_resource_period")
        batch_op.drop_index(batch_op.f("ix_contracts_customer_id"))
        batch_op.drop_index(batch_op.f("ix_contracts_business_unit_id"))

    op.drop_table("contracts")
    op.drop_table("user_roles")
    with op.batch_alter_table("resources", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_resources_pool_id"))

    op.drop_table("resources")
    with op.batch_alter_table("changes", schema=None) as batch_op:
        batch_op.drop_index("ix_changes_record")

    op.drop_table("changes")
    op.drop_table("users")
    op.drop_table("pools")
    with op.batch_alter_table("gl_accounts", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_gl_accounts_default_revenue",
            sqlite_where=sa.text("default_revenue"),
            postgresql_where=sa.text("default_revenue"),
        )

    op.drop_table("gl_accounts")
    with op.batch_alter_table("settings", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_settings_general",
            sqlite_where=sa.text("company_id is null"),
            postgresql_where=sa.text("company_id is null"),
        )
        batch_op.drop_index("uq_settings_company")

    op.drop_table("settings")
    op.drop_table("number_series")
    op.drop_table("business_units")
    op.drop_table("rates")
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.drop_index("ix_customers_name_id")

    op.drop_table("customers")
    op.drop_table("cost_centres")
    op.drop_table("cost_carriers")
    op.drop_table("companies")
    op.drop_table("vat_codes")
    op.drop_table("roles")
    op.drop_table("resource_types")
    op.drop_table("company_groups")
