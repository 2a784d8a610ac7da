"""HTML to PDF: nothing from elsewhere, the same bytes for the same page, one set of fonts."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
import weasyprint.text.fonts
from pypdf import PdfReader

from ppplanner.documents import printing
from ppplanner.documents.printing import print_pdf
from tests.documents.reading import words

PAGE = '<html lang="nl"><title>Hello</title><h1>Hello</h1><img alt="" src="{}">'


@pytest.fixture
def no_fonts_yet() -> Iterator[None]:
    printing._fonts.cache_clear()
    yield
    printing._fonts.cache_clear()


@pytest.mark.parametrize(
    "address", ["file:///etc/hostname", "http://127.0.0.1:1/a.png", "https://127.0.0.1:1/a.png"]
)
def test_nothing_outside_the_page_is_fetched(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "weasyprint"):
        pdf = print_pdf(PAGE.format(address))
    assert "disallowed protocol" in caplog.text
    assert words(pdf) == "Hello"


def test_the_same_page_gives_the_same_bytes() -> None:
    assert print_pdf(PAGE.format("data:,")) == print_pdf(PAGE.format("data:,"))


def test_the_pdf_says_its_language_its_title_and_that_it_is_tagged() -> None:
    reader = PdfReader(BytesIO(print_pdf(PAGE.format("data:,"))))
    catalogue: Any = reader.root_object
    assert catalogue["/Lang"] == "nl"
    assert catalogue["/MarkInfo"]["/Marked"]
    assert b'conformance="A"' in catalogue["/Metadata"].get_data()
    assert reader.metadata is not None
    assert reader.metadata.title == "Hello"


@pytest.mark.usefixtures("no_fonts_yet")
def test_all_prints_share_one_set_of_fonts(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    real = weasyprint.text.fonts.FontConfiguration

    def count() -> object:
        made.append(real())
        return made[-1]

    monkeypatch.setattr(weasyprint.text.fonts, "FontConfiguration", count)
    for _ in range(3):
        print_pdf(PAGE.format("data:,"))
    assert len(made) == 1


def test_a_machine_without_the_libraries_says_so_and_goes_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def missing(name: str) -> None:
        raise OSError("cannot load library 'libpango'")

    monkeypatch.setattr(printing, "import_module", missing)
    printing.prepare()
    assert "cannot load library 'libpango'" in caplog.text
