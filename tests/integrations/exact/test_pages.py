"""Setting the link up on its pages, with all that people and Exact can do wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.integrations.exact import linking
from ppplanner.integrations.exact.connect import connection_of
from ppplanner.integrations.exact.messages import UNAVAILABLE
from ppplanner.integrations.exact.models import ConnectionState, ExactConnection
from ppplanner.integrations.exact.pages.trouble import NOW
from ppplanner.integrations.exact.settings import exact_settings
from ppplanner.integrations.exact.simulator import ESTATE, NAMUR, RunningSimulator
from ppplanner.integrations.exact.simulator.faults import KINDS
from ppplanner.integrations.exact.sync import lists
from ppplanner.models import Company, Invoice
from tests.blueprints.pages import error_at, main, over, seen_in, words
from tests.conftest import Browser, Login
from tests.factories import make_company, make_gl_account, make_unit, make_user, make_vat_code
from tests.integrations.exact.conftest import Connect
from tests.integrations.exact.forms import mapping_form

pytestmark = pytest.mark.one_database

HUGE = 10**30
#: What the worst of Exact's answers may not turn into.
TRACES = ("Traceback", "Error", "access_token", "refresh_token", "api/v1")


@pytest.fixture
def administrator(company: Company, login: Login) -> Browser:
    """The administrator of a firm."""
    return login()


@pytest.fixture
def known_app(company: Company, simulator: RunningSimulator) -> ExactConnection:
    """A company that knows where its Exact is, and where nobody has logged in yet."""
    connection = linking.save_app(
        company,
        base_url=simulator.url,
        client_id=simulator.client_id,
        client_secret=simulator.client_secret,
    )
    db.session.commit()
    return connection


def page_of(company: Company) -> str:
    return f"/exact/companies/{company.id}"


def at(connection: ExactConnection, what: str) -> str:
    return f"/exact/connections/{connection.id}/{what}"


def app_form(simulator: RunningSimulator, **changes: str) -> dict[str, str]:
    return {
        "site": "other",
        "test_server": simulator.url,
        "client_id": simulator.client_id,
        "client_secret": simulator.client_secret,
        **changes,
    }


def consent(
    administrator: Browser,
    simulator: RunningSimulator,
    connection: ExactConnection,
    user: str = "eva",
    **how: Any,
) -> str:
    """Go to Exact and answer there; the address with which one is sent back."""
    started = administrator.get(at(connection, "login"))
    assert started.status_code == 302
    back = urlsplit(simulator.consent(started.location, user, **how))
    return f"{back.path}?{back.query}"


def log_in(
    administrator: Browser,
    simulator: RunningSimulator,
    connection: ExactConnection,
    user: str = "eva",
    **how: Any,
) -> TestResponse:
    """Log in with Exact; the page on which one ends up."""
    return administrator.get(
        consent(administrator, simulator, connection, user, **how), follow_redirects=True
    )


def choose(administrator: Browser, connection: ExactConnection, division: object) -> TestResponse:
    data = {"division": str(division)}
    return administrator.post(at(connection, "administration"), data=data, follow_redirects=True)


# --- setting up, step by step -----------------------------------------------------------------


def test_the_page_of_a_company_says_at_each_step_what_comes_next(
    administrator: Browser, company: Company, simulator: RunningSimulator
) -> None:
    url = page_of(company)
    assert "Say first where your Exact is" in main(administrator.get(url))

    administrator.post(f"{url}/app", data=app_form(simulator))
    assert "Log in with Exact as somebody who may book" in main(administrator.get(url))

    connection = connection_of(company.id)
    assert connection
    assert "Choose the administration" in main(log_in(administrator, simulator, connection))
    assert "Choose the administration in which" in main(administrator.get(url))

    assert "The administration is chosen" in words(
        choose(administrator, connection, simulator.division)
    )
    assert "Choose the sales journal in which" in main(administrator.get(url))

    administrator.post(at(connection, "mapping"), data={"sales_journal": "70"})
    done = main(administrator.get(url))
    assert "Next step" not in done
    assert "70 Verkopen" in done
    assert "in order" in done


def test_a_link_that_is_switched_off_says_so(
    administrator: Browser, company: Company, connection: ExactConnection
) -> None:
    exact_settings.save(company.id, enabled=False)

    page = main(administrator.get(page_of(company)))

    assert "The link is switched off" in page
    assert "State switched off" in page


def test_the_first_page_is_that_of_the_company_of_the_chosen_business_unit(
    login: Login, company: Company
) -> None:
    unit = make_unit(make_company(name="Another"))
    visitor = login(user=make_user(business_unit=unit))

    answer = visitor.get("/exact/")

    assert answer.location == page_of(unit.company)


def test_without_any_company_one_is_told_to_add_one(app: Flask, login: Login) -> None:
    answer = login().get("/exact/")

    assert answer.status_code == 409
    assert "Add a company first" in words(answer)


def test_whoever_may_only_look_sees_the_settings_and_whom_to_ask(
    login: Login, company: Company, connection: ExactConnection
) -> None:
    make_user(name="Amélie Admin")
    make_user(name="Gone", active=False)

    page = login("exact.view").get(page_of(company))

    assert page.status_code == 200
    assert "You can look but not change. Ask Amélie Admin." in main(page)
    assert "Change" not in main(page)
    assert "Log out" not in main(page)


def test_the_page_tells_how_the_link_is_doing(
    administrator: Browser, company: Company, connection: ExactConnection
) -> None:
    connection.paused_until = now() + timedelta(minutes=15)
    connection.pause_reason = {"text": UNAVAILABLE["no_answer"], "params": {}}

    page = main(administrator.get(page_of(company)))

    assert "State pausing" in page
    assert "Exact does not answer" in page
    assert "Goes on at" in page
    assert "of 5,000" in page


def test_a_pause_can_be_ended_by_hand(
    administrator: Browser, company: Company, connection: ExactConnection
) -> None:
    connection.paused_until = now() + timedelta(minutes=15)
    connection.pause_reason = {"text": UNAVAILABLE["no_answer"], "params": {}}

    answer = administrator.post(at(connection, "wake"), follow_redirects=True)

    assert "State in order" in main(answer)


def test_two_companies_that_log_in_as_the_same_person_are_warned(
    administrator: Browser, company: Company, connection: ExactConnection, connect: Connect
) -> None:
    other = make_company(name="Verhuur Namen")
    connect(other, division=NAMUR)

    assert "Verhuur Namen uses the same app and the same person" in main(
        administrator.get(page_of(company))
    )
    assert "Verhuur Peeters uses the same app" in main(administrator.get(page_of(other)))


# --- where Exact is, and as which app ---------------------------------------------------------


def test_the_client_secret_is_never_shown(
    administrator: Browser,
    company: Company,
    known_app: ExactConnection,
    simulator: RunningSimulator,
) -> None:
    for page in (administrator.get(page_of(company)), administrator.get(f"{page_of(company)}/app")):
        assert page.status_code == 200
        assert simulator.client_secret not in page.text


def test_an_empty_secret_keeps_the_present_one_of_the_same_app(
    administrator: Browser,
    company: Company,
    known_app: ExactConnection,
    simulator: RunningSimulator,
) -> None:
    answer = administrator.post(
        f"{page_of(company)}/app", data=app_form(simulator, client_secret="")
    )

    assert answer.status_code == 303
    assert known_app.client_secret == simulator.client_secret


def test_the_stored_secret_goes_to_no_other_address(
    administrator: Browser,
    company: Company,
    known_app: ExactConnection,
    simulator: RunningSimulator,
) -> None:
    elsewhere = app_form(simulator, test_server="http://elsewhere.example", client_secret="")

    answer = administrator.post(f"{page_of(company)}/app", data=elsewhere)

    assert answer.status_code == 422
    assert "Fill in the client secret" in error_at(answer, "client_secret")
    assert known_app.base_url == simulator.url


def test_another_app_ends_the_login(
    administrator: Browser,
    company: Company,
    connection: ExactConnection,
    simulator: RunningSimulator,
) -> None:
    administrator.post(f"{page_of(company)}/app", data=app_form(simulator, client_id="another"))

    assert connection.state is ConnectionState.DISCONNECTED
    assert connection.refresh_token is None


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("test_server", "127.0.0.1:8100", "This is not a web address"),
        ("test_server", "ftp://exact.example", "This is not a web address"),
        ("test_server", "", "This is not a web address"),
        ("test_server", "http://exact.example/api", "only up to the host"),
        ("test_server", "http://eva:secret@exact.example", "only up to the host"),
        ("test_server", "http://169.254.169.254", "This address is reserved"),
        ("test_server", "http://[::1", "This is not a web address"),
        ("test_server", "http://" + "x" * 10_000, "Use at most 200 characters"),
        ("client_id", "", "Fill in the client id"),
        ("client_id", "   ", "Fill in the client id"),
        ("client_id", "x" * 101, "Use at most 100 characters"),
        ("client_secret", "", "Fill in the client secret"),
        ("client_secret", "x" * 201, "Use at most 200 characters"),
    ],
)
def test_what_is_wrong_with_the_app_is_said_at_the_field(
    administrator: Browser,
    company: Company,
    simulator: RunningSimulator,
    field: str,
    value: str,
    complaint: str,
) -> None:
    answer = administrator.post(
        f"{page_of(company)}/app", data=app_form(simulator, **{field: value})
    )

    assert answer.status_code == 422
    assert complaint in error_at(answer, field)
    assert connection_of(company.id) is None


class TestInProduction:
    """Where only Exact's own sites may be connected."""

    @pytest.fixture
    def environment(self) -> dict[str, str]:
        return {"EXACT_ALLOW_TEST_HOSTS": "0"}

    def test_no_test_server_is_offered(self, administrator: Browser, company: Company) -> None:
        page = administrator.get(f"{page_of(company)}/app")

        assert "https://start.exactonline.be" in page.text
        assert "test server" not in words(page)

    @pytest.mark.parametrize(
        "site",
        [
            "other",
            "http://start.exactonline.be",
            "https://start.exactonline.be.evil.example",
            "https://start.exactonline.be@evil.example",
            "http://127.0.0.1:8100",
            "",
        ],
    )
    def test_no_other_address_is_taken(
        self, administrator: Browser, company: Company, site: str
    ) -> None:
        sent = {"site": site, "test_server": site, "client_id": "x", "client_secret": "y"}

        answer = administrator.post(f"{page_of(company)}/app", data=sent)

        assert answer.status_code == 422
        assert error_at(answer, "site")
        assert connection_of(company.id) is None

    def test_exacts_own_site_is_taken(self, administrator: Browser, company: Company) -> None:
        site = "https://start.exactonline.be"
        sent = {"site": site, "client_id": "x", "client_secret": "y"}

        assert administrator.post(f"{page_of(company)}/app", data=sent).status_code == 303


