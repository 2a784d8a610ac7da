"""Ways to read a PDF back as its readers do: the words, the fonts, the code on the paper."""

from __future__ import annotations

from io import BytesIO

import pypdfium2  # type: ignore[import-untyped]
import zxingcpp
from pypdf import PdfReader


def pages(pdf: bytes) -> list[str]:
    """The words of each page, with single spaces."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(pdf)).pages]


def words(pdf: bytes) -> str:
    return " ".join(pages(pdf))


def fonts(pdf: bytes) -> set[str]:
    """The names of the fonts in the file, without the prefix of a subset."""
    found = set()
    for page in PdfReader(BytesIO(pdf)).pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            found.add(str(font.get_object()["/BaseFont"]).lstrip("/").split("+")[-1])
    return found


def shows(pdf: bytes, colour: tuple[int, int, int]) -> bool:
    """Whether the first page has that colour on it; a JPEG changes colours a little."""
    with pypdfium2.PdfDocument(pdf) as document:
        image = document[0].render(scale=1).to_pil().convert("RGB")
    return any(
        all(abs(one - other) < 12 for one, other in zip(found, colour, strict=True))
        for _count, found in image.getcolors(image.width * image.height)
    )


def codes(pdf: bytes) -> list[str]:
    """What a camera reads from the QR codes on the first page."""
    with pypdfium2.PdfDocument(pdf) as document:
        image = document[0].render(scale=3).to_pil()
    return [code.text for code in zxingcpp.read_barcodes(image)]
