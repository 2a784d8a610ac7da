"""What a person has to do before the link of a company works, one step at a time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for
from sqlalchemy import exists, select

from ppplanner.extensions import db
from ppplanner.i18n import _, ngettext
from ppplanner.models import BusinessUnit, Company

from .models import ConnectionState, ExactConnection, ExactTypeAccount
from .settings import exact_settings
from .stale_choices import StaleChoice, stale_choices
from .vault import UNREADABLE


@dataclass(frozen=True)
class NextStep:
    """A sentence, and the button that leads to it: a page, or a dialog."""

    text: str
    button: str
    url: str
    dialog: bool = True
    #: What it is about, one by one; with these it is a warning about a link that did work.
    details: Sequence[str] = ()


def next_step(company: Company, connection: ExactConnection | None) -> NextStep | None:
    """None when the link works."""
    if connection is None:
        return NextStep(
            _("Say first where your Exact is, and as which app ppplanner comes there."),
            _("Set up"),
            url_for("exact.app", company_id=company.id),
        )
    if connection.client_secret == UNREADABLE:
        return NextStep(
            _(
                "The client secret of the app cannot be read: ENCRYPTION_KEY has changed. Put the "
                "old key back; or fill in the secret again, then log in with Exact again."
            ),
            _("Fill in the client secret"),
            url_for("exact.app", company_id=company.id),
        )
    if not connection.is_connected or connection.refresh_token == UNREADABLE:
        return _log_in(connection)
    if connection.division is None:
        return NextStep(
            _("Choose the administration in which invoices are booked."),
            _("Choose the administration"),
            url_for("exact.administration", connection_id=connection.id),
            dialog=False,
        )
    if not connection.sales_journal:
        return NextStep(
            _("Choose the sales journal in which invoices are booked."),
            _("Choose the sales journal"),
            url_for("exact.mapping", connection_id=connection.id),
        )
    settings = exact_settings.load(company.id)
    if not settings.enabled:
        return NextStep(
            _("The link is switched off: nothing is asked of Exact, and what waits is kept."),
            _("Switch it on"),
            url_for("exact.switches", company_id=company.id, subject="link"),
        )
    if stale := stale_choices(connection):
        return _choose_anew(connection, stale)
    if settings.transactions_send and not _any_unit_is_set_up(connection):
        return NextStep(
            _("Transactions are switched on. Say now how those of each business unit are booked."),
            _("Set up the business units"),
            url_for("exact.branches", company_id=company.id),
            dialog=False,
        )
    return None


def _any_unit_is_set_up(connection: ExactConnection) -> bool:
    """Journals are often plain; on which account a type is booked, a person says."""
    units = select(BusinessUnit.id).filter_by(company_id=connection.company_id)
    chosen = exists().where(ExactTypeAccount.business_unit_id.in_(units))
    return bool(db.session.scalar(select(chosen)))


def _choose_anew(connection: ExactConnection, stale: Sequence[StaleChoice]) -> NextStep:
    """Exact takes something no longer that was picked when it still did."""
    text = ngettext(
        "%(num)s choice is of no use in Exact any more. What needs it stays here until you choose "
        "another.",
        "%(num)s choices are of no use in Exact any more. What needs them stays here until you "
        "choose others.",
        len(stale),
    )
    details, unit = [each.sentence for each in stale], stale[0].unit
    if unit is not None:
        url = url_for("exact.branch", unit_id=unit.id)
        return NextStep(text, _("Choose another"), url, dialog=False, details=details)
    url = url_for("exact.mapping", connection_id=connection.id)
    return NextStep(text, _("Choose another"), url, details=details)


def _log_in(connection: ExactConnection) -> NextStep:
    lost = connection.state is ConnectionState.NEEDS_LOGIN
    return NextStep(
        _("The login with Exact has ended. Invoices wait; nothing is lost.")
        if lost
        else _("Log in with Exact as somebody who may book in the administration of this company."),
        _("Log in with Exact again") if lost else _("Log in with Exact"),
        url_for("exact.login", connection_id=connection.id),
        dialog=False,
    )
