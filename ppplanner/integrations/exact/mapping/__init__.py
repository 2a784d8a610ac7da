"""Our records in Exact's terms and back: pure functions, no I/O.

How long Exact takes texts stands in `bodies.py`; what it calls its properties, in `fields.py`.
"""

from .costs import COST_KINDS, NO_COSTS, CostCodes, new_cost_item, same_code
from .customers import (
    customer_data,
    found_there,
    is_named,
    known_language,
    new_account,
    search_code,
    told,
)
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
    "COST_KINDS",
    "NO_COSTS",
    "USUAL_DESCRIPTION",
    "VARIABLES",
    "CostCodes",
    "booking_day",
    "customer_data",
    "describe",
    "document",
    "document_subject",
    "file_name",
    "found_there",
    "is_cash",
    "is_named",
    "is_of_customer",
    "known_language",
    "new_account",
    "new_cost_item",
    "same_code",
    "sales_entry",
    "search_code",
    "told",
    "transaction_entry",
    "transaction_reference",
    "unknown_variables",
    "vat_amounts",
]
