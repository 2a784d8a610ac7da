"""An endpoint of Exact that refuses everything, for hours: python -m benchmarks.exact.fuse

Four workers send invoices, four people search for customers all the time, payments are followed;
one after another, three endpoints refuse every call, each with a status that Exact counts. Exact
locks an app after ten of these within an hour. So no hour may see more than nine, no call may be
answered 429, what needs other endpoints has to go on, and in the end all invoices are in Exact.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import click
from sqlalchemy import delete, select

from benchmarks.firms import Server
from ppplanner import create_app
from ppplanner.clock import now
from ppplanner.config import Config
from ppplanner.extensions import db
from ppplanner.integrations.exact import attention
from ppplanner.integrations.exact.connect import open_client
from ppplanner.integrations.exact.errors import ExactError
from ppplanner.integrations.exact.models import ExactConnection, ExactCustomerLink
from ppplanner.integrations.exact.settings import exact_settings
from ppplanner.integrations.exact.simulator import ANTWERP, NAMUR

from . import processes
from .books import Books
from .exact import ACCOUNTS, ATTACHMENTS, ENTRIES
from .harness import Trial, a_trial
from .processes import Place

HOUR = timedelta(hours=1)
MOST = 9
COUNTED = frozenset({400, 401, 403, 404})
PEOPLE, WORKERS = 4, 4
#: Real seconds between two searches of a person.
PAUSE = 0.2
#: Real seconds between two looks at the clock.
LOOK_AGAIN = 0.5
#: How long the work may take that is left when an endpoint works again.
PATIENCE = timedelta(hours=6)


@dataclass(frozen=True)
class Trouble:
    """An endpoint that refuses everything, and how."""

    kind: str
    endpoint: str


TROUBLES = (
    Trouble("forbidden", ACCOUNTS),
    Trouble("not_found", ATTACHMENTS),
    Trouble("bad_request", ENTRIES),
)


@dataclass(frozen=True)
class Outcome:
    """What Exact saw while one endpoint refused everything."""

    trouble: Trouble
    hours: float
    counted: int
    most_in_an_hour: int
    locked: int
    #: Good answers of other endpoints.
    elsewhere: int

    @property
    def is_good(self) -> bool:
        return 0 < self.most_in_an_hour <= MOST and not self.locked and self.elsewhere > 0

    def __str__(self) -> str:
        return (
            f"{self.trouble.kind:<12} {self.trouble.endpoint:<30} {self.hours:>5.1f} "
            f"{self.counted:>8} {self.most_in_an_hour:>12} {self.locked:>4} {self.elsewhere:>10}"
        )


HEAD = (
    f"{'refusal':<12} {'endpoint':<30} {'hours':>5} {'refusals':>8} {'most an hour':>12} "
    f"{'429':>4} {'elsewhere':>10}"
)


def most_within(moments: Iterable[datetime], span: timedelta) -> int:
    """How many of the moments lie in the span that holds most of them."""
    ordered, first, most = sorted(moments), 0, 0
    for last, moment in enumerate(ordered):
        while ordered[first] <= moment - span:
            first += 1
        most = max(most, last - first + 1)
    return most


def search(place: Place) -> None:
    """Search for customers, in one administration after the other, until killed."""
    app = create_app(Config.from_env(place.variables))
    with app.app_context():
        connection_ids = db.session.scalars(select(ExactConnection.id)).all()
        db.session.commit()
        while True:
            for connection_id in connection_ids:
                _search(connection_id)
                time.sleep(PAUSE)


def _search(connection_id: int) -> None:
    try:
        list(open_client(connection_id, "person").search_accounts("Jansen"))
    except ExactError as error:
        db.session.rollback()
        print(error.messages[0])


def refuse(trial: Trial, trouble: Trouble, hours: float) -> Outcome:
    """Let an endpoint refuse everything for some hours of the trial's clock."""
    trial.exact.end_trouble()
    trial.exact.forget_calls()
    trial.exact.plan(trouble.kind, resource=trouble.endpoint, times=None)
    begin = now()
    while now() < begin + hours * HOUR:
        time.sleep(LOOK_AGAIN)
    return _outcome(trouble, (now() - begin) / HOUR, trial.exact.outcomes())


def _outcome(
    trouble: Trouble, hours: float, answers: Sequence[tuple[datetime, str, str, int]]
) -> Outcome:
    """Exact counts errors per administration."""
    counted: dict[str, list[datetime]] = defaultdict(list)
    for at, division, endpoint, status in answers:
        if endpoint == trouble.endpoint and status in COUNTED:
            counted[division].append(at)
    return Outcome(
        trouble,
        hours,
        sum(map(len, counted.values())),
        max((most_within(moments, HOUR) for moments in counted.values()), default=0),
        sum(status == 429 for *_where, status in answers),
        sum(status < 300 and endpoint != trouble.endpoint for *_when, endpoint, status in answers),
    )


def prepare(trial: Trial) -> None:
    """Half of the customers are not linked yet, and payments are followed."""
    with trial.app.app_context():
        for connection_id in trial.books:
            connection = db.session.get_one(ExactConnection, connection_id)
            exact_settings.save(connection.company_id, payments_fetch=True)
            half = delete(ExactCustomerLink).where(ExactCustomerLink.customer_id % 2 == 0)
            db.session.execute(half.where(ExactCustomerLink.connection_id == connection_id))
        db.session.commit()


def finish(trial: Trial) -> bool:
    """With all endpoints working again, whether all gets into Exact: what was refused for good is
    tried again, as a person would.
    """
    trial.exact.end_trouble()
    begin = now()
    while now() < begin + PATIENCE:
        with trial.app.app_context():
            attention.try_again(list(db.session.scalars(attention.open_matters())), by="trial")
            db.session.commit()
        if not trial.waiting():
            break
        time.sleep(LOOK_AGAIN)
    booked = [len(trial.exact.entries(books.division)) for books in trial.books.values()]
    return booked == [books.invoices for books in trial.books.values()]


@click.command()
@click.option("--server", type=click.Choice(["sqlite", "postgresql"]), default="postgresql")
@click.option("--invoices", default=100, help="In each of two companies.")
@click.option("--hours", default=2.1, help="For which each endpoint refuses everything.")
@click.option("--speed", default=40.0, help="Of the trial's clock; less on a busy machine.")
def main(server: Server, invoices: int, hours: float, speed: float) -> None:
    books = [
        Books("A", invoices, ANTWERP, "eva"),
        Books("B", invoices, NAMUR, "joris"),
    ]
    with a_trial(server, books, speed=speed) as trial:
        prepare(trial)
        trial.put_on_the_way()
        trial.start_workers(WORKERS)
        trial.start_ticking()
        for _each in range(PEOPLE):
            processes.start(trial.place, search, f"person-{_each}")
        while not trial.exact.calls_made():
            time.sleep(LOOK_AGAIN)
        click.echo(HEAD)
        outcomes = []
        for trouble in TROUBLES:
            outcomes.append(refuse(trial, trouble, hours))
            click.echo(outcomes[-1])
        finished = finish(trial)
        click.echo(f"all invoices in Exact afterwards: {'yes' if finished else 'no'}")
    raise SystemExit(0 if finished and all(each.is_good for each in outcomes) else 1)


if __name__ == "__main__":
    main()