# --- the consent ------------------------------------------------------------------------------


def test_a_wrong_client_secret_is_told_after_the_consent(
    administrator: Browser, known_app: ExactConnection, simulator: RunningSimulator
) -> None:
    known_app.client_secret = "wrong"

    page = main(log_in(administrator, simulator, known_app))

    assert "Exact does not know this app. Compare the client id, the client secret" in page
    assert known_app.state is ConnectionState.DISCONNECTED


def test_a_refused_consent_is_told(
    administrator: Browser, known_app: ExactConnection, simulator: RunningSimulator
) -> None:
    page = main(log_in(administrator, simulator, known_app, allow=False))

    assert "Nobody gave ppplanner access to Exact" in page


def test_the_consent_of_somebody_without_rights_is_told(
    administrator: Browser, known_app: ExactConnection, simulator: RunningSimulator
) -> None:
    page = main(log_in(administrator, simulator, known_app, user="tom"))
    assert "that Tom Willems gave access to" in page

    answer = choose(administrator, known_app, simulator.division)

    assert answer.status_code == 422
    assert "The person who logged in lacks rights in Exact" in main(answer)
    assert known_app.division is None


def test_a_forged_state_is_refused(
    administrator: Browser, known_app: ExactConnection, simulator: RunningSimulator
) -> None:
    back = consent(administrator, simulator, known_app)

    page = administrator.get(back.replace("state=", "state=forged"), follow_redirects=True)

    assert "does not fit your login" in main(page)
    assert not known_app.is_connected


