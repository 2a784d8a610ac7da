"""Companies, business units, rates and resources."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.services.organisation import (
    save_business_unit,
    save_company,
    the_group,
)
from ppplanner.services.resources import ResourceData, save_resource
from tests.factories import (
    make_company,
    make_resource,
    make_resource_type,
    make_unit,
)


def test_all_companies_are_of_one_group(app: Flask) -> None:
    assert make_company().group is make_company().group is the_group()


def test_a_group_is_called_like_its_first_company_until_somebody_names_it(app: Flask) -> None:
    the_group()
    first = save_company(name="Verhuur BV")
    save_company(name="Autos SA")
    assert the_group().name == "Verhuur BV"
    save_company(first, name="Verhuur NV", group_name="Holding")
    assert the_group().name == "Holding"


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
    [({"code": " "}, "code"), ({"code": "R7"}, "code"), ({"code": "V2"}, "licence_plate")],
)
def test_codes_and_plates_are_used_once(app: Flask, changes: dict[str, Any], field: str) -> None:
    known = make_resource(code="R7", licence_plate="1-ABC-123")
    with pytest.raises(Invalid, match=field):
        save_resource(resource_data(pool=known.pool, **changes))


def test_a_resource_keeps_its_own_code_and_plate(app: Flask) -> None:
    known = make_resource(code="V1", licence_plate="1-ABC-123")
    assert save_resource(resource_data(model="Custom", pool=known.pool), known).model == "Custom"
