"""Setting up the link of a company: the app, the consent, the administration, the mappings."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import delete, exists, select

from ppplanner.clock import now
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import BusinessUnit, Company
from ppplanner.services.locking import lock

from . import fuse, mapping, oauth, renewed
from .auth import app_of, store_tokens
from .config import tests_allowed
from .connect import connection_of, open_client
from .hosts import BaseUrlRefused, check_base_url
from .models import (
    ConnectionState,
    ExactBranch,
    ExactConnection,
    ExactCostLink,
    ExactCustomerLink,
    ExactGLAccountLink,
    ExactListItem,
    ExactStep,
    ExactTypeAccount,
    ExactVatLink,
)
from .records import Administration
from .sync.lists import keep_lists, read_lists
from .sync.plain_choices import map_what_is_plain
from .vault import UNREADABLE

#: What is known of an administration, and what was picked from its lists.
OF_ADMINISTRATION = (
    ExactListItem,
    ExactGLAccountLink,
    ExactVatLink,
    ExactCustomerLink,
    ExactCostLink,
    ExactBranch,
)


def save_app(
    company: Company, *, base_url: str, client_id: str, client_secret: str
) -> ExactConnection:
    """Say where Exact is and as which app we come. An empty secret keeps the one of this app.

    Another site or app needs a new consent and its own secret, so that no stored secret goes to a
    place that a person types; another site also another administration. Raises Invalid, and
    DomainError when invoices are booked at the old site. The caller commits.
    """
    connection = connection_of(company.id) or ExactConnection(company=company)
    _check_app(connection, base_url, client_id, client_secret)
    plain = check_base_url(base_url, tests_allowed())
    if (connection.base_url, connection.client_id) != (plain, client_id.strip()):
        _forget_login(connection)
    if connection.base_url != plain:
        _forget_administration(connection)
    connection.base_url, connection.client_id = plain, client_id.strip()
    connection.client_secret = client_secret.strip() or connection.client_secret
    db.session.add(connection)
    db.session.flush()
    return connection


def _check_app(
    connection: ExactConnection, base_url: str, client_id: str, client_secret: str
) -> None:
    faults: dict[str, object] = {}
    try:
        base_url = check_base_url(base_url, tests_allowed())
    except BaseUrlRefused as refused:
        faults["base_url"] = refused.reason
    if not client_id.strip():
        faults["client_id"] = _("Fill in the client id of your app in Exact's App Center.")
    same_app = (connection.base_url, connection.client_id) == (base_url, client_id.strip())
    known = same_app and connection.client_secret != UNREADABLE
    if not client_secret.strip() and not known:
        faults["client_secret"] = _("Fill in the client secret of your app in Exact's App Center.")
    if faults:
        raise Invalid(**faults)


def consent_address(connection: ExactConnection, redirect_uri: str, state: str) -> str:
    """Where the person is sent to let us in. Raises DomainError when the client secret cannot be
    read any more: without it, nobody would get in.
    """
    if connection.client_secret == UNREADABLE:
        raise DomainError(
            _(
                "The client secret of the app cannot be read: ENCRYPTION_KEY has changed. Fill it "
                "in again under 1. Login, Change, then log in with Exact."
            )
        )
    lost = connection.state is ConnectionState.NEEDS_LOGIN
    return oauth.consent_url(app_of(connection, redirect_uri), state, force_login=lost)


def finish_consent(
    connection: ExactConnection, redirect_uri: str, answer: Mapping[str, str], state: str
) -> list[Administration]:
    """Take the code that Exact sent the person back with; the administrations they let us into.

    Raises ExactError. Commits: the tokens are kept before their first use.
    """
    connection_id, app = connection.id, app_of(connection, redirect_uri)
    code = oauth.code_from_return(answer, state)
    db.session.commit()
    tokens = oauth.exchange_code(app, code)
    connection = db.session.get_one(ExactConnection, connection_id)
    store_tokens(connection, tokens)
    end_pause(connection)
    db.session.commit()
    me = open_client(connection_id, "person").me()
    connection = db.session.get_one(ExactConnection, connection_id)
    connection.consented_by, connection.last_answer_at = me.full_name[:100], now()
    connection.language = mapping.known_language(me.language)
    db.session.commit()
    return _covered_by_login(connection_id, me.division)


def administrations(connection: ExactConnection) -> list[Administration]:
    """The administrations that consent was given for. Raises ExactError. Commits."""
    connection_id = connection.id
    db.session.commit()
    me = open_client(connection_id, "person").me()
    return _covered_by_login(connection_id, me.division)


def _covered_by_login(connection_id: int, open_there: int) -> list[Administration]:
    """Asked in the administration that is open at Exact's own screens: the login may no longer
    reach the one chosen here.
    """
    client = open_client(connection_id, "person", division=open_there)
    return [one for one in client.administrations() if one.usable]


def choose_administration(connection: ExactConnection, chosen: Administration) -> None:
    """Work with this administration from now on. Commits, once its lists could be read.

    When that fails nothing changes: raises ExactError, or DomainError when invoices are booked in
    another administration already.
    """
    connection_id = connection.id
    db.session.commit()
    client = open_client(connection_id, "person", division=chosen.division)
    items = read_lists(client, connection_id)
    connection = db.session.get_one(ExactConnection, connection_id)
    if connection.division not in (None, chosen.division):
        _forget_administration(connection)
    connection.division = chosen.division
    connection.division_name = f"{chosen.name} ({chosen.number or chosen.division})"[:100]
    _take_over(connection, items)


def refresh_lists(connection: ExactConnection) -> None:
    """Fetch the lists to pick from, and map what leaves no doubt. Commits. Raises ExactError."""
    connection_id = connection.id
    db.session.commit()
    items = read_lists(open_client(connection_id, "person"), connection_id)
    _take_over(db.session.get_one(ExactConnection, connection_id), items)


def _take_over(connection: ExactConnection, items: list[ExactListItem]) -> None:
    keep_lists(connection, items)
    connection.last_answer_at = now()
    map_what_is_plain(connection)
    db.session.commit()


def disconnect(connection: ExactConnection) -> None:
    """Forget the login; mappings, links and what waits stay. The caller commits."""
    _forget_login(connection)


def end_pause(connection: ExactConnection) -> None:
    """Let what waits go at once: a person has cured what the link rests for. The caller commits."""
    connection.paused_until, connection.pause_reason, connection.failures = None, None, 0
    fuse.try_now(connection)


def _forget_login(connection: ExactConnection) -> None:
    connection.state = ConnectionState.DISCONNECTED
    connection.access_token = connection.refresh_token = None
    connection.obtained_at = connection.expires_at = connection.renewing_until = None
    connection.loss_told_at = connection.warned_days = None
    if connection.id:
        renewed.forget(connection.id)


def _forget_administration(connection: ExactConnection) -> None:
    """Nothing of one administration holds in another. Refused once something is booked there, or is
    about to be: a worker notes that under the same lock.
    """
    if connection.id:
        lock(connection)
    used = exists().where(ExactStep.connection_id == connection.id)
    if connection.id and db.session.scalar(select(used)):
        raise DomainError(
            _("Invoices of this company are in another administration already: it cannot change.")
        )
    connection.division, connection.division_name, connection.sales_journal = None, "", ""
    connection.payment_condition, connection.lists_fetched_at = "", None
    connection.leased_by = connection.leased_until = None  # whoever sends to the old one stops
    units = select(BusinessUnit.id).filter_by(company_id=connection.company_id)
    db.session.execute(delete(ExactTypeAccount).where(ExactTypeAccount.business_unit_id.in_(units)))
    for table in OF_ADMINISTRATION:
        db.session.execute(delete(table).filter_by(connection_id=connection.id))
