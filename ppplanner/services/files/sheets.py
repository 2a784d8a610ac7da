"""Reading the rows of a file that people made with a spreadsheet: XLSX or CSV.

What cannot be read raises DomainError with what to do about it.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from io import BytesIO, StringIO
from typing import Any
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from ppplanner.errors import DomainError
from ppplanner.i18n import _
from ppplanner.plain_text import one_line

#: With more of them a file is divided.
MOST_ROWS = 5_000
#: What a spreadsheet can have, empty ones included.
MOST_LINES = 1_048_576
MOST_COLUMNS = 60
LONGEST_CELL = 20_000
#: Bytes that an XLSX file may unpack to.
LARGEST_UNPACKED = 200 * 1024 * 1024
ZIP, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
#: How a file of the old kind says that it holds an encrypted one.
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
DELIMITERS = ";\t,"
#: What a spreadsheet would calculate with, were it not for the apostrophe in front.
GUARDED = ("'=", "'+", "'-", "'@")

Value = str | int | float | bool | date | None


class Formula(str):
    """A cell whose value only a spreadsheet can tell."""


@dataclass(frozen=True)
class Row:
    """One row, with the number that the spreadsheet shows beside it."""

    number: int
    cells: Sequence[Value]


def read_rows(content: bytes) -> list[Row]:
    """The rows that hold something, at least one. Raises DomainError."""
    if not content.strip(b"\0 \t\r\n"):
        raise _empty()
    if content.startswith(OLD_OFFICE):
        raise DomainError(_old_office(content))
    lines = _xlsx_rows(content) if content.startswith(ZIP) else _csv_rows(content)
    rows: list[Row] = []
    for number, cells in lines:
        if any(cell not in (None, "") for cell in cells):
            rows.append(Row(number, cells))
        if number > MOST_LINES or len(rows) > MOST_ROWS + 1:  # and the headings
            raise _too_long()
    if not rows:
        raise _empty()
    return rows


def _empty() -> DomainError:
    return DomainError(_("This file is empty."))


def _too_long() -> DomainError:
    return DomainError(
        _(
            "This file has more than %(count)d rows: divide it into smaller ones.",
            count=MOST_ROWS,
        )
    )


def _old_office(content: bytes) -> str:
    if ENCRYPTED in content:
        return _("This file is protected with a password: save it without one, then try again.")
    return _("This file is of an old kind: save it as Excel (XLSX) or text (CSV), then try again.")


def _not_a_sheet() -> DomainError:
    return DomainError(
        _("This file is not a spreadsheet that can be read: save it as Excel (XLSX) or text (CSV).")
    )


# ---- XLSX ---------------------------------------------------------------------------------------


def _xlsx_rows(content: bytes) -> Iterator[tuple[int, list[Value]]]:
    _refuse_bombs(content)
    try:
        book = load_workbook(BytesIO(content), read_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for number, cells in enumerate(sheet.iter_rows(), start=1):
            yield number, [_xlsx_value(cell) for cell in cells[:MOST_COLUMNS]]
    except DomainError:
        raise
    except (InvalidFileException, BadZipFile, KeyError, IndexError, ValueError, OSError) as error:
        raise _not_a_sheet() from error
    except (SyntaxError, TypeError, AttributeError) as error:  # XML that is none, or says nonsense
        raise _not_a_sheet() from error


def _refuse_bombs(content: bytes) -> None:
    try:
        size = sum(part.file_size for part in ZipFile(BytesIO(content)).infolist())
    except (BadZipFile, ValueError, OSError) as error:
        raise _not_a_sheet() from error
    if size > LARGEST_UNPACKED:
        raise DomainError(_("This file unpacks to too much: divide it into smaller ones."))


def _xlsx_value(cell: Any) -> Value:
    value = cell.value
    if cell.data_type == "f":
        return Formula(value)
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str):
        return one_line(value)
    if isinstance(value, (int, float, date)) or value is None:
        return value
    return value.isoformat("minutes") if isinstance(value, time) else str(value)


# ---- CSV ----------------------------------------------------------------------------------------


def _csv_rows(content: bytes) -> Iterator[tuple[int, list[Value]]]:
    text = _decoded(content)
    if "\0" in text or not text.isprintable() and _control_characters(text) > len(text) // 100:
        raise _not_a_sheet()
    reader = csv.reader(StringIO(text, newline=""), delimiter=_delimiter(text))
    try:
        for number, cells in enumerate(reader, start=1):
            yield number, [_csv_value(cell) for cell in cells[:MOST_COLUMNS]]
    except csv.Error as error:
        raise _not_a_sheet() from error


def _decoded(content: bytes) -> str:
    """Its text: UTF-8, UTF-16 when it says so, otherwise as Windows writes in Western Europe."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _control_characters(text: str) -> int:
    return sum(1 for character in text if ord(character) < 32 and character not in "\t\r\n")


def _delimiter(text: str) -> str:
    """What stands most often between the headings."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(DELIMITERS, key=first.count)


def _csv_value(text: str) -> Value:
    cell = one_line(text[:LONGEST_CELL])
    if cell.startswith(GUARDED):
        return cell[1:]
    return Formula(cell) if cell.startswith("=") else cell
