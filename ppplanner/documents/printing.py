"""HTML to PDF with WeasyPrint: no network, no files, one set of fonts for the whole process."""

from __future__ import annotations

import logging
from functools import cache
from importlib import import_module
from threading import Lock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from weasyprint.text.fonts import FontConfiguration

log = logging.getLogger(__name__)

#: For archives, with the text in reading order: what the law asks to keep for ten years (PDF/A-3)
#: can be read aloud (tagged), and can carry the e-invoice as an attachment.
VARIANT = "pdf/a-3a"

#: Pango's font maps must not be used by two threads at once.
_printing = Lock()


def print_pdf(html: str) -> bytes:
    """The PDF of a page that brings all it needs along. The same HTML gives the same bytes."""
    # Half a second to import, and it needs pango: who only looks at lists needs neither.
    from weasyprint import HTML

    with _printing:
        page = HTML(string=html, base_url=None, url_fetcher=_only_data())
        pdf = page.write_pdf(font_config=_fonts(), pdf_variant=VARIANT)
    return bytes(pdf)


def prepare() -> None:
    """Load what printing needs: before a worker forks, or each of its jobs loads it anew; in a web
    process before the first invoice is confirmed there.

    Where the libraries are missing the log says so; everything but printing works.
    """
    try:
        import_module("weasyprint")
    except OSError as error:
        log.warning("invoices cannot be printed on this machine: %s", error)


@cache
def _fonts() -> FontConfiguration:
    """One for all prints: a new one each time leaks 0.2 MB a print."""
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


@cache
def _only_data() -> Any:
    """Fetches what stands in the page itself and nothing else, whatever a customer's name holds."""
    from weasyprint import URLFetcher

    return URLFetcher(allowed_protocols=("data",), allow_redirects=False)
