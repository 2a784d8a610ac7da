"""The pages of customers: the list, the ways to add one, the forms, the record."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select

from ppplanner.extensions import db
from ppplanner.models import Customer, CustomerKind, CustomerStatus
from ppplanner.services.customers import CustomerData, save_customer
from tests.blueprints.pages import HTMX, cost_of, error_at, main, over, value_of, words
from tests.conftest import Browser, Login
from tests.factories import (
    make_contract,
    make_customer,
    make_invoice,
    make_user,
    make_vat_code,
)
from tests.services.collections.payments import pay

BUSINESS = {"company_name": "Bakkerij Peeters", "country": "BE", "language": "nl"}
BUSINESS |= {"payment_days": "30", "status": "active"}
PRIVATE = {"first_name": "An", "last_name": "Jansen", "country": "BE", "language": "nl"}
PRIVATE |= {"payment_days": "30", "status": "active"}
CONTRACT_FORM = over("/contracts/new")


@pytest.fixture
def browser(login: Login) -> Browser:
    return login()


def the_customer() -> Customer:
    return db.session.scalars(select(Customer)).one()


def count() -> int:
    return len(db.session.scalars(select(Customer)).all())


# ---- The list -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "q", ["peeters", "BE 0123.456.749", "0123456749", "gent", "info@peeters", "bakkerij gent"]
)
def test_a_customer_is_found_by_name_vat_number_city_and_email(browser: Browser, q: str) -> None:
    make_customer(
        company_name="Bakkerij Peeters",
        vat_number="BE 0123.456.749",
        city="Gent",
        email="info@peeters.example",
    )
    make_customer(company_name="Slagerij Claes", city="Brugge", email="claes@example.com")
    page = main(browser.get("/customers/", query_string={"q": q}))
    assert "Bakkerij Peeters" in page
    assert "Claes" not in page


@pytest.mark.both_databases
def test_a_customer_is_found_by_number(browser: Browser) -> None:
    customer = make_customer(company_name="Peeters")
    make_customer(company_name="Claes")
    page = main(browser.get("/customers/", query_string={"q": str(customer.number)}))
    assert "Peeters" in page
    assert "Claes" not in page


def test_the_list_narrows_to_a_kind_and_a_status(browser: Browser) -> None:
    make_customer("private", last_name="Jansen")
    make_customer(company_name="Peeters", status=CustomerStatus.BLOCKED)
    assert "Peeters" not in main(browser.get("/customers/?kind=private"))
    assert "Jansen" not in main(browser.get("/customers/?status=blocked"))


def test_an_empty_list_offers_the_first_step(browser: Browser) -> None:
    assert "Add the first one." in main(browser.get("/customers/"))


def test_the_list_costs_the_same_for_three_and_for_thirty_customers(browser: Browser) -> None:
    for _each in range(3):
        make_customer()
    few = cost_of(browser, "/customers/")
    for _each in range(27):
        make_customer()
    assert cost_of(browser, "/customers/") == few


def test_names_are_shown_as_text(browser: Browser) -> None:
    make_customer(company_name="<b>& Co</b>")
    assert "&lt;b&gt;&amp; Co&lt;/b&gt;" in browser.get("/customers/").text


# ---- Adding -------------------------------------------------------------------------------------


def test_add_customer_offers_private_and_business(browser: Browser) -> None:
    page = browser.get("/customers/add", headers=over("/customers/"))
    assert "/customers/new/private" in page.text
    assert "/customers/new/business" in page.text
    assert "<html" not in page.text


def test_the_choice_is_a_whole_page_without_scripts(browser: Browser) -> None:
    assert "<html" in browser.get("/customers/add").text


def test_a_driver_can_only_be_a_private_person(browser: Browser) -> None:
    page = browser.get("/customers/add?purpose=driver&field=driver_id", headers=CONTRACT_FORM)
    assert "/customers/new/private?field=driver_id" in page.text
    assert "business" not in page.text


def test_a_new_customer_opens_on_their_own_page(browser: Browser) -> None:
    answer = browser.post("/customers/new/business", data=BUSINESS)
    customer = the_customer()
    assert answer.status_code == 303
    assert answer.location == f"/customers/{customer.id}"
    assert (customer.kind, customer.company_name) == (CustomerKind.BUSINESS, "Bakkerij Peeters")
    assert "Bakkerij Peeters is added." in words(browser.get(answer.location))


def test_a_customer_added_for_a_picker_fills_it(browser: Browser) -> None:
    url = "/customers/new/private?field=driver_id"
    answer = browser.post(url, data=PRIVATE, headers=CONTRACT_FORM)
    told = json.loads(answer.headers["HX-Trigger"])
    assert told["picked"] == {
        "field": "driver_id",
        "value": the_customer().id,
        "text": "An Jansen",
    }
    assert "dialog-close" in told


def test_the_picker_to_fill_is_no_way_to_smuggle_something_in(browser: Browser) -> None:
    url = "/customers/new/private?field=%3Cscript%3E"
    answer = browser.post(url, data=PRIVATE, headers=CONTRACT_FORM)
    assert answer.headers["HX-Redirect"] == f"/customers/{the_customer().id}"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("company_name", "  ", "Fill in the name of the company."),
        ("company_name", "x" * 101, "Use at most 100 characters."),
        ("email", "peeters", "This is not an e-mail address: check it."),
        ("vat_number", "BE 0123.456.789", "This is not a VAT number"),
        ("iban", "BE12 3456", "This is not an IBAN"),
        ("payment_days", "soon", "Type a"),
        ("payment_days", "", "Fill in a number of days."),
        ("payment_days", "400", "A payment term lies between 0 and 365 days."),
        ("country", "XX1", "Choose one from the list."),
        ("language", "tlh", "Choose one from the list."),
        ("status", "great", "Choose one from the list."),
    ],
)
def test_wrong_input_is_told_at_its_field_and_keeps_the_rest(
    browser: Browser, field: str, value: str, message: str
) -> None:
    typed = {**BUSINESS, "city": "Oudenaarde", field: value}
    page = browser.post("/customers/new/business", data=typed)
    assert page.status_code == 422
    assert message in error_at(page, field)
    assert value_of(page, "city") == "Oudenaarde"
    assert count() == 0


def test_a_private_person_needs_a_last_name(browser: Browser) -> None:
    page = browser.post("/customers/new/private", data={**PRIVATE, "last_name": ""})
    assert error_at(page, "last_name") == "Fill in the last name."


def test_no_other_kind_can_be_asked_for(browser: Browser) -> None:
    assert browser.get("/customers/new/royal").status_code == 404


# ---- Somebody known -----------------------------------------------------------------------------


def test_somebody_with_the_same_email_is_shown_before_a_double_is_made(browser: Browser) -> None:
    known = make_customer("private", last_name="Jansen", email="an@example.com")
    typed = {**PRIVATE, "email": "AN@example.com", "phone": "03 123 45 67"}
    page = browser.post("/customers/new/private", data=typed)
    assert page.status_code == 409
    assert "A customer with this e-mail address is known already." in words(page)
    assert f"/customers/{known.id}/choose" in page.text
    assert value_of(page, "phone") == "03 123 45 67"
    assert count() == 1


def test_somebody_with_the_same_name_and_postcode_is_shown_too(browser: Browser) -> None:
    make_customer("private", first_name="An", last_name="Jansen", postcode="9000", email="")
    page = browser.post("/customers/new/private", data={**PRIVATE, "postcode": "9000"})
    assert "A customer with this name and postcode is known already." in words(page)


def test_it_may_be_somebody_else_all_the_same(browser: Browser) -> None:
    known = make_customer("private", last_name="Jansen", email="an@example.com")
    typed = {**PRIVATE, "email": "an@example.com", "anyway": str(known.id)}
    assert browser.post("/customers/new/private", data=typed).status_code == 303
    assert count() == 2


def test_nobody_else_has_the_same_vat_number(browser: Browser) -> None:
    known = make_customer(company_name="Peeters", vat_number="BE0123456749")
    typed = {**BUSINESS, "vat_number": "0123.456.749", "anyway": str(known.id)}
    page = browser.post("/customers/new/business", data=typed)
    assert page.status_code == 409
    assert "A customer with this VAT number is known already." in words(page)
    assert 'name="anyway"' not in page.text
    assert count() == 1


def test_the_known_customer_fills_the_picker_that_waits(browser: Browser) -> None:
    known = make_customer("private", first_name="An", last_name="Jansen")
    url = f"/customers/{known.id}/choose?field=customer_id"
    answer = browser.get(url, headers=CONTRACT_FORM)
    assert json.loads(answer.headers["HX-Trigger"])["picked"]["value"] == known.id


# ---- Changing -----------------------------------------------------------------------------------


def opened(browser: Browser, customer: Customer) -> str:
    """The fingerprint with which somebody opens the form."""
    return value_of(browser.get(f"/customers/{customer.id}/edit"), "seen")


def test_a_change_is_saved_and_told_in_the_history(browser: Browser) -> None:
    customer = make_customer(company_name="Peeters", city="Gent")
    typed = {**BUSINESS, "city": "Brugge", "seen": opened(browser, customer)}
    answer = browser.post(f"/customers/{customer.id}/edit", data=typed)
    page = main(browser.get(answer.location))
    assert "City: Gent became Brugge" in page
    assert "Company name: Peeters became Bakkerij Peeters" in page


def test_what_the_form_does_not_ask_stays(browser: Browser) -> None:
    """A private person can have a VAT number from elsewhere; the form has no field for it."""
    customer = make_customer("private", last_name="Jansen", vat_number="BE0123456749")
    browser.post(f"/customers/{customer.id}/edit", data=PRIVATE)
    assert the_customer().vat_number == "BE0123456749"


def change(customer: Customer, **values: object) -> None:
    """A colleague saves meanwhile."""
    names = CustomerData.__dataclass_fields__
    present = {name: getattr(customer, name) for name in names}
    data = CustomerData(**{**present, **values})
    save_customer(data, group_id=customer.group_id, customer=customer)
    db.session.commit()


@pytest.mark.both_databases
def test_two_changes_of_one_field_are_shown_side_by_side(browser: Browser) -> None:
    customer = make_customer(company_name="Peeters", city="Gent", phone="1")
    seen = opened(browser, customer)
    change(customer, city="Brugge", phone="2")
    typed = {**BUSINESS, "company_name": "Peeters", "email": customer.email, "phone": "1"}
    page = browser.post(
        f"/customers/{customer.id}/edit", data={**typed, "city": "Aalst", "seen": seen}
    )
    assert page.status_code == 409
    assert "A colleague saved this while you were changing it." in words(page)
    assert "Yours: Aalst" in words(page)
    assert "Your colleague's: Brugge" in words(page)
    assert value_of(page, "city") == "Aalst"
    assert value_of(page, "phone") == "2"
    assert the_customer().city == "Brugge"


def test_after_seeing_both_the_person_decides(browser: Browser) -> None:
    customer = make_customer(company_name="Bakkerij Peeters", city="Gent", email="")
    url, seen = f"/customers/{customer.id}/edit", opened(browser, customer)
    change(customer, city="Brugge")
    page = browser.post(url, data={**BUSINESS, "city": "Aalst", "seen": seen})
    again = {**BUSINESS, "city": "Aalst", "seen": value_of(page, "seen")}
    assert browser.post(url, data=again).status_code == 303
    assert the_customer().city == "Aalst"


def test_the_colleagues_version_can_be_taken(browser: Browser) -> None:
    customer = make_customer(company_name="Bakkerij Peeters", city="Gent", email="")
    url, seen = f"/customers/{customer.id}/edit", opened(browser, customer)
    change(customer, city="Brugge")
    page = browser.post(url, data={**BUSINESS, "city": "Aalst", "seen": seen})
    again = {**BUSINESS, "city": "Aalst", "version-city": "theirs"}
    assert browser.post(url, data={**again, "seen": value_of(page, "seen")}).status_code == 303
    assert the_customer().city == "Brugge"


def test_a_fingerprint_of_nonsense_does_no_harm(browser: Browser) -> None:
    customer = make_customer(company_name="Peeters")
    url = f"/customers/{customer.id}/edit"
    for nonsense in ("[1]", "{", '{"city": 3}'):
        answer = browser.post(url, data={**BUSINESS, "seen": nonsense})
        assert answer.status_code in (303, 409)


# ---- The record ---------------------------------------------------------------------------------


def test_the_record_shows_contracts_and_invoices(browser: Browser) -> None:
    contract = make_contract()
    invoice = make_invoice(contract)
    page = main(browser.get(f"/customers/{contract.customer_id}"))
    assert str(contract) in page
    assert invoice.reference in page


def test_a_driver_sees_the_contract_too(browser: Browser) -> None:
    driver = make_customer("private")
    contract = make_contract(driver=driver)
    assert str(contract) in main(browser.get(f"/customers/{driver.id}"))
    assert str(contract) in main(browser.get(f"/customers/{driver.id}/contracts"))


def test_the_record_says_what_is_still_open(browser: Browser) -> None:
    invoice = make_invoice()
    pay(invoice, "1.00")
    page = main(browser.get(f"/customers/{invoice.customer_id}"))
    assert f"Still open: €{invoice.gross - 1}." in page


def test_all_invoices_of_a_customer_are_theirs(browser: Browser) -> None:
    mine, other = make_invoice(), make_invoice()
    page = main(browser.get(f"/customers/{mine.customer_id}/invoices"))
    assert mine.customer.name in page
    assert other.customer.name not in page


def test_tiles_that_a_person_may_not_see_are_left_out(login: Login) -> None:
    invoice = make_invoice()
    page = main(login("customers.view").get(f"/customers/{invoice.customer_id}"))
    assert "Contracts" not in page
    assert invoice.reference not in page
    assert "History" not in page


@pytest.mark.parametrize("number", ["999", "99999999999999999999"])
def test_an_unknown_customer_is_a_page_that_says_so(browser: Browser, number: str) -> None:
    for path in ("", "/edit", "/choose", "/contracts", "/invoices"):
        assert browser.get(f"/customers/{number}{path}").status_code == 404


# ---- The picker ---------------------------------------------------------------------------------


def test_the_picker_tells_two_of_one_name_apart(browser: Browser) -> None:
    make_customer(company_name="Peeters", city="Gent", email="a@example.com")
    make_customer(company_name="Peeters", city="Brugge", email="b@example.com")
    page = words(browser.get("/customers/pick?q=peeters", headers=HTMX))
    assert "Gent" in page
    assert "Brugge" in page


def test_how_invoices_reach_a_customer_is_said_and_shown(browser: Browser) -> None:
    customer = make_customer(company_name="Peeters")
    url, reduced = f"/customers/{customer.id}", make_vat_code("6")
    page = browser.get(f"{url}/edit")
    assert "As the company does" in words(page)
    typed = {
        **BUSINESS,
        "language": "de",
        "invoice_delivery": "mail",
        "invoice_email": "books@peeters.example",
        "mail_invoices": "False",
        "vat_code_id": str(reduced.id),
    }
    assert browser.post(f"{url}/edit", data=typed).status_code == 303
    shown = main(browser.get(url))
    for expected in (
        "Language Deutsch",
        "Delivery of invoices By e-mail",
        "E-mail for invoices books@peeters.example",
        "Mails with invoices go When somebody sends them",
        "VAT code 6 VAT 6 %",
    ):
        assert expected in shown
    assert "Mails with invoices go: – became When somebody sends them" in shown


def test_only_private_persons_are_offered_as_drivers(browser: Browser) -> None:
    make_customer("private", last_name="Jansen")
    make_customer(company_name="Jansen BV")
    page = words(browser.get("/customers/pick?q=jansen&purpose=driver", headers=HTMX))
    assert "An Jansen" in page
    assert "BV" not in page


def test_inactive_customers_are_not_offered(browser: Browser) -> None:
    make_customer(company_name="Peeters", status=CustomerStatus.INACTIVE)
    assert "Nothing found" in words(browser.get("/customers/pick?q=peeters"))


# ---- Rights -------------------------------------------------------------------------------------


def test_those_who_may_only_look_get_no_button_and_no_form(login: Login) -> None:
    customer = make_customer()
    visitor = login("customers.view")
    assert "Add customer" not in main(visitor.get("/customers/"))
    assert "Change" not in main(visitor.get(f"/customers/{customer.id}"))
    for path in ("add", "new/private", f"{customer.id}/edit"):
        assert visitor.get(f"/customers/{path}").status_code == 403
    assert visitor.post("/customers/new/private", data=PRIVATE).status_code == 403


def test_pages_are_in_the_persons_language(login: Login) -> None:
    customer = make_customer(country="DE")
    page = main(login(user=make_user(language="nl")).get(f"/customers/{customer.id}"))
    assert "Duitsland" in page
