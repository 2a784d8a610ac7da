"""A list as a file: everything that its filters show, in the person's columns.

It is made whole on the server's disk before it leaves: memory stays level, nobody gets half a file,
and a slow line holds no connection to the database. CSV comes with the separator and decimal sign
of the person's language, as a spreadsheet in Belgium expects; days are written the one way that
each of them reads. XLSX holds real numbers and days.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import IO, Any, TypeAlias

from babel.numbers import get_decimal_symbol
from flask import Response, send_file
from flask_babel import get_locale, to_user_timezone
from markupsafe import Markup

from ppplanner.addons.manifest import Cell
from ppplanner.blueprints.lists.list_columns import contents
from ppplanner.blueprints.lists.list_query import batches, count_up_to
from ppplanner.blueprints.lists.list_state import ListState
from ppplanner.blueprints.lists.listing import Column
from ppplanner.blueprints.lists.workbook import write_workbook
from ppplanner.clock import today
from ppplanner.errors import DomainError
from ppplanner.formats import number
from ppplanner.i18n import _
from ppplanner.locales import timezone

Plain: TypeAlias = str | int | Decimal | date | datetime

#: For more, a person waits too long, and a server works too long for one.
MOST = 200_000
#: A spreadsheet takes a text that begins with one of these for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
#: Tells spreadsheets that a CSV file is UTF-8.
BYTE_ORDER_MARK = "\ufeff"
CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_csv(state: ListState, columns: Sequence[Column]) -> Response:
    """Raises DomainError when there are too many rows."""
    return _download(state, "csv", CSV, lambda file: _write_csv(file, state, columns))


def as_xlsx(state: ListState, columns: Sequence[Column]) -> Response:
    """Raises DomainError when there are too many rows."""
    return _download(state, "xlsx", XLSX, lambda file: _write_xlsx(file, state, columns))


def _download(
    state: ListState, ending: str, kind: str, write: Callable[[IO[bytes]], None]
) -> Response:
    if count_up_to(state, MOST) > MOST:
        raise DomainError(
            _("A file takes %(count)s rows at most: narrow the list first.", count=number(MOST))
        )
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    write(file)
    file.seek(0)
    name = f"{state.listing.title} {today(timezone()).isoformat()}.{ending}"
    return send_file(file, kind, as_attachment=True, download_name=name.replace("/", "-"))


def plain(value: Any) -> Plain:
    """A value without its looks. Moments stand as the page shows them, without their time zone."""
    if isinstance(value, Cell):
        value = value.html
    if hasattr(value, "__html__"):
        return Markup(value.__html__()).striptags()
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        shown = to_user_timezone(value) if value.tzinfo in (None, UTC) else value
        return shown.replace(tzinfo=None)
    if isinstance(value, int | Decimal | date):
        return value
    return "" if value is None else str(value)


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula, whatever people call themselves."""
    return f"'{text}" if text.startswith(FORMULA) else text


def _rows(state: ListState, columns: Sequence[Column]) -> Iterator[list[Plain]]:
    for records in batches(state):
        values = (_values(state, column, records) for column in columns)
        yield from (list(row) for row in zip(*values, strict=True))


def _values(state: ListState, column: Column, records: Sequence[Any]) -> Iterator[Plain]:
    if column.export:
        return (plain(column.export(record)) for record in records)
    return (plain(value) for value in contents(state.listing, column, records))


def _write_csv(file: IO[bytes], state: ListState, columns: Sequence[Column]) -> None:
    comma = get_decimal_symbol(get_locale())
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    text.write(BYTE_ORDER_MARK)
    writer = csv.writer(text, delimiter=";" if comma == "," else ",")
    writer.writerow(harmless(str(column.title)) for column in columns)
    for row in _rows(state, columns):
        writer.writerow(_text(value, comma) for value in row)
    text.detach()


def _write_xlsx(file: IO[bytes], state: ListState, columns: Sequence[Column]) -> None:
    titles = [str(column.title) for column in columns]
    write_workbook(file, str(state.listing.title), titles, _rows(state, columns), _formats(columns))


def _text(value: Plain, comma: str) -> str:
    if isinstance(value, str):
        return harmless(value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return f"{value:f}".replace(".", comma) if isinstance(value, Decimal) else str(value)


def _formats(columns: Sequence[Column]) -> list[str]:
    """How the cells of each column look in a workbook, as a spreadsheet says it."""
    decimals = {"money": "#,##0.00", "price": "#,##0.00##"}
    return [decimals.get(column.show, "") for column in columns]
