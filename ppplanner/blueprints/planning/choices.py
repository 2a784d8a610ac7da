"""Free places offered instead of a refused one: buttons of a form, each with a place as its value.

    <button name="choice" value="12_2026-11-25T08:00_2026-11-26T17:00">

`taken()` is what the form says once somebody has pressed one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from flask import request
from werkzeug.datastructures import MultiDict

from ppplanner.blueprints.contracts.period import TYPED, to_local
from ppplanner.formats import moment
from ppplanner.i18n import _
from ppplanner.services.planning.alternatives import FreePlace

FIELDS = ("resource_id", "starts_at", "ends_at")


@dataclass(frozen=True)
class Offer:
    """A free place as a button: its value, and what stands on it."""

    value: str
    words: str


def offers(places: Iterable[FreePlace], zone: str) -> list[Offer]:
    """The places with their times as the clock shows them in `zone`."""
    return [_offer(place, zone) for place in places]


def _offer(place: FreePlace, zone: str) -> Offer:
    start, end = (to_local(each, zone) for each in (place.starts_at, place.ends_at))
    value = f"{place.resource_id}_{start:{TYPED}}_{end:{TYPED}}"
    return Offer(value, _words(place, zone))


def _words(place: FreePlace, zone: str) -> str:
    if not place.shifted:
        return _("%(resource)s at the same time", resource=place.resource)
    local = ZoneInfo(zone)
    return _(
        "%(resource)s from %(start)s to %(end)s",
        resource=place.resource,
        start=moment(place.starts_at.astimezone(local)),
        end=moment(place.ends_at.astimezone(local)),
    )


def taken() -> MultiDict[str, str] | None:
    """The form that was sent, with the place of the button that was pressed; None when none was."""
    if request.method != "POST":
        return None
    sent = MultiDict(request.form)
    place = request.form.get("choice", "").split("_")
    if len(place) == len(FIELDS):
        for name, value in zip(FIELDS, place, strict=True):
            sent[name] = value
    return sent
