"""The switches of the link on their page: what is told, what is refused, what it begins."""

from __future__ import annotations

import re
from dataclasses import fields
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask

from ppplanner.clock import now
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.integrations.exact import switching
from ppplanner.integrations.exact.models import ExactConnection
from ppplanner.integrations.exact.settings import ExactSettings, Source, exact_settings
from ppplanner.integrations.exact.simulator import NAMUR
from ppplanner.integrations.exact.switch_words import NAMES, NEEDS, WORDS
from ppplanner.integrations.exact.switches import SUBJECTS, form_values
from ppplanner.models import Company
from tests.blueprints.pages import error_at, main, over, words
from tests.conftest import Browser, Login
from tests.factories import make_company, make_user
from tests.integrations.exact.money import set_up

pytestmark = pytest.mark.one_database

INVOICES = {
    "invoices_send": "y",
    "invoices_mode": "manual",
    "invoices_night_time": "02:15",
    "invoices_pdf": "y",
}
TRANSACTIONS = {"transactions_send": "y", "transactions_interval": "15"}


@pytest.fixture
def administrator(company: Company, login: Login) -> Browser:
    return login()


def page_of(company: Company) -> str:
    return f"/exact/companies/{company.id}"


def switches(company: Company, subject: str) -> str:
    return f"{page_of(company)}/switches/{subject}"


def test_each_switch_has_a_name_and_stands_in_one_form(app: Flask) -> None:
    keys = [field.name for field in fields(ExactSettings)]
    with app.test_request_context():
        shown = [
            field.name
            for subject in SUBJECTS.values()
            for field in subject.form(data=form_values(ExactSettings()))
            if field.type not in ("CSRFTokenField", "HiddenField")
        ]
    assert sorted(shown) == sorted(keys)
    assert NAMES.keys() == set(keys)
    assert WORDS.keys() | NEEDS.keys() <= set(keys)


def test_each_switch_says_what_it_does_and_what_it_does_not(app: Flask) -> None:
    with app.test_request_context():
        for subject in SUBJECTS.values():
            for field in subject.form(data=form_values(ExactSettings())):
                if field.type not in ("CSRFTokenField", "HiddenField"):
                    sentences = re.findall(r"[^.]+\.", str(field.description))
                    assert len(sentences) >= 2, field.name


def test_the_page_tells_how_each_switch_stands(
    administrator: Browser, company: Company, connection: ExactConnection
) -> None:
    page = main(administrator.get(page_of(company)))

    for name in NAMES.values():
        assert str(name) in page
    assert "Forward transactions off" in page
    assert "How often transactions go every 15 minutes" in page
    assert "Where cost centres come from Made here, and sent to Exact" in page


@pytest.mark.parametrize(
    ("off", "idle"),
    [
        ({"customers_send": False}, "When customers go"),
        ({"cost_centres_source": Source.EXACT}, "Make a cost centre of each new resource"),
        ({"invoices_mode": "manual"}, "Start of the night"),
        ({"invoices_send": False, "invoices_mode": "nightly"}, "Start of the night"),
        ({"transactions_send": False}, "How often transactions go"),
    ],
)
def test_a_switch_without_effect_says_so_and_keeps_its_value(
    administrator: Browser, company: Company, off: dict[str, Any], idle: str
) -> None:
    exact_settings.save(company.id, **off)

    page = administrator.get(page_of(company)).text

    told = page[page.index(f"<dt>{idle}</dt>") :]
    assert "It has no effect while" in told[: told.index("</div>")]
    assert 'class="told-idle"' in page


def test_a_dialog_keeps_what_has_no_effect_below_what_decides_it(
    administrator: Browser, company: Company
) -> None:
    page = administrator.get(switches(company, "invoices")).text

    places = [page.index(text) for text in ("switched-on", "switched-last", 'id="invoices_from"')]
    assert places == sorted(places)
    assert "This has no effect while the above stands so." in page
    assert "switched-first" in administrator.get(switches(company, "cost-centres")).text


def test_what_a_company_group_does_without_is_not_asked_about(
    administrator: Browser, company: Company
) -> None:
    company.group.uses_cost_centres = False

    page = main(administrator.get(page_of(company)))

    assert administrator.get(switches(company, "cost-centres")).status_code == 404
    assert "ost centre" not in page
    assert "Where cost carriers come from" in page


def test_that_another_company_decides_for_the_group_is_said(
    administrator: Browser, company: Company, connection: ExactConnection, connect: Any
) -> None:
    other = make_company(name="Verhuur Namen", group=company.group)
    connect(other, division=NAMUR)
    exact_settings.save(other.id, cost_centres_source=Source.EXACT)

    assert "Another company of the group imports them" in main(administrator.get(page_of(company)))


