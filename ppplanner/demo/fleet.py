"""Forty resources: vans, cars, machines and two rooms, each van with a cost carrier of its own."""

from __future__ import annotations

from decimal import Decimal

from ppplanner.clock import today
from ppplanner.demo.books import Lists
from ppplanner.demo.firm import Firm
from ppplanner.extensions import db
from ppplanner.models import CostCarrier, Resource, ResourceType
from ppplanner.services.fleet.resources import ResourceData, save_resource
from ppplanner.services.ledger import save_cost_carrier

CAR, VAN, TRUCK, MACHINE, TRAILER, ROOM = (
    "Personenwagen", "Bestelwagen", "Vrachtwagen", "Werfmachine", "Aanhangwagen", "Vergaderzaal"
)  # fmt: skip

#: Unit, pool, type, plate or code, brand, model, rate.
FLEET = (
    ("ANT", "Voertuigen", VAN, "1-ABC-234", "Ford", "Transit", "Grote bestelwagen"),
    ("ANT", "Voertuigen", VAN, "1-DXR-871", "Renault", "Master", "Grote bestelwagen"),
    ("ANT", "Voertuigen", VAN, "2-BKE-019", "Volkswagen", "Crafter", "Grote bestelwagen"),
    ("ANT", "Voertuigen", VAN, "2-FGT-553", "Peugeot", "Expert", "Kleine bestelwagen"),
    ("ANT", "Voertuigen", VAN, "1-HLP-402", "Ford", "Transit Custom", "Kleine bestelwagen"),
    ("ANT", "Voertuigen", VAN, "2-CVD-118", "Mercedes-Benz", "Sprinter", "Grote bestelwagen"),
    ("ANT", "Voertuigen", VAN, "2-DJX-664", "Mercedes-Benz", "Vito", "Kleine bestelwagen"),
    ("ANT", "Voertuigen", VAN, "2-EKN-907", "Citroën", "Jumpy", "Kleine bestelwagen"),
    ("ANT", "Voertuigen", VAN, "1-WQS-335", "Fiat", "Ducato", "Grote bestelwagen"),
    ("ANT", "Voertuigen", TRUCK, "1-YPK-720", "Iveco", "Daily 35C", "Verhuiswagen met laadklep"),
    ("ANT", "Voertuigen", TRUCK, "2-AHT-281", "Renault", "Master Box", "Verhuiswagen met laadklep"),
    ("ANT", "Voertuigen", CAR, "2-BRL-512", "Volkswagen", "Polo", "Stadswagen"),
    ("ANT", "Voertuigen", CAR, "2-CKW-846", "Toyota", "Yaris Hybrid", "Stadswagen"),
    ("ANT", "Voertuigen", CAR, "2-DVN-073", "Škoda", "Octavia Combi", "Gezinswagen"),
    ("ANT", "Voertuigen", CAR, "2-EGP-390", "Volvo", "V60", "Gezinswagen"),
    ("ANT", "Voertuigen", CAR, "2-FAH-158", "Renault", "Zoe", "Stadswagen"),
    ("ANT", "Voertuigen", CAR, "1-VTZ-624", "Ford", "Tourneo", "Minibus 9 plaatsen"),
    ("ANT", "Voertuigen", TRAILER, "1-QAB-017", "Ifor Williams", "LM126", "Aanhangwagen"),
    ("ANT", "Voertuigen", TRAILER, "1-QAC-218", "Saris", "McAlu Pro", "Aanhangwagen"),
    ("ANT", "Machines", MACHINE, "KRAAN01", "Kubota", "U17-3", "Minigraver"),
    ("ANT", "Machines", MACHINE, "KRAAN02", "Takeuchi", "TB216", "Minigraver"),
    ("ANT", "Machines", MACHINE, "HOOG01", "Genie", "S-45", "Hoogwerker"),
    ("ANT", "Zalen", ROOM, "ZAAL-1", "", "Scheldezaal (24 plaatsen)", "Vergaderzaal"),
    ("ANT", "Zalen", ROOM, "ZAAL-2", "", "Dokkenzaal (10 plaatsen)", "Vergaderzaal"),
    ("LIE", "Véhicules", VAN, "2-CNE-445", "Renault", "Trafic", "Kleine bestelwagen"),
    ("LIE", "Véhicules", VAN, "2-DSA-771", "Peugeot", "Boxer", "Grote bestelwagen"),
    ("LIE", "Véhicules", VAN, "2-EBM-236", "Citroën", "Jumper", "Grote bestelwagen"),
    ("LIE", "Véhicules", VAN, "1-XLD-959", "Opel", "Vivaro", "Kleine bestelwagen"),
    ("LIE", "Véhicules", VAN, "2-FKV-680", "Renault", "Master", "Grote bestelwagen"),
    ("LIE", "Véhicules", TRUCK, "2-ANR-334", "Iveco", "Daily 35C", "Verhuiswagen met laadklep"),
    ("LIE", "Véhicules", CAR, "2-BYG-127", "Peugeot", "208", "Stadswagen"),
    ("LIE", "Véhicules", CAR, "2-CEU-568", "Citroën", "C3", "Stadswagen"),
    ("LIE", "Véhicules", CAR, "2-DHR-903", "Peugeot", "308 SW", "Gezinswagen"),
    ("LIE", "Véhicules", CAR, "2-EPL-041", "Renault", "Mégane Estate", "Gezinswagen"),
    ("LIE", "Véhicules", CAR, "2-FDC-782", "Tesla", "Model 3", "Gezinswagen"),
    ("LIE", "Véhicules", CAR, "1-ZKO-416", "Renault", "Trafic Combi", "Minibus 9 plaatsen"),
    ("LIE", "Véhicules", TRAILER, "1-QDF-305", "Humbaur", "HT 203116", "Aanhangwagen"),
    ("LIE", "Machines", MACHINE, "PELLE01", "JCB", "18Z-1", "Minigraver"),
    ("LIE", "Machines", MACHINE, "NACEL01", "Haulotte", "Compact 12", "Hoogwerker"),
    ("LIE", "Machines", MACHINE, "NACEL02", "JLG", "450AJ", "Hoogwerker"),
)  # fmt: skip
#: EUR by type, and litres; a room asks no deposit, and what has no tank of fuel counts none.
DEPOSITS = {CAR: 350, VAN: 500, TRUCK: 750, MACHINE: 1000, TRAILER: 150}
TANKS = {CAR: 45, VAN: 80, TRUCK: 90}
ELECTRIC = frozenset({"Zoe", "Model 3"})
WITH_PLATE = frozenset({CAR, VAN, TRUCK, TRAILER})
WITH_CARRIER = frozenset({VAN, TRUCK, MACHINE})


