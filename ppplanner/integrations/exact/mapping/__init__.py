"""Our records in Exact's terms and back: pure functions, no I/O.

The lengths to which Exact cuts texts are kept in `fields.py`, beside the names of its properties.
"""

from .customers import customer_data, is_named, new_account, search_code, told
from .invoices import document, document_subject, file_name, sales_entry, vat_amounts

__all__ = [
    "customer_data",
    "document",
    "document_subject",
    "file_name",
    "is_named",
    "new_account",
    "sales_entry",
    "search_code",
    "told",
    "vat_amounts",
]
