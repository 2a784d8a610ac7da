"""What needs a person: refused by Exact, or held back by a setting; and trying it again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from ppplanner.extensions import db
from ppplanner.models import Invoice

from . import queueing
from .conditions import NEEDS_PERSON, is_last_word
from .connect import get_connection
from .items import MODELS, Record, item_of
from .jobs import send_soon
from .models import ExactConnection, ExactOutboxEntry, ExactRun, Kind, RunKind
from .runs import begin_run
from .sync.invoices import put_held_on_the_way, put_on_the_way


def open_matters() -> Select[ExactOutboxEntry]:
    """Of each record that Exact refused, or that a setting holds back, the entry that says so; as
    long as that is the last word, and the record is there.
    """
    return select(ExactOutboxEntry).where(
        ExactOutboxEntry.state.in_(NEEDS_PERSON), is_last_word(), or_(*map(_is_there, Kind))
    )


def _is_there(kind: Kind) -> ColumnElement[bool]:
    """Whether an entry is of this kind, and nobody has deleted its record."""
    model = MODELS[kind]
    record = select(model.id).where(model.id == ExactOutboxEntry.record_id)
    return and_(ExactOutboxEntry.kind == kind, record.correlate(ExactOutboxEntry).exists())


def count_matters(*conditions: ColumnElement[bool]) -> int:
    """How many of them there are, for which the conditions hold."""
    matters = open_matters().where(*conditions).with_only_columns(func.count())
    return db.session.scalar(matters) or 0


def try_again(entries: Sequence[ExactOutboxEntry], by: str) -> int:
    """Put their records on the way again, in one run for each administration; how many. The caller
    commits.
    """
    count, by_connection = 0, defaultdict(list)
    for entry in entries:
        by_connection[entry.connection_id].append(entry)
    for connection_id, some in by_connection.items():
        connection = get_connection(connection_id)
        run = begin_run(connection, RunKind.MANUAL, by=by)
        count += _queue(connection, _records(some), by, run)
        send_soon()
    return count


def let_held_go(connection: ExactConnection) -> None:
    """What a setting held back goes, now that a setting changed. The caller commits."""
    if put_held_on_the_way(connection):
        send_soon()


def _records(entries: Iterable[ExactOutboxEntry]) -> dict[Kind, list[Record]]:
    """By kind, in one query for each; those that are gone are left out."""
    ids: dict[Kind, list[int]] = defaultdict(list)
    for entry in entries:
        ids[Kind(entry.kind)].append(entry.record_id)
    return {kind: _of_kind(kind, some) for kind, some in ids.items()}


def _of_kind(kind: Kind, ids: Sequence[int]) -> list[Record]:
    model = MODELS[kind]
    return list(db.session.scalars(select(model).where(model.id.in_(ids)).order_by(model.id)))


def _queue(
    connection: ExactConnection,
    records: dict[Kind, list[Record]],
    by: str,
    run: ExactRun | None,
) -> int:
    invoices = [each for each in records.pop(Kind.INVOICE, []) if isinstance(each, Invoice)]
    count = put_on_the_way(connection, invoices, by=by, run=run)
    others = (
        queueing.queue_all(connection, map(item_of, some), by=by, run=run)
        for some in records.values()
    )
    return count + sum(others)
