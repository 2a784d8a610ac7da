"""The web process: gunicorn on a socket that the launcher has opened."""

from __future__ import annotations

import http.client
import socket
from threading import Timer

from flask import Flask
from gunicorn.app.base import BaseApplication

from ppplanner.documents import printing

THREADS = 8
#: Seconds that a request may take, and that requests get to finish when all ends.
TIMEOUT, GRACE = 60, 5
#: Seconds after its start that a web process loads what printing needs: the first pages go before.
LATER = 3


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
            # Whom to believe about the address is said by TRUSTED_PROXIES, and by nothing else.
            "forwarder_headers": "",
            "secure_scheme_headers": {},
            "post_worker_init": _prepare_printing,
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


def _prepare_printing(_worker: object) -> None:
    """Spare whoever confirms the first invoice the waiting."""
    timer = Timer(LATER, printing.prepare)
    timer.daemon = True
    timer.start()


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