def test_a_return_that_nobody_started_is_refused(
    administrator: Browser, known_app: ExactConnection
) -> None:
    page = administrator.get("/exact/callback?code=x&state=y", follow_redirects=True)

    assert "No login with Exact was under way" in main(page)


def test_coming_back_twice_harms_nothing(
    administrator: Browser, connection: ExactConnection, simulator: RunningSimulator
) -> None:
    back = consent(administrator, simulator, connection)
    administrator.get(back)

    page = administrator.get(back, follow_redirects=True)

    assert "No login with Exact was under way" in main(page)
    assert "Login logged in" in main(page)


def test_a_code_that_has_expired_is_told(
    administrator: Browser, known_app: ExactConnection, simulator: RunningSimulator
) -> None:
    back = consent(administrator, simulator, known_app)
    simulator.clock.jump(minutes=10)

    page = administrator.get(back, follow_redirects=True)

    assert "Exact takes this login no longer. Log in once more" in main(page)


def test_logging_in_again_goes_on_with_what_waits(
    administrator: Browser, connection: ExactConnection, simulator: RunningSimulator
) -> None:
    connection.state = ConnectionState.NEEDS_LOGIN

    page = words(log_in(administrator, simulator, connection))

    assert "Logged in with Exact again; what waits goes on." in page


