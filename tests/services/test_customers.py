"""Customers: saving them, and knowing whether somebody is known already."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from ppplanner import events
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.models import Customer, CustomerKind, Delivery
from ppplanner.services.customers import (
    CustomerData,
    find_known,
    save_customer,
)
from ppplanner.services.firm.organisation import the_group
from ppplanner.services.vat_numbers import vat_key
from tests.factories import make_customer
from tests.parallel import at_once

VAT, OTHER_VAT = "BE 0123.456.749", "BE 0403.170.701"
BUSINESS = CustomerData(CustomerKind.BUSINESS, company_name="Acme", vat_number=VAT)
PRIVATE = CustomerData(
    CustomerKind.PRIVATE,
    first_name="An",
    last_name="Jansen",
    email="an@example.com",
    postcode="9000",
)


def save(data: CustomerData, **more: Any) -> Customer:
    return save_customer(data, group_id=the_group().id, **more)


def known_by(data: CustomerData) -> str | None:
    known = find_known(data, group_id=the_group().id)
    return known.by if known else None


def faults(data: CustomerData, **more: Any) -> set[str]:
    with pytest.raises(Invalid) as caught:
        save(data, **more)
    return set(caught.value.fields)


def test_a_business_is_listed_by_its_company_name(app: Flask) -> None:
    customer = save(BUSINESS)
    assert (customer.name, customer.full_name, str(customer)) == ("Acme", "Acme", "Acme")


def test_a_person_is_listed_by_last_name_and_addressed_by_first(app: Flask) -> None:
    customer = save(PRIVATE)
    assert (customer.name, customer.full_name) == ("Jansen An", "An Jansen")


def test_customers_are_numbered_from_1001(app: Flask) -> None:
    assert [save(PRIVATE).number, save(PRIVATE).number] == [1001, 1002]


def test_spaces_around_texts_are_dropped(app: Flask) -> None:
    customer = save(replace(BUSINESS, company_name="  Acme ", city=" Ghent "))
    assert (customer.company_name, customer.name, customer.city) == ("Acme", "Acme", "Ghent")


@pytest.mark.parametrize(
    ("data", "fields"),
    [
        (replace(BUSINESS, company_name="  "), {"company_name"}),
        (replace(PRIVATE, last_name=""), {"last_name"}),
        (replace(BUSINESS, vat_number="BE 0123.456.748"), {"vat_number"}),
        (replace(BUSINESS, iban="BE00 0000 0000 0000"), {"iban"}),
        (replace(BUSINESS, payment_days=-1), {"payment_days"}),
        (replace(BUSINESS, payment_days=366), {"payment_days"}),
        (replace(BUSINESS, company_name="", vat_number="1"), {"company_name", "vat_number"}),
    ],
)
def test_each_mistake_is_named_at_its_field(
    app: Flask, data: CustomerData, fields: set[str]
) -> None:
    assert faults(data) == fields
    assert db.session.scalars(select(Customer)).all() == []


def test_numbers_from_outside_the_union_are_taken_as_they_are(app: Flask) -> None:
    swiss = save(replace(BUSINESS, vat_number="CHE-123.456.789", country="CH"))
    assert swiss.vat_key == "CHE123456789"


def test_what_another_system_holds_is_taken_as_it_is(app: Flask) -> None:
    wrong = replace(BUSINESS, vat_number="BE 1", iban="none")
    customer = save(wrong, origin="import")
    assert (customer.origin, customer.vat_number) == ("import", "BE 1")


def test_a_wrong_number_from_elsewhere_does_not_stop_other_changes(app: Flask) -> None:
    wrong = replace(BUSINESS, vat_number="BE 1")
    customer = save(wrong, origin="import")
    save(replace(wrong, city="Ghent"), customer=customer)
    assert customer.city == "Ghent"
    assert faults(replace(wrong, vat_number="BE 2"), customer=customer) == {"vat_number"}


def test_a_vat_number_belongs_to_one_customer(app: Flask) -> None:
    save(BUSINESS)
    with pytest.raises(Invalid) as caught:
        save(replace(BUSINESS, company_name="Copy", vat_number="0123456749"))
    assert "Acme" in str(caught.value.fields["vat_number"])


def test_a_customer_keeps_its_own_vat_number(app: Flask) -> None:
    customer = save(BUSINESS)
    save(replace(BUSINESS, company_name="Acme Rent"), customer=customer)
    assert customer.name == "Acme Rent"


def test_a_change_cannot_take_the_vat_number_of_another(app: Flask) -> None:
    save(BUSINESS)
    other = save(replace(BUSINESS, company_name="Other", vat_number=OTHER_VAT))
    assert faults(replace(BUSINESS, company_name="Other"), customer=other) == {"vat_number"}
    db.session.commit()
    assert other.vat_number == OTHER_VAT


def test_everybody_who_listens_is_told_of_each_save(app: Flask) -> None:
    heard = []
    with events.customer_saved.connected_to(lambda sender, **_: heard.append(sender.id)):
        customer = save(BUSINESS)
        save(replace(BUSINESS, city="Ghent"), customer=customer)
    assert heard == [customer.id, customer.id]


@pytest.mark.parametrize(
    ("data", "by"),
    [
        (replace(BUSINESS, company_name="Other", vat_number="0123456749"), "vat_number"),
        (replace(BUSINESS, company_name="Other", vat_number="be123.456.749"), "vat_number"),
        (replace(BUSINESS, vat_number=""), None),
        (replace(PRIVATE, first_name="Ann", email="AN@example.com"), "email"),
        (replace(PRIVATE, email="other@example.com", last_name="JANSEN"), "name"),
        (replace(PRIVATE, email="", postcode="9001"), None),
        (replace(PRIVATE, email="", postcode=""), None),
        (replace(BUSINESS, vat_number="", email="an@example.com"), None),
    ],
)
def test_a_customer_is_known_by_number_then_mail_then_name_and_place(
    app: Flask, data: CustomerData, by: str | None
) -> None:
    save(BUSINESS)
    save(PRIVATE)
    assert known_by(data) == by


@pytest.mark.parametrize(
    ("vat_number", "country", "key"),
    [
        ("", "BE", None),
        (" - . ", "BE", None),
        ("0123.456.749", "BE", "BE0123456749"),
        ("123.456.749", "BE", "BE0123456749"),
        ("BE 123.456.749", "NL", "BE0123456749"),
        ("nl 123456789 b01", "BE", "NL123456789B01"),
        ("123456789B01", "NL", "NL123456789B01"),
        ("EL094259216", "GR", "EL094259216"),
        ("GR094259216", "GR", "EL094259216"),
        ("094259216", "GR", "EL094259216"),
    ],
)
def test_notations_of_one_vat_number_are_the_same(
    vat_number: str, country: str, key: str | None
) -> None:
    assert vat_key(vat_number, country) == key


@given(
    st.integers(0, 10**10 - 1).map("{:010}".format),
    st.lists(st.sampled_from([" ", ".", "-", "/", ""]), min_size=10, max_size=10),
    st.sampled_from(["BE", "be ", "Be.", ""]),
)
def test_punctuation_and_case_never_matter(digits: str, marks: list[str], prefix: str) -> None:
    typed = prefix + "".join(digit + mark for digit, mark in zip(digits, marks, strict=True))
    assert vat_key(typed) == f"BE{digits}"


@given(st.text(max_size=35), st.sampled_from(["BE", "NL", "GR", "FR"]))
def test_a_key_is_the_key_of_itself(text: str, country: str) -> None:
    key = vat_key(text, country)
    assert key is None or vat_key(key, country) == key


def test_customers_made_at_once_get_numbers_without_a_clash(app: Flask) -> None:
    group_id = the_group().id
    people = [replace(PRIVATE, email=f"{number}@example.com") for number in range(12)]
    tasks = [partial(save_customer, person, group_id=group_id) for person in people]
    assert len(at_once(app, tasks)) == 12
    numbers = db.session.scalars(select(Customer.number).order_by(Customer.number))
    assert list(numbers) == list(range(1001, 1013))


def test_of_two_who_add_one_firm_at_once_the_second_is_told_of_the_first(app: Flask) -> None:
    group_id = the_group().id
    results = at_once(app, [partial(save_customer, BUSINESS, group_id=group_id)] * 5)
    refused = [result for result in results if isinstance(result, Invalid)]
    assert len(refused) == 4
    assert all("Acme" in str(error.fields["vat_number"]) for error in refused)
    assert len(db.session.scalars(select(Customer)).all()) == 1


def test_the_database_itself_refuses_a_second_customer_with_a_vat_number(app: Flask) -> None:
    customer, other = make_customer(vat_number=VAT), make_customer()
    other.vat_key = customer.vat_key
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_invoices_by_mail_need_an_address(app: Flask) -> None:
    with pytest.raises(Invalid) as refused:
        make_customer(email="", invoice_delivery=Delivery.MAIL)
    assert list(refused.value.fields) == ["invoice_email"]
    customer = make_customer(
        email="", invoice_delivery=Delivery.MAIL, invoice_email="books@peeters.example"
    )
    assert customer.invoice_delivery is Delivery.MAIL
