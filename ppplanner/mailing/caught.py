"""The mails that were caught: files in a folder, named by when they came and by their key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email import message_from_binary_file, policy
from email.message import Message
from email.parser import BytesHeaderParser
from hashlib import sha256
from pathlib import Path

from ppplanner.clock import now
from ppplanner.mailing.letters import Attachment

#: The oldest go when there are more.
MOST = 500
#: The name of a kept mail: its moment, and what its Message-ID comes to.
NAME = re.compile(r"\d{8}T\d{12}-[0-9a-f]{16}")


@dataclass(frozen=True)
class Head:
    """What stands above a mail."""

    name: str
    at: datetime | None
    sender: str
    recipient: str
    subject: str


@dataclass(frozen=True)
class CaughtMail:
    """A caught mail as its reader would see it."""

    head: Head
    body: str
    attachments: list[Attachment]


def keep(folder: Path, content: bytes) -> None:
    """Keep a mail, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    key = str(BytesHeaderParser(policy=policy.SMTP).parsebytes(content)["Message-ID"] or "")
    name = f"{now():%Y%m%dT%H%M%S%f}-{_digest(key)}"
    draft = folder / f"{name}.part"
    draft.write_bytes(content)
    draft.rename(folder / f"{name}.eml")
    for old in _names(folder)[MOST:]:
        (folder / f"{old}.eml").unlink(missing_ok=True)


def newest(folder: Path, count: int) -> Iterator[Head]:
    """The last ones that came, the newest first."""
    for name in _names(folder)[:count]:
        with (folder / f"{name}.eml").open("rb") as file:
            yield _head(name, BytesHeaderParser(policy=policy.SMTP).parse(file))


def name_of(folder: Path, message_key: str) -> str | None:
    """The name under which the mail with that key was last kept, if it is still there."""
    return next(iter(_names(folder, _digest(message_key))), None)


def read(folder: Path, name: str) -> CaughtMail | None:
    """The mail of that name; None when there is none (any more)."""
    if not NAME.fullmatch(name):
        return None
    try:
        with (folder / f"{name}.eml").open("rb") as file:
            message = message_from_binary_file(file, policy=policy.SMTP)
    except FileNotFoundError:
        return None
    body = message.get_body(("plain",))
    return CaughtMail(
        head=_head(name, message),
        body=body.get_content() if body else "",
        attachments=[
            Attachment(part.get_filename() or "", part.get_content_type(), _bytes_of(part))
            for part in message.iter_attachments()
        ],
    )


def _head(name: str, message: Message) -> Head:
    return Head(
        name=name,
        at=getattr(message["Date"], "datetime", None),
        sender=str(message["From"] or ""),
        recipient=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
    )


def _bytes_of(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    return content if isinstance(content, bytes) else b""


def _names(folder: Path, digest: str = "*") -> list[str]:
    names = (path.stem for path in folder.glob(f"*-{digest}.eml"))
    return sorted(filter(NAME.fullmatch, names), reverse=True)


def _digest(message_key: str) -> str:
    return sha256(message_key.strip("<> ").encode()).hexdigest()[:16]
