"""The pages of transactions: the list with its totals, registering, changing, undoing."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import inspect, select

from ppplanner.clock import now
from ppplanner.extensions import db
from ppplanner.models import (
    CardType,
    Contract,
    Customer,
    PayMoment,
    Terminal,
    Transaction,
)
from ppplanner.services.collections import deposits, refunds
from tests.blueprints.pages import cost_of, error_at, value_of, words
from tests.conftest import Browser, Login
from tests.factories import (
    make_contract,
    make_customer,
    make_invoice,
    make_limited_user,
    make_price_range,
    make_resource,
    make_unit,
)
from tests.services.collections.payments import pay as pay_invoice
from tests.services.invoices.credits import make_bill, make_credit
from tests.till import IBAN, make_register, make_request, pay

RIGHTS = ("collections.view", "collections.edit", "contracts.view", "invoices.view")


@pytest.fixture
def clerk(login: Login) -> Browser:
    return login(*RIGHTS)


@pytest.fixture
def contract(app: Flask) -> Contract:
    """One of 363 EUR with VAT, which asks a deposit of 250 EUR."""
    resource = make_resource(price_range=make_price_range(100), deposit=Decimal(250))
    return make_contract(resource, make_customer(company_name="Bakkerij Peeters"))


def form(**typed: object) -> dict[str, str]:
    """A payment by bank, now."""
    at = now().strftime("%Y-%m-%dT%H:%M")
    values = {"type": "PAY", "method": "BANK", "amount": "100", "at": at, **typed}
    return {name: str(value) for name, value in values.items()}


def the_transaction() -> Transaction:
    return db.session.scalars(select(Transaction)).one()


def test_the_list_shows_this_month_and_its_totals(clerk: Browser, contract: Contract) -> None:
    pay(contract, 100)
    pay(contract, "20.50")
    pay(contract, 250, deposit=True)
    long_ago = now() - timedelta(days=200)
    old = pay(contract, 999)
    old.at = long_ago
    text = words(clerk.get("/collections/"))
    assert "This month" in text
    assert "Payment Bank transfer 2 €120.50" in text
    assert "Deposit Bank transfer 1 €250.00" in text
    assert "Together 3 €370.50" in text
    assert "€999.00" not in text
    assert "€1,369.50" in words(clerk.get("/collections/?period-from="))


@pytest.mark.parametrize(
    ("query", "numbers"),
    [
        ("type=1", ["T1"]),
        ("type=2", ["T2"]),
        ("method=1", []),
        ("q=T2", ["T2"]),
        ("q=t1", ["T1"]),
        ("q=T12", []),
        ("q=C1001", ["T1", "T2"]),
        ("q=peeters", ["T1", "T2"]),
        ("q=nobody", []),
        ("period-from=2020-01-01&period-until=2020-02-01", []),
        ("period-from=2020-01-01", ["T1", "T2"]),
    ],
)
def test_the_list_is_narrowed(
    clerk: Browser, contract: Contract, query: str, numbers: list[str]
) -> None:
    pay(contract, 100)
    pay(contract, 250, deposit=True)
    text = words(clerk.get(f"/collections/?{query}"))
    assert [number for number in ("T1", "T2") if f"{number} " in text] == numbers


@pytest.mark.both_databases
def test_transactions_are_found_by_a_part_of_remark_or_voucher(
    clerk: Browser, contract: Contract
) -> None:
    pay(contract, 11, remark="Key under the MAT")
    pay(contract, 22, voucher="VB-2026-77")
    for word, amount, other in (("mat", "€11.00", "€22.00"), ("2026-7", "€22.00", "€11.00")):
        text = words(clerk.get(f"/collections/?q={word}"))
        assert amount in text
        assert other not in text
    assert "€22.00" in words(clerk.get("/collections/?q=vb-2026+77"))
    if db.engine.dialect.name == "postgresql":
        indexes = {each["name"] for each in inspect(db.engine).get_indexes("transactions")}
        assert "words_of_transactions" in indexes


def test_the_file_holds_what_the_filters_show(clerk: Browser, contract: Contract) -> None:
    pay(contract, 100)
    with clerk.get("/collections/?as=csv") as answer:
        text = answer.get_data(as_text=True)
    assert "Bakkerij Peeters" in text
    assert "100.00" in text


def test_the_list_leads_to_contract_and_invoice_those_who_may_see_them(
    login: Login, contract: Contract
) -> None:
    invoice = make_invoice(contract)
    pay(contract, 100)
    pay_invoice(invoice, "50")
    leads = {
        str(contract): f"/contracts/{contract.id}",
        invoice.reference: f"/invoices/{invoice.id}",
    }

    def links(browser: Browser) -> set[str]:
        page = browser.get("/collections/").text
        return {name for name, url in leads.items() if f'<a href="{url}">{name}</a>' in page}

    assert links(login(*RIGHTS)) == set(leads)
    assert links(login("collections.view", "invoices.view")) == {invoice.reference}
    looker = login("collections.view")
    assert links(looker) == set()
    assert all(name in words(looker.get("/collections/")) for name in leads)


def test_the_list_costs_the_same_for_many(clerk: Browser, contract: Contract) -> None:
    pay(contract, 1)
    few = cost_of(clerk, "/collections/")
    for _each in range(5):
        pay(make_contract(), 1)
    assert cost_of(clerk, "/collections/") <= few + 1


def test_a_payment_is_registered_on_a_contract(clerk: Browser, contract: Contract) -> None:
    page = clerk.get(f"/collections/new?contract_id={contract.id}")
    assert 'value="363.00"' in page.text
    answer = clerk.post(f"/collections/new?contract_id={contract.id}", data=form())
    assert answer.status_code == 303
    made = the_transaction()
    assert (made.amount, made.contract) == (Decimal(100), contract)
    assert made.created_by


def test_a_deposit_is_proposed_and_taken(clerk: Browser, contract: Contract) -> None:
    url = f"/collections/new?contract_id={contract.id}&family=deposit"
    assert 'value="250.00"' in clerk.get(url).text
    data = form(type="DEP", amount="250")
    assert clerk.post(url, data=data).status_code == 303
    assert deposits.held(contract) == 250


def test_an_invoice_is_proposed_with_what_is_open(clerk: Browser, contract: Contract) -> None:
    invoice = make_invoice(contract)
    url = f"/collections/new?invoice_id={invoice.id}"
    assert 'value="363.00"' in clerk.get(url).text
    data = form(amount="363", invoice_id=invoice.id)
    assert clerk.post(url, data=data).status_code == 303
    assert invoice.balance == 0


def test_cash_asks_for_a_register_and_goes_into_it(clerk: Browser, contract: Contract) -> None:
    register = make_register(contract.business_unit)
    url = f"/collections/new?contract_id={contract.id}"
    place = clerk.get(
        f"/collections/new/place?contract_id={contract.id}&method=CASH",
        headers={"HX-Request": "true"},
    ).text
    assert str(register) in place
    assert "IBAN" not in place
    data = form(method="CASH", register_id=register.id)
    assert clerk.post(url, data=data).status_code == 303
    assert the_transaction().register is register


def test_cash_of_a_consumer_is_proposed_rounded(clerk: Browser, app: Flask) -> None:
    invoice = make_bill(("10.02", "0"), customer=make_customer("private"))
    register = make_register()
    db.session.commit()
    url = f"/collections/new?invoice_id={invoice.id}"
    assert value_of(clerk.get(f"{url}&method=CASH"), "amount") == "10.00"
    assert "In cash a consumer pays €10.00 of it" in words(clerk.get(f"{url}&method=CASH"))
    assert value_of(clerk.get(f"{url}&method=BANK"), "amount") == "10.02"
    clerk.post(
        url,
        data=form(amount="10.00", method="CASH", register_id=register.id, invoice_id=invoice.id),
    )
    text = words(clerk.get(f"/invoices/{invoice.id}"))
    assert "€10.00 is registered. Rounding to 5 cents made a difference of €0.02" in text
    assert "Still open €0.00" in text


def test_cash_without_a_register_is_refused_with_words(clerk: Browser, contract: Contract) -> None:
    answer = clerk.post(
        f"/collections/new?contract_id={contract.id}", data=form(method="CASH", register_id="")
    )
    assert answer.status_code == 422
    assert "no cash register in use" in answer.text


def test_a_card_is_noted_with_its_terminal(clerk: Browser, contract: Contract) -> None:
    terminal = Terminal(business_unit=contract.business_unit, code="T1")
    card = CardType(name="Bancontact")
    db.session.add_all([terminal, card])
    db.session.flush()
    data = form(method="TERMINAL", terminal_id=terminal.id, card_type_id=card.id)
    url = f"/collections/new?contract_id={contract.id}"
    assert clerk.post(url, data=data).status_code == 303
    assert (the_transaction().terminal, the_transaction().card_type) == (terminal, card)


def test_an_iban_is_kept_with_the_customer_when_asked(clerk: Browser, contract: Contract) -> None:
    data = form(iban=IBAN, keep_iban="y")
    clerk.post(f"/collections/new?contract_id={contract.id}", data=data)
    customer = db.session.get_one(Customer, contract.customer_id)
    assert customer.iban.replace(" ", "") == IBAN.replace(" ", "")


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("amount", "0.005", "at most 2 decimals"),
        ("amount", "-5", "above zero"),
        ("amount", "", "Fill in an amount"),
        ("at", "2999-01-01T00:00", "Check the year"),
        ("iban", "BE1234", "not an IBAN"),
        ("method", "NONE", "from the list"),
        ("type", "REFUND", "from the list"),
    ],
)
def test_what_is_wrong_is_said_at_the_field(
    clerk: Browser, contract: Contract, field: str, typed: str, message: str
) -> None:
    data = form(**{field: typed})
    answer = clerk.post(f"/collections/new?contract_id={contract.id}", data=data)
    assert answer.status_code == 422
    assert message in answer.text
    assert not db.session.scalars(select(Transaction)).all()


def test_without_a_purpose_the_dialog_asks_for_it(clerk: Browser, contract: Contract) -> None:
    assert "What is it for?" in clerk.get("/collections/new").text
    assert clerk.post("/collections/new", data={}).status_code == 422
    answer = clerk.post("/collections/new", data={"contract_id": contract.id})
    assert answer.location == f"/collections/new?contract_id={contract.id}"


def test_contracts_and_open_invoices_are_found_by_typing(
    clerk: Browser, contract: Contract
) -> None:
    invoice = make_invoice(contract)
    assert str(contract) in clerk.get("/collections/contracts/pick?q=peeters").text
    assert str(invoice) in clerk.get("/collections/invoices/pick?q=peeters").text
    pay_invoice(invoice, str(invoice.gross))
    assert str(invoice) not in clerk.get("/collections/invoices/pick?q=peeters").text


def test_a_credit_note_takes_no_money(clerk: Browser, contract: Contract) -> None:
    note = make_credit(make_invoice(contract))
    answer = clerk.get(f"/collections/new?invoice_id={note.id}")
    assert answer.status_code == 409
    assert "A credit note asks for no money" in words(answer)


def test_too_much_cash_is_refused_at_the_amount(clerk: Browser, contract: Contract) -> None:
    register = make_register(contract.business_unit)
    data = form(method="CASH", register_id=register.id, amount="3500")
    answer = clerk.post(f"/collections/new?contract_id={contract.id}", data=data)
    assert "law of 18 September 2017" in error_at(answer, "amount")


def test_the_page_of_a_transaction_tells_all_of_it(clerk: Browser, contract: Contract) -> None:
    invoice = make_invoice(contract)
    made = pay_invoice(invoice, "100")
    text = words(clerk.get(f"/collections/{made.id}"))
    for part in ("T1", "€100.00", "Bank transfer", "Bakkerij Peeters", str(invoice)):
        assert part in text


def test_a_transaction_is_undone_after_a_question(clerk: Browser, contract: Contract) -> None:
    made = pay(contract, 100)
    assert "opposite amount" in clerk.get(f"/collections/{made.id}/reverse").text
    assert clerk.post(f"/collections/{made.id}/reverse").status_code == 303
    assert "Undone by T2" in words(clerk.get(f"/collections/{made.id}"))
    again = clerk.post(f"/collections/{made.id}/reverse")
    assert "undone already" in again.text


def test_a_remark_changes_until_the_transaction_is_handed_on(
    clerk: Browser, contract: Contract
) -> None:
    made = pay(contract, 100)
    url = f"/collections/{made.id}/change"
    data = {"remark": "by phone", "voucher": "A7", "invoice_id": ""}
    assert clerk.post(url, data=data).status_code == 303
    assert (the_transaction().remark, the_transaction().voucher) == ("by phone", "A7")
    the_transaction().locked = True
    assert clerk.get(url).status_code == 409


def test_an_advance_is_given_to_an_invoice_by_hand(clerk: Browser, contract: Contract) -> None:
    invoice = make_invoice(contract)
    made = pay(contract, 100)
    data = {"remark": "", "voucher": "", "invoice_id": invoice.id}
    assert clerk.post(f"/collections/{made.id}/change", data=data).status_code == 303
    assert invoice.balance == 263


def test_the_contract_tells_of_its_money(clerk: Browser, contract: Contract) -> None:
    pay(contract, 100)
    text = words(clerk.get(f"/contracts/{contract.id}"))
    for part in ("Still to pay €263.00", "Deposit still to take €250.00", "T1"):
        assert part in text
    headers = {"HX-Request": "true"}
    tile = clerk.get(f"/collections/contracts/{contract.id}", headers=headers).text
    assert "Still to pay" in tile
    assert "<html" not in tile


def test_the_contract_tells_what_is_asked_back(clerk: Browser, contract: Contract) -> None:
    pay(contract, 100)
    assert "sked back" not in words(clerk.get(f"/contracts/{contract.id}"))
    request = make_request(contract, 40, deposit=False, paid=False)
    make_request(contract, 250)
    text = words(clerk.get(f"/contracts/{contract.id}"))
    assert "Asked back €40.00" in text
    assert "Deposit asked back €250.00" in text
    refunds.withdraw(request)
    assert " Asked back" not in words(clerk.get(f"/contracts/{contract.id}"))


def test_who_may_not_see_money_sees_no_tile(login: Login, contract: Contract) -> None:
    text = words(login("contracts.view").get(f"/contracts/{contract.id}"))
    assert "Still to pay" not in text


def test_a_deposit_of_its_own_wins_over_that_of_the_resource(
    clerk: Browser, contract: Contract
) -> None:
    url = f"/collections/contracts/{contract.id}/terms"
    assert "€250.00" in clerk.get(url).text
    data = {"deposit": "400", "deposit_moment": "check_out", "payment_moment": ""}
    assert clerk.post(url, data=data).status_code == 303
    assert (contract.deposit, contract.deposit_moment) == (Decimal(400), PayMoment.CHECK_OUT)
    assert contract.payment_moment is None
    assert "Deposit asked €400.00" in words(clerk.get(f"/contracts/{contract.id}"))


def test_a_negative_deposit_is_refused(clerk: Browser, contract: Contract) -> None:
    url = f"/collections/contracts/{contract.id}/terms"
    answer = clerk.post(url, data={"deposit": "-1"})
    assert answer.status_code == 422
    assert "between 0" in answer.text


def test_money_of_another_branch_is_out_of_reach(login: Login, contract: Contract) -> None:
    made = pay(contract, 100)
    elsewhere = make_unit()
    stranger = login(user=make_limited_user(elsewhere.pools[0], permissions=RIGHTS))
    assert stranger.get(f"/collections/{made.id}").status_code == 403
    assert stranger.post(f"/collections/{made.id}/reverse").status_code == 403
    assert stranger.get(f"/collections/new?contract_id={contract.id}").status_code == 403
    assert "T1" not in words(stranger.get("/collections/"))


def test_who_may_only_look_registers_nothing(login: Login, contract: Contract) -> None:
    looker = login("collections.view")
    assert looker.get("/collections/new").status_code == 403
    assert "Register money" not in looker.get("/collections/").text
