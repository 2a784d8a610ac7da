"""The catcher: it takes mails on a socket, keeps them whole, and shows them again."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from ppplanner.clock import now
from ppplanner.mailing import caught
from ppplanner.mailing.delivery import hand_in
from ppplanner.mailing.letters import Attachment, letter
from ppplanner.mailing.server import MailServer, Protection
from ppplanner.models import Mail

CATCH = "import sys; from pathlib import Path; from ppplanner.mailing.catcher import catch;"
CATCH += "catch(Path(sys.argv[1]), Path(sys.argv[2]))"
PATIENCE = 20


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MailServer]:
    """The catcher in a process of its own, keeping mails in `tmp_path / "mails"`."""
    socket = tmp_path / "inside" / "mail.sock"
    command = (sys.executable, "-c", CATCH, str(socket), str(tmp_path / "mails"))
    process = subprocess.Popen(command)
    until = time.monotonic() + PATIENCE
    while not socket.exists():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.02)
    yield MailServer("localhost", 0, Protection.NONE, socket=socket)
    process.terminate()
    assert process.wait(PATIENCE) == 0
    assert not socket.exists()


def mail(subject: str = "Factuur 2026-00001", key: str = "k1@vroom.example") -> Mail:
    return Mail(
        sender_name="Gent, Vroom",
        sender_address="gent@vroom.example",
        recipient="info@peeters.example",
        subject=subject,
        body="Beste klant,\n\nîn bijlage é.\n",
        message_key=key,
        made_at=now(),
    )


def send(server: MailServer, one: Mail, *files: Attachment) -> None:
    hand_in(server, letter(one, list(files)), one.sender_address, one.recipient)


def test_what_is_handed_in_is_read_back_whole(server: MailServer, tmp_path: Path) -> None:
    content = bytes(range(256)) * 40
    send(server, mail(), Attachment("é.pdf", "application/pdf", content))
    [head] = caught.newest(tmp_path / "mails", 10)
    found = caught.read(tmp_path / "mails", head.name)
    assert found is not None
    assert found.head == head
    assert head.sender == '"Gent, Vroom" <gent@vroom.example>'
    assert head.subject == "Factuur 2026-00001"
    assert found.body.splitlines() == ["Beste klant,", "", "în bijlage é."]
    assert found.attachments == [Attachment("é.pdf", "application/pdf", content)]


def test_a_mail_is_found_by_its_key(server: MailServer, tmp_path: Path) -> None:
    send(server, mail("First", "k1@vroom.example"))
    send(server, mail("Second", "k2@vroom.example"))
    name = caught.name_of(tmp_path / "mails", "k1@vroom.example")
    assert name
    found = caught.read(tmp_path / "mails", name)
    assert found
    assert found.head.subject == "First"
    assert caught.name_of(tmp_path / "mails", "k3@vroom.example") is None


def test_the_oldest_go_when_there_are_too_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(caught, "MOST", 2)
    for number in range(4):
        caught.keep(tmp_path, letter(mail(str(number), f"k{number}@vroom.example"), []).as_bytes())
    assert [head.subject for head in caught.newest(tmp_path, 10)] == ["3", "2"]


@pytest.mark.parametrize("name", ["", "..", "../secrets", "20261123T060000000000-0123456789abcdef"])
def test_nothing_else_can_be_read(tmp_path: Path, name: str) -> None:
    (tmp_path / "secrets.eml").write_text("Subject: secret")
    (tmp_path / "mails").mkdir()
    assert caught.read(tmp_path / "mails", name) is None


def test_it_uses_no_port(server: MailServer) -> None:
    [catcher] = [
        each for each in psutil.Process().children() if str(server.socket) in each.cmdline()
    ]
    assert catcher.net_connections("inet") == []
