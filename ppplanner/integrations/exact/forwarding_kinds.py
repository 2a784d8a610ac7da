"""What differs when invoices are forwarded by hand, and when transactions are."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, ClassVar, Protocol

from flask_babel.speaklater import LazyString
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from ppplanner.extensions import db
from ppplanner.i18n import N_, Message, _l
from ppplanner.models import Company, Invoice, InvoiceLine, Transaction

from . import queueing
from .items import item_of
from .models import ExactConnection, ExactRun, Kind
from .settings import ExactSettings
from .standing import Stage, Standing
from .sync import branches, obstacles
from .sync.invoices import IN_ORDER, put_on_the_way

DRAFT = N_("It is a draft: confirm it first.")


class Setup(Protocol):
    """How a company has set up what is forwarded, as it was at one moment."""

    @property
    def settings(self) -> ExactSettings: ...


class Forwarded(ABC):
    """A kind of record that people forward by hand. Each method is given records of its own kind,
    and the set-up that it has read itself.
    """

    kind: ClassVar[Kind]
    #: What to do when none of them was ticked.
    nothing: ClassVar[LazyString]

    @abstractmethod
    def read(self, ids: Sequence[int]) -> list[Any]:
        """Those with these ids, the oldest first, with all that is asked of them."""

    @abstractmethod
    def company(self, record: Any) -> Company:
        """In whose books it comes."""

    @abstractmethod
    def setup(self, connection: ExactConnection, records: Sequence[Any]) -> Setup:
        """In a few queries, however many records it is for."""

    def not_yet(self, record: Any) -> Message | None:
        """Why it is too early to forward it, whatever the link."""
        return None

    def never(self, record: Any, setup: Any) -> Message | None:
        """Why it is no business of Exact's."""
        return None

    @abstractmethod
    def obstacles(self, record: Any, setup: Any, standing: Standing) -> list[Message]:
        """What has to be set before it can go."""

    @abstractmethod
    def queue(
        self, connection: ExactConnection, records: Iterable[Any], by: str, run: ExactRun | None
    ) -> int:
        """Note that they have to go, with what goes before them; how many. The caller commits."""


class Invoices(Forwarded):
    kind = Kind.INVOICE
    nothing = _l("Tick the invoices to forward first.")

    def read(self, ids: Sequence[int]) -> list[Invoice]:
        lines = selectinload(Invoice.lines)
        query = (
            select(Invoice)
            .where(Invoice.id.in_(ids))
            .order_by(*IN_ORDER)
            .options(
                joinedload(Invoice.company),
                joinedload(Invoice.customer),
                lines.joinedload(InvoiceLine.gl_account),
                lines.joinedload(InvoiceLine.vat_code),
            )
        )
        return list(db.session.scalars(query))

    def company(self, record: Invoice) -> Company:
        return record.company

    def setup(self, connection: ExactConnection, records: Sequence[Invoice]) -> obstacles.Setup:
        return obstacles.Setup.read(connection, {record.customer_id for record in records})

    def not_yet(self, record: Invoice) -> Message | None:
        return Message(DRAFT) if record.is_draft else None

    def obstacles(
        self, record: Invoice, setup: obstacles.Setup, standing: Standing
    ) -> list[Message]:
        """One that is booked lacks its PDF only, which needs nothing but the switch."""
        if standing.stage is Stage.INCOMPLETE and setup.settings.invoices_send:
            return []
        return obstacles.obstacles(record, setup, asked=False)

    def queue(
        self, connection: ExactConnection, records: Iterable[Invoice], by: str, run: ExactRun | None
    ) -> int:
        return put_on_the_way(connection, records, by=by, run=run)


class Transactions(Forwarded):
    """Beside the interval; also those before the first day that it takes."""

    kind = Kind.TRANSACTION
    nothing = _l("Tick the transactions to forward first.")

    def read(self, ids: Sequence[int]) -> list[Transaction]:
        return branches.read_transactions(ids)

    def company(self, record: Transaction) -> Company:
        return record.business_unit.company

    def setup(self, connection: ExactConnection, records: Sequence[Transaction]) -> branches.Setup:
        return branches.Setup.read(connection, records)

    def never(self, record: Transaction, setup: branches.Setup) -> Message | None:
        return branches.why_it_stays(record, setup)

    def obstacles(
        self, record: Transaction, setup: branches.Setup, standing: Standing
    ) -> list[Message]:
        return branches.obstacles(record, setup)

    def queue(
        self,
        connection: ExactConnection,
        records: Iterable[Transaction],
        by: str,
        run: ExactRun | None,
    ) -> int:
        return queueing.queue_all(connection, map(item_of, records), by=by, run=run)


FORWARDED: Mapping[Kind, Forwarded] = {each.kind: each for each in (Invoices(), Transactions())}
