"""The client and a strict Exact over HTTP: what a mock would hide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from ppplanner.clock import now
from ppplanner.integrations.exact import client as client_module
from ppplanner.integrations.exact import oauth
from ppplanner.integrations.exact.client import ExactClient
from ppplanner.integrations.exact.errors import (
    AppRejected,
    ExactError,
    ExactNotConnected,
    ExactRejected,
    ExactUnavailable,
    OutcomeUnknown,
    TooEarly,
)
from ppplanner.integrations.exact.oauth import App, TokenSet
from ppplanner.integrations.exact.quota import Quota
from ppplanner.integrations.exact.records import (
    GLAccountKind,
    JournalKind,
    NewAccount,
    NewDocument,
    NewSalesEntry,
    NewSalesEntryLine,
)
from ppplanner.integrations.exact.simulator import RunningSimulator, code_in
from tests.integrations.exact.memory_store import MemoryStore

ENTRIES = "salesentry/SalesEntries"
TODAY = date(now().year, 3, 10)

MakeClient = Callable[..., ExactClient]


@pytest.fixture
def app_at_exact(simulator: RunningSimulator) -> App:
    return App(simulator.url, simulator.client_id, simulator.client_secret, simulator.redirect_uri)


@pytest.fixture
def tokens(simulator: RunningSimulator, app_at_exact: App) -> TokenSet:
    back = simulator.consent(oauth.consent_url(app_at_exact, "a state"))
    return oauth.exchange_code(app_at_exact, code_in(back))


@pytest.fixture
def make_client(
    simulator: RunningSimulator, app_at_exact: App, tokens: TokenSet, monkeypatch: Any
) -> MakeClient:
    monkeypatch.setattr(client_module, "_refused", {})

    def make(division: int | None = simulator.division, **hooks: Any) -> ExactClient:
        session = oauth.api_session(app_at_exact, tokens)
        return ExactClient(session, simulator.url, division, **hooks)

    return make


@pytest.fixture
def exact(make_client: MakeClient) -> ExactClient:
    return make_client()


def new_entry(exact: ExactClient, **changes: Any) -> NewSalesEntry:
    customer = exact.create_account(NewAccount("Bakkerij Jansen", search_code="PPP-1"))
    revenue = next(exact.gl_accounts_by_code(["700100"]))
    values: dict[str, Any] = {
        "customer_id": customer.id,
        "journal": "70",
        "entry_date": TODAY,
        "due_date": None,
        "your_ref": "2026-0042",
        "description": "Rent of a van",
        "lines": [NewSalesEntryLine(revenue.id, Decimal("100.10"), "3")],
    }
    return NewSalesEntry(**(values | changes))


def ask_on_and_on(exact: ExactClient) -> None:
    for _ in range(100):
        list(exact.journals())


# --- connecting ---------------------------------------------------------------------------------


def test_who_consented_and_what_was_granted(
    simulator: RunningSimulator, make_client: MakeClient
) -> None:
    connection = make_client(division=None)
    assert connection.me().full_name == "Eva Claes"
    granted = {one.division for one in connection.administrations() if one.usable}
    assert {simulator.division, simulator.other_division} <= granted


def test_a_renewal_gives_a_pair_that_works_and_ends_the_old_one(
    simulator: RunningSimulator, app_at_exact: App, tokens: TokenSet
) -> None:
    with pytest.raises(TooEarly):
        oauth.refresh(app_at_exact, tokens.refresh_token)
    simulator.clock.jump(seconds=571)
    renewed = oauth.refresh(app_at_exact, tokens.refresh_token)
    session = oauth.api_session(app_at_exact, renewed)
    assert ExactClient(session, simulator.url).me().division
    with pytest.raises(ExactNotConnected):
        oauth.refresh(app_at_exact, tokens.refresh_token)


def test_a_code_is_good_for_one_exchange(simulator: RunningSimulator, app_at_exact: App) -> None:
    code = code_in(simulator.consent(oauth.consent_url(app_at_exact, "a state")))
    oauth.exchange_code(app_at_exact, code)
    with pytest.raises(ExactNotConnected):
        oauth.exchange_code(app_at_exact, code)


def test_a_wrong_secret_is_told_apart(simulator: RunningSimulator, app_at_exact: App) -> None:
    wrong = App(simulator.url, simulator.client_id, "wrong", simulator.redirect_uri)
    code = code_in(simulator.consent(oauth.consent_url(app_at_exact, "a state")))
    with pytest.raises(AppRejected):
        oauth.exchange_code(wrong, code)


def test_a_refused_consent_comes_back_as_such(
    simulator: RunningSimulator, app_at_exact: App
) -> None:
    back = simulator.consent(oauth.consent_url(app_at_exact, "a state"), allow=False)
    assert "error=access_denied" in back


def test_an_access_token_that_ran_out_is_renewed_on_the_way(
    simulator: RunningSimulator, app_at_exact: App, tokens: TokenSet
) -> None:
    session = oauth.api_session(app_at_exact, tokens)

    def renew() -> bool:
        renewed = oauth.refresh(app_at_exact, tokens.refresh_token)
        session.token = {"access_token": renewed.access_token, "token_type": "Bearer"}
        return True

    simulator.clock.jump(seconds=601)
    exact = ExactClient(session, simulator.url, simulator.division, on_unauthorized=renew)
    assert list(exact.journals())


# --- reading ------------------------------------------------------------------------------------


def test_the_lists_of_an_administration(exact: ExactClient) -> None:
    journals = {one.code: one.kind for one in exact.journals(JournalKind.SALES)}
    assert journals["70"] == JournalKind.SALES
    assert set(journals.values()) == {JournalKind.SALES}
    assert any(one.percentage == 21 and one.for_sales for one in exact.vat_codes())
    assert any(one.days for one in exact.payment_conditions())
    assert next(one for one in exact.document_types() if one.id == 10).creatable
    ledger = {one.code: one for one in exact.gl_accounts()}
    assert ledger["700100"].kind == GLAccountKind.REVENUE
    assert {one.code for one in exact.gl_accounts("7001")} <= set(ledger)
    assert [one.code for one in exact.gl_accounts_by_code(["700100", "nope"])] == ["700100"]


def test_hits_come_by_name_over_several_pages(
    simulator: RunningSimulator, exact: ExactClient
) -> None:
    names = [hit.name for hit in exact.search_accounts("a")]
    stored = [one["Name"] for one in simulator.accounts(simulator.division)]
    assert len(names) > 60
    assert names == sorted(name for name in stored if "a" in name.lower())


@pytest.mark.parametrize(
    "typed", ["jansen", "JANSEN bakkerij", "100991", "BE 0403.019.261", "0403019261", "PPP-9"]
)
@pytest.mark.parametrize("case_sensitive", [True, False])
def test_a_customer_is_found_by_whatever_is_known(
    simulator: RunningSimulator, exact: ExactClient, typed: str, case_sensitive: bool
) -> None:
    simulator.options.case_sensitive = case_sensitive
    made = exact.create_account(
        NewAccount(
            "Bakkerij d'Jansen", code="100991", vat_number="BE0403019261", search_code="PPP-9"
        )
    )
    assert made.id in {hit.id for hit in exact.search_accounts(typed)}


@pytest.mark.parametrize("odd", ["'", "a'b", "100%", "a&b", "ü+", "(", "' or 1 eq 1 or Name eq '"])
def test_odd_texts_are_only_texts(
    simulator: RunningSimulator, exact: ExactClient, odd: str
) -> None:
    assert list(exact.search_accounts(f"zzz{odd}")) == []
    made = exact.create_account(NewAccount(f"Firma {odd}"))
    assert made.id in {hit.id for hit in exact.search_accounts(f"Firma {odd}")}


def test_keys_find_their_accounts(exact: ExactClient) -> None:
    made = exact.create_account(
        NewAccount("Jansen", code="100992", vat_number="BE 0403.019.261", search_code="PPP-8")
    )
    found = [
        exact.account(made.id),
        *exact.accounts([made.id]),
        *exact.search_accounts("100992"),
        *exact.accounts_known_as("PPP-8", ""),
        *exact.accounts_known_as("PPP-9", "be0403019261"),
    ]
    assert found == [made] * 5
    assert exact.account(UUID(int=1)) is None


def test_nothing_is_ever_asked_by_the_address_of_a_key(
    simulator: RunningSimulator, exact: ExactClient
) -> None:
    exact.account(UUID(int=1))
    assert all("guid" not in call.path for call in simulator.log if call.method == "GET")


# --- writing ------------------------------------------------------------------------------------


def test_an_invoice_with_its_pdf_costs_three_calls(
    simulator: RunningSimulator, exact: ExactClient
) -> None:
    new = new_entry(exact)
    simulator.log.clear()
    cover = exact.create_document(NewDocument("Invoice 2026-0042", new.customer_id, TODAY))
    exact.attach_file(cover.id, "2026-0042.pdf", b"%PDF-1.7")
    entry = exact.create_sales_entry(
        NewSalesEntry(**{**vars(new), "document_id": cover.id, "payment_reference": "123"})
    )
    assert simulator.log.count(ENTRIES, "POST") == 1
    assert len(list(simulator.log)) == 3
    assert (entry.amount, entry.vat_amount) == (Decimal("121.12"), Decimal("21.02"))
    assert (entry.entry_date, entry.document_id) == (TODAY, cover.id)
    assert entry.number
    (booked,) = simulator.entries(YourRef="2026-0042")
    assert booked["EntryID"] == str(entry.id)
    (file,) = simulator.attachments()
    assert file["Content"] == b"%PDF-1.7"


def test_what_was_booked_is_found_again(exact: ExactClient) -> None:
    new = new_entry(exact)
    entry = exact.create_sales_entry(new)
    assert list(exact.find_sales_entries(["other", "2026-0042"])) == [entry]
    assert list(exact.find_sales_entries(["2026-004"])) == []
    cover = exact.create_document(NewDocument("Invoice d'été", new.customer_id))
    file = exact.attach_file(cover.id, "a.pdf", b"%PDF")
    assert list(exact.find_documents("Invoice d'été", new.customer_id)) == [cover]
    assert list(exact.find_attachments(cover.id)) == [file]


def test_a_credit_note_is_an_entry_with_negative_lines(exact: ExactClient) -> None:
    new = new_entry(exact)
    (line,) = new.lines
    credit = NewSalesEntryLine(line.gl_account_id, -line.amount, "3", Decimal("-21.02"))
    entry = exact.create_sales_entry(NewSalesEntry(**{**vars(new), "lines": [credit]}))
    assert (entry.amount, entry.vat_amount) == (Decimal("-121.12"), Decimal("-21.02"))


def test_a_change_leaves_the_rest_alone(exact: ExactClient) -> None:
    made = exact.create_account(NewAccount("Jansen", email="a@b.example", city="Gent"))
    exact.update_account(made.id, {"email": "c@d.example", "city": ""})
    changed = exact.account(made.id)
    assert changed is not None
    assert (changed.name, changed.email, changed.city) == ("Jansen", "c@d.example", "")


# --- trouble ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "kind", "booked"),
    [
        ("drop_before", OutcomeUnknown, 0),
        ("drop_after", OutcomeUnknown, 1),
        ("crash", OutcomeUnknown, 0),
        ("crash_after", OutcomeUnknown, 1),
        ("unavailable", OutcomeUnknown, 0),
        ("gateway_timeout", OutcomeUnknown, 0),
        ("empty", OutcomeUnknown, 0),
        ("empty_after", OutcomeUnknown, 1),
        ("malformed", OutcomeUnknown, 1),
        ("throttled", ExactUnavailable, 0),
        ("throttled_day", ExactUnavailable, 0),
        ("revoked", ExactNotConnected, 0),
    ],
)
def test_a_booking_that_goes_wrong_is_never_taken_for_refused_or_done(
    simulator: RunningSimulator,
    exact: ExactClient,
    fault: str,
    kind: type[ExactError],
    booked: int,
) -> None:
    new = new_entry(exact)
    simulator.fail_next(fault, ENTRIES, method="POST", times=2)  # a second try meets the same
    with pytest.raises(kind) as trouble:
        exact.create_sales_entry(new)
    assert type(trouble.value) is kind
    assert len(simulator.entries(YourRef="2026-0042")) == booked


@pytest.mark.parametrize("fault", ["slow", "slow_after"])
def test_a_booking_that_takes_too_long_may_have_landed(
    simulator: RunningSimulator, make_client: MakeClient, fault: str
) -> None:
    exact = make_client(timeout=(1.0, 0.3))
    new = new_entry(exact)
    simulator.fail_next(fault, ENTRIES, method="POST", seconds=0.6)
    with pytest.raises(OutcomeUnknown):
        exact.create_sales_entry(new)


@pytest.mark.parametrize("fault", ["drop_before", "crash", "unavailable", "empty", "malformed"])
def test_a_question_that_goes_wrong_can_be_asked_again(
    simulator: RunningSimulator, exact: ExactClient, fault: str
) -> None:
    simulator.fail_next(fault, "financial/Journals")
    with pytest.raises(ExactUnavailable):
        list(exact.journals())
    assert list(exact.journals())


def test_where_nobody_answers_nothing_went_out(tokens: TokenSet, app_at_exact: App) -> None:
    session = oauth.api_session(app_at_exact, tokens)
    nowhere = ExactClient(session, "http://127.0.0.1:9", 1)
    with pytest.raises(ExactUnavailable) as trouble:
        nowhere.create_account(NewAccount("Jansen"))
    assert trouble.value.reason == "no_connection"


@pytest.mark.parametrize("user", ["eva", "joris", "celine"])
@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"journal": "nope"}, "Exact does not know this journal."),
        ({"journal": "60"}, "This journal is of the wrong kind."),
        ({"entry_date": date(1999, 1, 1)}, "Exact has no such financial year yet."),
        ({"lines": []}, "Exact asks for something that is missing"),
    ],
)
def test_a_refusal_is_explained_in_whatever_language_it_came(
    simulator: RunningSimulator, user: str, changes: dict[str, Any], sentence: str
) -> None:
    session = oauth.api_session(
        App(simulator.url, simulator.client_id, "", ""),
        TokenSet(simulator.token(user), "", now(), now()),
    )
    exact = ExactClient(session, simulator.url, simulator.division)
    with pytest.raises(ExactRejected) as refused:
        exact.create_sales_entry(new_entry(exact, **changes))
    texts = [one.text % dict(one.params) for one in refused.value.messages]
    assert any(text.startswith(sentence) for text in texts), refused.value.texts
    assert not simulator.entries(YourRef="2026-0042")


def test_an_administration_without_rights_says_whose_move_it_is(
    simulator: RunningSimulator, exact: ExactClient
) -> None:
    session = oauth.api_session(
        App(simulator.url, simulator.client_id, "", ""),
        TokenSet(simulator.token("tom"), "", now(), now()),
    )
    with pytest.raises(ExactRejected) as refused:
        list(ExactClient(session, simulator.url, simulator.division).journals())
    assert refused.value.status == 403
    assert "rights" in refused.value.messages[0].text


def test_with_the_count_of_calls_the_limit_is_never_hit(
    simulator: RunningSimulator, make_client: MakeClient
) -> None:
    quota = Quota(MemoryStore(), "key", "person")
    exact = make_client(before_call=quota.wait_for_turn, on_limits=quota.on_limits)
    with pytest.raises(ExactUnavailable) as trouble:
        ask_on_and_on(exact)
    assert trouble.value.reason == "minute"
    assert trouble.value.retry_at is not None
    assert all(call.status != 429 for call in simulator.log)
    assert simulator.log.count("financial/Journals") <= 60


def test_at_the_limit_exact_names_the_moment(
    simulator: RunningSimulator, exact: ExactClient
) -> None:
    with pytest.raises(ExactUnavailable) as trouble:
        ask_on_and_on(exact)
    assert trouble.value.reason == "minute"
    assert trouble.value.retry_at is not None
    assert 0 < (trouble.value.retry_at - now()).total_seconds() <= 62
