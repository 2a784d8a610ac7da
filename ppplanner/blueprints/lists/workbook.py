"""A table as an XLSX file (ECMA-376), written row by row: memory stays level, whatever its length.

It has one sheet, whose first row stays in sight. Texts are written as texts in place, so none of
them is ever taken for a formula.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import IO
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'

#: The most a cell holds.
LONGEST_TEXT = 32_767
#: Day 0 of a spreadsheet. It believes in 29 February 1900, so earlier days are written as texts.
DAY_0 = datetime(1899, 12, 30)
FIRST_DAY = date(1900, 3, 1)
ONE_DAY = timedelta(days=1)

#: The styles of cells, by their number: plain, heading, day, moment; those of columns follow.
HEADING, DAY, MOMENT, OWN = 1, 2, 3, 4
DAY_FORMATS = ("dd/mm/yyyy", "dd/mm/yyyy hh:mm")

#: What XML cannot say.
UNSPEAKABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
#: What the name of a sheet must not have.
NOT_IN_NAME = re.compile(r"[\[\]:*?/\\]")
LONGEST_NAME = 31

FILES = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships'
    '+xml"/><Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{KIND}.styles+xml"/>'
    f'<Override PartName="/xl/sheet.xml" ContentType="{KIND}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1"'
    f' Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
    f'<Relationship Id="r1" Type="{OFFICE}/worksheet" Target="sheet.xml"/>'
    f'<Relationship Id="r2" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
}
SHEET = (
    f'<worksheet xmlns="{MAIN}"><sheetViews><sheetView workbookViewId="0"><pane ySplit="1"'
    ' topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>'
    '<cols><col min="1" max="{columns}" width="18" customWidth="1"/></cols><sheetData>'
)


def write_workbook(
    file: IO[bytes],
    name: str,
    titles: Sequence[str],
    rows: Iterable[Sequence[object]],
    formats: Sequence[str],
) -> None:
    """Write a sheet called `name` into `file`.

    `formats` says how the numbers of each column look ("#,##0.00"), "" for no matter.
    """
    with ZipFile(file, "w", ZIP_DEFLATED, compresslevel=4) as archive:
        for path, text in {**FILES, **_workbook(name), **_styles(formats)}.items():
            archive.writestr(path, XML + text)
        with archive.open("xl/sheet.xml", "w", force_zip64=True) as sheet:
            _write_sheet(sheet.write, titles, rows, formats)


def _write_sheet(
    write: Callable[[bytes], object],
    titles: Sequence[str],
    rows: Iterable[Sequence[object]],
    formats: Sequence[str],
) -> None:
    styles = [OWN + place if each else 0 for place, each in enumerate(formats)]
    write((XML + SHEET.format(columns=len(titles))).encode())
    write(_row(titles, [HEADING] * len(titles)))
    for row in rows:
        write(_row(row, styles))
    write(b"</sheetData></worksheet>")


def _row(values: Iterable[object], styles: Iterable[int]) -> bytes:
    cells = (_cell(value, style) for value, style in zip(values, styles, strict=True))
    return f"<row>{''.join(cells)}</row>".encode()


def _cell(value: object, style: int) -> str:
    if isinstance(value, datetime) and value.date() >= FIRST_DAY:
        return f'<c s="{MOMENT}"><v>{(value - DAY_0) / ONE_DAY:.9f}</v></c>'
    if isinstance(value, date) and not isinstance(value, datetime) and value >= FIRST_DAY:
        return f'<c s="{DAY}"><v>{value.toordinal() - DAY_0.toordinal()}</v></c>'
    if isinstance(value, int | Decimal):
        return f'<c s="{style}"><v>{value}</v></c>'
    text = escape(UNSPEAKABLE.sub("", str(value))[:LONGEST_TEXT])
    if not text:
        return "<c/>"
    bold = f' s="{HEADING}"' if style == HEADING else ""
    return f'<c t="inlineStr"{bold}><is><t xml:space="preserve">{text}</t></is></c>'


def _workbook(name: str) -> dict[str, str]:
    """The list of sheets. A sheet's name may not be long, nor hold signs with a meaning."""
    shown = escape(NOT_IN_NAME.sub(" ", name)[:LONGEST_NAME].strip(" '") or "1", {'"': "&quot;"})
    sheets = f'<sheets><sheet name="{shown}" sheetId="1" r:id="r1"/></sheets>'
    return {"xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{sheets}</workbook>'}


def _styles(formats: Sequence[str]) -> dict[str, str]:
    codes = [*DAY_FORMATS, *(each or "General" for each in formats)]
    numbered = list(enumerate(codes, start=164))  # below are those that spreadsheets bring along
    formats_xml = "".join(
        f'<numFmt numFmtId="{key}" formatCode="{escape(code)}"/>' for key, code in numbered
    )
    looks = "".join(f'<xf numFmtId="{key}" applyNumberFormat="1"/>' for key, _code in numbered)
    text = (
        f'<styleSheet xmlns="{MAIN}"><numFmts count="{len(codes)}">{formats_xml}</numFmts>'
        '<fonts count="2"><font/><font><b/></font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs>'
        f'<cellXfs count="{2 + len(codes)}"><xf/><xf fontId="1" applyFont="1"/>{looks}</cellXfs>'
        '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
        "</styleSheet>"
    )
    return {"xl/styles.xml": text}