def test_a_new_login_that_leaves_the_administration_out_is_told(
    administrator: Browser, connection: ExactConnection, simulator: RunningSimulator
) -> None:
    simulator.current_division = NAMUR

    page = main(log_in(administrator, simulator, connection, divisions=(NAMUR,)))

    assert "This login has no access to Vanderlinden Verhuur BV (1)" in page


def test_a_login_that_is_lost_between_two_pages_is_told_in_place(
    administrator: Browser, connection: ExactConnection, simulator: RunningSimulator
) -> None:
    simulator.revoke()

    page = administrator.get(at(connection, "administration"), follow_redirects=True)

    assert "The login with Exact has ended" in words(page)
    assert connection.state is ConnectionState.NEEDS_LOGIN


def test_logging_out_keeps_all_but_the_login(
    administrator: Browser, connection: ExactConnection
) -> None:
    answer = administrator.post(at(connection, "disconnect"), follow_redirects=True)

    assert "The login is forgotten" in words(answer)
    assert connection.refresh_token is None
    assert connection.sales_journal == "70"


# --- the administration -----------------------------------------------------------------------


@pytest.mark.parametrize("division", ["1", "", "bogus", HUGE, "2468013\n", "-5"])
def test_only_an_administration_that_was_granted_can_be_chosen(
    administrator: Browser, connection: ExactConnection, division: object
) -> None:
    answer = choose(administrator, connection, division)

    assert answer.status_code == 422
    assert "Choose one of these administrations" in error_at(answer, "division")


def test_an_administration_without_rights_changes_nothing(
    administrator: Browser, connection: ExactConnection, simulator: RunningSimulator
) -> None:
    journals = len(lists.sales_journals(connection))

    answer = choose(administrator, connection, ESTATE)

    assert answer.status_code == 422
    assert "lacks rights in Exact" in main(answer)
    assert connection.division == simulator.division
    assert len(lists.sales_journals(connection)) == journals > 0
    assert lists.vat_links(connection)


def test_once_something_is_booked_the_administration_stays(
    administrator: Browser, connection: ExactConnection, invoice: Invoice, run_jobs: Any
) -> None:
    administrator.post("/exact/invoices/forward", data={"ids": invoice.id, "confirmed": "1"})
    run_jobs()

    answer = choose(administrator, connection, NAMUR)

    assert answer.status_code == 422
    assert "in another administration already" in main(answer)


def test_an_administration_asks_for_a_login_first(
    administrator: Browser, known_app: ExactConnection
) -> None:
    page = administrator.get(at(known_app, "administration"), follow_redirects=True)

    assert "Log in with Exact first." in main(page)


@pytest.mark.parametrize("what", ["mapping", "refresh"])
def test_counterparts_ask_for_an_administration_first(
    administrator: Browser, known_app: ExactConnection, what: str
) -> None:
    open_page = administrator.post if what == "refresh" else administrator.get

    page = open_page(at(known_app, what), follow_redirects=True)

    assert "Choose the administration first." in main(page)


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"slow", "slow_after", "revoked"}))
def test_whatever_exact_does_while_the_lists_are_fetched_nothing_is_lost(
    administrator: Browser, connection: ExactConnection, simulator: RunningSimulator, kind: str
) -> None:
    journals = len(lists.sales_journals(connection))

    for resource in ("current/Me", "hrm/Divisions", "financial/Journals"):
        simulator.fail_next(kind, resource, times=3)
        for page in (
            administrator.get(at(connection, "administration"), follow_redirects=True),
            choose(administrator, connection, simulator.division),
            administrator.post(at(connection, "refresh"), follow_redirects=True),
        ):
            assert page.status_code in (200, 422)
            assert not [trace for trace in TRACES if trace in main(page)]
        simulator.faults.clear()

    assert connection.division == simulator.division
    assert len(lists.sales_journals(connection)) == journals


def test_an_exact_that_cannot_be_reached_is_told_on_each_page(
    administrator: Browser, connection: ExactConnection
) -> None:
    connection.base_url = "http://127.0.0.1:9"

    for page in (
        administrator.get(at(connection, "administration"), follow_redirects=True),
        administrator.post(at(connection, "refresh"), follow_redirects=True),
    ):
        assert "Exact cannot be reached just now. Try again in a few minutes." in main(page)


def test_every_reason_for_waiting_has_a_sentence_for_people_at_the_screen() -> None:
    assert NOW.keys() == UNAVAILABLE.keys()


# --- the counterparts -------------------------------------------------------------------------


