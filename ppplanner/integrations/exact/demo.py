"""The demo firm's link with the simulator: the app is known, the login is left to the person."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.models import Company

from .config import simulator_address
from .linking import save_app
from .settings import SHORTEST_INTERVAL, exact_settings
from .switching import save_settings


def hint() -> str:
    """What the console says of the simulator."""
    return (
        f"{simulator_address()} plays the part of Exact, and shows what is booked.\n"
        "To connect with it, log in as the administrator and open Settings, Exact Online."
    )


def prepare() -> None:
    """Point the demo's companies at the simulator, and let money go there as well, soon after it
    was registered. The caller commits.
    """
    from .simulator.options import DEMO_APP

    for company in db.session.scalars(select(Company)):
        connection = save_app(
            company,
            base_url=simulator_address(),
            client_id=DEMO_APP.client_id,
            client_secret=DEMO_APP.client_secret,
        )
        usual = exact_settings.load(company.id)
        wanted = replace(usual, transactions_send=True, transactions_interval=SHORTEST_INTERVAL)
        save_settings(company, connection, wanted)
