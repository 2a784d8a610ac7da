"""GL accounts, VAT codes, cost centres and cost carriers."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.models import VatTreatment
from ppplanner.services.firm.organisation import the_group
from ppplanner.services.ledger import (
    revenue_account,
    save_cost_carrier,
    save_cost_centre,
    save_gl_account,
    save_vat_code,
)
from tests.factories import make_cost_centre, make_gl_account, make_unit, make_vat_code


def faults(save: Callable[..., object], *args: object, **values: Any) -> set[str]:
    with pytest.raises(Invalid) as caught:
        save(*args, **values)
    return set(caught.value.fields)


def test_a_code_and_a_name_are_needed(app: Flask) -> None:
    unit, group_id = make_unit(), the_group().id
    assert faults(save_gl_account, unit, code=" ", name="") == {"code", "name"}
    assert faults(save_vat_code, code="", name=" ", percentage=Decimal(21)) == {"code", "name"}
    assert faults(save_cost_centre, group_id=group_id, code="", name="") == {"code", "name"}
    assert faults(save_cost_carrier, group_id=group_id, code="", name="") == {"code", "name"}


def test_a_code_is_used_once_in_a_chart_of_accounts(app: Flask) -> None:
    unit, other = make_unit(), make_unit()
    account = make_gl_account(unit, code="701000", name="Vans")
    with pytest.raises(Invalid) as caught:
        save_gl_account(unit, code=" 701000 ", name="Copy")
    assert "701000 Vans" in str(caught.value.fields["code"])
    assert save_gl_account(other, code="701000", name="Vans")
    assert save_gl_account(unit, code="701000", name="Cars", account=account).name == "Cars"


def test_a_business_unit_has_one_default_for_its_revenue(app: Flask) -> None:
    unit, other = make_unit(), make_unit()
    first, elsewhere = revenue_account(unit, None), revenue_account(other, None)
    second = save_gl_account(unit, code="709000", name="Rent", default_revenue=True)
    assert revenue_account(unit, None) is second
    assert first
    assert not first.default_revenue
    assert revenue_account(other, None) is elsewhere


def test_saving_the_default_again_keeps_it(app: Flask) -> None:
    unit = make_unit()
    account = revenue_account(unit, None)
    assert account
    save_gl_account(unit, code=account.code, name="Rent", default_revenue=True, account=account)
    db.session.commit()
    assert revenue_account(unit, None) is account


def test_revenue_goes_by_code_then_to_the_default_then_nowhere(app: Flask) -> None:
    unit = make_unit()
    default, vans = revenue_account(unit, None), make_gl_account(unit, code="701000")
    assert default
    assert revenue_account(unit, "701000") is vans
    assert revenue_account(unit, "unknown") is default
    vans.active = False
    assert revenue_account(unit, "701000") is default
    default.active = False
    assert revenue_account(unit, "701000") is None


@pytest.mark.parametrize("percentage", [Decimal(-1), Decimal("100.01")])
def test_a_percentage_lies_between_0_and_100(app: Flask, percentage: Decimal) -> None:
    values = {"code": "X", "name": "Odd", "percentage": percentage}
    assert faults(save_vat_code, **values) == {"percentage"}


def test_a_vat_code_without_vat_says_why(app: Flask) -> None:
    values: dict[str, Any] = {"code": "EU", "name": "Intra-community", "percentage": Decimal(0)}
    assert faults(save_vat_code, **values) == {"legal_text"}
    abroad = {**values, "treatment": VatTreatment.INTRA_COMMUNITY}
    assert faults(save_vat_code, **abroad, legal_text=" ") == {"legal_text"}
    saved = save_vat_code(**abroad, legal_text=" Article 196 ")
    assert (saved.treatment, saved.legal_text) == (VatTreatment.INTRA_COMMUNITY, "Article 196")


@pytest.mark.parametrize("treatment", [each for each in VatTreatment if each != "domestic"])
def test_vat_is_charged_within_the_country_only(app: Flask, treatment: VatTreatment) -> None:
    values: dict[str, Any] = {"code": "X", "name": "Odd", "percentage": Decimal(21)}
    assert faults(save_vat_code, **values, treatment=treatment) == {"percentage"}


def test_a_vat_code_is_used_once(app: Flask) -> None:
    code = make_vat_code("21")
    assert faults(save_vat_code, code="21", name="Copy", percentage=Decimal(21)) == {"code"}
    renamed = save_vat_code(code="21", name="High", percentage=Decimal(21), vat_code=code)
    assert (renamed, str(renamed)) == (code, "21 High")


def test_codes_of_cost_items_have_8_characters_at_most(app: Flask) -> None:
    values = {"group_id": the_group().id, "code": "123456789", "name": "Long"}
    assert faults(save_cost_centre, **values) == {"code"}
    assert faults(save_cost_carrier, **values) == {"code"}


def test_a_cost_centre_and_a_cost_carrier_may_share_a_code(app: Flask) -> None:
    centre = make_cost_centre(code="VAN1")
    values: dict[str, Any] = {"group_id": centre.group_id, "code": "VAN1", "name": "Van"}
    assert faults(save_cost_centre, **values) == {"code"}
    assert save_cost_carrier(**values).code == "VAN1"
