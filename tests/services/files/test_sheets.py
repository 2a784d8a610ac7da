"""Reading spreadsheets: what people save, and what they mistake for one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from flask import Flask
from openpyxl import Workbook

from ppplanner.errors import DomainError
from ppplanner.services.files import sheets
from ppplanner.services.files.cells import as_amount, as_day, as_text, as_whole, as_yes_or_no
from ppplanner.services.files.sheets import Formula, Value, read_rows

pytestmark = [pytest.mark.one_database, pytest.mark.usefixtures("app")]


def workbook(*rows: list[Any]) -> bytes:
    book, file = Workbook(), BytesIO()
    sheet: Any = book.active
    for row in rows:
        sheet.append(row)
    book.save(file)
    return file.getvalue()


def cells(content: bytes) -> list[list[Value]]:
    return [list(row.cells) for row in read_rows(content)]


@pytest.mark.parametrize("mark", [";", ",", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
def test_csv_is_read_whatever_saved_it(mark: str, encoding: str) -> None:
    text = f"Code{mark}Merk\r\nV1{mark}Citroën\r\n"
    assert cells(text.encode(encoding)) == [["Code", "Merk"], ["V1", "Citroën"]]


def test_quotes_hold_separators_and_lines_together() -> None:
    assert cells(b'Code;Model\nV1;"Long; and\nhigh"\n')[1] == ["V1", "Long; and high"]


def test_rows_keep_the_numbers_that_the_spreadsheet_shows() -> None:
    assert [row.number for row in read_rows(b"\nCode\n\n;;\nV1\n")] == [2, 5]
    content = workbook([], ["Code"], [None, None], ["V1"])
    assert [row.number for row in read_rows(content)] == [2, 4]


def test_xlsx_gives_numbers_and_days_as_they_are() -> None:
    row = ["V1", 12, 12.5, None, datetime(2026, 11, 25), True]
    assert cells(workbook(row)) == [["V1", 12, 12.5, None, date(2026, 11, 25), True]]


def test_formulas_are_known_as_such() -> None:
    [[in_xlsx]] = cells(workbook(["=1+1"]))
    [_heading, [in_csv]] = cells(b"Code\n=1+1\n")
    assert isinstance(in_xlsx, Formula)
    assert isinstance(in_csv, Formula)


def test_an_apostrophe_that_keeps_a_text_from_being_a_formula_is_taken_off() -> None:
    assert cells(b"Code\n'=A1\n'-5\n'n\n") == [["Code"], ["=A1"], ["-5"], ["'n"]]


def password_protected() -> bytes:
    return sheets.OLD_OFFICE + b"\0" * 600 + sheets.ENCRYPTED


def zip_of(name: str, text: str) -> bytes:
    file = BytesIO()
    with ZipFile(file, "w", ZIP_DEFLATED) as archive:
        archive.writestr(name, text)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "This file is empty"),
        (b" \r\n\t\n", "This file is empty"),
        (password_protected(), "protected with a password"),
        (sheets.OLD_OFFICE + b"\0" * 600, "of an old kind"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not a spreadsheet"),
        (b"%PDF-1.7\n\0\0", "not a spreadsheet"),
        (sheets.ZIP + b"nonsense", "not a spreadsheet"),
        (zip_of("word/document.xml", "<w/>"), "not a spreadsheet"),
        (zip_of("[Content_Types].xml", "<broken"), "not a spreadsheet"),
        (workbook(["Code"])[:-300], "not a spreadsheet"),
        (b"Code\n" + b'"' + b"x" * 200_000, "not a spreadsheet"),
    ],
)
def test_what_is_no_spreadsheet_is_refused_with_what_to_do(content: bytes, sentence: str) -> None:
    with pytest.raises(DomainError, match=sentence):
        list(read_rows(content))


@pytest.mark.parametrize(
    "make",
    [
        lambda count: b"Code\n" + b"V1\n" * count,
        lambda count: workbook(["Code"], *(["V1"] for _each in range(count))),
    ],
)
def test_too_many_rows_are_refused(
    monkeypatch: pytest.MonkeyPatch, make: Callable[[int], bytes]
) -> None:
    monkeypatch.setattr(sheets, "MOST_ROWS", 50)
    assert len(cells(make(50))) == 51
    with pytest.raises(DomainError, match="more than 50 rows"):
        cells(make(51))


def test_fifty_thousand_rows_are_refused_before_they_are_all_read(app: Flask) -> None:
    with pytest.raises(DomainError, match="more than 5000 rows"):
        cells(b"Code\n" + b"V1\n" * 50_000)


def test_a_file_that_unpacks_to_too_much_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "LARGEST_UNPACKED", 1000)
    with pytest.raises(DomainError, match="unpacks to too much"):
        cells(zip_of("xl/workbook.xml", "x" * 5000))


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("1.250,50", "1250.50"),
        ("1,250.50", "1250.50"),
        ("1250,5", "1250.5"),
        ("12.50", "12.50"),
        ("1.250", "1250"),
        ("1 250,00 €", "1250.00"),
        ("EUR 12", "12"),
        ("-1", "-1"),
        (12, "12"),
        (12.5, "12.5"),
        ("1.250.000", "1250000"),
    ],
)
def test_amounts_are_read_as_belgium_writes_them(cell: Value, amount: str) -> None:
    assert as_amount(cell) == Decimal(amount)


@pytest.mark.parametrize("cell", ["0,125", "0.125", "0,1250", 0.125])
def test_prices_have_four_decimals_and_nought_parts_no_thousands(cell: Value) -> None:
    assert as_amount(cell, decimals=4) == Decimal("0.125")


@pytest.mark.parametrize(
    "cell", ["a lot", "1e12", "12,5,5,", "--1", "nan", float("inf"), "€.", "1,234.5678"]
)
def test_what_is_no_amount_is_refused(cell: Value) -> None:
    with pytest.raises(DomainError, match="Type"):
        as_amount(cell)


@pytest.mark.parametrize(
    "cell", ["25/11/2026", "25-11-2026", "25.11.26", "2026-11-25", date(2026, 11, 25)]
)
def test_days_are_read_in_every_usual_way(cell: Value) -> None:
    assert as_day(cell) == date(2026, 11, 25)


@pytest.mark.parametrize("cell", ["31/02/2026", "11/25/2026", "soon", "2026", 46000])
def test_what_is_no_day_is_refused(cell: Value) -> None:
    with pytest.raises(DomainError, match="Type a day that exists"):
        as_day(cell)


@pytest.mark.parametrize(
    ("cell", "meant"),
    [
        ("ja", True),
        ("Oui", True),
        ("x", True),
        (True, True),
        ("nee", False),
        (0, False),
        ("", None),
    ],
)
def test_yes_and_no_are_read_in_every_language(cell: Value, meant: bool | None) -> None:
    assert as_yes_or_no(cell) is meant


def test_whole_numbers_and_texts() -> None:
    assert (as_whole("80"), as_whole(80.0), as_text(80.0), as_text(None)) == (80, 80, "80", "")
    for read, cell in ((as_whole, "80,5"), (as_yes_or_no, "maybe"), (as_text, Formula("=A1"))):
        with pytest.raises(DomainError):
            read(cell)


@pytest.mark.parametrize("content", [b";;;;\n;;\n", workbook(), workbook([None, ""])])
def test_rows_without_anything_in_them_are_no_file(content: bytes) -> None:
    with pytest.raises(DomainError, match="empty"):
        read_rows(content)


def test_more_lines_than_a_spreadsheet_has_are_not_read_to_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sheets, "MOST_LINES", 10)
    assert len(read_rows(b"Code\n" + b";\n" * 8 + b"V1\n")) == 2
    with pytest.raises(DomainError, match="more than"):
        read_rows(b"Code\n" + b";\n" * 20 + b"V1\n")
