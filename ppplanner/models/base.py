"""What all models share: the declarative base and the column types of this domain."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import BigInteger, Dialect, Enum, MetaData, Numeric
from sqlalchemy import DateTime as SqlDateTime
from sqlalchemy.orm import DeclarativeBase, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

NAMING = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The parent of all models, of the core and of add-ons."""

    metadata = MetaData(naming_convention=NAMING)

    def __init_subclass__(cls, **options: Any) -> None:
        """Let SQLite, too, never give the key of a deleted record to another: an old tab, a job or
        the history would take the one for the other.
        """
        super().__init_subclass__(**options)
        table: Any = cls.__table__
        if "id" in table.primary_key.columns:
            table.dialect_options["sqlite"]["autoincrement"] = True


class Fixed(TypeDecorator[Decimal]):
    """A decimal number with a fixed scale, the same to its last digit in every database.

    SQLite knows no decimals: there it is kept as a whole number of the smallest unit.
    """

    impl = Numeric
    cache_ok = True

    def __init__(self, precision: int, scale: int) -> None:
        super().__init__(precision, scale)
        self.precision, self.scale = precision, scale

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        whole = dialect.name == "sqlite"
        return dialect.type_descriptor(
            BigInteger() if whole else Numeric(self.precision, self.scale)
        )

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        scaled = Decimal(value).scaleb(self.scale)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than {self.scale} decimals")
        return int(scaled) if dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None or dialect.name != "sqlite":
            return value
        return Decimal(int(value)).scaleb(-self.scale)


class Euros(Fixed):
    """An amount in EUR: the history shows it as money."""

    cache_ok = True


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: aware, kept in UTC. A naive one is refused."""

    impl = SqlDateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no time zone")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def one_of(choices: type[StrEnum], name: str = "") -> Enum:
    """A column that holds one of `choices` by its value, checked by the database. Tables with two
    such columns give the second one's check a `name`.
    """
    return Enum(
        choices,
        native_enum=False,
        create_constraint=True,
        length=20,
        name=name or choices.__name__.lower(),
        values_callable=lambda members: [member.value for member in members],
    )


#: EUR, two decimals.
Money = Annotated[Decimal, mapped_column(Euros(14, 2))]
#: EUR per unit, four decimals.
UnitPrice = Annotated[Decimal, mapped_column(Euros(14, 4))]
#: How many days, kilometres, pieces: three decimals.
Quantity = Annotated[Decimal, mapped_column(Fixed(12, 3))]
#: Per cent: 21.00 is 21 %.
Percentage = Annotated[Decimal, mapped_column(Fixed(5, 2))]
#: A moment in UTC.
Moment = Annotated[datetime, mapped_column(UtcDateTime)]
Key = Annotated[int, mapped_column(primary_key=True)]


class Tracked:
    """A model whose changes are kept in the history, field by field."""

    #: Fields that the history leaves out.
    untracked: frozenset[str] = frozenset()
    #: The column that names the record whose page tells of these changes, too; "" for none.
    part_of: str = ""
