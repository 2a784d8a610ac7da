"""The pages of refunds and payment files."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from ppplanner.clock import now, today
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.models import (
    Company,
    MethodKind,
    PaymentFile,
    RefundRequest,
    RefundState,
    Transaction,
    User,
)
from ppplanner.services.collections import (
    cash,
    deposits,
    refund_files,
    refunds,
    transactions,
    types,
)
from ppplanner.services.collections.collection_settings import collection_settings
from tests.blueprints.pages import cost_of, error_at, main, over, value_of, words
from tests.conftest import Login
from tests.factories import (
    make_company,
    make_contract,
    make_invoice,
    make_limited_user,
    make_unit,
    make_user,
)
from tests.till import IBAN, by_bank, make_register, make_request, pay, put_in

REFUNDS = "/collections/refunds/"


def paying_company() -> Company:
    company = make_company(iban="BE71 0961 2345 6769")
    collection_settings.save(company.id, refund_files=True)
    return company


def requests_of(company: Company, count: int = 2) -> list[RefundRequest]:
    unit = make_unit(company)
    return [make_request(make_contract(unit=unit), 50 + each) for each in range(count)]


def posted(*requests: RefundRequest, **fields: str) -> dict[str, str]:
    return {"ids": ",".join(str(each.id) for each in requests), **fields}


def code_of(kind: MethodKind) -> str:
    return types.method_of(kind).code


def test_the_list_shows_what_waits_and_hides_what_is_done(login: Login) -> None:
    open_one, done = make_request(amount=50), make_request(amount=77)
    refunds.process(done, by_bank(), by=None)
    browser = login()
    assert "€50.00" in main(browser.get(REFUNDS))
    assert "€77.00" not in main(browser.get(REFUNDS))
    assert "€77.00" in main(browser.get(f"{REFUNDS}?state=processed"))
    assert "BE68 5390 0754 7034" in main(browser.get(REFUNDS))
    assert open_one.customer.name in main(browser.get(REFUNDS))


def test_a_request_without_an_iban_is_marked(login: Login) -> None:
    make_request(iban="")
    assert "No IBAN" in main(login().get(REFUNDS))


def test_the_list_takes_as_many_questions_for_many_as_for_one(login: Login) -> None:
    browser = login()
    company = paying_company()
    requests_of(company, 1)
    one = cost_of(browser, REFUNDS)
    requests_of(company, 4)
    assert cost_of(browser, REFUNDS) <= one


def test_a_deposit_is_asked_back(login: Login) -> None:
    contract = make_contract()
    contract.customer.iban = IBAN
    pay(contract, 250, deposit=True)
    url = f"/collections/refunds/new?contract_id={contract.id}&deposit=1"
    browser = login()
    page = browser.get(url)
    assert value_of(page, "amount") == "250.00"
    assert value_of(page, "iban") == IBAN
    answer = browser.post(url, data={"amount": "200", "method": "", "iban": IBAN})
    assert answer.location == f"/contracts/{contract.id}"
    made = db.session.scalars(select(RefundRequest)).one()
    assert made.amount == 200
    assert made.deposit
    assert made.requested_by is not None
    assert deposits.held(contract) == 250


def test_a_deposit_in_cash_is_proposed_to_go_back_over_the_counter(login: Login) -> None:
    contract, register = make_contract(), make_register()
    pay(contract, 100, deposit=True)
    url = f"/collections/refunds/new?contract_id={contract.id}&deposit=1"
    browser = login()
    assert "The account of the customer" in words(browser.get(url))
    pay(contract, 50, deposit=True, register=register)
    page = browser.get(url)
    assert str(register) in page.text
    assert "The account of the customer" not in words(page)
    data = {"amount": "150", "method": code_of(MethodKind.CASH), "register_id": register.id}
    put_in(register, 100)
    answer = browser.post(url, data=data)
    assert "€150.00 is given back." in words(browser.get(answer.location))


def test_money_goes_back_out_of_a_register_at_once(login: Login) -> None:
    contract, register = make_contract(), make_register(cash=100)
    pay(contract, 80)
    url = f"/collections/refunds/new?contract_id={contract.id}"
    method = code_of(MethodKind.CASH)
    browser = login()
    fields = browser.get(
        f"/collections/refunds/new/place?contract_id={contract.id}&method={method}"
    )
    assert str(register) in fields.text
    form = {"amount": "80", "method": method, "register_id": register.id}
    assert browser.post(url, data=form).status_code == 303
    assert cash.balance(register) == 20


def test_what_was_paid_too_much_on_an_invoice_is_proposed(login: Login) -> None:
    invoice = make_invoice()
    pay(invoice=invoice, amount=invoice.gross + 12)
    page = login().get(f"/collections/refunds/new?invoice_id={invoice.id}")
    assert value_of(page, "amount") == "12.00"


@pytest.mark.parametrize(
    ("language", "heading", "button"),
    [("nl", "Terugbetaling", "Terugbetalen"), ("fr", "Remboursement", "Rembourser")],
)
def test_a_refund_is_called_so_and_its_button_says_to_do_it(
    login: Login, language: str, heading: str, button: str
) -> None:
    contract = make_contract()
    pay(contract, 80)
    browser = login(user=make_user(language=language))
    page = browser.get(f"/collections/refunds/new?contract_id={contract.id}").text
    assert re.search(rf"<h\d[^>]*>\s*{heading}\s*</h", page)
    assert re.search(rf'<button[^>]*type="submit"[^>]*>\s*{button}\s*</button>', page)


@pytest.mark.parametrize(("amount", "said"), [("80.01", "Only €80.00"), ("0.005", "2 decimals")])
def test_too_much_is_refused_at_the_field(login: Login, amount: str, said: str) -> None:
    contract = make_contract()
    pay(contract, 80)
    url = f"/collections/refunds/new?contract_id={contract.id}"
    answer = login().post(url, data={"amount": amount, "method": ""})
    assert answer.status_code == 422
    assert said in error_at(answer, "amount")
    assert value_of(answer, "amount") == amount


def test_the_iban_is_kept_with_the_customer_when_asked(login: Login) -> None:
    contract = make_contract()
    pay(contract, 80)
    url = f"/collections/refunds/new?contract_id={contract.id}"
    form = {"amount": "80", "method": "", "iban": IBAN, "keep_iban": "y"}
    assert login().post(url, data=form).status_code == 303
    db.session.refresh(contract.customer)
    assert contract.customer.iban == IBAN


def test_a_wrong_iban_is_refused_at_the_field(login: Login) -> None:
    contract = make_contract()
    pay(contract, 80)
    url = f"/collections/refunds/new?contract_id={contract.id}"
    answer = login().post(url, data={"amount": "80", "method": "", "iban": "BE00"})
    assert "not an IBAN" in error_at(answer, "iban")


def test_there_is_nothing_to_give_back_of_what_was_not_paid(login: Login) -> None:
    page = login().get(f"/collections/refunds/new?contract_id={make_contract().id}&deposit=1")
    assert "nothing to give back" in words(page)


def test_a_refund_begins_with_what_was_paid(login: Login) -> None:
    contract = make_contract()
    pay(contract, 80)
    other = make_contract()
    browser = login()
    found = browser.get(f"/collections/refunds/contracts?q={contract}").text
    assert str(contract) in found
    assert str(other) not in browser.get("/collections/refunds/contracts").text
    answer = browser.post("/collections/refunds/new", data={"contract_id": contract.id})
    assert answer.location == f"/collections/refunds/new?contract_id={contract.id}"
    assert "Choose the contract" in words(browser.post("/collections/refunds/new", data={}))


def test_an_open_request_is_changed_withdrawn_or_processed(login: Login) -> None:
    browser, request = login(), make_request(iban="")
    url = f"{REFUNDS}{request.id}"
    browser.post(f"{url}/change", data={"iban": IBAN, "remark": "Called"})
    db.session.refresh(request)
    assert (request.iban, request.remark) == ("BE68539007547034", "Called")
    at = value_of(browser.get(f"{url}/process"), "at")
    answer = browser.post(f"{url}/process", data={"at": at, "method": code_of(MethodKind.BANK)})
    assert answer.status_code == 303
    db.session.refresh(request)
    assert request.transaction is not None
    page = main(browser.get(url))
    assert "Processed" in page
    assert "Mark as processed" not in page
    refused = browser.post(f"{url}/withdraw", headers=over(url))
    assert "has been paid" in words(refused)


def test_a_withdrawn_request_gives_nothing_back(login: Login) -> None:
    request = make_request()
    assert login().post(f"{REFUNDS}{request.id}/withdraw").status_code == 303
    db.session.refresh(request)
    assert request.state is RefundState.WITHDRAWN


def test_a_payment_file_is_made_of_ticked_refunds_and_fetched_again(login: Login) -> None:
    requests = requests_of(paying_company())
    browser = login()
    asked = browser.post("/collections/refunds/payment-file", data=posted(*requests))
    assert "2 refunds, €101.00 together" in words(asked)
    day = value_of(asked, "day")
    answer = browser.post(
        "/collections/refunds/payment-file", data=posted(*requests, sure="yes", day=day)
    )
    made = db.session.scalars(select(PaymentFile)).one()
    assert answer.location == f"/collections/payment-files/{made.id}"
    assert "€101.00" in main(browser.get(answer.location))
    first, again = (browser.get(f"{answer.location}/file") for _each in range(2))
    assert first.data == again.data
    assert ElementTree.fromstring(first.data).findtext(".//{*}CtrlSum") == "101.00"
    assert first.headers["Content-Disposition"] == f"attachment; filename={made.name}.xml"


def test_what_cannot_be_in_the_file_is_named_and_left_out(login: Login) -> None:
    company = paying_company()
    good, bad = requests_of(company)
    bad.iban = ""
    asked = login().post("/collections/refunds/payment-file", data=posted(good, bad))
    assert f"The refund to {bad.customer.full_name} has no IBAN" in words(asked)
    assert re.findall(r'name="ids" value="(\d+)"', asked.text) == [str(good.id)]


def test_a_refund_is_not_put_into_a_second_file(login: Login) -> None:
    requests = requests_of(paying_company())
    browser = login()
    form = posted(*requests, sure="yes", day=today().isoformat())
    browser.post("/collections/refunds/payment-file", data=form)
    browser.post("/collections/refunds/payment-file", data=form)
    assert len(db.session.scalars(select(PaymentFile)).all()) == 1


def test_each_company_has_a_file_of_its_own(login: Login) -> None:
    [one], [other] = requests_of(paying_company(), 1), requests_of(paying_company(), 1)
    asked = login().post("/collections/refunds/payment-file", data=posted(one, other))
    assert asked.text.count('name="sure"') == 2


def test_no_file_is_offered_where_no_company_wants_one(login: Login) -> None:
    company = paying_company()
    requests_of(company)
    assert "Make a payment file" in login().get(REFUNDS).text
    collection_settings.save(company.id, refund_files=False)
    page = login().get(REFUNDS).text
    assert "Make a payment file" not in page
    assert "/collections/payment-files/" not in page


def test_what_is_processed_already_is_not_called_a_success(login: Login) -> None:
    browser, request = login(), make_request()
    form = posted(request, sure="yes", at="2026-11-02T10:00")
    url = "/collections/refunds/process"
    assert "1 refund is processed." in words(browser.post(url, data=form, follow_redirects=True))
    again = browser.post(url, data=form, follow_redirects=True)
    assert "Nothing was left to process: these refunds are paid or withdrawn." in words(again)
    assert "0 refunds" not in words(again)
    assert "data-toast>" not in again.text, "a success"


def test_refunds_that_are_all_refused_are_no_success(login: Login) -> None:
    browser, contract = login(), make_contract()
    paid = pay(contract, 80)
    request = make_request(contract, 80, deposit=False, paid=False)
    transactions.reverse(paid, by=None)
    form = posted(request, sure="yes", at=now().strftime("%Y-%m-%dT%H:%M"))
    answer = browser.post("/collections/refunds/process", data=form, follow_redirects=True)
    assert "There is nothing to give back." in words(answer)
    assert "0 refunds" not in words(answer)


def test_a_file_leaves_out_what_is_not_there_any_more(login: Login) -> None:
    unit = make_unit(paying_company())
    contract = make_contract(unit=unit)
    paid = pay(contract, 80)
    request = make_request(contract, 80, deposit=False, paid=False)
    transactions.reverse(paid, by=None)
    asked = login().post("/collections/refunds/payment-file", data=posted(request))
    assert "There is nothing left to give back to" in words(asked)
    assert 'name="sure"' not in asked.text


def test_all_of_a_file_is_processed_at_once(login: Login) -> None:
    requests = requests_of(paying_company())
    made = refund_files.make_payment_file(requests, day=today(), by=None)
    url = f"/collections/payment-files/{made.id}"
    browser = login()
    at = value_of(browser.get(f"{url}/process"), "at")
    browser.post(f"{url}/process", data={"sure": "yes", "at": at})
    states = db.session.scalars(select(RefundRequest.state)).all()
    assert set(states) == {RefundState.PROCESSED}
    assert "Done" in main(browser.get(url))


def test_one_that_is_refused_holds_back_none_of_the_ticked(
    login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = requests_of(paying_company())
    browser = login()
    asked = browser.post("/collections/refunds/process", data=posted(bad, good))
    assert "Mark 2 refunds as processed?" in words(asked)
    process, bad_id = refunds.process, bad.id

    def refuse(request: RefundRequest, way: refunds.Way, *, by: User | None) -> Transaction:
        if request.id == bad_id:
            raise DomainError("The bank is closed.")
        return process(request, way, by=by)

    monkeypatch.setattr(refunds, "process", refuse)
    form = posted(bad, good, sure="yes", at=value_of(asked, "at"))
    answer = browser.post("/collections/refunds/process", data=form, follow_redirects=True)
    assert f"Not processed: R{bad_id}. The bank is closed." in words(answer)
    assert "1 refund is processed." in words(answer)
    for request in (bad, good):
        db.session.refresh(request)
    assert (bad.state, good.state) == (RefundState.OPEN, RefundState.PROCESSED)


def test_a_refund_that_the_bank_refused_is_taken_out_of_its_file(login: Login) -> None:
    requests = requests_of(paying_company())
    refund_files.make_payment_file(requests, day=today(), by=None)
    url = f"{REFUNDS}{requests[0].id}"
    browser = login()
    assert "customer is paid twice" in words(browser.get(f"{url}/reopen"))
    browser.post(f"{url}/reopen")
    db.session.refresh(requests[0])
    assert requests[0].state is RefundState.OPEN


def test_who_may_only_look_gives_nothing_back(login: Login) -> None:
    request = make_request()
    browser = login("collections.view")
    assert "Mark as processed" not in main(browser.get(f"{REFUNDS}{request.id}"))
    for end in ("change", "process", "withdraw", "reopen"):
        assert browser.get(f"{REFUNDS}{request.id}/{end}").status_code == 403
    assert browser.get("/collections/refunds/new").status_code == 403
    assert browser.post("/collections/refunds/payment-file").status_code == 403


def test_a_refund_elsewhere_is_out_of_reach(login: Login) -> None:
    here = make_unit()
    other = make_request(remark="Verborgen")
    browser = login(user=make_limited_user(here.pools[0]))
    assert "Verborgen" not in browser.get(REFUNDS).text
    assert browser.get(f"{REFUNDS}{other.id}").status_code == 403
    form = posted(other, sure="yes", at="2026-11-02T10:00")
    browser.post("/collections/refunds/process", data=form)
    db.session.refresh(other)
    assert other.state is RefundState.OPEN
