"""Handing a mail to the mail server, and telling what can be cured from what cannot."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from email.message import EmailMessage

from ppplanner.mailing.server import MailServer, Protection

#: Seconds that a mail server may take for each of its answers.
PATIENCE = 30
#: From this code on a server says that it never will (RFC 5321, 4.2.1).
FOR_GOOD = 500


class NotNow(Exception):
    """The server cannot be reached, or asks to come back later; the text says what it said."""


class Refused(Exception):
    """The server takes this mail neither now nor later; the text says what it said."""


def hand_in(server: MailServer, message: EmailMessage, sender: str, recipient: str) -> None:
    """Let the server take the mail over. Raises NotNow or Refused; then it has not.

    It has once it says so of the contents (RFC 5321, 4.1.1.4), whatever goes wrong after that.
    """
    try:
        with _conversation(server) as connection:
            connection.send_message(message, sender, [recipient])
    except smtplib.SMTPRecipientsRefused as error:
        _give_up(*error.recipients[recipient])
    except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        _give_up(error.smtp_code, error.smtp_error)
    except smtplib.SMTPResponseException as error:
        raise NotNow(_said(error.smtp_code, error.smtp_error)) from error
    except (smtplib.SMTPException, OSError) as error:
        raise NotNow(str(error) or type(error).__name__) from error


@contextmanager
def _conversation(server: MailServer) -> Iterator[smtplib.SMTP]:
    """A connection on which mails can be handed in. How the server takes its leave changes nothing
    of what it has said before.
    """
    connection = _connected(server)
    try:
        yield connection
    finally:
        with suppress(smtplib.SMTPException, OSError):
            connection.quit()
        connection.close()


def _connected(server: MailServer) -> smtplib.SMTP:
    if server.socket:
        return _OnSocket(str(server.socket), local_hostname="localhost", timeout=PATIENCE)
    if server.protection is Protection.TLS:
        connection: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=PATIENCE, context=ssl.create_default_context()
        )
    else:
        connection = smtplib.SMTP(server.host, server.port, timeout=PATIENCE)
    try:
        _introduce(connection, server)
    except BaseException:
        connection.close()
        raise
    return connection


def _introduce(connection: smtplib.SMTP, server: MailServer) -> None:
    if server.protection is Protection.STARTTLS:
        connection.starttls(context=ssl.create_default_context())
    if server.username:
        connection.login(server.username, server.password)


class _OnSocket(smtplib.SMTP):
    """SMTP to a server on this machine; the "host" is the path of its socket."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            connection.settimeout(timeout)
            connection.connect(host)
        except BaseException:
            connection.close()
            raise
        return connection


def _give_up(code: int, words: bytes | str) -> None:
    raise (Refused if code >= FOR_GOOD else NotNow)(_said(code, words))


def _said(code: int, words: bytes | str) -> str:
    text = words.decode(errors="replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}".strip()
