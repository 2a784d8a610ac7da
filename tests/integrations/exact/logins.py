"""People who link companies with an Exact, and log in with it, as on the screens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlsplit

from ppplanner.extensions import db
from ppplanner.integrations.exact import linking
from ppplanner.integrations.exact.models import ExactConnection
from ppplanner.integrations.exact.records import Administration
from ppplanner.integrations.exact.simulator import RunningSimulator
from ppplanner.models import Company

SALES_JOURNAL = "70"


@dataclass(frozen=True)
class AtExact:
    """An Exact with which one can link: where it is, and what it knows of our app."""

    url: str
    client_id: str
    client_secret: str
    redirect_uri: str
    #: Plays a person at the consent page; the address to which Exact sends the browser back.
    consent: Callable[[str, str], str]

    @classmethod
    def of(cls, simulator: RunningSimulator) -> AtExact:
        app = (simulator.client_id, simulator.client_secret, simulator.redirect_uri)
        return cls(simulator.url, *app, simulator.consent)


def link(company: Company, exact: AtExact, division: int, user: str) -> ExactConnection:
    """Link a company with its administration, as far as invoices need it. Commits."""
    connection = linking.save_app(
        company,
        base_url=exact.url,
        client_id=exact.client_id,
        client_secret=exact.client_secret,
    )
    db.session.commit()
    found = _log_in(connection, exact, user)
    chosen = next(one for one in found if one.division == division)
    linking.choose_administration(connection, chosen)
    connection.sales_journal = SALES_JOURNAL
    db.session.commit()
    return connection


def log_in_again(connection: ExactConnection, simulator: RunningSimulator) -> None:
    _log_in(connection, AtExact.of(simulator), "eva")


def _log_in(connection: ExactConnection, exact: AtExact, user: str) -> list[Administration]:
    address = linking.consent_address(connection, exact.redirect_uri, "state")
    answer = dict(parse_qsl(urlsplit(exact.consent(address, user)).query))
    return linking.finish_consent(connection, exact.redirect_uri, answer, "state")
