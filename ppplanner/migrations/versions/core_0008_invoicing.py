"""Invoicing: financial years, VAT as it was charged, invoice runs, mails; credit and balances.

Invoices of before get the calendar year as their financial year, and the VAT that their lines come
to.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import sqlalchemy as sa
from alembic import op

from ppplanner.models.base import Fixed, UtcDateTime

revision = "core_0008"
down_revision = "core_0007"
branch_labels = None
depends_on = None

KEPT = {"sqlite_autoincrement": True}
KIND = {"sqlite": "bigint", "postgresql": "numeric(14, 2)"}
MOMENTS = "('reservation', 'check_out', 'check_in', 'invoice')"
#: Columns with their checks in one statement: rebuilding the table would lose its triggers.
CONTRACT_COLUMNS = {
    "periodicity": "varchar(20) constraint ck_contracts_periodicity"
    " check (periodicity IN ('weekly', 'four_weekly', 'monthly'))",
    "next_invoice_date": "date",
    "payment_moment": "varchar(20) constraint ck_contracts_paymoment"
    f" check (payment_moment IN {MOMENTS})",
    "deposit_moment": "varchar(20) constraint ck_contracts_depositmoment"
    f" check (deposit_moment IN {MOMENTS})",
}
DEPOSIT = "{kind} constraint ck_contracts_deposit_not_negative check (deposit >= 0)"
#: Tables whose records say by code where their revenue goes.
BOOKED = ("catalogue_items", "price_line_types", "rates")
#: Of price lines: whether a person chose them.
LOCKED = ("cost_centre_locked", "cost_carrier_locked")
UNIT_COLUMNS = {
    "mail_name": 80,
    "mail_address": 128,
    "invoice_mail_name": 80,
    "invoice_mail_address": 128,
}
NUMBERED = sa.text("reference <> ''")


def upgrade() -> None:
    _make_financial_years()
    _give_years_to_series()
    _give_series_to_invoices()
    _extend_invoice_lines()
    _make_vat_totals()
    _work_out_vat()
    _extend_contracts()
    _extend_customers()
    _extend_organisation()
    _extend_ledger()
    _make_invoice_runs()
    _make_mails()


def downgrade() -> None:
    for table in ("company_files", "mails", "invoice_run_items", "invoice_runs", "invoice_vat"):
        op.drop_table(table)
    _shrink_ledger()
    _shrink_organisation()
    _shrink_customers()
    _shrink_contracts()
    _shrink_invoice_lines()
    _give_companies_to_series()
    op.drop_table("financial_years")


def _make_financial_years() -> None:
    op.create_table(
        "financial_years",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("company_id", sa.Integer(), nullable=True),
        sa.Column("business_unit_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=10), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(case when group_id is null then 0 else 1 end)"
            " + (case when company_id is null then 0 else 1 end)"
            " + (case when business_unit_id is null then 0 else 1 end) = 1",
            name=op.f("ck_financial_years_one_owner"),
        ),
        sa.CheckConstraint(
            "starts_on <= ends_on", name=op.f("ck_financial_years_starts_before_ends")
        ),
        sa.ForeignKeyConstraint(
            ["business_unit_id"],
            ["business_units.id"],
            name=op.f("fk_financial_years_business_unit_id_business_units"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_financial_years_company_id_companies"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["company_groups.id"],
            name=op.f("fk_financial_years_group_id_company_groups"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_financial_years")),
        sa.UniqueConstraint(
            "business_unit_id", "name", name=op.f("uq_financial_years_business_unit_id_name")
        ),
        sa.UniqueConstraint("company_id", "name", name=op.f("uq_financial_years_company_id_name")),
        sa.UniqueConstraint("group_id", "name", name=op.f("uq_financial_years_group_id_name")),
        sqlite_autoincrement=True,
    )


def _make_vat_totals() -> None:
    op.create_table(
        "invoice_vat",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=False),
        sa.Column("vat_code_id", sa.Integer(), nullable=False),
        sa.Column("percentage", Fixed(5, 2), nullable=False),
        sa.Column("base", Fixed(14, 2), nullable=False),
        sa.Column("vat", Fixed(14, 2), nullable=False),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["invoices.id"],
            name=op.f("fk_invoice_vat_invoice_id_invoices"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["vat_code_id"], ["vat_codes.id"], name=op.f("fk_invoice_vat_vat_code_id_vat_codes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_vat")),
        sa.UniqueConstraint(
            "invoice_id",
            "vat_code_id",
            "percentage",
            name=op.f("uq_invoice_vat_invoice_id_vat_code_id_percentage"),
        ),
        sqlite_autoincrement=True,
    )


def _make_invoice_runs() -> None:
    op.create_table(
        "invoice_runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("business_unit_id", sa.Integer(), nullable=True),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("invoice_date", sa.Date(), nullable=False),
        sa.Column("only_checked_in", sa.Boolean(), nullable=False),
        sa.Column(
            "periodicity",
            sa.Enum(
                "weekly",
                "four_weekly",
                "monthly",
                name="periodicity",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("confirm", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "calculating",
                "ready",
                "invoicing",
                "done",
                name="runstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("began_at", UtcDateTime(), nullable=False),
        sa.Column("moved_at", UtcDateTime(), nullable=False),
        sa.Column("last_contract_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("done <= total", name=op.f("ck_invoice_runs_done_within_total")),
        sa.ForeignKeyConstraint(
            ["business_unit_id"],
            ["business_units.id"],
            name=op.f("fk_invoice_runs_business_unit_id_business_units"),
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["users.id"], name=op.f("fk_invoice_runs_made_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_runs")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_invoice_runs_made_by_id_moved_at", "invoice_runs", ["made_by_id", "moved_at"]
    )
    op.create_table(
        "invoice_run_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("contract_id", sa.Integer(), nullable=False),
        sa.Column("net", Fixed(14, 2), nullable=False),
        sa.Column("invoiced_net", Fixed(14, 2), nullable=False),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("picked", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "proposed",
                "invoiced",
                "nothing_left",
                "failed",
                name="itemstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("invoice_id", sa.Integer(), nullable=True),
        sa.Column("message", sa.String(length=500), nullable=False),
        sa.CheckConstraint(
            "invoice_id is null or state = 'invoiced'",
            name=op.f("ck_invoice_run_items_invoice_only_when_invoiced"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contracts.id"],
            name=op.f("fk_invoice_run_items_contract_id_contracts"),
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["invoices.id"],
            name=op.f("fk_invoice_run_items_invoice_id_invoices"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["invoice_runs.id"],
            name=op.f("fk_invoice_run_items_run_id_invoice_runs"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_run_items")),
        sa.UniqueConstraint("invoice_id", name=op.f("uq_invoice_run_items_invoice_id")),
        sa.UniqueConstraint(
            "run_id", "contract_id", name=op.f("uq_invoice_run_items_run_id_contract_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_invoice_run_items_contract_id", "invoice_run_items", ["contract_id"])
    op.create_index("ix_invoice_run_items_state", "invoice_run_items", ["run_id", "state", "id"])


def _make_mails() -> None:
    op.create_table(
        "mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column("invoice_id", sa.Integer(), nullable=True),
        sa.Column("sender_name", sa.String(length=80), nullable=False),
        sa.Column("sender_address", sa.String(length=128), nullable=False),
        sa.Column("recipient", sa.String(length=128), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("message_key", sa.String(length=128), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "sent",
                "failed",
                name="mailstate",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("error", sa.String(length=500), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company_id"], ["companies.id"], name=op.f("fk_mails_company_id_companies")
        ),
        sa.ForeignKeyConstraint(
            ["invoice_id"],
            ["invoices.id"],
            name=op.f("fk_mails_invoice_id_invoices"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mails")),
        sa.UniqueConstraint("message_key", name=op.f("uq_mails_message_key")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_mails_invoice_id", "mails", ["invoice_id"])
    op.create_index("ix_mails_waiting", "mails", ["state", "next_attempt_at"])
    op.create_table(
        "company_files",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("company_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "logo",
                "conditions",
                name="filekind",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("filename", sa.String(length=200), nullable=False),
        sa.Column("media_type", sa.String(length=60), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("uploaded_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["company_id"],
            ["companies.id"],
            name=op.f("fk_company_files_company_id_companies"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_files")),
        sa.UniqueConstraint(
            "company_id", "kind", "language", name=op.f("uq_company_files_company_id_kind_language")
        ),
        sqlite_autoincrement=True,
    )


def _give_years_to_series() -> None:
    """A calendar year for each company and year in which it has invoices, and for the present."""
    with op.batch_alter_table("number_series", table_kwargs=KEPT) as batch_op:
        batch_op.add_column(sa.Column("financial_year_id", sa.Integer(), nullable=True))
    found = op.get_bind().execute(
        sa.text("select company_id, year from number_series union select id, :now from companies"),
        {"now": date.today().year},
    )
    years = sa.table(
        "financial_years",
        sa.column("company_id", sa.Integer),
        sa.column("name", sa.String),
        sa.column("starts_on", sa.Date),
        sa.column("ends_on", sa.Date),
        sa.column("closed", sa.Boolean),
    )
    rows = [
        {
            "company_id": company_id,
            "name": str(year),
            "starts_on": date(year, 1, 1),
            "ends_on": date(year, 12, 31),
            "closed": False,
        }
        for company_id, year in sorted(set(map(tuple, found)))
    ]
    if rows:
        op.bulk_insert(years, rows)
    op.execute(
        "update number_series set financial_year_id = (select id from financial_years y"
        " where y.company_id = number_series.company_id"
        " and y.name = cast(number_series.year as varchar(10)))"
    )


def _give_series_to_invoices() -> None:
    with op.batch_alter_table("invoices", table_kwargs=KEPT) as batch_op:
        batch_op.add_column(sa.Column("series_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("invoiced_until", sa.Date(), nullable=True))
        for name in ("balance", "prepaid"):
            batch_op.add_column(sa.Column(name, Fixed(14, 2), nullable=False, server_default="0"))
    op.execute(
        "update invoices set balance = gross, series_id = (select s.id from number_series s"
        " where s.company_id = invoices.company_id and s.kind = invoices.kind"
        " and s.year = invoices.year) where state = 'confirmed'"
    )
    with op.batch_alter_table("invoices", table_kwargs=KEPT) as batch_op:
        for name in ("balance", "prepaid"):
            batch_op.alter_column(name, server_default=None)
        batch_op.drop_constraint(op.f("uq_invoices_company_id_kind_year_number"), type_="unique")
        batch_op.drop_column("year")
        batch_op.create_unique_constraint(
            op.f("uq_invoices_series_id_number"), ["series_id", "number"]
        )
        batch_op.create_foreign_key(
            op.f("fk_invoices_series_id_number_series"), "number_series", ["series_id"], ["id"]
        )
    with op.batch_alter_table("number_series", table_kwargs=KEPT) as batch_op:
        batch_op.drop_constraint(op.f("uq_number_series_company_id_kind_year"), type_="unique")
        batch_op.drop_constraint(op.f("fk_number_series_company_id_companies"), type_="foreignkey")
        batch_op.drop_column("company_id")
        batch_op.drop_column("year")
        batch_op.alter_column("financial_year_id", nullable=False)
        batch_op.create_unique_constraint(
            op.f("uq_number_series_financial_year_id_kind"), ["financial_year_id", "kind"]
        )
        batch_op.create_foreign_key(
            op.f("fk_number_series_financial_year_id_financial_years"),
            "financial_years",
            ["financial_year_id"],
            ["id"],
        )
        batch_op.create_check_constraint(
            op.f("ck_number_series_next_number_positive"), "next_number > 0"
        )
    op.create_index("ix_invoices_balance_id", "invoices", ["balance", "id"])
    op.create_index("ix_invoices_credited_invoice_id", "invoices", ["credited_invoice_id"])
    op.create_index(
        "uq_invoices_reference",
        "invoices",
        ["company_id", "reference"],
        unique=True,
        sqlite_where=NUMBERED,
        postgresql_where=NUMBERED,
    )


def _give_companies_to_series() -> None:
    """Only what a company numbers by calendar year can be told in the old way."""
    for index in (
        "uq_invoices_reference",
        "ix_invoices_credited_invoice_id",
        "ix_invoices_balance_id",
    ):
        op.drop_index(index, "invoices")
    with op.batch_alter_table("number_series", table_kwargs=KEPT) as batch_op:
        batch_op.add_column(sa.Column("company_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("year", sa.Integer(), nullable=True))
    with op.batch_alter_table("invoices", table_kwargs=KEPT) as batch_op:
        batch_op.add_column(sa.Column("year", sa.Integer(), nullable=True))
    for column, source in (("company_id", "company_id"), ("year", "cast(name as integer)")):
        op.execute(
            f"update number_series set {column} = (select {source} from financial_years y"
            " where y.id = number_series.financial_year_id)"
        )
    op.execute(
        "update invoices set year ="
        " (select s.year from number_series s where s.id = invoices.series_id)"
    )
    with op.batch_alter_table("invoices", table_kwargs=KEPT) as batch_op:
        batch_op.drop_constraint(op.f("uq_invoices_series_id_number"), type_="unique")
        batch_op.drop_constraint(op.f("fk_invoices_series_id_number_series"), type_="foreignkey")
        batch_op.drop_column("series_id")
        batch_op.drop_column("invoiced_until")
        batch_op.drop_column("balance")
        batch_op.drop_column("prepaid")
        batch_op.create_unique_constraint(
            op.f("uq_invoices_company_id_kind_year_number"),
            ["company_id", "kind", "year", "number"],
        )
    with op.batch_alter_table("number_series", table_kwargs=KEPT) as batch_op:
        batch_op.drop_constraint(op.f("ck_number_series_next_number_positive"), type_="check")
        batch_op.drop_constraint(op.f("uq_number_series_financial_year_id_kind"), type_="unique")
        batch_op.drop_constraint(
            op.f("fk_number_series_financial_year_id_financial_years"), type_="foreignkey"
        )
        batch_op.drop_column("financial_year_id")
        batch_op.alter_column("company_id", nullable=False)
        batch_op.alter_column("year", nullable=False)
        batch_op.create_unique_constraint(
            op.f("uq_number_series_company_id_kind_year"), ["company_id", "kind", "year"]
        )
        batch_op.create_foreign_key(
            op.f("fk_number_series_company_id_companies"), "companies", ["company_id"], ["id"]
        )


def _extend_invoice_lines() -> None:
    with op.batch_alter_table("invoice_lines", table_kwargs=KEPT) as batch_op:
        batch_op.add_column(sa.Column("credited_line_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("first_day", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("last_day", sa.Date(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_invoice_lines_credited_line_id_invoice_lines"),
            "invoice_lines",
            ["credited_line_id"],
            ["id"],
        )
    op.create_index("ix_invoice_lines_credited_line_id", "invoice_lines", ["credited_line_id"])


def _shrink_invoice_lines() -> None:
    op.drop_index("ix_invoice_lines_credited_line_id", "invoice_lines")
    with op.batch_alter_table("invoice_lines", table_kwargs=KEPT) as batch_op:
        batch_op.drop_constraint(
            op.f("fk_invoice_lines_credited_line_id_invoice_lines"), type_="foreignkey"
        )
        for name in ("credited_line_id", "first_day", "last_day"):
            batch_op.drop_column(name)


def _work_out_vat() -> None:
    """What `money.vat_amount` made of the lines until now, as the documents show it."""
    lines = sa.table(
        "invoice_lines",
        sa.column("id", sa.Integer),
        sa.column("invoice_id", sa.Integer),
        sa.column("position", sa.Integer),
        sa.column("vat_code_id", sa.Integer),
        sa.column("vat_percentage", Fixed(5, 2)),
        sa.column("net", Fixed(14, 2)),
    )
    columns = ("invoice_id", "vat_code_id", "vat_percentage", "net")
    query = sa.select(*(lines.c[name] for name in columns))
    bases: dict[tuple[int, int, Decimal], Decimal] = defaultdict(Decimal)
    for *key, net in op.get_bind().execute(query.order_by(lines.c.invoice_id, lines.c.position)):
        bases[tuple(key)] += net
    totals = sa.table(
        "invoice_vat",
        sa.column("invoice_id", sa.Integer),
        sa.column("vat_code_id", sa.Integer),
        sa.column("percentage", Fixed(5, 2)),
        sa.column("base", Fixed(14, 2)),
        sa.column("vat", Fixed(14, 2)),
    )
    rows = [
        {
            "invoice_id": invoice_id,
            "vat_code_id": vat_code_id,
            "percentage": percentage,
            "base": base,
            "vat": (base * percentage / 100).quantize(Decimal("0.01"), ROUND_HALF_UP),
        }
        for (invoice_id, vat_code_id, percentage), base in bases.items()
    ]
    if rows:
        op.bulk_insert(totals, rows)


def _extend_contracts() -> None:
    deposit = DEPOSIT.format(kind=KIND[op.get_bind().dialect.name])
    for name, kind in {**CONTRACT_COLUMNS, "deposit": deposit}.items():
        op.execute(f"alter table contracts add column {name} {kind}")
    op.create_index("ix_contracts_next_invoice_date", "contracts", ["next_invoice_date"])


def _shrink_contracts() -> None:
    op.drop_index("ix_contracts_next_invoice_date", "contracts")
    for name in ("deposit", *CONTRACT_COLUMNS):
        op.execute(f"alter table contracts drop column {name}")


def _extend_customers() -> None:
    deliveries = sa.Enum(
        "mail",
        "post",
        "none",
        name="delivery",
        native_enum=False,
        create_constraint=True,
        length=20,
    )
    with op.batch_alter_table("customers", table_kwargs=KEPT) as batch_op:
        batch_op.add_column(sa.Column("vat_code_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("invoice_delivery", deliveries, nullable=True))
        batch_op.add_column(
            sa.Column("invoice_email", sa.String(128), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("mail_invoices", sa.Boolean(), nullable=True))
        batch_op.create_foreign_key(
            op.f("fk_customers_vat_code_id_vat_codes"), "vat_codes", ["vat_code_id"], ["id"]
        )


def _shrink_customers() -> None:
    with op.batch_alter_table("customers", table_kwargs=KEPT) as batch_op:
        batch_op.drop_constraint(op.f("fk_customers_vat_code_id_vat_codes"), type_="foreignkey")
        batch_op.drop_constraint(op.f("ck_customers_delivery"), type_="check")
        for name in ("vat_code_id", "invoice_delivery", "invoice_email", "mail_invoices"):
            batch_op.drop_column(name)


def _extend_organisation() -> None:
    with op.batch_alter_table("company_groups", table_kwargs=KEPT) as batch_op:
        for name in ("uses_cost_centres", "uses_cost_carriers"):
            batch_op.add_column(
                sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.true())
            )
    with op.batch_alter_table("companies", table_kwargs=KEPT) as batch_op:
        batch_op.add_column(
            sa.Column("invoice_terms_in", sa.JSON(), nullable=False, server_default="{}")
        )
    with op.batch_alter_table("business_units", table_kwargs=KEPT) as batch_op:
        for name, length in UNIT_COLUMNS.items():
            batch_op.add_column(
                sa.Column(name, sa.String(length), nullable=False, server_default="")
            )


def _shrink_organisation() -> None:
    for table, names in {
        "business_units": tuple(UNIT_COLUMNS),
        "companies": ("invoice_terms_in",),
        "company_groups": ("uses_cost_centres", "uses_cost_carriers"),
    }.items():
        with op.batch_alter_table(table, table_kwargs=KEPT) as batch_op:
            for name in names:
                batch_op.drop_column(name)


def _extend_ledger() -> None:
    for table in BOOKED:
        with op.batch_alter_table(table, table_kwargs=KEPT) as batch_op:
            batch_op.add_column(sa.Column("cost_centre_code", sa.String(8), nullable=True))
            batch_op.add_column(sa.Column("cost_carrier_code", sa.String(8), nullable=True))
    with op.batch_alter_table("price_lines", table_kwargs=KEPT) as batch_op:
        for name in LOCKED:
            batch_op.add_column(
                sa.Column(name, sa.Boolean(), nullable=False, server_default=sa.false())
            )
    treatments = sa.Enum(
        "domestic",
        "intra_community",
        "export",
        "exempt",
        name="vattreatment",
        native_enum=False,
        create_constraint=True,
        length=20,
    )
    with op.batch_alter_table("vat_codes", table_kwargs=KEPT) as batch_op:
        batch_op.add_column(
            sa.Column("treatment", treatments, nullable=False, server_default="domestic")
        )
        batch_op.create_check_constraint(
            op.f("ck_vat_codes_percentage_only_domestic"),
            "treatment = 'domestic' or percentage = 0",
        )


def _shrink_ledger() -> None:
    with op.batch_alter_table("vat_codes", table_kwargs=KEPT) as batch_op:
        batch_op.drop_constraint(op.f("ck_vat_codes_percentage_only_domestic"), type_="check")
        batch_op.drop_constraint(op.f("ck_vat_codes_vattreatment"), type_="check")
        batch_op.drop_column("treatment")
    with op.batch_alter_table("price_lines", table_kwargs=KEPT) as batch_op:
        for name in LOCKED:
            batch_op.drop_column(name)
    for table in BOOKED:
        with op.batch_alter_table(table, table_kwargs=KEPT) as batch_op:
            batch_op.drop_column("cost_centre_code")
            batch_op.drop_column("cost_carrier_code")
