"""The story of a record with Exact: every attempt, newest first, in the reader's language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel.speaklater import LazyString

from ppplanner.addons.manifest import Text
from ppplanner.i18n import Message, _l

from ..models import ExactAttempt

#: What was done, by the action of the step and its result.
TITLES: dict[tuple[str, str], LazyString] = {
    ("create_customer", "done"): _l("Made the customer"),
    ("create_customer", "found"): _l("Found the customer, made before"),
    ("update_customer", "done"): _l("Changed the customer"),
    ("create_cost_item", "done"): _l("Made it in Exact"),
    ("create_cost_item", "found"): _l("Found it in Exact, made before"),
    ("rename_cost_item", "done"): _l("Changed its name in Exact"),
    ("create_document", "done"): _l("Made the document"),
    ("create_document", "found"): _l("Found the document, made before"),
    ("attach_pdf", "done"): _l("Attached the PDF"),
    ("attach_pdf", "found"): _l("Found the PDF, attached before"),
    ("book_entry", "done"): _l("Booked"),
    ("book_entry", "found"): _l("Found the booking, made before"),
    ("book_entry", "differs"): _l("Booked with another amount"),
    ("payment", "paid"): _l("Paid, says Exact"),
    ("payment", "open"): _l("Open again, says Exact"),
    ("book_transaction", "done"): _l("Booked"),
    ("book_transaction", "found"): _l("Found the booking, made before"),
    ("send", "refused"): _l("Refused"),
    ("send", "held"): _l("Put on hold"),
    ("send", "postponed"): _l("Postponed"),
}


@dataclass(frozen=True)
class Told:
    """One line of a record's story."""

    title: Text
    at: datetime
    reasons: list[Message]
    #: Exact's own.
    words: list[str]


def told(attempts: Sequence[ExactAttempt]) -> list[Told]:
    """These attempts, newest first."""
    return [_told(each) for each in sorted(attempts, key=lambda each: each.id, reverse=True)]


def _told(attempt: ExactAttempt) -> Told:
    title = TITLES.get((attempt.action, attempt.result), attempt.action)
    reasons = [Message.from_json(reason) for reason in attempt.reasons]
    return Told(title, attempt.at, reasons, attempt.words)
