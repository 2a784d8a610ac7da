"""What of the board a person looks at. The URL holds all of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict

from ppplanner.blueprints.records import LARGEST_ID
from ppplanner.clock import today
from ppplanner.locales import timezone
from ppplanner.models import Contract, ContractStatus, Resource
from ppplanner.permissions import visible
from ppplanner.services.planning.board_choice import Choice, Grouping
from ppplanner.services.planning.timeline import YEARS, View, Window

E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True)
class BoardState:
    """Read from the URL, and written back to it."""

    view: View = View.WEEK
    #: None stands for today, so that an address does not grow old.
    day: date | None = None
    grouping: Grouping = Grouping.UNIT
    pool_id: int | None = None
    type_id: int | None = None
    customer_id: int | None = None
    status: ContractStatus | None = None
    q: str = ""

    @classmethod
    def read(cls, args: MultiDict[str, str]) -> BoardState:
        """What cannot be understood is left out, so an old bookmark still opens."""
        day = args.get("day", type=_day)
        return cls(
            view=_one_of(View, args.get("view")) or View.WEEK,
            day=None if day == today(timezone()) else day,
            grouping=_one_of(Grouping, args.get("group")) or Grouping.UNIT,
            pool_id=args.get("pool", type=_id),
            type_id=args.get("type", type=_id),
            customer_id=args.get("customer", type=_id),
            status=_one_of(ContractStatus, args.get("state")),
            q=args.get("q", "").strip()[:100],
        )

    def params(self) -> dict[str, Any]:
        """What differs from a fresh board."""
        values = {
            "view": self.view if self.view is not View.WEEK else None,
            "day": self.day and self.day.isoformat(),
            "group": self.grouping if self.grouping is not Grouping.UNIT else None,
            "pool": self.pool_id,
            "type": self.type_id,
            "customer": self.customer_id,
            "state": self.status,
            "q": self.q,
        }
        return {name: str(value) for name, value in values.items() if value}

    def url(self, **changes: Any) -> str:
        """The board's address after these changes."""
        return url_for("planning.index", **replace(self, **changes).params())

    def query(self) -> str:
        return urlencode(self.params())

    @property
    def narrowed(self) -> bool:
        """Whether something is left out that a fresh board would show."""
        return bool(self.pool_id or self.type_id or self.customer_id or self.status or self.q)

    def fresh_url(self) -> str:
        """The address of the same days without search and filters."""
        plain = {"pool_id": None, "type_id": None, "customer_id": None, "status": None, "q": ""}
        return self.url(**plain)

    def window(self) -> Window:
        zone = timezone()
        return Window.around(self.view, self.day or today(zone), zone)

    def choice(self) -> Choice:
        """What the services need to know of it, with what the person may see."""
        return Choice(
            grouping=self.grouping,
            unit_id=current_user.business_unit_id,
            pool_id=self.pool_id,
            type_id=self.type_id,
            customer_id=self.customer_id,
            status=self.status,
            text=self.q,
            resources=visible(Resource),
            contracts=visible(Contract),
        )


def _one_of(choices: type[E], text: str | None) -> E | None:
    return choices(text) if text in {each.value for each in choices} else None


def _id(text: str) -> int:
    """An id out of a URL. Raises ValueError when no record can have it."""
    number = int(text)
    if not 0 < number <= LARGEST_ID:
        raise ValueError(text)
    return number


def _day(text: str) -> date:
    """A day out of a URL. Raises ValueError when it is none, or far away."""
    day = date.fromisoformat(text)
    if day.year not in YEARS:
        raise ValueError(text)
    return day
