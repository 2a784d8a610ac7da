"""How long work in the background needs for its calls: the rules of the limits, played forward."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from .call_counts import AFTERWARDS, SPAN, UNCOUNTED, State

#: What a call takes as long as nobody has measured it, in seconds.
_USUAL = 0.25
#: Played forward are so many minutes' calls; after them each minute is like the one before.
_MINUTES_PLAYED = 2


def time_for(state: State, calls: int, now: datetime, begin: datetime) -> timedelta:
    """From now on until so many calls are made, the first of them not before `begin`."""
    moment = begin
    while calls > 0:
        state = state.at(moment)
        room = max(0, state.day.left - state.kept_of_day("background"))
        midnight = datetime.fromtimestamp(state.day.resets_at, UTC)
        made, end = min(calls, room), moment
        if made:
            state, end = _paced(state, made, moment)
        if end > midnight:
            made = int(made * ((midnight - moment) / (end - moment)))
        calls -= made
        moment = end if calls <= 0 else midnight + timedelta(seconds=AFTERWARDS)
    return moment - now


def _paced(state: State, calls: int, moment: datetime) -> tuple[State, datetime]:
    """The state and the moment when these calls are made, the day's limit left aside."""
    each = timedelta(seconds=state.spent or _USUAL)
    most = state.in_a_minute("background")
    played = 0 if state.minute.allowed > UNCOUNTED else min(calls, _MINUTES_PLAYED * most)
    for _ in range(played):
        state, moment = _next(state, moment)
        moment += each
    evenly = timedelta(seconds=SPAN / most)
    rest = calls - played
    state = replace(state, day=replace(state.day, left=state.day.left - rest))
    return state, moment + rest * (max(each, evenly) if played else each)


def _next(state: State, moment: datetime) -> tuple[State, datetime]:
    """Make the next call as soon as it may be made."""
    state = state.at(moment)
    turn = state.turn("background", moment.timestamp())
    if turn > moment.timestamp():
        moment = datetime.fromtimestamp(turn, UTC)
        state = state.at(moment)
    return state.after_call(moment), moment
