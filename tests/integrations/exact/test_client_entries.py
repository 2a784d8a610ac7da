"""Cash entries and general journal entries, over HTTP: how they are booked and found again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest

from ppplanner.clock import now
from ppplanner.integrations.exact import oauth
from ppplanner.integrations.exact.client import ExactClient
from ppplanner.integrations.exact.errors import ExactRejected
from ppplanner.integrations.exact.oauth import App
from ppplanner.integrations.exact.records import NewAccount, NewEntry, NewEntryLine
from ppplanner.integrations.exact.simulator import RunningSimulator, code_in

DAY = date(now().year, 3, 10)
CASH = "financialtransaction/CashEntryLines"
GENERAL = "generaljournalentry/GeneralJournalEntryLines"


@pytest.fixture
def exact(simulator: RunningSimulator) -> ExactClient:
    app = App(simulator.url, simulator.client_id, simulator.client_secret, simulator.redirect_uri)
    back = simulator.consent(oauth.consent_url(app, "a state"))
    session = oauth.api_session(app, oauth.exchange_code(app, code_in(back)))
    return ExactClient(session, simulator.url, simulator.division)


@pytest.fixture
def customer(exact: ExactClient) -> UUID:
    return exact.create_account(NewAccount("Bakkerij Jansen")).id


def line(exact: ExactClient, code: str, amount: str, **more: object) -> NewEntryLine:
    account = next(exact.gl_accounts_by_code([code]))
    values = {"day": DAY, "description": "Deposit C7", "notes": "PPP T12", **more}
    return NewEntryLine(account.id, Decimal(amount), **values)  # type: ignore[arg-type]


def test_a_cash_entry_is_booked_and_found_by_its_day_and_customer(
    exact: ExactClient, simulator: RunningSimulator, customer: UUID
) -> None:
    new = NewEntry("10", [line(exact, "400000", "100.10", account_id=customer, our_ref=267000001)])

    made = exact.create_cash_entry(new)

    (found,) = exact.find_cash_lines(DAY, [customer])
    assert (found.entry_id, found.entry_number) == (made.id, made.number)
    assert (found.amount, found.notes, found.day) == (Decimal("100.10"), "PPP T12", DAY)
    (stored,) = simulator.records(CASH)
    assert (stored["Description"], stored["OurRef"]) == ("Deposit C7", 267000001)


def test_a_general_journal_entry_is_booked_and_found(exact: ExactClient, customer: UUID) -> None:
    sides = [
        line(exact, "551000", "50"),
        line(exact, "400000", "-50", account_id=customer),
    ]

    made = exact.create_journal_entry(NewEntry("90", sides))

    assert made.journal == "90"
    assert {found.entry_id for found in exact.find_journal_lines(DAY)} == {made.id}
    assert len(list(exact.find_journal_lines(DAY))) == 2
    assert [found.amount for found in exact.find_journal_lines(DAY, [customer])] == [Decimal(-50)]


def test_other_days_and_other_customers_are_not_found(exact: ExactClient, customer: UUID) -> None:
    exact.create_cash_entry(NewEntry("10", [line(exact, "580000", "20")]))

    assert not list(exact.find_cash_lines(DAY, [customer]))
    assert not list(exact.find_cash_lines(DAY.replace(day=11)))
    assert len(list(exact.find_cash_lines(DAY))) == 1


def test_what_is_out_of_balance_is_refused_with_the_reason(exact: ExactClient) -> None:
    with pytest.raises(ExactRejected) as refused:
        exact.create_journal_entry(NewEntry("90", [line(exact, "580000", "50")]))

    assert "do not add up in Exact" in str(refused.value.messages[0])


def test_a_journal_of_another_kind_is_refused(exact: ExactClient) -> None:
    with pytest.raises(ExactRejected) as refused:
        exact.create_cash_entry(NewEntry("20", [line(exact, "580000", "50")]))

    assert refused.value.texts == ["Invalid journal. The journal must be a cash journal."]
