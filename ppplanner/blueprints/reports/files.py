"""A report as a file for spreadsheets."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import BytesIO, StringIO

from babel.numbers import get_decimal_symbol
from flask import Response, send_file
from flask_babel import get_locale

from ppplanner.blueprints.lists.list_export import BYTE_ORDER_MARK, XLSX, harmless
from ppplanner.blueprints.lists.workbook import write_workbook
from ppplanner.blueprints.reports.period import Period
from ppplanner.blueprints.reports.utilisation import ReportColumn, ReportRow
from ppplanner.i18n import _
from ppplanner.money import cents

Plain = str | int | object
FORMATS = {"percent": "0%", "number": "0.0", "money": "#,##0.00"}


def as_file(
    ending: str,
    heading: str,
    columns: Sequence[ReportColumn],
    rows: Sequence[ReportRow],
    period: Period,
) -> Response:
    """The table as CSV or XLSX."""
    titles = [heading, *(str(column.title) for column in columns)]
    name = f"{_('Utilisation')} {period.first} {period.last}.{ending}"
    if ending == "xlsx":
        file = BytesIO()
        formats = ["", *(FORMATS[column.show] for column in columns)]
        write_workbook(file, _("Utilisation"), titles, _values(columns, rows), formats)
        file.seek(0)
        return send_file(file, XLSX, as_attachment=True, download_name=name)
    response = Response(_csv(titles, columns, rows), content_type="text/csv; charset=utf-8")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response


def _values(columns: Sequence[ReportColumn], rows: Sequence[ReportRow]) -> Iterator[list[object]]:
    for row in rows:
        yield [row.name, *(_rounded(column.value(row.use), column.show) for column in columns)]


def _rounded(value: object, show: str) -> object:
    if value is None:
        return ""
    return cents(value) if show in ("percent", "money") else value  # type: ignore[arg-type]


def _csv(titles: Sequence[str], columns: Sequence[ReportColumn], rows: Sequence[ReportRow]) -> str:
    comma = get_decimal_symbol(get_locale())
    text = StringIO()
    writer = csv.writer(text, delimiter=";" if comma == "," else ",")
    writer.writerow(titles)
    for values in _values(columns, rows):
        name, *figures = values
        writer.writerow([harmless(str(name)), *(str(each).replace(".", comma) for each in figures)])
    return BYTE_ORDER_MARK + text.getvalue()
