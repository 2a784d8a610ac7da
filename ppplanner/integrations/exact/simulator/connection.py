"""HTTP/1.1 over one connection that stays open between calls, as a gateway keeps it.

Werkzeug's own handler closes every connection, and waits a moment before it does.
"""

from __future__ import annotations

import traceback
from email.utils import formatdate
from io import BytesIO
from typing import Any

from werkzeug.serving import WSGIRequestHandler

LARGEST_BODY = 32 * 1024 * 1024  # bytes
WITHOUT_BODY = ("1", "204", "304")
"""Beginnings of the statuses that have none."""


class ConnectionHandler(WSGIRequestHandler):
    """Reads a request whole, lets the application answer it, writes the answer in one piece."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    rbufsize = 1 << 16

    def log(self, type: str, message: str, *args: Any) -> None:
        """The simulator keeps a request log of its own."""
        return None

    def run_wsgi(self) -> None:
        self.environ = environ = self.make_environ()
        body = self._body()
        if body is None:
            self.close_connection = True
            self._send("413 Request Entity Too Large", [], b"")
            return
        environ["wsgi.input"] = BytesIO(body)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        try:
            self._send(*self._answer())
        except ConnectionError:
            self.close_connection = True
        except Exception:
            self.close_connection = True
            traceback.print_exc()
            self._send("500 Internal Server Error", [], b"")

    def _body(self) -> bytes | None:
        """All of the request's body; None when it is too large to be read."""
        if self.environ.get("wsgi.input_terminated"):
            return bytes(self.environ["wsgi.input"].read())
        length = int(self.headers.get("Content-Length") or 0)
        return self.rfile.read(length) if length <= LARGEST_BODY else None

    def _answer(self) -> tuple[str, list[tuple[str, str]], bytes]:
        head: list[Any] = ["500 Internal Server Error", []]

        def start_response(status: str, headers: Any, error: Any = None) -> Any:
            head[:] = [status, headers]

        parts = self.server.app(self.environ, start_response)
        try:
            content = b"".join(parts)
        finally:
            getattr(parts, "close", lambda: None)()
        return head[0], head[1], content

    def _send(self, status: str, headers: list[tuple[str, str]], content: bytes) -> None:
        names = {name.lower() for name, _ in headers}
        lines = [f"HTTP/1.1 {status}", *(f"{name}: {text}" for name, text in headers)]
        if "date" not in names:
            lines.append(f"Date: {formatdate(usegmt=True)}")
        if "content-length" not in names and not status.startswith(WITHOUT_BODY):
            lines.append(f"Content-Length: {len(content)}")
        if self.close_connection:
            lines.append("Connection: close")
        self.wfile.write("\r\n".join([*lines, "", ""]).encode("latin-1") + content)
