"""MAIL_URL: what it may say, and what it must not."""

from __future__ import annotations

from pathlib import Path

import pytest

from ppplanner.config import BadConfig, Config, mail_socket
from ppplanner.mailing.server import MailServer, Protection, socket_url
from tests.conftest import SECRET


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (
            "smtp://vroom%40a.example:p%3Aw@smtp.example",
            MailServer("smtp.example", 587, Protection.STARTTLS, "vroom@a.example", "p:w"),
        ),
        ("smtp://smtp.example:2525", MailServer("smtp.example", 2525, Protection.STARTTLS)),
        (
            "smtps://vroom:pw@smtp.example",
            MailServer("smtp.example", 465, Protection.TLS, "vroom", "pw"),
        ),
        ("smtp://relay.example?tls=off", MailServer("relay.example", 25, Protection.NONE)),
        (
            socket_url(Path("/a folder/mail.sock")),
            MailServer("localhost", 0, Protection.NONE, socket=Path("/a folder/mail.sock")),
        ),
    ],
)
def test_an_address_says_where_and_how(url: str, server: MailServer) -> None:
    assert MailServer.at(url) == server


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("smtp.example:587", "must look like"),
        ("http://smtp.example", "must look like"),
        ("smtp://", "must look like"),
        ("smtp://smtp.example:99999", "a port between"),
        ("smtp://smtp.example:x", "a port between"),
        ("smtp://vroom:pw@smtp.example?tls=off", "only goes over an encrypted line"),
    ],
)
def test_a_wrong_address_stops_the_start_with_a_sentence(
    tmp_path: Path, url: str, problem: str
) -> None:
    with pytest.raises(BadConfig, match=problem):
        Config.from_env({"INSTANCE_PATH": str(tmp_path), "MAIL_URL": url})


def test_a_password_is_shown_nowhere() -> None:
    assert "geheim" not in repr(MailServer.at("smtp://vroom:geheim@smtp.example"))


def test_mails_are_caught_when_no_server_is_named(tmp_path: Path) -> None:
    config = Config.from_env({"INSTANCE_PATH": str(tmp_path)})
    assert config.mail_server
    assert config.mail_server.socket == mail_socket(tmp_path)
    assert config.caught_mails == tmp_path / "mails"


def test_with_a_server_nothing_is_caught(tmp_path: Path) -> None:
    config = Config.from_env({"INSTANCE_PATH": str(tmp_path), "MAIL_URL": "smtp://smtp.example"})
    assert config.mail_server == MailServer("smtp.example", 587, Protection.STARTTLS)
    assert config.caught_mails is None


def test_in_production_mails_wait_until_a_server_is_named(tmp_path: Path) -> None:
    secrets = {"PPP_ENV": "production", "SECRET_KEY": SECRET, "ENCRYPTION_KEY": "A" * 43 + "="}
    config = Config.from_env({"INSTANCE_PATH": str(tmp_path), **secrets})
    assert config.mail_server is None
    assert config.caught_mails is None
