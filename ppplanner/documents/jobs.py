"""Background work of this package: the PDFs that a crash, or a bulk action, left to be made."""

from __future__ import annotations

import logging

from ppplanner.documents.invoice_pdf import ensure_pdf, without_pdf
from ppplanner.extensions import db
from ppplanner.jobs import job

log = logging.getLogger(__name__)


@job
def make_invoice_pdf(invoice_id: int) -> None:
    """Make one PDF; nothing happens when it is there already."""
    ensure_pdf(invoice_id)


@job
def make_missing_pdfs() -> None:
    """Make the PDF of each confirmed invoice that has none: the safety net under all other ways."""
    missing = without_pdf()
    db.session.rollback()
    log.info("PDFs to make: %s", len(missing))
    failed = [invoice_id for invoice_id in missing if not _made(invoice_id)]
    log.info("PDFs made: %s, failed: %s", len(missing) - len(failed), len(failed))
    if failed:
        raise RuntimeError(f"no PDF could be made of invoices {failed}")


def _made(invoice_id: int) -> bool:
    """Whether it worked: one invoice that cannot be printed does not stop the others."""
    try:
        ensure_pdf(invoice_id)
    except Exception:
        log.exception("no PDF could be made of invoice %s", invoice_id)
        db.session.rollback()
        return False
    return True
