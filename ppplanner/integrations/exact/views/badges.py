"""The stages in words, with their colours."""

from __future__ import annotations

from flask_babel.speaklater import LazyString

from ppplanner.blueprints.markup import Badge, Colour
from ppplanner.i18n import _l

from ..standing import Stage, Standing

STAGES: dict[Stage, tuple[LazyString, Colour]] = {
    Stage.NOT_SENT: (_l("not in Exact"), "grey"),
    Stage.WAITING: (_l("waiting"), "amber"),
    Stage.SENDING: (_l("sending"), "blue"),
    Stage.HELD: (_l("on hold"), "amber"),
    Stage.BOOKED: (_l("booked"), "green"),
    Stage.INCOMPLETE: (_l("booked, PDF missing"), "amber"),
    Stage.LINKED: (_l("in Exact"), "green"),
    Stage.REFUSED: (_l("refused"), "red"),
}


def stage_badge(standing: Standing) -> Badge:
    return Badge(*STAGES[standing.stage])
