"""Prices: ranges with a rate per hour, day, week, month or once; articles and what else is charged.

What was a rate per day becomes a price range with that rate.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from alembic.operations import BatchOperations

from ppplanner.models.base import Fixed

revision = "core_0004"
down_revision = "core_0003"
branch_labels = None
depends_on = None

RATE_TYPES = ("hour", "day", "week", "month", "once")
ITEM_KINDS = ("article", "surcharge", "extra_charge")
LINE_ROLES = ("rent", "kilometres", "fuel")
LINE_KINDS = ("rent", "surcharge", "kilometres", "fuel", "extra")
OLD_LINE_KINDS = ("rent", "extra")
KEPT = {"sqlite_autoincrement": True}


def upgrade() -> None:
    _make_price_ranges()
    op.execute(
        "insert into price_ranges (id, group_id, name, km_price, fuel_price, active)"
        " select id, group_id, name, 0, 0, active from rates"
    )
    _advance("price_ranges")
    _give_resources_ranges()
    op.rename_table("rates", "day_rates")
    _free_the_names_of("day_rates")
    _make_rates()
    op.execute(
        "insert into rates (id, price_range_id, rate_type, price, vat_code_id, gl_code, rolls_up,"
        " invoice_text, active)"
        " select id, id, 'day', day_price, vat_code_id, gl_code, false, '{}', true from day_rates"
    )
    _advance("rates")
    op.drop_table("day_rates")
    _make_lists()
    _extend_price_lines()


def downgrade() -> None:
    _shorten_price_lines()
    op.drop_table("rate_surcharges")
    op.drop_table("catalogue_items")
    op.drop_table("price_line_types")
    op.rename_table("rates", "new_rates")
    _free_the_names_of("new_rates")
    _make_day_rates()
    op.execute(
        "insert into rates (id, group_id, name, day_price, vat_code_id, gl_code, active)"
        " select price_ranges.id, group_id, name, price, vat_code_id, gl_code, price_ranges.active"
        " from price_ranges join new_rates on price_range_id = price_ranges.id"
        " where rate_type = 'day'"
    )
    _advance("rates")
    op.drop_table("new_rates")
    _give_resources_rates()
    op.drop_table("price_ranges")


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def _make_price_ranges() -> None:
    op.create_table(
        "price_ranges",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("km_per_day", sa.Integer(), nullable=True),
        sa.Column("km_price", Fixed(14, 4), nullable=False),
        sa.Column("fuel_price", Fixed(14, 4), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("km_per_day >= 0", name=op.f("ck_price_ranges_km_per_day_not_negative")),
        sa.CheckConstraint("km_price >= 0", name=op.f("ck_price_ranges_km_price_not_negative")),
        sa.CheckConstraint("fuel_price >= 0", name=op.f("ck_price_ranges_fuel_price_not_negative")),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["company_groups.id"],
            name=op.f("fk_price_ranges_group_id_company_groups"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_ranges")),
        sa.UniqueConstraint("group_id", "name", name=op.f("uq_price_ranges_group_id_name")),
        sqlite_autoincrement=True,
    )


def _make_rates() -> None:
    op.create_table(
        "rates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("price_range_id", sa.Integer(), nullable=False),
        sa.Column("rate_type", _one_of("ratetype", RATE_TYPES), nullable=False),
        sa.Column("price", Fixed(14, 4), nullable=False),
        sa.Column("vat_code_id", sa.Integer(), nullable=False),
        sa.Column("gl_code", sa.String(length=20), nullable=True),
        sa.Column("rolls_up", sa.Boolean(), nullable=False),
        sa.Column("invoice_text", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("price >= 0", name=op.f("ck_rates_price_not_negative")),
        sa.ForeignKeyConstraint(
            ["price_range_id"],
            ["price_ranges.id"],
            name=op.f("fk_rates_price_range_id_price_ranges"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["vat_code_id"], ["vat_codes.id"], name=op.f("fk_rates_vat_code_id_vat_codes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rates")),
        sa.UniqueConstraint(
            "price_range_id", "rate_type", name=op.f("uq_rates_price_range_id_rate_type")
        ),
        sqlite_autoincrement=True,
    )


def _make_day_rates() -> None:
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
            ["group_id"], ["company_groups.id"], name=op.f("fk_rates_group_id_company_groups")
        ),
        sa.ForeignKeyConstraint(
            ["vat_code_id"], ["vat_codes.id"], name=op.f("fk_rates_vat_code_id_vat_codes")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rates")),
        sa.UniqueConstraint("group_id", "name", name=op.f("uq_rates_group_id_name")),
        sqlite_autoincrement=True,
    )


def _make_lists() -> None:
    op.create_table(
        "price_line_types",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("role", _one_of("linerole", LINE_ROLES), nullable=True),
        sa.Column("vat_code_id", sa.Integer(), nullable=True),
        sa.Column("gl_code", sa.String(length=20), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["vat_code_id"],
            ["vat_codes.id"],
            name=op.f("fk_price_line_types_vat_code_id_vat_codes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_line_types")),
        sa.UniqueConstraint("name", name=op.f("uq_price_line_types_name")),
        sa.UniqueConstraint("role", name=op.f("uq_price_line_types_role")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "catalogue_items",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("kind", _one_of("itemkind", ITEM_KINDS), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("price", Fixed(14, 4), nullable=False),
        sa.Column("per_unit", sa.Boolean(), nullable=False),
        sa.Column("vat_code_id", sa.Integer(), nullable=False),
        sa.Column("gl_code", sa.String(length=20), nullable=True),
        sa.Column("line_type_id", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.CheckConstraint("price >= 0", name=op.f("ck_catalogue_items_price_not_negative")),
        sa.ForeignKeyConstraint(
            ["group_id"],
            ["company_groups.id"],
            name=op.f("fk_catalogue_items_group_id_company_groups"),
        ),
        sa.ForeignKeyConstraint(
            ["line_type_id"],
            ["price_line_types.id"],
            name=op.f("fk_catalogue_items_line_type_id_price_line_types"),
        ),
        sa.ForeignKeyConstraint(
            ["vat_code_id"],
            ["vat_codes.id"],
            name=op.f("fk_catalogue_items_vat_code_id_vat_codes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_catalogue_items")),
        sa.UniqueConstraint(
            "group_id", "kind", "name", name=op.f("uq_catalogue_items_group_id_kind_name")
        ),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "rate_surcharges",
        sa.Column("rate_id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["catalogue_items.id"],
            name=op.f("fk_rate_surcharges_item_id_catalogue_items"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["rate_id"],
            ["rates.id"],
            name=op.f("fk_rate_surcharges_rate_id_rates"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("rate_id", "item_id", name=op.f("pk_rate_surcharges")),
    )


def _give_resources_ranges() -> None:
    op.add_column("resources", sa.Column("price_range_id", sa.Integer(), nullable=True))
    op.execute("update resources set price_range_id = rate_id")
    with op.batch_alter_table("resources", table_kwargs=KEPT) as batch_op:
        batch_op.add_column(sa.Column("deposit", Fixed(14, 2), nullable=True))
        batch_op.add_column(sa.Column("tank_litres", sa.Integer(), nullable=True))
        batch_op.create_check_constraint(op.f("ck_resources_deposit_not_negative"), "deposit >= 0")
        batch_op.create_check_constraint(
            op.f("ck_resources_tank_litres_positive"), "tank_litres > 0"
        )
        batch_op.drop_constraint(op.f("fk_resources_rate_id_rates"), type_="foreignkey")
        batch_op.drop_column("rate_id")
        batch_op.create_foreign_key(
            op.f("fk_resources_price_range_id_price_ranges"),
            "price_ranges",
            ["price_range_id"],
            ["id"],
        )


def _give_resources_rates() -> None:
    op.add_column("resources", sa.Column("rate_id", sa.Integer(), nullable=True))
    op.execute("update resources set rate_id = (select id from rates where id = price_range_id)")
    with op.batch_alter_table("resources", table_kwargs=KEPT) as batch_op:
        batch_op.drop_constraint(op.f("ck_resources_deposit_not_negative"), type_="check")
        batch_op.drop_constraint(op.f("ck_resources_tank_litres_positive"), type_="check")
        batch_op.drop_constraint(
            op.f("fk_resources_price_range_id_price_ranges"), type_="foreignkey"
        )
        for name in ("price_range_id", "deposit", "tank_litres"):
            batch_op.drop_column(name)
        batch_op.create_foreign_key(
            op.f("fk_resources_rate_id_rates"), "rates", ["rate_id"], ["id"]
        )


def _extend_price_lines() -> None:
    with op.batch_alter_table("price_lines", table_kwargs=KEPT) as batch_op:
        for name in ("line_type_id", "rate_id", "item_id"):
            batch_op.add_column(sa.Column(name, sa.Integer(), nullable=True))
        batch_op.add_column(
            sa.Column("price_locked", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("counted_units", Fixed(12, 3), nullable=True))
        _allow_kinds(batch_op, LINE_KINDS)
        batch_op.create_foreign_key(
            op.f("fk_price_lines_line_type_id_price_line_types"),
            "price_line_types",
            ["line_type_id"],
            ["id"],
        )
        batch_op.create_foreign_key(
            op.f("fk_price_lines_rate_id_rates"),
            "rates",
            ["rate_id"],
            ["id"],
            ondelete="SET NULL",
        )
        batch_op.create_foreign_key(
            op.f("fk_price_lines_item_id_catalogue_items"),
            "catalogue_items",
            ["item_id"],
            ["id"],
            ondelete="SET NULL",
        )
    op.execute(
        "update price_lines set counted_units = units, rate_id ="
        " (select r.price_range_id from contracts c join resources r on r.id = c.resource_id"
        " where c.id = price_lines.contract_id)"
        " where kind = 'rent'"
    )
    with op.batch_alter_table("price_lines", table_kwargs=KEPT) as batch_op:
        batch_op.alter_column("price_locked", server_default=None)


def _shorten_price_lines() -> None:
    op.execute("update price_lines set kind = 'extra' where kind not in ('rent', 'extra')")
    with op.batch_alter_table("price_lines", table_kwargs=KEPT) as batch_op:
        for name, table in (
            ("line_type_id", "price_line_types"),
            ("rate_id", "rates"),
            ("item_id", "catalogue_items"),
        ):
            batch_op.drop_constraint(op.f(f"fk_price_lines_{name}_{table}"), type_="foreignkey")
            batch_op.drop_column(name)
        batch_op.drop_column("price_locked")
        batch_op.drop_column("counted_units")
        _allow_kinds(batch_op, OLD_LINE_KINDS)


def _allow_kinds(batch_op: BatchOperations, kinds: tuple[str, ...]) -> None:
    names = ", ".join(f"'{kind}'" for kind in kinds)
    batch_op.drop_constraint(op.f("ck_price_lines_linekind"), type_="check")
    batch_op.create_check_constraint(op.f("ck_price_lines_linekind"), f"kind IN ({names})")


def _free_the_names_of(table: str) -> None:
    """A renamed table on PostgreSQL keeps the names of its constraints, which the new one needs."""
    if op.get_bind().dialect.name != "postgresql":
        return
    query = sa.text("select conname from pg_constraint where conrelid = cast(:name as regclass)")
    for name in list(op.get_bind().scalars(query, {"name": table})):
        op.execute(f'alter table {table} rename constraint "{name}" to "old_{name}"')
    op.execute(f"alter sequence rates_id_seq rename to {table}_id_seq")


def _advance(table: str) -> None:
    """Let PostgreSQL give the keys after those that were copied."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"select setval('{table}_id_seq',"
            f" coalesce((select max(id) from {table}), 0) + 1, false)"
        )
