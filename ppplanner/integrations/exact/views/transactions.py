"""What Exact shows with transactions: the tile, the column of the list."""

from __future__ import annotations

from ppplanner.models import Transaction

from ..models import Kind
from . import tiles
from .columns import exact_column
from .filters import exact_filter

COLUMN = exact_column("transactions", Kind.TRANSACTION)
FILTER = exact_filter("transactions", Kind.TRANSACTION)


def tile(transaction: Transaction, **_context: object) -> str:
    """The transaction's whole story with Exact."""
    return tiles.tile(transaction)
