"""Our records in Exact's terms and back: pure functions, no I/O.

The lengths to which Exact cuts texts are kept in `fields.py`, beside the names of its properties.
"""

from .customers import customer_data, is_named, new_account, search_code, told
from .invoices import document, document_subject, file_name, sales_entry, vat_amounts
from .transactions import (
    USUAL_DESCRIPTION,
    VARIABLES,
    booking_day,
    describe,
    is_cash,
    is_of_customer,
    transaction_entry,
    transaction_reference,
    unknown_variables,
)

__all__ = [
    "USUAL_DESCRIPTION",
    "VARIABLES",
    "booking_day",
    "customer_data",
    "describe",
    "document",
    "document_subject",
    "file_name",
    "is_cash",
    "is_named",
    "is_of_customer",
    "new_account",
    "sales_entry",
    "search_code",
    "told",
    "transaction_entry",
    "transaction_reference",
    "unknown_variables",
    "vat_amounts",
]
