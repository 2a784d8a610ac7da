"""The web process: gunicorn on a socket that the launcher has opened."""

from __future__ import annotations

import http.client
import socket

from flask import Flask
from gunicorn.app.base import BaseApplication

THREADS = 8
#: Seconds that a request may take, and that requests get to finish when all ends.
TIMEOUT, GRACE = 60, 5


class Web(BaseApplication):
    """Gunicorn with our settings, for an application that is loaded already."""

    def __init__(self, app: Flask, listener: socket.socket, workers: int) -> None:
        self._app = app
        self._settings = {
            "bind": f"fd://{listener.fileno()}",
            "worker_class": "gthread",
            "workers": workers,
            "threads": THREADS,
            "timeout": TIMEOUT,
            "graceful_timeout": GRACE,
            "control_socket_disable": True,
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


def listen(host: str, port: int) -> socket.socket:
    """Open the address before anything else starts. OSError when it is not to be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=512)


def answers(host: str, port: int) -> bool:
    """Whether the web processes answer, be it with a login page or an error."""
    connection = http.client.HTTPConnection(host, port, timeout=0.5)
    try:
        connection.request("GET", "/")
        connection.getresponse()
    except (OSError, http.client.HTTPException):
        return False
    else:
        return True
    finally:
        connection.close()
