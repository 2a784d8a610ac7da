"""What Exact answers while a company is linked, asked once: a test that is about something else
gets it from memory, and asks Exact itself from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any, Self

import pytest

from ppplanner.clock import now
from ppplanner.integrations.exact import linking, oauth
from ppplanner.integrations.exact.client import ExactClient
from ppplanner.integrations.exact.models import ExactListItem
from ppplanner.integrations.exact.oauth import App, TokenSet
from ppplanner.integrations.exact.records import Administration, Me
from ppplanner.integrations.exact.simulator import RunningSimulator, code_in
from ppplanner.integrations.exact.sync.lists import read_lists

FACTS = ("kind", "exact_id", "code", "name", "details")


@dataclass(frozen=True)
class FirstAnswers:
    """Of a simulator that was just reset."""

    me: Me
    administrations: list[Administration]
    lists: Mapping[int, list[dict[str, Any]]]

    @classmethod
    def of(cls, simulator: RunningSimulator) -> Self:
        """Asked as the link itself asks, over HTTP."""
        simulator.reset()
        ask = _asked_by_eva(simulator)
        client = ask(None)
        divisions = (simulator.division, simulator.other_division)
        lists = {division: _facts(ask(division)) for division in divisions}
        return cls(client.me(), list(client.administrations()), lists)

    @contextmanager
    def given(self, simulator: RunningSimulator) -> Iterator[None]:
        """Within, a link of Eva's hears them, and gets tokens that are good."""
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(oauth, "exchange_code", lambda app, code: _exchange(simulator, code))
            patch.setattr(linking, "open_client", lambda *_, **of: _Client(self, **of))
            patch.setattr(linking, "read_lists", self._new_items)
            yield

    def _new_items(self, client: _Client, connection_id: int) -> list[ExactListItem]:
        return [
            ExactListItem(connection_id=connection_id, **facts)
            for facts in self.lists[client.division]
        ]


@dataclass(frozen=True)
class _Client:
    """In the place of an `ExactClient`."""

    answers: FirstAnswers
    division: int = 0

    def me(self) -> Me:
        return self.answers.me

    def administrations(self) -> list[Administration]:
        return self.answers.administrations


def _asked_by_eva(simulator: RunningSimulator) -> Callable[[int | None], ExactClient]:
    """Makes clients of an administration, or of the one that is open at Exact's own screens."""
    app = App(simulator.url, simulator.client_id, simulator.client_secret, simulator.redirect_uri)
    code = code_in(simulator.consent(oauth.consent_url(app, "state")))
    session = oauth.api_session(app, oauth.exchange_code(app, code))
    return partial(ExactClient, session, app.base_url)


def _facts(client: ExactClient) -> list[dict[str, Any]]:
    items = read_lists(client, connection_id=0)
    return [{name: getattr(item, name) for name in FACTS} for item in items]


def _exchange(simulator: RunningSimulator, code: str) -> TokenSet:
    with simulator.state.lock:
        app = simulator.options.apps[0]
        grant = simulator.state.tokens.exchange(app, code, simulator.redirect_uri)
    [access] = grant.access
    return TokenSet(access, grant.refresh_token, now(), now() + timedelta(seconds=oauth.USUAL_LIFE))