# --- what is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["25:00", "2:15", "02:60", "", "noon", "٠٢:١٥", "02:15:00", "x" * 9999]
)
def test_a_night_time_that_is_none_is_refused_at_the_field(
    administrator: Browser, company: Company, typed: str
) -> None:
    sent = {**INVOICES, "invoices_night_time": typed}

    answer = administrator.post(switches(company, "invoices"), data=sent)

    assert answer.status_code == 422
    complaint = "Use at most 5" if len(typed) > 5 else "Type a time between 00:00 and 23:59"
    assert complaint in error_at(answer, "invoices_night_time")
    assert exact_settings.load(company.id).invoices_night_time == "02:15"


@pytest.mark.parametrize(
    ("typed", "complaint"),
    [
        ("4", "Fill in 5 to 1440 minutes"),
        ("1441", "Fill in 5 to 1440 minutes"),
        ("-15", "Fill in 5 to 1440 minutes"),
        ("0", "Fill in 5 to 1440 minutes"),
        ("", "Fill in after how many minutes"),
        ("7.5", "Type a whole number."),
        ("often", "Type a whole number."),
        ("1e2", "Type a whole number."),
        ("9" * 5000, "This number is too long"),
    ],
)
def test_an_interval_that_is_none_is_refused_at_the_field(
    administrator: Browser, company: Company, typed: str, complaint: str
) -> None:
    sent = {**TRANSACTIONS, "transactions_interval": typed}

    answer = administrator.post(switches(company, "transactions"), data=sent)

    assert answer.status_code == 422
    assert complaint in error_at(answer, "transactions_interval")
    assert exact_settings.load(company.id).transactions_interval == 15


@pytest.mark.parametrize("typed", ["5", "1440"])
def test_the_shortest_and_the_longest_interval_are_taken(
    administrator: Browser, company: Company, typed: str
) -> None:
    sent = {**TRANSACTIONS, "transactions_interval": typed}

    assert administrator.post(switches(company, "transactions"), data=sent).status_code == 303
    assert exact_settings.load(company.id).transactions_interval == int(typed)


@pytest.mark.parametrize("field", ["invoices_from", "transactions_from"])
@pytest.mark.parametrize("typed", ["2026-02-30", "tomorrow", "99999-01-01", "x" * 5000])
def test_a_day_that_does_not_exist_is_refused_at_the_field(
    administrator: Browser, company: Company, field: str, typed: str
) -> None:
    subject = field.split("_")[0]
    sent = {**INVOICES, **TRANSACTIONS, field: typed}

    answer = administrator.post(switches(company, subject), data=sent)

    assert answer.status_code == 422
    assert "Type a day that exists" in error_at(answer, field)


@pytest.mark.parametrize("value", ["", "hourly", "MANUAL", "x" * 5000])
@pytest.mark.parametrize(
    ("subject", "field"),
    [
        ("invoices", "invoices_mode"),
        ("customers", "customers_send_moment"),
        ("cost-centres", "cost_centres_source"),
        ("cost-carriers", "cost_carriers_source"),
        ("gl-accounts", "gl_source"),
    ],
)
def test_a_way_that_there_is_not_is_refused_at_the_field(
    administrator: Browser, company: Company, subject: str, field: str, value: str
) -> None:
    answer = administrator.post(switches(company, subject), data={**INVOICES, field: value})

    assert answer.status_code == 422
    assert "Choose one from the list." in error_at(answer, field)
    assert exact_settings.load(company.id) == ExactSettings()


