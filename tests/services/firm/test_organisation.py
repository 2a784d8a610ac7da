"""Company groups, companies, business units, pools and resources."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.services.firm.organisation import (
    save_business_unit,
    save_company,
    save_company_group,
    the_group,
)
from ppplanner.services.firm.pools import save_pool
from ppplanner.services.fleet.resources import ResourceData, save_resource
from tests.factories import (
    make_company,
    make_contract,
    make_invoice,
    make_pool,
    make_resource,
    make_resource_type,
    make_unit,
)


def test_companies_are_of_the_first_group_unless_another_is_named(app: Flask) -> None:
    assert make_company().group is make_company().group is the_group()
    group = save_company_group(name="Holding")
    assert make_company(group=group).group is group


def test_a_group_is_called_like_its_first_company_until_somebody_names_it(app: Flask) -> None:
    the_group()
    first = save_company(name="Verhuur BV")
    save_company(name="Autos SA")
    assert the_group().name == "Verhuur BV"
    save_company_group(the_group(), name=" Holding ")
    assert first.group.name == "Holding"


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"name": " "}, {"name"}),
        ({"name": "Rent", "iban": "BE00"}, {"iban"}),
        ({"name": "Rent", "timezone": "Mars/Olympus"}, {"timezone"}),
        ({"name": "", "iban": "BE00", "timezone": ""}, {"name", "iban", "timezone"}),
    ],
)
def test_mistakes_in_a_company_are_named_at_their_fields(
    app: Flask, values: dict[str, Any], fields: set[str]
) -> None:
    with pytest.raises(Invalid) as caught:
        save_company(**values)
    assert set(caught.value.fields) == fields
    db.session.commit()


def test_the_name_of_a_company_is_used_once(app: Flask) -> None:
    company = make_company("Acme Rent")
    with pytest.raises(Invalid, match="name"):
        save_company(name=" Acme Rent ")
    changed = save_company(company, name="Acme Rent", iban="BE68 5390 0754 7034")
    assert (changed, changed.iban) == (company, "BE68 5390 0754 7034")


@pytest.mark.parametrize("name", ["", " ", "Holding"])
def test_a_company_group_has_a_name_of_its_own(app: Flask, name: str) -> None:
    save_company_group(name="Holding")
    with pytest.raises(Invalid, match="name"):
        save_company_group(name=name)


def test_a_company_moves_to_another_group_only_while_it_is_empty(app: Flask) -> None:
    company, other = make_company(), save_company_group(name="Other")
    assert save_company(company, group=other, name="Rent").group is other
    make_unit(company)
    with pytest.raises(Invalid, match="group_id"):
        save_company(company, group=the_group(), name="Rent")


def test_a_business_unit_moves_between_companies_of_its_group(app: Flask) -> None:
    unit, sister = make_unit(), make_company()
    values = {"code": unit.code, "name": unit.name}
    assert save_business_unit(sister, unit, **values).company is sister
    stranger = make_company(group=save_company_group(name="Other"))
    with pytest.raises(Invalid, match="company_id"):
        save_business_unit(stranger, unit, **values)


def test_a_business_unit_with_invoices_stays_with_its_company(app: Flask) -> None:
    unit = make_invoice().business_unit
    with pytest.raises(Invalid, match="company_id"):
        save_business_unit(make_company(), unit, code=unit.code, name=unit.name)


def test_a_pool_moves_to_another_business_unit_with_its_resources(app: Flask) -> None:
    contract, unit = make_contract(), make_unit()
    assert contract.resource
    pool, old = contract.resource.pool, contract.business_unit
    save_pool(unit, name="Vans", pool=pool)
    assert (pool.business_unit, pool.name) == (unit, "Vans")
    assert contract.business_unit is old


def test_a_filled_pool_stays_in_its_company_group(app: Flask) -> None:
    pool = make_resource().pool
    stranger = make_unit(make_company(group=save_company_group(name="Other")))
    with pytest.raises(Invalid, match="business_unit_id"):
        save_pool(stranger, name="Vans", pool=pool)
    empty = make_pool(make_unit())
    assert save_pool(stranger, name="Vans", pool=empty).business_unit is stranger


def test_a_new_business_unit_has_a_pool(app: Flask) -> None:
    unit = save_business_unit(make_company(), code="GNT", name="Ghent")
    assert [pool.name for pool in unit.pools] == ["Ghent"]
    assert str(unit.company.business_units) == str([unit])


def test_mistakes_in_a_business_unit_are_named_at_their_fields(app: Flask) -> None:
    company = make_unit(code="GNT").company
    with pytest.raises(Invalid) as caught:
        save_business_unit(company, code="", name=" ")
    assert set(caught.value.fields) == {"code", "name"}
    with pytest.raises(Invalid, match="code"):
        save_business_unit(company, code="GNT", name="Second")
    db.session.commit()
    assert len(company.business_units) == 1


def resource_data(**changes: Any) -> ResourceData:
    values: dict[str, Any] = {"code": "V1", "licence_plate": " 1-abc-123 "}
    if "pool" not in changes:
        changes["pool"] = make_unit().pools[0]
    return ResourceData(type=make_resource_type(), **(values | changes))


def test_a_plate_is_kept_in_capitals(app: Flask) -> None:
    resource = save_resource(resource_data(brand="Ford"))
    assert (resource.licence_plate, str(resource)) == ("1-ABC-123", "1-ABC-123 Ford")


def test_a_resource_without_a_plate_is_called_by_its_code(app: Flask) -> None:
    room = save_resource(resource_data(licence_plate="", code="ROOM 1"))
    other = save_resource(resource_data(licence_plate=" ", code="ROOM 2"))
    assert (room.licence_plate, other.licence_plate) == (None, None)
    assert str(room) == "ROOM 1"


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"code": "R7"}, "code"), ({"code": "V2"}, "licence_plate")],
)
def test_codes_and_plates_are_used_once(app: Flask, changes: dict[str, Any], field: str) -> None:
    known = make_resource(code="R7", licence_plate="1-ABC-123")
    with pytest.raises(Invalid, match=field):
        save_resource(resource_data(pool=known.pool, **changes))


def test_a_resource_keeps_its_own_code_and_plate(app: Flask) -> None:
    known = make_resource(code="V1", licence_plate="1-ABC-123")
    assert save_resource(resource_data(model="Custom", pool=known.pool), known).model == "Custom"
