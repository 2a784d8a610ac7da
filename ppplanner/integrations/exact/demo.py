"""The demo firm's link with the simulator: the app is known, the login is left to the person."""

from __future__ import annotations

from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.i18n import N_
from ppplanner.models import Company

from .config import simulator_address
from .linking import save_app

HINT = N_(
    "Exact is played by a simulator: its own pages show what is booked. "
    "Log in as administrator, open Settings, Exact Online, and log in with Exact."
)


def prepare() -> None:
    """Point the demo's companies at the simulator. The caller commits."""
    from .simulator.options import DEMO_APP

    for company in db.session.scalars(select(Company)):
        save_app(
            company,
            base_url=simulator_address(),
            client_id=DEMO_APP.client_id,
            client_secret=DEMO_APP.client_secret,
        )
