"""Importing resources: the plan says what will happen, and that is what happens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook
from sqlalchemy import func, select

from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import LANGUAGES, in_language
from ppplanner.models import BusinessUnit, Change, Pool, Resource, ResourceType
from ppplanner.services.fleet.resource_columns import TITLES
from ppplanner.services.fleet.resource_import import Outcome, Plan, carry_out, plan_import
from tests.factories import (
    make_contract,
    make_cost_carrier,
    make_cost_centre,
    make_pool,
    make_price_range,
    make_resource,
    make_resource_type,
    make_unit,
)

pytestmark = pytest.mark.one_database

HEADINGS = "Code;Licence plate;Brand;Model;Type;Pool;Price range;Deposit;Tank;Rented out from\n"


@pytest.fixture
def unit(app: Flask) -> BusinessUnit:
    """A business unit with a pool "Vans", and what its resources can name."""
    unit = make_unit(code="ANT", name="Antwerp")
    unit.pools[0].name = "Vans"
    make_resource_type("Van")
    make_price_range(79, name="Large van")
    make_cost_centre(code="ANT", name="Antwerp")
    make_cost_carrier(code="V1", name="Van 1")
    return unit


def every_pool() -> Sequence[Pool]:
    return db.session.scalars(select(Pool)).all()


def plan(text: str | bytes, **options: Any) -> Plan:
    content = text.encode() if isinstance(text, str) else text
    return plan_import(content, every_pool(), **options)


def outcomes(planned: Plan) -> list[str]:
    return [row.outcome.value for row in planned.rows]


def why(planned: Plan) -> str:
    """All that is said against the rows."""
    return " ".join(f"{title}: {text}" for row in planned.rows for title, text in row.faults)


def the(code: str) -> Resource:
    return db.session.scalars(select(Resource).filter_by(code=code)).one()


ROW = "V1;1abc123;Ford;Transit;van;vans;large VAN;1.250,50;80;25/11/2026\n"


@pytest.mark.both_databases
def test_a_row_becomes_a_resource(unit: BusinessUnit) -> None:
    carry_out(plan(HEADINGS + ROW))
    van = the("V1")
    assert (van.licence_plate, van.brand, van.model) == ("1-ABC-123", "Ford", "Transit")
    assert (van.type.name, van.pool, str(van.price_range)) == ("Van", unit.pools[0], "Large van")
    assert (van.deposit, van.tank_litres) == (Decimal("1250.50"), 80)
    assert (van.active_from, van.active) == (date(2026, 11, 25), True)


def test_a_plan_changes_nothing(unit: BusinessUnit) -> None:
    van = make_resource(unit, code="V1", brand="Opel")
    planned = plan(HEADINGS + ROW + ROW.replace("V1", "V2").replace("1abc", "2abc"))
    assert outcomes(planned) == ["changed", "new"]
    db.session.flush()
    assert db.session.scalar(select(func.count(Resource.id))) == 1
    assert van.brand == "Opel"


@pytest.mark.both_databases
def test_importing_the_same_file_twice_changes_nothing(unit: BusinessUnit) -> None:
    carry_out(plan(HEADINGS + ROW))
    before = db.session.scalar(select(func.count(Change.id)))
    again = plan(HEADINGS + ROW)
    carry_out(again)
    assert outcomes(again) == ["unchanged"]
    assert not again.does_something
    assert db.session.scalar(select(func.count(Change.id))) == before


def test_a_change_is_told_from_what_to_what(unit: BusinessUnit) -> None:
    carry_out(plan(HEADINGS + ROW))
    planned = plan(HEADINGS + ROW.replace("Ford", "Opel").replace("1.250,50", ""))
    told = [(each.title, each.old, each.new) for each in planned.rows[0].alterations]
    assert sorted(told) == [("Brand", "Ford", "Opel"), ("Deposit", "1,250.5", "")]
    carry_out(planned)
    assert (the("V1").brand, the("V1").deposit) == ("Opel", None)


def test_columns_that_the_file_lacks_stay_as_they_are(unit: BusinessUnit) -> None:
    carry_out(plan(HEADINGS + ROW))
    carry_out(plan("Nummerplaat,Model\n1-ABC-123,Custom\n"))
    van = the("V1")
    assert (van.model, van.brand, van.deposit) == ("Custom", "Ford", Decimal("1250.50"))


def test_a_resource_is_known_by_its_plate_and_may_get_another_code(unit: BusinessUnit) -> None:
    carry_out(plan(HEADINGS + ROW))
    carry_out(plan("Code;Plate\nV7;1 ABC 123\n"))
    assert the("V7").licence_plate == "1-ABC-123"


def test_without_a_code_the_plate_gives_it(unit: BusinessUnit) -> None:
    carry_out(plan(HEADINGS + ROW.replace("V1", "", 1)))
    assert the("1ABC123").brand == "Ford"


@pytest.mark.parametrize("language", LANGUAGES)
def test_headings_are_known_in_each_language(unit: BusinessUnit, language: str) -> None:
    with in_language(language):
        headings = ";".join(str(title) for title in TITLES.values())
        plan(f"{headings}\nV9;;;;Van;ANT;Vans;;;;;ANT;V1;\n")
    planned = plan(f"{headings.upper()}\nV9;;;;Van;ANT;Vans;;;;;ANT;V1;\n")
    assert outcomes(planned) == ["new"]
    assert planned.ignored == []


def test_other_columns_are_passed_over_and_named(unit: BusinessUnit) -> None:
    assert plan("Code;Colour;Type;Pool\nV1;red;Van;Vans\n").ignored == ["Colour"]


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (";;;;Van;Vans;;;;\n", "Code: Fill in a code"),
        ("V1;;;;Ship;Vans;;;;\n", "Type: There is no type “Ship”. There are: Van."),
        ("V1;;;;;Vans;;;;\n", "Type: Fill this in."),
        ("V1;;;;Van;Boats;;;;\n", "Pool: There is no pool “Boats”. There are: Antwerp · Vans."),
        ("V1;;;;Van;Vans;Cheap;;;\n", "no price range “Cheap”. There are: Large van."),
        ("V1;;;;Van;Vans;;-1;;\n", "Deposit: A deposit lies between"),
        ("V1;;;;Van;Vans;;1e12;;\n", "Deposit: Type an amount"),
        ("V1;;;;Van;Vans;;1000000000000;;\n", "Deposit: A deposit lies between"),
        ("V1;;;;Van;Vans;;;0;\n", "Tank in litres: A tank holds between"),
        ("V1;;;;Van;Vans;;;;31/02/2026\n", "Rented out from: Type a day that exists"),
        ("V1;;;;Van;Vans;;;;01/01/1830\n", "Rented out from: Fill in a day"),
        (f"V1;;{'x' * 10_000};;Van;Vans;;;;\n", "Brand: Use at most 40 characters."),
        ("V1;;=A1;;Van;Vans;;;;\n", "Brand: This is a formula"),
        ("=A1;;;;Van;Vans;;;;\n", "Code: This is a formula"),
    ],
)
def test_a_row_that_cannot_be_imported_says_why(unit: BusinessUnit, row: str, fault: str) -> None:
    planned = plan(HEADINGS + row)
    assert outcomes(planned) == ["refused"]
    assert fault in why(planned)
    assert planned.rows[0].number == 2
    carry_out(planned)
    assert db.session.scalar(select(func.count(Resource.id))) == 0


def test_all_that_is_wrong_with_a_row_is_told_at_once(unit: BusinessUnit) -> None:
    [row] = plan(HEADINGS + "V1;;;;Ship;Boats;;much;;\n").rows
    assert [title for title, _text in row.faults] == ["Deposit", "Type", "Pool"]


def test_rows_that_repeat_a_code_or_a_plate_name_the_first(unit: BusinessUnit) -> None:
    planned = plan(HEADINGS + ROW + ROW.replace("1abc123", "2abc123") + ROW.replace("V1", "V2", 1))
    assert outcomes(planned) == ["new", "refused", "refused"]
    assert why(planned).count("Row 2 of this file has this already.") == 2


def test_code_and_plate_of_two_resources_are_refused(unit: BusinessUnit) -> None:
    make_resource(unit, code="V1", licence_plate="1-AAA-111")
    make_resource(unit, code="V2", licence_plate="2-BBB-222")
    planned = plan("Code;Plate\nV1;2-BBB-222\n")
    assert "2-BBB-222 Ford Transit has this already." in why(planned)


def test_a_pool_name_of_two_units_needs_the_unit(unit: BusinessUnit) -> None:
    other = make_unit(code="LIE", name="Liège")
    make_pool(other, "Vans")
    text = "Code;Type;Business unit;Pool\nV1;Van;;Vans\nV2;Van;LIE;Vans\nV3;Van;;Liège · Vans\n"
    planned = plan(text)
    assert outcomes(planned) == ["refused", "new", "new"]
    assert "Several business units have a pool “Vans”" in why(planned)


@pytest.mark.both_databases
def test_only_pools_within_reach_are_changed(unit: BusinessUnit) -> None:
    make_resource(make_unit(), code="AWAY")
    content = b"Code;Brand;Type;Pool\nAWAY;Opel;Van;Vans\nNEW;Opel;Van;Vans\n"
    planned = plan_import(content, unit.pools)
    assert outcomes(planned) == ["refused", "new"]
    assert "You may not change" in why(planned)


def test_types_that_are_missing_can_be_made(unit: BusinessUnit) -> None:
    text = HEADINGS + "V1;;;;Ship;Vans;;;;\nV2;;;;SHIP;Vans;;;;\n"
    assert plan(text).missing_types == ["SHIP"]
    planned = plan(text, make_types=True)
    assert outcomes(planned) == ["new", "new"]
    carry_out(planned)
    assert the("V1").type is the("V2").type
    assert db.session.scalar(select(func.count(ResourceType.id)).filter_by(name="Ship")) == 1


def test_archiving_what_contracts_still_need_says_so(unit: BusinessUnit) -> None:
    van = make_resource(unit, code="V1")
    make_contract(van)
    [row] = plan("Code;In use\nV1;nee\n").rows
    assert row.outcome is Outcome.CHANGED
    assert "1 contract that is not finished keeps it." in row.note


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Nothing;Known\nA;B\n", "The first row must name the columns"),
        ("Code;code\nA;B\n", "Two columns are called"),
        ("Code;Type;Pool\n", "has no rows below"),
    ],
)
def test_a_file_without_usable_headings_is_refused(
    unit: BusinessUnit, text: str, sentence: str
) -> None:
    with pytest.raises(DomainError, match=sentence):
        plan(text)


def test_a_workbook_is_imported_like_a_text(unit: BusinessUnit) -> None:
    book, file = Workbook(), BytesIO()
    sheet: Any = book.active
    sheet.append(["Code", "Model", "Type", "Pool", "Deposit", "Tank", "Rented out from"])
    sheet.append(["V1", 308, "Van", "Vans", 1250.5, 80, date(2026, 11, 25)])
    book.save(file)
    carry_out(plan(file.getvalue()))
    van = the("V1")
    assert (van.model, van.deposit, van.tank_litres) == ("308", Decimal("1250.50"), 80)
    assert van.active_from == date(2026, 11, 25)


def test_the_fingerprint_follows_what_would_happen(unit: BusinessUnit) -> None:
    before = plan(HEADINGS + ROW).fingerprint
    assert plan(HEADINGS + ROW).fingerprint == before
    make_resource(unit, code="V1")
    assert plan(HEADINGS + ROW).fingerprint != before
