"""Stands before the web application: logs every call, waits, and lets things go wrong."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING

from werkzeug.wrappers import Request, Response

from . import trouble
from .core import Simulator
from .faults import Fault
from .requestlog import LONGEST_ANSWER, Call, readable_body

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Front:
    """WSGI middleware around the simulator's application."""

    def __init__(self, app: WSGIApplication, simulator: Simulator):
        self.app = app
        self.simulator = simulator

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        if not request.path.startswith("/api/"):
            return self.app(environ, start_response)
        raw = request.get_data(cache=False)
        environ["wsgi.input"] = BytesIO(raw)
        call = self.simulator.log.open(
            self.simulator.clock.now(),
            request.method,
            request.path,
            request.query_string.decode("ascii", "replace"),
            readable_body(request.content_type or "", raw),
        )
        started = time.perf_counter()
        try:
            response = self._answer(call, environ)
        finally:
            call.milliseconds = (time.perf_counter() - started) * 1000
            self.simulator.log.close(call)
        response.date = self.simulator.clock.now()
        return response(environ, start_response)

    def _answer(self, call: Call, environ: WSGIEnvironment) -> Response:
        fault = self.simulator.faults.take(call.method, call.resource)
        if self.simulator.options.latency:
            time.sleep(self.simulator.options.latency)
        response = self._pass_on(environ) if fault is None else self._fail(fault, call, environ)
        call.status = response.status_code
        if call.method != "GET" or response.status_code >= 400:
            keep_answer(call, response)
        return response

    def _pass_on(self, environ: WSGIEnvironment) -> Response:
        return Response.from_app(self.app, environ, buffered=True)

    def _fail(self, fault: Fault, call: Call, environ: WSGIEnvironment) -> Response:
        """Do what was planned instead of a plain answer, or around it."""
        call.fault = fault.kind
        if fault.kind == "slow":
            time.sleep(fault.seconds)
            return self._pass_on(environ)
        if fault.kind == "revoked":
            self.simulator.revoke()
            return self._pass_on(environ)
        if fault.at == "service" and not call.resource.startswith("oauth2/"):
            environ[trouble.PLANNED] = fault
            return self._pass_on(environ)
        response = self._pass_on(environ) if fault.at == "answer" else None
        if fault.kind in ("drop_before", "drop_after"):
            hang_up(environ)
        if response is None:
            return trouble.refusal(fault, self.simulator.clock.now())
        return trouble.spoiled(fault, response)


def hang_up(environ: WSGIEnvironment) -> None:
    """Close the connection without an answer, as a broken line does."""
    connection = environ.get("werkzeug.socket")
    if isinstance(connection, socket.socket):
        connection.shutdown(socket.SHUT_RDWR)
    raise ConnectionAbortedError("The simulator hung up.")


def keep_answer(call: Call, response: Response) -> None:
    """Note the answer, but never a token."""
    if not call.resource.startswith("oauth2/") or response.status_code >= 400:
        call.answer = response.get_data(as_text=True)[:LONGEST_ANSWER]
