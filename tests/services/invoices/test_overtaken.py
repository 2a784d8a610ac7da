"""Drafts whose contract changed meanwhile: what differs, bringing them up to date, or not."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from flask import Flask

from ppplanner.clock import today
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.models import Contract, Invoice, InvoiceLine, PriceLine
from ppplanner.services.invoices import draft_lines
from ppplanner.services.invoices.confirming import confirm_invoice
from ppplanner.services.invoices.draft_lines import Booking, LineData
from ppplanner.services.invoices.overtaken import (
    Difference,
    Overtaken,
    differences,
    fingerprint,
    refresh_draft,
    set_final,
)
from ppplanner.services.pricing.price_lines import PriceLineData, save_price_line
from ppplanner.services.renting.contracts import data_of, save_contract
from tests.factories import (
    make_contract,
    make_gl_account,
    make_invoice,
    make_price_range,
    make_resource,
    make_vat_code,
)
from tests.parallel import at_once

DAY = timedelta(days=1)


@pytest.fixture
def contract(app: Flask) -> Contract:
    """Three days at 50.00."""
    return make_contract(make_resource(price_range=make_price_range(50)))


@pytest.fixture
def draft(contract: Contract) -> Invoice:
    return make_invoice(contract, confirmed=False)


def add_toll(contract: Contract) -> PriceLine:
    toll = PriceLineData("Toll", Decimal(1), Decimal(4), make_vat_code())
    return save_price_line(contract, toll)


def lengthen(contract: Contract) -> None:
    data = data_of(contract)
    save_contract(replace(data, ends_at=data.ends_at + DAY), contract)


def test_a_draft_that_nobody_touched_differs_in_nothing(draft: Invoice) -> None:
    assert differences(draft) == []
    confirm_invoice(draft)
    assert draft.final


def test_a_contract_that_lasts_longer_overtakes_its_draft(
    contract: Contract, draft: Invoice
) -> None:
    lengthen(contract)
    [difference] = differences(draft)
    assert [difference.drafted, difference.proposed] == [150, 200]
    with pytest.raises(Overtaken) as refusal:
        confirm_invoice(draft)
    assert refusal.value.differences == [difference]
    assert draft.is_draft


def test_a_line_that_came_since_overtakes_the_last_invoice_only(
    contract: Contract, draft: Invoice
) -> None:
    add_toll(contract)
    assert differences(draft) == [Difference("Toll", None, Decimal(4))]
    set_final(draft, False)
    assert differences(draft) == []


def test_a_customer_with_other_vat_overtakes_the_draft(contract: Contract, draft: Invoice) -> None:
    contract.customer.vat_code = make_vat_code("6")
    [difference] = differences(draft)
    assert difference.drafted == difference.proposed
    refresh_draft(draft)
    assert [draft.lines[0].vat_code.code, draft.vat] == ["6", 9]


def test_confirmed_as_it_is_it_is_not_the_last_one(contract: Contract, draft: Invoice) -> None:
    lengthen(contract)
    confirm_invoice(draft, seen=fingerprint(differences(draft)))
    assert [draft.net, draft.final] == [150, False]
    assert make_invoice(contract).net == 50


def test_what_changed_after_somebody_looked_is_shown_first(
    contract: Contract, draft: Invoice
) -> None:
    lengthen(contract)
    seen = fingerprint(differences(draft))
    add_toll(contract)
    with pytest.raises(Overtaken) as refusal:
        confirm_invoice(draft, seen=seen)
    assert len(refusal.value.differences) == 2
    assert draft.is_draft


def test_bringing_up_to_date_takes_over_what_differs(contract: Contract, draft: Invoice) -> None:
    lengthen(contract)
    add_toll(contract)
    refresh_draft(draft)
    assert [line.net for line in draft.lines] == [200, 4]
    assert [draft.net, draft.final] == [204, True]
    confirm_invoice(draft)


def test_bringing_up_to_date_keeps_what_people_did(contract: Contract, draft: Invoice) -> None:
    [line] = draft.lines
    account = make_gl_account(draft.business_unit)
    draft_lines.reword_line(line, "The van", Booking(account))
    tip = LineData("Tip", Decimal(1), Decimal(5), make_vat_code())
    draft_lines.add_line(draft, tip)
    refresh_draft(draft)
    assert [line.description for line in draft.lines] == ["The van", "Tip"]
    assert [line.net for line in draft.lines] == [150, 5]
    lengthen(contract)
    refresh_draft(draft)
    assert [line.net for line in draft.lines] == [200, 5]
    assert line.gl_account is account
    assert [line.first_day, line.last_day] != [None, None]


def test_a_partial_draft_stays_a_partial_one(contract: Contract) -> None:
    first = contract.local(contract.starts_at).date()
    draft = make_invoice(contract, confirmed=False, until=first)
    lengthen(contract)
    assert differences(draft) == []
    contract.lines[0].unit_price = Decimal(60)
    refresh_draft(draft)
    assert [draft.net, draft.final] == [60, False]


def test_a_line_that_has_become_nothing_leaves_the_draft(contract: Contract) -> None:
    toll = add_toll(contract)
    draft = make_invoice(contract, confirmed=False)
    db.session.delete(toll)
    db.session.flush()
    db.session.expire_all()
    assert [line.price_line_id for line in draft.lines][1] is None


def test_a_draft_without_anything_left_is_to_be_discarded(
    contract: Contract, draft: Invoice
) -> None:
    contract.lines.clear()
    db.session.flush()
    db.session.expire_all()
    with pytest.raises(DomainError, match="discard"):
        refresh_draft(draft)


def test_the_last_invoice_leaves_nothing(contract: Contract) -> None:
    first = contract.local(contract.starts_at).date()
    draft = make_invoice(contract, confirmed=False, until=first)
    with pytest.raises(Invalid, match="final"):
        set_final(draft, True)
    make_invoice(contract, confirmed=False)
    set_final(draft, True)
    assert draft.final


def test_of_two_who_confirm_one_gives_the_number(app: Flask, contract: Contract) -> None:
    draft_id = make_invoice(contract, confirmed=False).id

    def confirm() -> None:
        confirm_invoice(db.session.get_one(Invoice, draft_id))

    results = at_once(app, [confirm] * 2)
    assert results.count(None) == 1
    [other] = [result for result in results if result is not None]
    assert isinstance(other, DomainError)
    assert db.session.get_one(Invoice, draft_id).number == 1


def test_a_change_and_a_confirmation_at_once_lose_nothing(app: Flask, contract: Contract) -> None:
    contract_id, draft_id = contract.id, make_invoice(contract, confirmed=False).id

    def confirm() -> None:
        confirm_invoice(db.session.get_one(Invoice, draft_id))

    def change() -> None:
        lengthen(db.session.get_one(Contract, contract_id))

    confirmed, changed = at_once(app, [confirm, change])
    assert changed is None
    db.session.expire_all()
    draft = db.session.get_one(Invoice, draft_id)
    if confirmed is None:
        assert [draft.net, draft.final] == [150, True]
    else:
        assert isinstance(confirmed, Overtaken)
        assert draft.is_draft


def test_a_free_line_differs_from_nothing(draft: Invoice) -> None:
    draft_lines.add_line(draft, LineData("Tip", Decimal(1), Decimal(5), make_vat_code()))
    assert differences(draft) == []
    assert isinstance(draft.lines[1], InvoiceLine)
    assert draft.invoice_date == today()
