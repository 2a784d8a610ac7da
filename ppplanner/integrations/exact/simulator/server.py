"""Runs the simulator: in this process for good, or in a thread for tests."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

import requests
from werkzeug.serving import BaseWSGIServer, make_server

from .app import create_app
from .connection import ConnectionHandler
from .core import Simulator
from .options import DEMO_APP, Options
from .people import ANTWERP, NAMUR
from .tokens import Grant


def serve(
    host: str = "127.0.0.1", port: int = 8100, simulator: Simulator | None = None
) -> BaseWSGIServer:
    """A bound server; `serve_forever()` runs it. Port 0 takes a free one."""
    app = create_app(simulator or Simulator())
    return make_server(host, port, app, threaded=True, request_handler=ConnectionHandler)


def run(host: str = "127.0.0.1", port: int = 8100, data_file: Path | str | None = None) -> None:
    """Serve until interrupted; with a data file, what is booked outlives a restart."""
    options = Options(data_file=Path(data_file) if data_file else None)
    server = serve(host, port, Simulator(options))
    print(f"Exact Online simulator on http://{host}:{server.server_port}/", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        server.server_close()


class RunningSimulator(Simulator):
    """The simulator in a thread on a free port, for the length of a `with` block.

    Use one per test session and `reset()` it before each test.
    """

    client_id = DEMO_APP.client_id
    client_secret = DEMO_APP.client_secret
    division = ANTWERP
    other_division = NAMUR
    redirect_uri = "http://127.0.0.1/back"

    def __init__(self, options: Options | None = None):
        super().__init__(options)
        self._server = serve(port=0, simulator=self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), daemon=True
        )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self.state.keeper.close()

    def consent(
        self,
        address: str,
        user: str = "eva",
        divisions: tuple[int, ...] | None = None,
        allow: bool = True,
    ) -> str:
        """Play the person at the consent page; the address Exact sends the browser back to."""
        chosen = divisions or self.state.user(user).divisions
        answer = requests.post(
            address,
            {"user": user, "division": chosen, "decision": "allow" if allow else "refuse"},
            allow_redirects=False,
            timeout=10,
        )
        answer.raise_for_status()
        return answer.headers["Location"]

    def sign_in(self, user: str = "eva", divisions: tuple[int, ...] | None = None) -> Grant:
        """A fresh connection without a browser; see its `refresh_token` and `access`."""
        with self.state.lock:
            tokens, app = self.state.tokens, self.options.apps[0]
            chosen = list(divisions or self.state.user(user).divisions)
            code = tokens.consent(app, user, chosen, self.redirect_uri)
            return tokens.exchange(app, code, self.redirect_uri)

    def token(self, user: str = "eva", divisions: tuple[int, ...] | None = None) -> str:
        """An access token of a fresh connection."""
        return next(reversed(self.sign_in(user, divisions).access))


def code_in(address: str) -> str:
    """The code in a return address, decoded once."""
    return parse_qs(urlsplit(address).query)["code"][0]
