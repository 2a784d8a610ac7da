"""Where running work is found: each source knows one kind, and asks one question."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from flask_login import current_user

from ppplanner.addons.manifest import Running
from ppplanner.addons.registry import registry
from ppplanner.blueprints.invoice_runs.running import running_runs

SOURCES: Sequence[Callable[[], Sequence[Running]]] = (running_runs,)


def running_work() -> list[Running]:
    """What goes on in the background for the person at the screen, or has just ended: first what
    matters most.
    """
    if not current_user.is_authenticated:
        return []
    own = [each for source in SOURCES for each in source()]
    return sorted([*own, *registry().running_work()], key=_urgency)


def _urgency(work: Running) -> int:
    """What has failed comes first, then what still goes on, then what ended well."""
    return 0 if work.trouble else 2 if work.ended else 1
