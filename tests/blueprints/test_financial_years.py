"""Financial years and who numbers invoices: the settings, and the question when numbers begin."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from ppplanner.clock import today
from ppplanner.extensions import db
from ppplanner.models import Company, FinancialYear, Invoice, InvoiceKind, NumberSeries
from ppplanner.services.firm.financial_years import add_calendar_year, add_year, close_year
from ppplanner.services.firm.invoice_settings import NumberingLevel, invoice_settings, level_of
from tests.blueprints.pages import error_at, over, value_of, words
from tests.conftest import Login
from tests.factories import (
    make_company,
    make_contract,
    make_invoice,
    make_limited_user,
    make_unit,
)

pytestmark = pytest.mark.usefixtures("app")

YEARS = "/settings/financial-years/"
LIST = over(YEARS)


def year_of(company: Company, year: int | None = None) -> FinancialYear:
    name = str(year or today().year)
    query = select(FinancialYear).filter_by(company_id=company.id, name=name)
    return db.session.scalars(query).one()


def draft(invoice_date: date | None = None, company: Company | None = None) -> int:
    contract = make_contract(unit=make_unit(company))
    invoice = make_invoice(contract, confirmed=False, invoice_date=invoice_date)
    db.session.commit()
    return invoice.id


def start_field(year: FinancialYear, kind: InvoiceKind = InvoiceKind.INVOICE) -> str:
    return f"start_{year.id}_{kind}"


# ---- The list ----


def test_years_are_listed_with_their_next_numbers(login: Login) -> None:
    make_invoice()
    text = words(login().get(YEARS))
    assert f"{today().year}-00002" in text
    assert f"{today().year + 1}" in text
    assert "Open" in text


def test_years_of_others_are_out_of_reach(login: Login) -> None:
    mine, other = make_unit(make_company("Mine")), make_company("Theirs")
    user = make_limited_user(mine.company.group)
    group = login().post("/settings/company-groups/new", data={"name": "Elsewhere"})
    assert group.status_code == 303
    other.group = db.session.scalars(select(type(other.group)).filter_by(name="Elsewhere")).one()
    theirs = year_of(other)
    browser = login(user=user)
    text = words(browser.get(YEARS))
    assert "Mine" in text
    assert "Theirs" not in text
    assert browser.get(f"{YEARS}{theirs.id}").status_code == 403


# ---- Adding one ----


def test_the_days_after_the_last_year_are_proposed(login: Login) -> None:
    unit = make_unit()
    page = login().get(f"{YEARS}new", headers=LIST)
    assert value_of(page, "starts_on") == f"{today().year + 2}-01-01"
    assert value_of(page, "ends_on") == f"{today().year + 2}-12-31"
    days = login().get(f"{YEARS}days?owner=company_id-{unit.company_id}")
    assert value_of(days, "starts_on") == f"{today().year + 2}-01-01"


def test_a_broken_year_is_added_under_its_own_name(login: Login) -> None:
    company = make_unit().company
    data = {"owner": f"company_id-{company.id}", "name": "2040B"}
    data |= {"starts_on": "2040-07-01", "ends_on": "2041-06-30"}
    answer = login().post(f"{YEARS}new", data=data, headers=LIST)
    assert answer.headers["HX-Refresh"] == "true"
    year = db.session.scalars(select(FinancialYear).filter_by(name="2040B")).one()
    assert (year.company, year.ends_on) == (company, date(2041, 6, 30))


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"ends_on": "2040-01-01"}, "ends_on", "cannot lie before the first"),
        ({"ends_on": "2049-01-01"}, "ends_on", "two years at most"),
        (
            {"name": "X", "starts_on": "2027-12-31", "ends_on": "2028-12-30"},
            "starts_on",
            "overlaps",
        ),
        ({"name": "20/40"}, "name", "letters, digits and hyphens"),
        ({"name": "2027"}, "name", "of that name already"),
        ({"starts_on": ""}, "starts_on", "Fill in a day."),
        ({"owner": "company_id-999"}, "owner", "Choose one from the list."),
    ],
)
def test_a_year_that_cannot_be_says_why(
    login: Login, typed: dict[str, str], field: str, message: str
) -> None:
    company = make_unit().company
    known = db.session.scalars(select(FinancialYear.name).filter_by(company_id=company.id))
    if "2027" not in set(known):
        add_calendar_year(company, 2027)
    data = {"owner": f"company_id-{company.id}", "name": ""}
    data |= {"starts_on": "2040-07-01", "ends_on": "2041-06-30", **typed}
    answer = login().post(f"{YEARS}new", data=data)
    assert answer.status_code == 422
    assert message in error_at(answer, field)


# ---- Closing, opening, deleting ----


def test_nothing_is_confirmed_in_a_closed_year(login: Login) -> None:
    invoice_id = draft()
    invoice = db.session.get_one(Invoice, invoice_id)
    year = year_of(invoice.company)
    browser = login()
    question = words(browser.get(f"{YEARS}{year.id}/close", headers=LIST))
    assert "1 draft is dated in it" in question
    browser.post(f"{YEARS}{year.id}/close", headers=LIST)
    answer = browser.post(f"/invoices/{invoice_id}/confirm")
    assert answer.status_code == 422
    assert f"The financial year {year.name} is closed" in words(answer)
    browser.post(f"{YEARS}{year.id}/reopen", headers=LIST)
    assert browser.post(f"/invoices/{invoice_id}/confirm").status_code == 303


def test_a_year_is_closed_once(login: Login) -> None:
    year = year_of(make_company())
    close_year(year)
    answer = login().post(f"{YEARS}{year.id}/close", headers=LIST)
    assert answer.status_code == 409
    assert "closed already" in words(answer)


def test_a_year_without_numbers_can_be_deleted(login: Login) -> None:
    year_id = year_of(make_company(), today().year + 1).id
    browser = login()
    starts = {f"start_{year_id}_{kind}": "5" for kind in InvoiceKind}
    browser.post(f"{YEARS}{year_id}", data=starts)
    assert "Delete" in words(browser.get(f"{YEARS}{year_id}", headers=LIST))
    browser.post(f"{YEARS}{year_id}/delete", headers=LIST)
    assert db.session.scalar(select(FinancialYear).filter_by(id=year_id)) is None


def test_a_year_with_numbers_stays(login: Login) -> None:
    year = year_of(make_invoice().company)
    browser = login()
    assert "Delete" not in words(browser.get(f"{YEARS}{year.id}", headers=LIST))
    answer = browser.post(f"{YEARS}{year.id}/delete", headers=LIST)
    assert answer.status_code == 409
    assert "it stays" in words(answer)


# ---- First numbers ----


def test_the_first_invoice_of_a_year_asks_where_numbers_start(login: Login) -> None:
    invoice_id = draft()
    year = year_of(db.session.get_one(Invoice, invoice_id).company)
    browser = login()
    page = browser.get(f"/invoices/{invoice_id}/confirm")
    assert value_of(page, start_field(year)) == "1"
    assert f"The first one becomes {year.name}-00001." in words(page)
    browser.post(f"/invoices/{invoice_id}/confirm", data={start_field(year): "500"})
    assert db.session.get_one(Invoice, invoice_id).reference == f"{year.name}-00500"


def test_the_second_invoice_asks_nothing(login: Login) -> None:
    company = make_invoice().company
    assert "start_" not in login().get(f"/invoices/{draft(company=company)}/confirm").text


@pytest.mark.parametrize("typed", ["", "0", "-3", "x", "1.5", "99999999"])
def test_a_start_that_is_no_number_is_refused(login: Login, typed: str) -> None:
    invoice_id = draft()
    year = year_of(db.session.get_one(Invoice, invoice_id).company)
    answer = login().post(f"/invoices/{invoice_id}/confirm", data={start_field(year): typed})
    assert answer.status_code == 422
    assert error_at(answer, start_field(year))
    assert db.session.get_one(Invoice, invoice_id).is_draft


def test_who_was_asked_for_a_start_that_a_colleague_gave_is_asked_again(login: Login) -> None:
    company = make_company()
    mine, theirs = draft(company=company), draft(company=company)
    name = start_field(year_of(company))
    browser = login()
    browser.post(f"/invoices/{theirs}/confirm", data={name: "1"})
    answer = browser.post(f"/invoices/{mine}/confirm", data={name: "500"})
    assert answer.status_code == 422
    assert "the next number follows it" in words(answer)
    browser.post(f"/invoices/{mine}/confirm")
    assert db.session.get_one(Invoice, mine).number == 2


def test_several_drafts_ask_once_for_each_series(login: Login) -> None:
    company = make_company()
    ids = [draft(company=company) for _ in range(3)]
    other = draft()
    years = [year_of(company), year_of(db.session.get_one(Invoice, other).company)]
    browser = login()
    page = browser.post("/invoices/confirm", data={"ids": [*ids, other]})
    assert [value_of(page, start_field(year)) for year in years] == ["1", "1"]
    starts = {start_field(years[0]): "10", start_field(years[1]): "20"}
    browser.post("/invoices/confirm", data={"ids": [*ids, other], "sure": "yes", **starts})
    numbers = [db.session.get_one(Invoice, key).number for key in (*ids, other)]
    assert numbers == [10, 11, 12, 20]


def test_several_drafts_with_a_bad_start_are_all_left_alone(login: Login) -> None:
    invoice_id = draft()
    year = year_of(db.session.get_one(Invoice, invoice_id).company)
    data = {"ids": [invoice_id], "sure": "yes", start_field(year): "0"}
    answer = login().post("/invoices/confirm", data=data)
    assert answer.status_code == 422
    assert (
        error_at(answer, start_field(year)) == "A number is 1 or higher, with at most seven digits."
    )
    assert db.session.get_one(Invoice, invoice_id).is_draft


def test_the_start_can_be_set_beforehand_and_changed_until_it_is_used(login: Login) -> None:
    company = make_unit().company
    year, browser = year_of(company), login()
    credit = {start_field(year, InvoiceKind.CREDIT_NOTE): "1"}
    for start in ("700", "650"):
        browser.post(f"{YEARS}{year.id}", data={start_field(year): start, **credit})
    series = select(NumberSeries).filter_by(financial_year_id=year.id, kind=InvoiceKind.INVOICE)
    assert db.session.scalars(series).one().next_number == 650
    invoice = make_invoice(make_contract(unit=company.business_units[0]))
    assert invoice.number == 650
    page = browser.get(f"{YEARS}{year.id}")
    assert f"{year.name}-00651" in words(page)
    assert start_field(year) not in page.text


def test_an_earlier_year_is_worth_a_look_but_not_forbidden(login: Login) -> None:
    last_year = today().year - 1
    invoice_id = draft(date(last_year, 12, 30))
    browser = login()
    page = words(browser.get(f"/invoices/{invoice_id}/confirm"))
    assert f"The financial year {last_year} is over" in page
    several = words(browser.post("/invoices/confirm", data={"ids": [invoice_id]}))
    assert f"The financial year {last_year} is over" in several
    year = year_of(db.session.get_one(Invoice, invoice_id).company, last_year)
    browser.post(f"/invoices/{invoice_id}/confirm", data={start_field(year): "1"})
    assert db.session.get_one(Invoice, invoice_id).reference == f"{last_year}-00001"


def test_a_missing_year_is_said(login: Login) -> None:
    invoice_id = draft()
    for year in db.session.scalars(select(FinancialYear)):
        db.session.delete(year)
    db.session.commit()
    answer = login().post(f"/invoices/{invoice_id}/confirm")
    assert answer.status_code == 422
    assert "No financial year holds" in words(answer)


# ---- Who numbers ----


def settings_of(company: Company, **changes: str) -> dict[str, str]:
    values = {"numbering": "company", "own_credit_series": "y", "delivery": "mail"} | changes
    return {name: value for name, value in values.items() if value}


def test_how_companies_invoice_is_listed(login: Login) -> None:
    make_company("Verhuur BV")
    text = words(login().get("/settings/invoicing/"))
    for expected in ("Verhuur BV", "Company", "Numbers of their own", "By e-mail"):
        assert expected in text


def test_it_is_changed_in_a_dialog(login: Login) -> None:
    company = make_company()
    data = settings_of(company, own_credit_series="", delivery="post", mail_by_itself="y")
    login().post(f"/settings/invoicing/{company.id}", data=data)
    settings = invoice_settings.load(company.id)
    assert (settings.own_credit_series, settings.delivery) == (False, "post")
    assert settings.mail_by_itself


def test_on_another_level_the_running_years_are_there_too(login: Login) -> None:
    company = make_company()
    units = [make_unit(company), make_unit(company)]
    data = settings_of(company, numbering="business_unit")
    login().post(f"/settings/invoicing/{company.id}", data=data)
    assert level_of(company) is NumberingLevel.BUSINESS_UNIT
    for unit in units:
        names = select(FinancialYear.name).filter_by(business_unit_id=unit.id)
        assert set(db.session.scalars(names)) == {str(today().year), str(today().year + 1)}
        invoice = make_invoice(make_contract(unit=unit))
        assert invoice.reference == f"{unit.code}-{today().year}-00001"


def test_a_level_that_does_not_exist_is_refused(login: Login) -> None:
    company = make_company()
    answer = login().post(
        f"/settings/invoicing/{company.id}", data=settings_of(company, numbering="moon")
    )
    assert answer.status_code == 422
    assert level_of(company) is NumberingLevel.COMPANY


def test_a_colleague_who_was_quicker_is_noticed(login: Login) -> None:
    company = make_company()
    browser = login()
    page = browser.get(f"/settings/invoicing/{company.id}")
    seen = value_of(page, "seen")
    invoice_settings.save(company.id, delivery="post")
    data = settings_of(company, delivery="none") | {"seen": seen}
    assert browser.post(f"/settings/invoicing/{company.id}", data=data).status_code == 409


# ---- The first screen ----


def test_the_first_screen_asks_for_a_year_that_will_be_missing(login: Login) -> None:
    unit = make_unit(make_company("Verhuur BV"))
    make_contract(unit=unit)
    for year in db.session.scalars(select(FinancialYear).filter_by(company_id=unit.company_id)):
        db.session.delete(year)
    db.session.flush()
    last = today() + timedelta(days=10)
    add_year(starts_on=date(last.year, 1, 1), ends_on=last, company_id=unit.company_id)
    text = words(login().get("/"))
    assert "Verhuur BV" in text
    assert "no financial year" in text
    assert "no financial year" not in words(login("contracts.view").get("/"))


def test_the_first_screen_is_silent_while_years_go_on(login: Login, app: Flask) -> None:
    make_contract()
    assert "no financial year" not in words(login().get("/"))