def test_counterparts_are_picked_from_exacts_own_lists(
    administrator: Browser, company: Company, connection: ExactConnection
) -> None:
    account = make_gl_account(company.business_units[0], code="700999", name="Odds and ends")
    vat_code = make_vat_code("0")

    answer = administrator.post(
        at(connection, "mapping"),
        data=mapping_form(connection, **{f"gl_{account.id}": "700100"}),
        headers=over(page_of(company)),
    )

    assert answer.headers["HX-Refresh"] == "true"
    links = {link.gl_account_id: link.code for link in lists.gl_links(connection)}
    assert links[account.id] == "700100"
    assert vat_code.id not in {link.vat_code_id for link in lists.vat_links(connection)}


@pytest.mark.parametrize("value", ["99", "20", "x" * 10_000, "700000'; drop table", "²"])
@pytest.mark.parametrize("name", ["sales_journal", "vat", "gl"])
def test_a_counterpart_that_exact_does_not_offer_is_refused_at_the_field(
    administrator: Browser, connection: ExactConnection, name: str, value: str
) -> None:
    form = mapping_form(connection)
    field = next(key for key in form if key.startswith(name))

    answer = administrator.post(at(connection, "mapping"), data={**form, field: value})

    assert answer.status_code == 422
    assert "Choose one of the list" in error_at(answer, field)
    assert connection.sales_journal == "70"
    assert mapping_form(connection) == form


def test_counterparts_that_a_colleague_chose_meanwhile_are_not_overwritten_unseen(
    administrator: Browser, connection: ExactConnection
) -> None:
    mine = mapping_form(connection)
    field = next(key for key in mine if key.startswith("gl_"))
    seen = seen_in(administrator.get(at(connection, "mapping")).text)
    administrator.post(at(connection, "mapping"), data={**mine, field: "700100"})

    answer = administrator.post(at(connection, "mapping"), data={**mine, field: "", "seen": seen})

    assert answer.status_code == 409
    assert "A colleague saved this while you were changing it." in words(answer)
    assert "Your colleague's: 700100" in words(answer)
    assert mapping_form(connection)[field] == "700100"
    again = {**mine, field: "", "seen": seen_in(answer.text)}
    administrator.post(at(connection, "mapping"), data=again)
    assert field not in mapping_form(connection)


def test_a_counterpart_can_be_taken_back(
    administrator: Browser, connection: ExactConnection
) -> None:
    form = mapping_form(connection)
    field = next(key for key in form if key.startswith("gl_"))

    administrator.post(at(connection, "mapping"), data={**form, field: ""})

    assert field not in mapping_form(connection)


def test_a_choice_that_exact_no_longer_offers_is_named(
    administrator: Browser, connection: ExactConnection
) -> None:
    connection.sales_journal = "77"

    page = administrator.get(at(connection, "mapping"))

    assert "77 was chosen, but Exact no longer offers it." in words(page)


# --- what does not exist, and who may not -----------------------------------------------------

PAGES = (
    ("GET", "/exact/companies/{}"),
    ("GET", "/exact/companies/{}/app"),
    ("POST", "/exact/companies/{}/app"),
    ("GET", "/exact/companies/{}/switches/invoices"),
    ("POST", "/exact/companies/{}/switches/invoices"),
    ("GET", "/exact/connections/{}/login"),
    ("GET", "/exact/connections/{}/administration"),
    ("POST", "/exact/connections/{}/administration"),
    ("GET", "/exact/connections/{}/mapping"),
    ("POST", "/exact/connections/{}/mapping"),
    ("POST", "/exact/connections/{}/refresh"),
    ("POST", "/exact/connections/{}/disconnect"),
    ("POST", "/exact/connections/{}/wake"),
    ("GET", "/exact/tiles/invoice/{}"),
    ("GET", "/exact/runs/{}"),
    ("GET", "/exact/runs/{}/progress"),
)


@pytest.mark.parametrize("record_id", [0, 999_999, 2**31, HUGE])
def test_what_does_not_exist_is_not_found(
    administrator: Browser, connection: ExactConnection, record_id: int
) -> None:
    for method, page in PAGES:
        answer = administrator.open(page.format(record_id), method=method)

        assert answer.status_code == 404, page
        assert "There is nothing here" in words(answer)


def test_without_the_right_nothing_opens(login: Login, connection: ExactConnection) -> None:
    nobody = login("customers.view", "invoices.view", "organisation.edit")

    for method, page in PAGES:
        assert nobody.open(page.format(connection.id), method=method).status_code == 403, page


def test_settings_is_lit_on_exacts_pages(administrator: Browser, company: Company) -> None:
    page = administrator.get(page_of(company)).text

    here = page[page.index('aria-current="page"') :]
    assert "<span>Settings</span>" in here[: here.index("</li>")]
