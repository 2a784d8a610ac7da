"""A mail server that delivers nothing: it keeps what it gets, for people who try ppplanner out."""

from __future__ import annotations

import asyncio
import os
import signal
from functools import partial
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from ppplanner.mailing import caught

#: The largest mail it takes, in bytes.
LARGEST = 30_000_000


class Keeper:
    """What aiosmtpd calls with each mail."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        content = envelope.original_content
        assert content is not None
        caught.keep(self._folder, content)
        return "250 Kept"


def catch(socket: Path, folder: Path) -> None:
    """Take mails on `socket` and keep them in `folder`, until told to stop."""
    socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if socket.parent.stat().st_uid != os.getuid():
        raise PermissionError(f"{socket.parent} belongs to somebody else.")
    asyncio.run(_serve(socket, folder))


async def _serve(socket: Path, folder: Path) -> None:
    loop, told = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    protocol = partial(
        SMTP, Keeper(folder), data_size_limit=LARGEST, hostname="localhost", loop=loop
    )
    server = await loop.create_unix_server(protocol, path=str(socket))
    try:
        await told.wait()
    finally:
        server.close()
        socket.unlink(missing_ok=True)
