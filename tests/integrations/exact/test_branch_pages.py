"""The settings of a business unit for its transactions, as people choose them."""

from __future__ import annotations

import pytest

from ppplanner.extensions import db
from ppplanner.integrations.exact.branch_settings import accounts_of_unit
from ppplanner.integrations.exact.models import ExactBranch, ExactConnection
from ppplanner.models import BusinessUnit, Company, MethodKind, TypeRole
from ppplanner.services.collections import types
from tests.blueprints.pages import main, seen_in, words
from tests.conftest import Browser, Login
from tests.factories import make_contract, make_customer, make_unit
from tests.integrations.exact.money import paid, set_up
from tests.statements import counted

pytestmark = pytest.mark.one_database

CHOSEN = {
    "cash_journal": "11",
    "other_journal": "91",
    "customer_gl": "400000",
    "description": "{type} of {customer}",
}


@pytest.fixture
def boss(connection: ExactConnection, login: Login) -> Browser:
    return login("exact.view", "exact.configure", "collections.view")


@pytest.fixture
def address(unit: BusinessUnit) -> str:
    return f"/exact/branches/{unit.id}"


def branch(unit: BusinessUnit) -> ExactBranch:
    db.session.expire_all()
    return db.session.get_one(ExactBranch, unit.id)


def test_what_is_missing_is_counted_for_each_unit(
    boss: Browser, connection: ExactConnection, company: Company, unit: BusinessUnit
) -> None:
    other = make_unit(company)
    set_up(connection, unit)

    page = main(boss.get(f"/exact/companies/{company.id}/branches"))

    assert f"{unit.name}" in page
    assert "complete" in page
    assert f"{other.name}" in page
    assert "14 choices are missing" in page


def test_only_what_fits_is_offered(boss: Browser, address: str) -> None:
    page = boss.get(f"{address}/journals").text
    assert 'value="10"' in page
    assert 'value="90"' in page
    assert 'value="400000"' in page
    for code in ("20", "70", "580000", "700100"):  # a bank, sales, no receivable, revenue
        assert f'value="{code}"' not in page

    page = boss.get(f"{address}/accounts").text
    assert 'value="580000"' in page
    for code in ("400000", "440000", "451000", "700600", "700900"):
        # of customers, of suppliers, VAT, needs a cost centre, blocked
        assert f'value="{code}"' not in page


def test_journals_and_description_are_kept(boss: Browser, unit: BusinessUnit, address: str) -> None:
    page = main(boss.post(f"{address}/journals", data=CHOSEN, follow_redirects=True))

    assert "11 Kas filiaal" in page
    kept = branch(unit)
    assert (kept.cash_journal, kept.other_journal, kept.customer_gl_code) == ("11", "91", "400000")
    assert kept.customer_gl_id


def test_journals_that_a_colleague_chose_meanwhile_are_not_overwritten_unseen(
    boss: Browser, unit: BusinessUnit, address: str
) -> None:
    boss.post(f"{address}/journals", data=CHOSEN)
    seen = seen_in(boss.get(f"{address}/journals").text)
    boss.post(f"{address}/journals", data={**CHOSEN, "cash_journal": "10"})
    mine = {**CHOSEN, "cash_journal": "", "description": "{type}"}

    answer = boss.post(f"{address}/journals", data={**mine, "seen": seen})

    assert answer.status_code == 409
    assert "A colleague saved this while you were changing it." in words(answer)
    assert "Yours: Not chosen yet" in words(answer)
    assert "Your colleague's: 10 Kas" in words(answer)
    assert branch(unit).cash_journal == "10"
    again = {**mine, "seen": seen_in(answer.text), "version-cash_journal": "theirs"}
    boss.post(f"{address}/journals", data=again)
    assert (branch(unit).cash_journal, branch(unit).description) == ("10", "{type}")


def test_accounts_that_a_colleague_chose_meanwhile_are_not_overwritten_unseen(
    boss: Browser, unit: BusinessUnit, address: str
) -> None:
    seen = seen_in(boss.get(f"{address}/accounts").text)
    payment, deposit = types.of_role(TypeRole.PAYMENT), types.of_role(TypeRole.DEPOSIT)
    boss.post(f"{address}/accounts", data={f"type_{payment.id}": "551000"})
    mine = {f"type_{payment.id}": "stays", f"type_{deposit.id}": "580000"}

    answer = boss.post(f"{address}/accounts", data={**mine, "seen": seen})

    assert answer.status_code == 409
    assert "Yours: Stays here" in words(answer)
    assert "Your colleague's: 551000" in words(answer)
    assert [each.gl_account_code for each in accounts_of_unit(unit)] == ["551000"]
    boss.post(f"{address}/accounts", data={**mine, "seen": seen_in(answer.text)})
    db.session.expire_all()
    assert {each.gl_account_code for each in accounts_of_unit(unit)} == {"", "580000"}


def test_what_exact_does_not_offer_cannot_be_chosen(boss: Browser, address: str) -> None:
    answer = boss.post(f"{address}/journals", data={**CHOSEN, "cash_journal": "70"})
    assert answer.status_code == 422
    assert "Choose one of the list, as Exact has it now." in words(answer)


