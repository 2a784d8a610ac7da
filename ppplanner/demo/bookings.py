"""Contracts around today: a few of months, and many of days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

from ppplanner.clock import BRUSSELS, now, today
from ppplanner.demo.books import Lists
from ppplanner.i18n import in_language
from ppplanner.models import (
    Contract,
    Customer,
    CustomerStatus,
    Periodicity,
    Resource,
)
from ppplanner.services.invoices.periods import set_periodicity
from ppplanner.services.pricing.price_lines import add_item
from ppplanner.services.renting.contracts import (
    ContractData,
    cancel_contract,
    confirm_contract,
    save_contract,
)
from ppplanner.services.renting.handover_rules import HandoverData
from ppplanner.services.renting.handovers import check_in, check_out
from ppplanner.services.renting.occupancy import clashes

WELCOME = frozenset({CustomerStatus.ACTIVE, CustomerStatus.WARNING})
#: Days around today that have contracts.
PAST, FUTURE = 104, 30
LENGTHS = (1, 2, 2, 3, 4, 5, 7, 10, 14, 28)
GAPS = (2, 3, 5, 8, 12, 18)
#: What is let by the month: resource, customer or "" for anybody, and how often it is invoiced.
#: A machine moves no people and no goods, so its VAT is due where a customer of the European Union
#: is (directive 2006/112/EC, art. 44).
LONG_LETS = (
    ("KRAAN02", "Het Scheve Hek B.V.", Periodicity.MONTHLY),
    ("NACEL02", "", Periodicity.FOUR_WEEKLY),
    ("2EKN907", "", Periodicity.MONTHLY),
    ("2FDC782", "", Periodicity.WEEKLY),
)
REMARKS = (
    "Sleutel in kluisje 4 afgeven.",
    "Belt een uur voor de afhaling.",
    "Le client demande un siège enfant.",
    "Factuur per e-mail naar de boekhouding.",
    "À livrer au chantier, demander M. Delacloche.",
)
#: What is added to some contracts, and how many of it.
EXTRAS = (
    ("Levering of ophaling", 2),
    ("Verhuisdozen (10 stuks)", 3),
    ("Spanbanden (set van 4)", 1),
    ("Extra bestuurder", 1),
)
#: Kilometres a day; most firms that rent a van stay near.
DISTANCES = (35, 60, 80, 110, 150, 240)
#: Eighths of a tank when something comes back.
FUEL = (8, 8, 8, 8, 7, 6)
FULL = 8
#: How many of those that came back were late.
LATE = 0.1


def make_bookings(
    resources: Sequence[Resource], customers: Sequence[Customer], lists: Lists, random: Random
) -> list[Contract]:
    """All contracts, in the state that their period makes likely by now."""
    clientele = _clientele(customers)
    let = _make_long_lets(resources, customers, clientele, lists, random)
    contracts = [
        _make_contract(resource, random.choice(clientele[_code(resource)]), period, lists, random)
        for resource in resources
        if resource not in let
        for period in _periods(random)
    ]
    _make_unassigned(resources, clientele, random)
    _make_displaced(resources, clientele, random)
    counters: dict[int, int] = {}
    for contract in contracts:
        _bring_up_to_date(contract, counters, random)
    return [*let.values(), *contracts]


def _clientele(customers: Sequence[Customer]) -> dict[str, list[Customer]]:
    """Who rents at which business unit: mostly a matter of language. Who pays no VAT on a machine
    would on a van: they rent nothing else.
    """
    named = {name for _code, name, _often in LONG_LETS if name}
    welcome = [
        each for each in customers if each.status in WELCOME and each.company_name not in named
    ]
    return {
        "ANT": [each for each in welcome if each.language != "fr"],
        "LIE": [each for each in welcome if each.language in {"fr", "de"}],
    }


def _code(resource: Resource) -> str:
    return resource.pool.business_unit.code


def _make_long_lets(
    resources: Sequence[Resource],
    customers: Sequence[Customer],
    clientele: Mapping[str, Sequence[Customer]],
    lists: Lists,
    random: Random,
) -> dict[Resource, Contract]:
    """Contracts that have run for months and go on, by their resource."""
    by_code = {resource.code: resource for resource in resources}
    by_name = {customer.company_name: customer for customer in customers}
    let = {}
    for code, name, periodicity in LONG_LETS:
        resource = by_code[code]
        customer = by_name[name] if name else random.choice(clientele[_code(resource)])
        if name:
            customer.vat_code = lists.vat_codes["EU"]
        first = today() - timedelta(days=random.randrange(70, 90))
        period = _at(first, 8), _at(today() + timedelta(days=random.randrange(40, 80)), 17)
        contract = let[resource] = _make_contract(resource, customer, period, lists, random)
        confirm_contract(contract)
        _hand_over(contract, {}, random)
        set_periodicity(contract, periodicity)
    return let


def _periods(random: Random) -> Iterator[tuple[datetime, datetime]]:
    """Periods of one resource, one after the other, from collecting in the morning to returning."""
    day = today() - timedelta(days=PAST - random.randrange(14))
    while (day - today()).days < FUTURE:
        last = day + timedelta(days=random.choice(LENGTHS) - 1)
        yield _at(day, random.choice((7, 8, 9, 10))), _at(last, random.choice((16, 17, 18)))
        day = last + timedelta(days=random.choice(GAPS))


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), ZoneInfo(BRUSSELS))


def _make_contract(
    resource: Resource,
    customer: Customer,
    period: tuple[datetime, datetime],
    lists: Lists,
    random: Random,
) -> Contract:
    data = ContractData(
        customer=customer,
        business_unit=resource.pool.business_unit,
        starts_at=period[0],
        ends_at=period[1],
        resource=resource,
        remarks=random.choice(REMARKS) if random.random() < 0.15 else "",
    )
    with in_language(customer.language):
        contract = save_contract(data)
    if random.random() < 0.25:
        name, units = random.choice(EXTRAS)
        add_item(contract, lists.items[name], Decimal(units))
    return contract


def _make_unassigned(
    resources: Sequence[Resource], clientele: Mapping[str, Sequence[Customer]], random: Random
) -> None:
    """A few requests for which the planner has yet to find a resource."""
    for resource in random.sample(resources, 4):
        save_contract(_request(resource, clientele, random, "Nog een voertuig toewijzen."))


def _make_displaced(
    resources: Sequence[Resource], clientele: Mapping[str, Sequence[Customer]], random: Random
) -> None:
    """Contracts that lost their resource: something like it will do."""
    for resource in random.sample(resources, 8):
        data = _request(resource, clientele, random, "Voertuig in herstelling: ander zoeken.")
        if not clashes(resource, data.starts_at, data.ends_at):
            contract = save_contract(replace(data, resource=resource))
            save_contract(data, contract)


def _request(
    resource: Resource,
    clientele: Mapping[str, Sequence[Customer]],
    random: Random,
    remarks: str,
) -> ContractData:
    """Somebody wants something for a day or two, in the coming weeks."""
    day = today() + timedelta(days=random.randrange(2, 15))
    return ContractData(
        customer=random.choice(clientele[_code(resource)]),
        business_unit=resource.pool.business_unit,
        starts_at=_at(day, 8),
        ends_at=_at(day + timedelta(days=1), 17),
        remarks=remarks,
    )


def _bring_up_to_date(contract: Contract, counters: dict[int, int], random: Random) -> None:
    """Give the contract the state that its period makes likely by now."""
    if random.random() < 0.06:
        cancel_contract(contract)
        return
    starts_in = contract.starts_at - now()
    if starts_in > timedelta(0):
        if starts_in < timedelta(days=10) or random.random() < 0.7:
            confirm_contract(contract)
        return
    confirm_contract(contract)
    _hand_over(contract, counters, random)


def _hand_over(contract: Contract, counters: dict[int, int], random: Random) -> None:
    """Check it out and, when its time is over, in; `counters` are kilometres by resource."""
    resource = contract.resource
    assert resource
    vehicle = resource.price_range is not None and resource.price_range.km_per_day is not None
    counter = counters.get(resource.id) or random.randrange(8_000, 90_000)
    fuel = FULL if resource.tank_litres else None
    check_out(contract, HandoverData(contract.starts_at, counter if vehicle else None, fuel), None)
    if contract.ends_at >= now() or _is_overdue(contract, random):
        return
    days = (contract.ends_at - contract.starts_at).days + 1
    counters[resource.id] = counter + days * random.choice(DISTANCES)
    late = random.random() < LATE
    back = HandoverData(
        contract.ends_at + timedelta(minutes=150 if late else -random.randrange(60)),
        counters[resource.id] if vehicle else None,
        random.choice(FUEL) if fuel else None,
    )
    check_in(contract, back, None)


def _is_overdue(contract: Contract, random: Random) -> bool:
    """Whether it should have come back by now, and has not: some of the latest."""
    return now() - contract.ends_at < timedelta(days=2) and random.random() < 0.4
