"""Our own no: something has to be set or mapped before a record can go to Exact."""

from __future__ import annotations

from ppplanner.i18n import N_, Message

SENDING_OFF = N_("It stays here: sending such records is switched off in the settings of Exact.")


class Incomplete(Exception):
    """A record cannot be sent yet; `messages` say what is missing and where to cure it."""

    def __init__(self, *messages: Message) -> None:
        super().__init__("; ".join(message.text for message in messages))
        self.messages = list(messages)


class OnHold(Incomplete):
    """The same, and once it is cured the record goes by itself, at the next interval."""


class StaysHere(Incomplete):
    """A switch was turned meanwhile: nothing goes, and nobody has to do anything about it."""

    def __init__(self) -> None:
        super().__init__(Message(SENDING_OFF))
