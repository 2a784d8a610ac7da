"""Payment files: each refund in one at most, all of them or none."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from flask import Flask
from sqlalchemy import select

from ppplanner.clock import today
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.models import Company, PaymentFile, RefundRequest, RefundState
from ppplanner.services.collections import refund_files, refunds
from ppplanner.services.collections.collection_settings import collection_settings
from ppplanner.services.collections.sepa import Version
from tests.factories import make_company, make_contract, make_customer, make_unit
from tests.parallel import at_once
from tests.till import by_bank, make_request

pytestmark = pytest.mark.one_database

OURS = "BE71 0961 2345 6769"


def paying_company(**fields: Any) -> Company:
    return make_company(**{"iban": OURS, "city": "Antwerpen", **fields})


def requests_of(company: Company, count: int = 2, **fields: Any) -> list[RefundRequest]:
    unit = make_unit(company)
    return [make_request(make_contract(unit=unit), 50 + each, **fields) for each in range(count)]


def make(requests: list[RefundRequest], day: date | None = None) -> PaymentFile:
    return refund_files.make_payment_file(requests, day=day or today(), by=None)


@pytest.mark.both_databases
def test_a_file_pays_all_requests_from_the_companys_account(app: Flask) -> None:
    requests = requests_of(paying_company())
    root = ElementTree.fromstring(make(requests).content)
    assert [each.text for each in root.iterfind(".//{*}InstdAmt")] == ["50.00", "51.00"]
    assert [each.text for each in root.iterfind(".//{*}EndToEndId")] == [str(e) for e in requests]
    assert root.findtext(".//{*}Dbtr/{*}Nm") == requests[0].business_unit.company.name
    assert root.findtext(".//{*}DbtrAgt//{*}BICFI") == "GKCCBEBB", "derived from the IBAN"
    assert {each.state for each in requests} == {RefundState.EXPORTED}


def test_the_customer_reads_in_their_language_what_it_is_for(app: Flask) -> None:
    contract = make_contract(
        unit=make_unit(paying_company()), customer=make_customer(language="en")
    )
    content = make([make_request(contract)]).content.decode()
    assert f"Deposit given back, contract {contract}" in content


@pytest.mark.both_databases
def test_no_request_is_in_two_files(app: Flask) -> None:
    requests = requests_of(paying_company())
    make(requests[:1])
    with pytest.raises(DomainError, match="does not wait"):
        make(requests)
    assert requests[1].state is RefundState.OPEN


@pytest.mark.both_databases
def test_two_people_make_one_file(app: Flask) -> None:
    ids = [each.id for each in requests_of(paying_company())]

    def export() -> object:
        found = [db.session.get_one(RefundRequest, key) for key in ids]
        return make(found).id

    made = at_once(app, [export] * 4)
    assert len([each for each in made if isinstance(each, DomainError)]) == 3
    assert len(db.session.scalars(select(PaymentFile)).all()) == 1


def test_a_request_that_the_bank_refused_can_go_into_another_file(app: Flask) -> None:
    requests = requests_of(paying_company(), 1)
    first = make(requests)
    refunds.reopen(requests[0])
    second = make(requests)
    assert first.name != second.name
    assert requests[0].payment_file is second


def test_what_is_in_a_file_is_processed_but_not_withdrawn(app: Flask) -> None:
    [request] = requests_of(paying_company(), 1)
    make([request])
    with pytest.raises(DomainError, match="take it out first"):
        refunds.withdraw(request)
    refunds.process(request, by_bank(), by=None)
    assert request.state is RefundState.PROCESSED
    assert request.payment_file is not None


def test_a_request_without_an_iban_is_named(app: Flask) -> None:
    company = paying_company()
    [good] = requests_of(company, 1)
    [bad] = requests_of(company, 1, iban="")
    with pytest.raises(DomainError, match=f"{bad.customer.full_name} has no IBAN"):
        make([good, bad])
    assert good.state is RefundState.OPEN


def test_an_account_outside_sepa_is_paid_by_hand(app: Flask) -> None:
    outside = requests_of(paying_company(), 1, iban="TR33 0006 1005 1978 6457 8413 26")
    with pytest.raises(DomainError, match="outside SEPA"):
        make(outside)


def test_a_company_without_an_account_cannot_pay(app: Flask) -> None:
    with pytest.raises(DomainError, match="no IBAN or no BIC"):
        make(requests_of(paying_company(iban=""), 1))
    with pytest.raises(DomainError, match="no IBAN or no BIC"):
        make(requests_of(paying_company(iban="NL91 ABNA 0417 1643 00"), 1))
    assert make(requests_of(paying_company(iban="NL91ABNA0417164300", bic="ABNANL2A"), 1))


def test_a_file_is_for_one_account(app: Flask) -> None:
    requests = [*requests_of(paying_company(), 1), *requests_of(paying_company(), 1)]
    with pytest.raises(DomainError, match="one company"):
        make(requests)


def test_the_bank_cannot_pay_yesterday(app: Flask) -> None:
    with pytest.raises(Invalid, match="day"):
        make(requests_of(paying_company(), 1), today() - timedelta(days=1))


def test_a_company_chooses_the_version_that_its_bank_takes(app: Flask) -> None:
    company = paying_company()
    collection_settings.save(company.id, payment_file=Version.V03.value)
    content = make(requests_of(company, 1)).content
    assert b"pain.001.001.03" in content