def make_fleet(firm: Firm, lists: Lists) -> list[Resource]:
    types = _make_types()
    return [_make_resource(firm, lists, types, *row) for row in FLEET]


def _make_types() -> dict[str, ResourceType]:
    types = {name: ResourceType(name=name) for name in (CAR, VAN, TRUCK, MACHINE, TRAILER, ROOM)}
    db.session.add_all(types.values())
    db.session.flush()
    return types


def _make_resource(
    firm: Firm,
    lists: Lists,
    types: dict[str, ResourceType],
    unit: str,
    pool: str,
    kind: str,
    mark: str,
    brand: str,
    model: str,
    rate: str,
) -> Resource:
    code = mark.replace("-", "")
    resource = save_resource(
        ResourceData(
            code=code,
            licence_plate=mark if kind in WITH_PLATE else "",
            brand=brand,
            model=model,
            type=types[kind],
            pool=firm.pools[unit, pool],
            price_range=lists.price_ranges[rate],
            deposit=Decimal(DEPOSITS[kind]) if kind in DEPOSITS else None,
            tank_litres=None if model in ELECTRIC else TANKS.get(kind),
            cost_centre=lists.cost_centres[unit],
            active_from=today().replace(year=today().year - 2, month=1, day=1),
        )
    )
    if kind in WITH_CARRIER:
        resource.cost_carrier = _make_carrier(firm, resource)
    return resource


def _make_carrier(firm: Firm, resource: Resource) -> CostCarrier:
    name = f"{resource.brand} {resource.model} {resource.licence_plate or ''}"
    return save_cost_carrier(group_id=firm.group.id, code=resource.code, name=name)
