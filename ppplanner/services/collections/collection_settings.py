"""What a company does with deposits, refunds and cash."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.models import Setting
from ppplanner.services.collections.sepa import Version
from ppplanner.settings import Settings


@dataclass(frozen=True)
class CollectionSettings:
    #: The final invoice takes its money from the deposit first; otherwise the whole deposit goes
    #: back to the customer (domain 9.3).
    settle_deposit: bool = False
    #: Refund requests are paid with a file for the bank (domain 9.4).
    refund_files: bool = False
    #: The version of such a file that the bank takes.
    payment_file: str = Version.V09.value
    #: EUR in cash for one contract or invoice; None: as much as they like (`cash_limit.py`).
    cash_limit: int | None = 3000
    #: Consumers pay cash to the nearest five cents (`cash_rounding.py`).
    round_cash: bool = True


collection_settings = Settings("collections", CollectionSettings)


def any_refund_files(company_ids: Collection[int]) -> bool:
    """Whether one of the companies pays refunds with files, in one query."""
    query = select(Setting.value).filter_by(
        namespace=collection_settings.namespace, name="refund_files"
    )
    return any(db.session.scalars(query.where(Setting.company_id.in_(company_ids))))
