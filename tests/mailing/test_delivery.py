"""Handing mails in at a mail server, and understanding what it says."""

from __future__ import annotations

import socket
from email.message import EmailMessage
from pathlib import Path
from threading import Thread

import pytest

from ppplanner.mailing.delivery import NotNow, Refused, hand_in
from ppplanner.mailing.server import MailServer, Protection
from tests.mailing.letters import read
from tests.mailing.mail_servers import Teller, mail_server

SENDER, RECIPIENT = "gent@vroom.example", "info@peeters.example"


def message(text: str = "Dear customer") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "Invoice"
    message.set_content(text)
    return message


def hand_over(server: MailServer) -> None:
    hand_in(server, message(), SENDER, RECIPIENT)


def test_a_server_gets_the_whole_mail() -> None:
    teller = Teller()
    with mail_server(teller) as server:
        hand_over(server)
    assert [read(each)["Subject"] for each in teller.taken] == ["Invoice"]


@pytest.mark.parametrize(
    ("step", "answer", "trouble"),
    [
        ("RCPT", "550 5.1.1 No such user", Refused),
        ("RCPT", "450 4.2.1 Mailbox busy", NotNow),
        ("MAIL", "553 5.7.1 Sender not allowed", Refused),
        ("MAIL", "421 4.3.2 Closing", NotNow),
        ("DATA", "554 5.6.0 Looks like spam", Refused),
        ("DATA", "452 4.3.1 Disk full", NotNow),
    ],
)
def test_what_a_server_never_takes_is_told_from_what_it_takes_later(
    step: str, answer: str, trouble: type[Exception]
) -> None:
    teller = Teller({step: answer})
    with mail_server(teller) as server, pytest.raises(trouble) as said:
        hand_over(server)
    assert str(said.value) == answer
    assert teller.taken == []


@pytest.mark.parametrize("leave", ["421 4.3.2 Closing", "500 5.5.2 What?", ""])
def test_what_a_server_has_taken_is_handed_in_however_it_takes_its_leave(leave: str) -> None:
    teller = Teller({"QUIT": leave})
    with mail_server(teller) as server:
        hand_over(server)
    assert len(teller.taken) == 1


def test_what_a_server_refuses_stays_refused_however_it_takes_its_leave() -> None:
    teller = Teller({"RCPT": "550 5.1.1 No such user", "QUIT": "421 4.3.2 Closing"})
    with mail_server(teller) as server, pytest.raises(Refused, match="No such user"):
        hand_over(server)


def test_a_server_that_is_not_there_is_tried_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NotNow, match="refused"):
        hand_over(MailServer("127.0.0.1", port, Protection.NONE))


def test_a_socket_that_is_not_there_is_tried_later(tmp_path: Path) -> None:
    server = MailServer("localhost", 0, Protection.NONE, socket=tmp_path / "none.sock")
    with pytest.raises(NotNow):
        hand_over(server)


def test_a_server_that_hangs_up_is_tried_later() -> None:
    def hang_up(listener: socket.socket) -> None:
        connection, _address = listener.accept()
        connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=hang_up, args=(listener,))
        thread.start()
        with pytest.raises(NotNow):
            hand_over(MailServer("127.0.0.1", listener.getsockname()[1], Protection.NONE))
        thread.join()


def test_nothing_goes_unencrypted_to_a_server_that_should_encrypt() -> None:
    teller = Teller()
    with mail_server(teller) as plain:
        server = MailServer("127.0.0.1", plain.port, Protection.STARTTLS, "vroom", "secret")
        with pytest.raises(NotNow, match="STARTTLS"):
            hand_over(server)
    assert teller.taken == []
