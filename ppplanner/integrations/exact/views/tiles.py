"""The tile "Exact Online" on the page of a record: where it stands, and every attempt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, url_for

from ppplanner.addons.manifest import Text
from ppplanner.blueprints.markup import Badge

from .. import outbox
from ..items import KINDS, Record
from ..models import ExactAttempt, ExactConnection, Kind
from ..standing import Stage, Standing, overall, standings_by_place
from .badges import stage_badge
from .reached import concerned
from .story import told


@dataclass(frozen=True)
class InOne:
    """How a record fares in one administration."""

    connection: ExactConnection
    standing: Standing

    @property
    def badge(self) -> Badge:
        return stage_badge(self.standing)


def tile(
    record: Record,
    *,
    note: Text = "",
    earlier: Sequence[ExactAttempt] = (),
    again: bool = True,
) -> str:
    """The tile of a record of any kind, "" where no link with Exact is concerned.

    `note` is said while Exact has not heard of the record; `earlier` are attempts with other
    records that belong to its story. With `again`, a refused record can be tried again here.
    """
    connections = concerned(record)
    if not connections:
        return ""
    kind = KINDS[type(record)]
    places = _places(kind, record.id, connections)
    standing = overall([each.standing for each in places])
    return render_template(
        "exact/_tile.html",
        url=url_for("exact.tile", kind=kind.value, record_id=record.id),
        kind=kind,
        standing=standing,
        state=stage_badge(standing),
        places=places,
        note=note,
        again=again,
        attempts=told([*_attempts(kind, record.id, connections), *earlier]),
    )


def _places(kind: Kind, record_id: int, connections: Sequence[ExactConnection]) -> list[InOne]:
    heard = standings_by_place(kind, [record_id])
    unheard = Standing(Stage.NOT_SENT)
    return [InOne(each, heard.get((record_id, each.id), unheard)) for each in connections]


def _attempts(
    kind: Kind, record_id: int, connections: Sequence[ExactConnection]
) -> list[ExactAttempt]:
    ids = {each.id for each in connections}
    return [each for each in outbox.attempts(kind, record_id) if each.connection_id in ids]
