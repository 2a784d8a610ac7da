"""Our own no: something has to be set or mapped before a record can go to Exact."""

from __future__ import annotations

from ppplanner.i18n import Message


class Incomplete(Exception):
    """A record cannot be sent yet; `messages` say what is missing and where to cure it."""

    def __init__(self, *messages: Message) -> None:
        super().__init__("; ".join(message.text for message in messages))
        self.messages = list(messages)


class OnHold(Incomplete):
    """The same, and once it is cured the record goes by itself, at the next interval."""
