"""Resources: what they may be, and archiving them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from ppplanner.clock import now
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.models import CompanyGroup, CostCentre, Handover, HandoverKind, Resource
from ppplanner.plates import bare, one_notation
from ppplanner.services.fleet.resources import (
    ResourceData,
    archive,
    count_unfinished,
    last_reading,
    restore,
    save_resource,
)
from ppplanner.services.renting.contracts import cancel_contract
from tests.factories import make_contract, make_resource, make_resource_type, make_unit


def data(**fields: Any) -> ResourceData:
    values = {"code": "V1", "type": make_resource_type(), "pool": make_unit().pools[0]}
    return ResourceData(**{**values, **fields})


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("1-ABC-123", "1-ABC-123"),
        ("1abc123", "1-ABC-123"),
        (" 1 abc.123 ", "1-ABC-123"),
        ("１–ＡＢＣ–123", "1-ABC-123"),
        ("ab-123-cd", "AB-123-CD"),
        ("", ""),
        ("--", ""),
    ],
)
def test_a_plate_has_one_notation(typed: str, kept: str) -> None:
    assert one_notation(typed) == kept
    assert one_notation(bare(typed)) == kept


@pytest.mark.parametrize("typed", ["1-ABC-123", "1abc123", "1 ABC 123"])
def test_a_plate_is_known_in_any_notation(app: Flask, typed: str) -> None:
    save_resource(data(licence_plate="1-abc-123"))
    with pytest.raises(Invalid) as refused:
        save_resource(data(code="V2", licence_plate=typed))
    assert refused.value.fields.keys() == {"licence_plate"}


def test_the_database_refuses_a_plate_twice(app: Flask) -> None:
    van = save_resource(data(licence_plate="1abc123"))
    copy = {"code": "V2", "licence_plate": "1-ABC-123", "type_id": van.type_id}
    rest = {"pool_id": van.pool_id, "brand": "", "model": "", "active": True}
    with pytest.raises(IntegrityError):
        db.session.execute(insert(Resource).values(**copy, **rest))
    db.session.rollback()


def test_the_plate_gives_the_code_when_none_is_typed(app: Flask) -> None:
    assert save_resource(data(code=" ", licence_plate="1-abc-123")).code == "1ABC123"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", ""),
        ("code", "x" * 21),
        ("licence_plate", "1A2B3C4D5E6F7G8"),
        ("brand", "x" * 10_000),
        ("model", "x" * 61),
        ("deposit", Decimal(-1)),
        ("deposit", Decimal("1e12")),
        ("tank_litres", 0),
        ("tank_litres", 2**40),
        ("active_from", date(1830, 1, 1)),
        ("active_from", date(9999, 12, 31)),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(app: Flask, field: str, value: Any) -> None:
    with pytest.raises(Invalid) as refused:
        save_resource(replace(data(), **{field: value}))
    assert refused.value.fields.keys() == {field}


def test_all_faults_are_told_at_once(app: Flask) -> None:
    with pytest.raises(Invalid) as refused:
        save_resource(data(code="", deposit=Decimal(-1), tank_litres=0))
    assert refused.value.fields.keys() == {"code", "deposit", "tank_litres"}


def test_costs_are_those_of_the_pools_company_group(app: Flask) -> None:
    here, elsewhere = data(), CompanyGroup(name="Another")
    db.session.add(elsewhere)
    db.session.flush()
    centre = CostCentre(group_id=elsewhere.id, code="X", name="Elsewhere")
    with pytest.raises(Invalid) as refused:
        save_resource(replace(here, cost_centre=centre))
    assert refused.value.fields.keys() == {"cost_centre_id"}


def test_an_archived_resource_keeps_its_contracts(app: Flask) -> None:
    contract = make_contract()
    van = contract.resource
    assert van is not None
    assert count_unfinished(van.id) == 1
    archive(van)
    assert (van.active, contract.resource) == (False, van)
    restore(van)
    assert van.active


def test_only_contracts_of_which_something_is_to_come_are_unfinished(app: Flask) -> None:
    van = make_resource()
    make_contract(van, starts_at=now() - timedelta(days=9), ends_at=now() - timedelta(days=8))
    cancel_contract(make_contract(van, starts_at=now() + timedelta(days=9)))
    assert count_unfinished(van.id) == 0
    make_contract(van, starts_at=now() - timedelta(days=1))
    assert count_unfinished(van.id, make_resource().id) == 1


def test_the_last_reading_is_the_latest_with_a_mileage(app: Flask) -> None:
    van = make_resource()
    assert last_reading(van) is None
    contract = make_contract(van)
    for kind, day, mileage in (
        (HandoverKind.CHECK_OUT, 3, 1000),
        (HandoverKind.CHECK_IN, 2, None),
    ):
        moment = now() - timedelta(days=day)
        contract.handovers.append(Handover(kind=kind, at=moment, mileage=mileage))
    db.session.flush()
    reading = last_reading(van)
    assert reading is not None
    assert reading.mileage == 1000
