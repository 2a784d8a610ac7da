"""Documents kept for the caller, with all that their amounts meet."""

from __future__ import annotations

from ppplanner.models import Contract, Invoice
from ppplanner.services.locking import lock_all


def hold(*invoices: Invoice | None, contract: Contract | None = None) -> None:
    """Read these as they are now and keep them so for others until the caller commits; with each
    its contract, and the invoice that it credits. Raises NotFound for one that is gone.

    Contracts come first, then invoices, by their keys: whoever works on the same ones takes them in
    the same order, so that two people never wait for each other.
    """
    named = [invoice for invoice in invoices if invoice]
    contracts = {contract, *(invoice.contract for invoice in named)} - {None}
    documents = {*named, *(invoice.credited_invoice for invoice in named)} - {None}
    for model, records in ((Contract, contracts), (Invoice, documents)):
        if records:
            lock_all(model, records)
