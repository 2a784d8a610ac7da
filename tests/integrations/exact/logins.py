"""A person who logs in with the simulator again, as on the screens."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from ppplanner.integrations.exact import linking
from ppplanner.integrations.exact.models import ExactConnection
from ppplanner.integrations.exact.simulator import RunningSimulator


def log_in_again(connection: ExactConnection, simulator: RunningSimulator) -> None:
    address = linking.consent_address(connection, simulator.redirect_uri, "state")
    answer = dict(parse_qsl(urlsplit(simulator.consent(address)).query))
    linking.finish_consent(connection, simulator.redirect_uri, answer, "state")
