"""Background work of this package: the PDFs that a crash, or a bulk action, left to be made."""

from __future__ import annotations

import logging

from ppplanner.documents.invoice_pdf import ensure_pdf, without_pdf
from ppplanner.jobs import LATER, enqueue, job, queue

log = logging.getLogger(__name__)


@job
def make_invoice_pdf(invoice_id: int) -> None:
    """Make one PDF; nothing happens when it is there already."""
    ensure_pdf(invoice_id)


@job
def make_missing_pdfs() -> None:
    """Have the PDF of each confirmed invoice made that has none: the safety net under all other
    ways. Each is a job of its own, so that one that cannot be printed does not stop the others, and
    nobody waits for them.
    """
    if queue(LATER).count:
        return  # those of the last time are still being made
    missing = without_pdf()
    log.info("PDFs to make: %s", len(missing))
    for invoice_id in missing:
        enqueue(make_invoice_pdf, invoice_id, on=LATER)