@pytest.mark.parametrize(
    "values", [{"transactions_interval": 1}, {"gl_source": "thin air"}, {"invoices_mode": ""}]
)
def test_not_only_the_page_refuses(company: Company, values: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        switching.save_settings(company, None, ExactSettings(**values))


@pytest.mark.parametrize("subject", ["nothing", "Invoices", "x" * 500])
def test_a_subject_that_there_is_not_is_not_found(
    administrator: Browser, company: Company, subject: str
) -> None:
    assert administrator.get(switches(company, subject)).status_code == 404


# --- what is saved ----------------------------------------------------------------------------


def test_switches_are_saved_and_told_in_words(
    administrator: Browser, company: Company, connection: ExactConnection
) -> None:
    sent = {**INVOICES, "invoices_mode": "nightly", "invoices_night_time": "03:30"}
    del sent["invoices_pdf"]

    answer = administrator.post(
        switches(company, "invoices"), data=sent, headers=over(page_of(company))
    )

    assert answer.headers["HX-Refresh"] == "true"
    page = main(administrator.get(page_of(company)))
    assert "When invoices go By themselves every night, and by hand" in page
    assert "Start of the night 03:30" in page
    assert "Send the PDF along: on became off" in page
    assert "forwards them from the list became By themselves every night" in page
    assert exact_settings.load(company.id).invoices_pdf is False
    assert connection.nightly_since is not None


def test_one_subject_leaves_the_others_alone(administrator: Browser, company: Company) -> None:
    exact_settings.save(company.id, customers_search=False, gl_source=Source.EXACT)

    administrator.post(switches(company, "invoices"), data=INVOICES)

    kept = exact_settings.load(company.id)
    assert (kept.customers_search, kept.gl_source) == (False, Source.EXACT)


def test_the_history_of_a_switch_names_person_company_and_both_values(
    login: Login, company: Company
) -> None:
    administrator = login(user=make_user(name="Amélie"))

    administrator.post(switches(company, "payments"), data={"payments_fetch": "y"})

    history = words(administrator.get("/settings/history?what=settings"))
    assert "Amélie Setting Verhuur Peeters Follow in Exact which invoices are paid: off" in history


def test_the_history_of_the_link_itself_speaks_peoples_words(
    administrator: Browser, company: Company, connection: ExactConnection
) -> None:
    page = main(administrator.get(page_of(company)))

    assert "State: not logged in became logged in" in page
    assert "Sales journal: – became 70" in page


def test_saving_without_a_change_leaves_no_trace(administrator: Browser, company: Company) -> None:
    administrator.post(switches(company, "invoices"), data=INVOICES)

    assert "Nothing has changed yet." in main(administrator.get(page_of(company)))


def test_each_company_has_switches_of_its_own(
    administrator: Browser, company: Company, connection: ExactConnection
) -> None:
    other = make_company(name="Verhuur Namen")
    sent = {**INVOICES, "invoices_night_time": "04:00"}

    administrator.post(switches(other, "invoices"), data=sent)

    assert exact_settings.load(company.id).invoices_night_time == "02:15"
    assert exact_settings.load(other.id).invoices_night_time == "04:00"
    page = administrator.get(page_of(other)).text
    assert f'href="{page_of(company)}"' in page
    assert "04:00" not in main(administrator.get(page_of(company)))


def test_two_people_who_change_the_same_switches_see_both_versions(
    administrator: Browser, company: Company
) -> None:
    page = administrator.get(switches(company, "customers")).text
    seen = page.split('name="seen"')[1].split('value="')[1].split('"')[0].replace("&#34;", '"')
    exact_settings.save(company.id, customers_send_moment="on_save")
    db.session.commit()

    sent = {"customers_search": "y", "customers_send_moment": "on_invoice", "seen": seen}
    answer = administrator.post(switches(company, "customers"), data=sent)

    assert answer.status_code == 409
    assert "A colleague saved this while you were changing it." in words(answer)
    assert exact_settings.load(company.id).customers_send is True


# --- what switching on begins -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("subject", "sent", "day"),
    [
        ("invoices", {**INVOICES, "invoices_mode": "nightly"}, "invoices_from"),
        ("transactions", TRANSACTIONS, "transactions_from"),
    ],
)
def test_what_is_switched_on_begins_with_the_companys_today(
    administrator: Browser, company: Company, subject: str, sent: dict[str, str], day: str
) -> None:
    evening = (now() + timedelta(days=1)).replace(hour=23, minute=30)
    with time_machine.travel(evening, tick=True):
        administrator.post(switches(company, subject), data=sent)

    in_brussels = evening.date() + timedelta(days=1)
    assert getattr(exact_settings.load(company.id), day) == f"{in_brussels}"


def test_a_day_that_was_chosen_stays(administrator: Browser, company: Company) -> None:
    sent = {**TRANSACTIONS, "transactions_from": "2026-01-01"}

    administrator.post(switches(company, "transactions"), data=sent)

    assert exact_settings.load(company.id).transactions_from == "2026-01-01"


def test_while_it_is_off_no_day_is_chosen(administrator: Browser, company: Company) -> None:
    administrator.post(switches(company, "transactions"), data={"transactions_interval": "30"})

    assert exact_settings.load(company.id).transactions_from == ""


def test_another_night_time_does_not_make_up_for_the_night_that_was(
    administrator: Browser, company: Company, connection: ExactConnection
) -> None:
    sent = {**INVOICES, "invoices_mode": "nightly"}
    administrator.post(switches(company, "invoices"), data=sent)
    before = now()

    administrator.post(switches(company, "invoices"), data={**sent, "invoices_night_time": "04:00"})

    assert connection.nightly_since
    assert connection.nightly_since >= before


def test_with_transactions_switched_on_the_next_step_is_to_set_up_the_business_units(
    administrator: Browser, company: Company, connection: ExactConnection
) -> None:
    exact_settings.save(company.id, transactions_send=True)
    step = "Say now how those of each business unit are booked."
    assert step in main(administrator.get(page_of(company)))

    set_up(connection, company.business_units[0])

    assert step not in main(administrator.get(page_of(company)))
