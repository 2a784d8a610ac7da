"""The papers of a company: its logo, its terms, its general conditions."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from zlib import crc32

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from ppplanner.extensions import db
from ppplanner.models import Company
from ppplanner.services.firm import company_files
from ppplanner.services.firm.company_files import conditions, keep_logo, logo
from tests.blueprints.pages import error_at, main
from tests.conftest import Browser, Login
from tests.documents.logos import LOGOS, SVG, picture
from tests.factories import make_company

PDF = b"%PDF-1.4 terms %%EOF"


@pytest.fixture
def company(app: Flask) -> Company:
    return make_company("Vroom NV", invoice_terms="Pay in time.")


def bomb() -> bytes:
    """Two kilobytes of SVG that draw a billion squares."""
    uses = (f'<g id="g{n}">' + f'<use href="#g{n - 1}"/>' * 10 + "</g>" for n in range(1, 10))
    parts = f'<defs><rect id="g0" width="1" height="1"/>{"".join(uses)}</defs><use href="#g9"/>'
    return SVG.replace("</svg>", f"{parts}</svg>").encode()


def torn() -> bytes:
    """A PNG whose frame is whole, and whose pixels are not."""
    content = bytearray(b"\x89PNG\r\n\x1a\n")
    header = b"\0\0\0\x28\0\0\0\x14\x08\x02\0\0\0"
    for name, data in ((b"IHDR", header), (b"IDAT", b"no pixels"), (b"IEND", b"")):
        content += len(data).to_bytes(4) + name + data + crc32(name + data).to_bytes(4)
    return bytes(content)


def choose(
    browser: Browser, company: Company, what: str, content: bytes, **more: Any
) -> TestResponse:
    data = {"file": (BytesIO(content), "a file.x"), **more}
    return browser.post(f"/settings/papers/{company.id}/{what}", data=data)


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [("png", "image/png"), ("jpeg", "image/jpeg"), ("svg", "image/svg+xml")],
)
def test_a_logo_is_kept_and_shown(
    company: Company, login: Login, kind: str, media_type: str
) -> None:
    browser = login()
    assert choose(browser, company, "logo", LOGOS[kind]).status_code == 303
    kept = logo(company.id)
    assert kept
    shown = browser.get(f"/settings/papers/files/{kept.id}")
    assert (shown.data, shown.mimetype) == (LOGOS[kind], media_type)
    assert "default-src 'none'" in shown.headers["Content-Security-Policy"]


def test_a_new_logo_takes_the_place_of_the_old_one(company: Company, login: Login) -> None:
    browser = login()
    for kind in ("png", "svg"):
        choose(browser, company, "logo", LOGOS[kind])
    kept = logo(company.id)
    assert kept
    assert kept.content == LOGOS["svg"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not a picture"),
        (b"GIF89a", "not a picture"),
        (PDF, "not a picture"),
        (LOGOS["png"][:60], "not a picture"),
        (picture("JPEG", "CMYK"), "RGB colours"),
        (picture("PNG", size=(4001, 1)), "at most 4000 pixels"),
        (LOGOS["png"] + b"\0" * 300_000, "at most 300 kB"),
        (b"<svg", "cannot be read"),
        (b"<html><body/></html>", "not a picture"),
        (SVG.replace("<rect", "<script>alert(1)</script><rect").encode(), "more than a picture"),
        (SVG.replace("<rect", "<rect onload='alert(1)'").encode(), "more than a picture"),
        (
            SVG.replace("<rect", "<image href='https://a.example/b.png'/><rect").encode(),
            "more than a picture",
        ),
        (
            SVG.replace("<!--", "<!DOCTYPE svg [<!ENTITY a 'b'>]><!--").encode(),
            "cannot be read",
        ),
        (
            SVG.replace("<rect", "<image href='data:image/svg+xml,more'/><rect").encode(),
            "more than a picture",
        ),
        (SVG.replace("0 0 40 20", "a b c d").encode(), "cannot be read"),
        (SVG.replace("0 0 40 20", "0 0 40").encode(), "cannot be read"),
        (SVG.replace('height="20">', 'height="1e999">').encode(), "cannot be read"),
        (SVG.replace("<rect", "<g id='a'><use href='#a'/></g><rect").encode(), "cannot be read"),
        (bomb(), "cannot be read"),
        (torn(), "not a picture"),
    ],
)
def test_what_is_no_logo_is_told_at_the_field(
    company: Company, login: Login, content: bytes, told: str
) -> None:
    answer = choose(login(), company, "logo", content)
    assert answer.status_code == 422
    assert told in error_at(answer, "file")
    assert logo(company.id) is None


def test_conditions_are_kept_by_language(company: Company, login: Login) -> None:
    browser = login()
    for language in ("", "de"):
        answer = choose(browser, company, "conditions", PDF + language.encode(), language=language)
        assert answer.status_code == 303
    assert {
        language: getattr(conditions(company.id, language), "content", None)
        for language in ("de", "nl")
    } == {"de": PDF + b"de", "nl": PDF}
    text = main(browser.get(f"/settings/papers/{company.id}"))
    assert "Any other language a file.x" in text
    assert "Deutsch a file.x" in text


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"Dear customer", "not a PDF"),
        (b"%PDF-1.4 cut", "not a PDF, or it is damaged"),
        (PDF[:-5] + b"\0" * 30_000 + b"%%EOF", "at most 20 kB"),
    ],
)
def test_what_are_no_conditions_is_told_at_the_field(
    company: Company,
    login: Login,
    monkeypatch: pytest.MonkeyPatch,
    content: bytes,
    told: str,
) -> None:
    monkeypatch.setattr(company_files, "LARGEST_CONDITIONS", 20_000)
    answer = choose(login(), company, "conditions", content, language="")
    assert answer.status_code == 422
    assert told in error_at(answer, "file")


def test_a_file_is_removed_after_a_question(company: Company, login: Login) -> None:
    file = keep_logo(company, "logo.png", LOGOS["png"])
    browser, url = login(), f"/settings/papers/files/{file.id}/remove"
    assert "Remove this file?" in main(browser.get(url))
    assert browser.post(url).status_code == 303
    assert logo(company.id) is None


def test_terms_are_kept_by_language(company: Company, login: Login) -> None:
    browser, url = login(), f"/settings/papers/{company.id}/terms"
    assert "Pay in time." in browser.get(url).text
    browser.post(url, data={"for_all": "Pay.", "nl": " Betaal. ", "fr": "", "en": "", "de": ""})
    db.session.refresh(company)
    assert (company.invoice_terms, company.invoice_terms_in) == ("Pay.", {"nl": "Betaal."})


def test_terms_that_are_too_long_are_told_at_their_field(company: Company, login: Login) -> None:
    url = f"/settings/papers/{company.id}/terms"
    answer = login().post(url, data={"for_all": "", "de": "x" * 1001})
    assert "at most 1000 characters" in error_at(answer, "de")


def test_the_list_says_what_each_company_has(company: Company, login: Login) -> None:
    browser = login()
    choose(browser, company, "conditions", PDF, language="fr")
    assert "Vroom NV – Français" in main(browser.get("/settings/papers/")).replace(
        "Vroom NV Français", "Vroom NV – Français"
    )
