"""A mail as it goes over the line, with what is attached to it."""

from __future__ import annotations

from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from ppplanner.models import Mail


@dataclass(frozen=True)
class Attachment:
    """A file that goes along."""

    filename: str
    media_type: str
    content: bytes


def letter(mail: Mail, attachments: list[Attachment]) -> EmailMessage:
    """The message; the same each time it is tried, so that nobody takes it for two."""
    message = EmailMessage(policy=SMTP)
    message["From"] = Address(mail.sender_name, addr_spec=mail.sender_address)
    message["To"] = Address(addr_spec=mail.recipient)
    message["Subject"] = mail.subject
    message["Date"] = mail.made_at
    message["Message-ID"] = f"<{mail.message_key}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.body, cte="quoted-printable")
    for each in attachments:
        kind, _, subkind = each.media_type.partition("/")
        message.add_attachment(each.content, maintype=kind, subtype=subkind, filename=each.filename)
    return message
