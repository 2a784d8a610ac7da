"""The table of the example."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from ppplanner.models import Base


class ExampleNote(Base):
    """What somebody noted about a customer. The customer's own table does not know of it."""

    __tablename__ = "example_notes"

    customer_id: Mapped[int] = mapped_column(
        ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True
    )
    text: Mapped[str] = mapped_column(String(200))
