"""Mail servers to talk to in tests: real ones, on this machine, that answer as they are told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

from ppplanner.mailing.server import MailServer, Protection

PATIENCE = 10


@dataclass
class Teller:
    """Takes mails, unless `answers` holds another answer for a step: "MAIL", "RCPT", "DATA",
    "QUIT".
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)

    async def handle_MAIL(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return self.answers.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: Any
    ) -> str:
        envelope.rcpt_tos.append(address)
        return self.answers.get("RCPT", "250 OK")

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        if "DATA" not in self.answers:
            self.taken.append(envelope.original_content or b"")
        return self.answers.get("DATA", "250 OK")

    async def handle_QUIT(self, _server: SMTP, _session: Session, _envelope: Envelope) -> str:
        return self.answers.get("QUIT", "221 Bye")


@contextmanager
def mail_server(teller: Teller, **options: Any) -> Iterator[MailServer]:
    """A server at work; gives where it is reached, without encryption."""
    ready, place = Event(), []
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        server = await loop.create_server(
            lambda: SMTP(teller, hostname="localhost", loop=loop, **options), "127.0.0.1", 0
        )
        place.append(server.sockets[0].getsockname()[1])
        ready.set()
        try:
            await server.serve_forever()
        except asyncio.CancelledError:
            await asyncio.gather(
                *(each for each in asyncio.all_tasks() if each is not asyncio.current_task()),
                return_exceptions=True,
            )

    task = loop.create_task(serve())

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop):
            loop.run_until_complete(task)

    thread = Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(PATIENCE)
    try:
        yield MailServer("127.0.0.1", place[0], Protection.NONE)
    finally:
        loop.call_soon_threadsafe(task.cancel)
        thread.join(PATIENCE)
