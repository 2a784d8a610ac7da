"""The mail server that an installation hands its mails in at: MAIL_URL.

    smtp://user:password@smtp.example:587     encrypted with STARTTLS
    smtps://user:password@smtp.example:465    encrypted from the start
    smtp://relay.example:25?tls=off           not encrypted: only without a password
    smtp+unix:///path/to/a/socket             on this machine

What stands in a name or password and means something in an address is written as %40 and so on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit


class Protection(Enum):
    """How a connection is encrypted."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


#: The usual ports, by how a connection is encrypted.
PORTS = {Protection.STARTTLS: 587, Protection.TLS: 465, Protection.NONE: 25}


@dataclass(frozen=True)
class MailServer:
    """Where mails are handed in, by address or by the path of a socket."""

    host: str
    port: int
    protection: Protection
    username: str = ""
    password: str = field(default="", repr=False)
    socket: Path | None = None

    @classmethod
    def at(cls, url: str) -> MailServer:
        """The server that MAIL_URL names. Raises ValueError, with a sentence that says what is
        wrong.
        """
        parts = urlsplit(url)
        if parts.scheme == "smtp+unix" and parts.path:
            return cls("localhost", 0, Protection.NONE, socket=Path(unquote(parts.path)))
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("MAIL_URL must look like smtp://user:password@smtp.example:587.")
        protection = _protection(parts)
        if parts.password and protection is Protection.NONE:
            raise ValueError("MAIL_URL has a password, which only goes over an encrypted line.")
        return cls(
            host=parts.hostname,
            port=_port(parts) or PORTS[protection],
            protection=protection,
            username=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )


def socket_url(socket: Path) -> str:
    """How MAIL_URL names a socket."""
    return f"smtp+unix://{quote(str(socket))}"


def _protection(parts: SplitResult) -> Protection:
    asked = parse_qs(parts.query).get("tls", ["on"])[-1]
    if parts.scheme == "smtps":
        return Protection.TLS
    return Protection.NONE if asked == "off" else Protection.STARTTLS


def _port(parts: SplitResult) -> int | None:
    try:
        return parts.port
    except ValueError as error:
        raise ValueError("MAIL_URL must name a port between 1 and 65535.") from error
