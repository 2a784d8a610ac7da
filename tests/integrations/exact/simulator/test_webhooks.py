"""Section 10.4: an address is tried before Exact believes it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.integrations.exact.simulator.caller import Caller, refusal

HOOKS = "webhooks/WebhookSubscriptions"
Receiver = Callable[[int], str]


@pytest.fixture
def heard() -> list[int]:
    """The length of each body the receiver got."""
    return []


@pytest.fixture
def receiver(heard: list[int]) -> Iterator[Receiver]:
    """Somebody who answers with this status, and where."""
    servers: list[HTTPServer] = []

    def listening(status: int) -> str:
        class Answer(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                heard.append(int(self.headers["Content-Length"]))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *words: object) -> None:
                return None

        server = HTTPServer(("127.0.0.1", 0), Answer)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{server.server_port}/hook"

    yield listening
    for server in servers:
        server.shutdown()
        server.server_close()


def test_a_receiver_gets_an_empty_post_first(
    caller: Caller, receiver: Receiver, heard: list[int]
) -> None:
    created = caller.create(HOOKS, CallbackURL=receiver(204), Topic="Accounts")

    assert (created["Topic"], heard) == ("Accounts", [0])


def test_a_receiver_that_does_not_say_yes_is_not_subscribed(
    caller: Caller, receiver: Receiver
) -> None:
    answer = caller.post(HOOKS, {"CallbackURL": receiver(404), "Topic": "Accounts"})

    assert refusal(answer) == (500, "Invalid: Post to callback URL endpoint returns 404")
    assert caller.rows(HOOKS) == []


def test_a_second_subscription_to_a_topic_is_refused(caller: Caller, receiver: Receiver) -> None:
    address = receiver(200)
    caller.create(HOOKS, CallbackURL=address, Topic="Accounts")
    again = caller.post(HOOKS, {"CallbackURL": address + "2", "Topic": "Accounts"})

    assert refusal(again) == (500, "Data already exists")
    assert caller.post(HOOKS, {"CallbackURL": address, "Topic": "Contacts"}).status_code == 201


@pytest.mark.parametrize(
    ("address", "topic", "objection"),
    [
        ("http://planner.example/hook", "Accounts", "Invalid: CallbackURL"),
        ("https://planner.example/hook", "Nothing", "Invalid reference: Topic"),
        ("", "Accounts", "Mandatory: CallbackURL"),
    ],
)
def test_a_subscription_is_checked(
    caller: Caller, address: str, topic: str, objection: str
) -> None:
    answer = caller.post(HOOKS, {"CallbackURL": address, "Topic": topic})

    assert refusal(answer) == (500, objection)
