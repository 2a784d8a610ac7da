"""A list as a file: everything that its filters show, in the person's columns.

CSV leaves while it is made, with the separator and decimal sign of the person's language, as a
spreadsheet in Belgium expects; days are written the one way that each of them reads. XLSX holds
real numbers and days.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from tempfile import TemporaryFile
from typing import Any, TypeAlias

from babel.numbers import get_decimal_symbol
from flask import Response, send_file, stream_with_context
from flask_babel import get_locale, to_user_timezone
from markupsafe import Markup
from werkzeug.datastructures import Headers

from ppplanner.addons.manifest import Cell
from ppplanner.blueprints.list_columns import contents
from ppplanner.blueprints.list_query import batches, count_up_to
from ppplanner.blueprints.list_state import ListState
from ppplanner.blueprints.listing import Column
from ppplanner.blueprints.workbook import write_workbook
from ppplanner.clock import today
from ppplanner.errors import DomainError
from ppplanner.formats import number
from ppplanner.i18n import _
from ppplanner.locales import timezone

Plain: TypeAlias = str | int | Decimal | date | datetime

#: A workbook is made whole before it leaves; beyond this many rows a person waits too long for it.
MOST_IN_WORKBOOK = 100_000
#: A spreadsheet takes a text that begins with one of these for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
#: Tells spreadsheets that a CSV file is UTF-8.
BYTE_ORDER_MARK = "\ufeff"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def as_csv(state: ListState, columns: Sequence[Column]) -> Response:
    headers = Headers()
    headers.set("Content-Disposition", "attachment", filename=_file_name(state, "csv"))
    lines = stream_with_context(_lines(state, columns))
    return Response(lines, content_type="text/csv; charset=utf-8", headers=headers)


def as_xlsx(state: ListState, columns: Sequence[Column]) -> Response:
    """Raises DomainError when there are too many rows for a workbook."""
    if count_up_to(state, MOST_IN_WORKBOOK) > MOST_IN_WORKBOOK:
        limit = number(MOST_IN_WORKBOOK)
        raise DomainError(
            _(
                "An Excel file holds %(count)s rows at most: narrow the list, or take CSV.",
                count=limit,
            )
        )
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    titles = [str(column.title) for column in columns]
    write_workbook(file, str(state.listing.title), titles, _rows(state, columns), _formats(columns))
    file.seek(0)
    return send_file(file, XLSX, as_attachment=True, download_name=_file_name(state, "xlsx"))


def plain(value: Any) -> Plain:
    """A value without its looks; moments in the time zone of the business, without saying so."""
    if isinstance(value, Cell):
        value = value.html
    if hasattr(value, "__html__"):
        return Markup(value.__html__()).striptags()
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return to_user_timezone(value).replace(tzinfo=None)
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


def _lines(state: ListState, columns: Sequence[Column]) -> Iterator[str]:
    comma = get_decimal_symbol(get_locale())
    piece = io.StringIO()
    writer = csv.writer(piece, delimiter=";" if comma == "," else ",")
    piece.write(BYTE_ORDER_MARK)
    writer.writerow(harmless(str(column.title)) for column in columns)
    for row in _rows(state, columns):
        writer.writerow(_text(value, comma) for value in row)
        if piece.tell() > io.DEFAULT_BUFFER_SIZE:
            yield piece.getvalue()
            piece.seek(0)
            piece.truncate()
    yield piece.getvalue()


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


def _file_name(state: ListState, ending: str) -> str:
    return f"{state.listing.title} {today(timezone()).isoformat()}.{ending}"