def test_a_variable_that_there_is_not_is_named(boss: Browser, address: str) -> None:
    answer = boss.post(f"{address}/journals", data={**CHOSEN, "description": "{kontrakt}"})
    assert answer.status_code == 422
    assert "There is no variable {kontrakt}." in words(answer)


def test_the_example_is_the_last_transaction_of_the_unit(
    boss: Browser, unit: BusinessUnit, address: str
) -> None:
    def example(description: str) -> str:
        query = {"description": description}
        return boss.get(f"{address}/example", query_string=query).text

    assert example("{type}") == "Payment T123"
    contract = make_contract(unit=unit, customer=make_customer(company_name="Maes & Co <bv>"))
    transaction = paid(TypeRole.DEPOSIT, 100, contract=contract)
    assert example("{type} {customer}") == f"Deposit Maes &amp; Co &lt;bv&gt; {transaction}"
    assert f"Deposit Maes &amp; Co &lt;bv&gt; {transaction}" not in boss.get(address).text
    assert f"Deposit {contract} Maes" in words(boss.get(address))


def test_accounts_are_chosen_by_type_or_stay_here(
    boss: Browser, unit: BusinessUnit, address: str
) -> None:
    boss.get(f"{address}/accounts")
    payment, deposit = types.of_role(TypeRole.PAYMENT), types.of_role(TypeRole.DEPOSIT)
    data = {f"type_{payment.id}": "551000", f"type_{deposit.id}": "stays"}

    page = main(boss.post(f"{address}/accounts", data=data, follow_redirects=True))

    assert "551000 Bancontact te ontvangen" in page
    assert "stays here" in page
    kept = {each.type: (each.gl_account_code, each.forwarded) for each in accounts_of_unit(unit)}
    assert kept == {payment: ("551000", True), deposit: ("", False)}
    boss.post(f"{address}/accounts", data=dict.fromkeys(data, ""))
    db.session.expire_all()
    assert not accounts_of_unit(unit)


def test_one_method_can_have_an_account_of_its_own(
    boss: Browser, unit: BusinessUnit, address: str
) -> None:
    boss.get(address)
    kind, method = types.of_role(TypeRole.PAYMENT), types.method_of(MethodKind.TERMINAL)
    data = {"type_id": kind.id, "method_id": method.id, "account": "551000"}

    page = main(boss.post(f"{address}/methods/new", data=data, follow_redirects=True))

    assert "Payment terminal" in page
    (account,) = accounts_of_unit(unit)
    assert (account.method, account.gl_account_code) == (method, "551000")
    empty = boss.post(f"{address}/methods/new", data={**data, "account": ""})
    assert "Choose the account, or that they stay here." in words(empty)
    boss.post(f"{address}/methods/{account.id}/remove")
    db.session.expire_all()
    assert not accounts_of_unit(unit)


def test_a_choice_that_exact_took_away_is_shown_as_such(
    boss: Browser, connection: ExactConnection, unit: BusinessUnit, address: str
) -> None:
    set_up(connection, unit)
    branch(unit).cash_journal = "19"
    db.session.commit()

    assert "19 is no longer offered by Exact" in words(boss.get(address))
    assert "1 choice is missing" in words(boss.get(address))
    dialog = words(boss.get(f"{address}/journals"))
    assert "19 was chosen, but Exact no longer offers it." in dialog


def test_another_unit_is_copied(
    boss: Browser, connection: ExactConnection, company: Company, unit: BusinessUnit
) -> None:
    set_up(connection, unit, {TypeRole.DEPOSIT: "488000"}, description="Rent {number}")
    target = make_unit(company)
    set_up(connection, target, cash_journal="11")

    boss.post(f"/exact/branches/{target.id}/copy", data={"source_id": unit.id})

    assert branch(target).cash_journal == "10"
    assert branch(target).description == "Rent {number}"
    codes = [
        {each.type_id: each.gl_account_code for each in accounts_of_unit(one)}
        for one in (unit, target)
    ]
    assert codes[0] == codes[1]


def test_people_without_the_right_look_but_do_not_change(
    connection: ExactConnection, address: str, login: Login
) -> None:
    planner = login("exact.view")
    assert planner.get(address).status_code == 200
    assert f"{address}/journals" not in planner.get(address).text
    for page in ("journals", "accounts", "methods/new", "copy", "example"):
        assert planner.get(f"{address}/{page}").status_code == 403


def test_many_units_cost_no_more_queries_than_one(
    boss: Browser, connection: ExactConnection, company: Company, unit: BusinessUnit
) -> None:
    url = f"/exact/companies/{company.id}/branches"
    set_up(connection, unit)
    boss.get(url)
    with counted() as one:
        boss.get(url)
    for _n in range(3):
        set_up(connection, make_unit(company))
    with counted() as four:
        boss.get(url)
    assert len(four) <= len(one)


def test_without_an_administration_there_is_nothing_to_choose(
    boss: Browser, connection: ExactConnection, company: Company, address: str
) -> None:
    connection.division = None
    db.session.commit()
    assert boss.get(address).status_code == 409
    page = boss.get(f"/exact/companies/{company.id}/branches", follow_redirects=True)
    assert "Choose the administration first." in words(page)
