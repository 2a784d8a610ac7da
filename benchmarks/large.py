"""A large firm for measurements: what the demo has, and far more of it, written in bulk.

The services would take an hour for it; the database's own rules hold all the same. Around today
each new resource has a booking every 33 hours: a month of the board shows 10,000.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from random import Random
from typing import Any

from sqlalchemy import func, insert, select, text, update

from ppplanner.clock import now, today
from ppplanner.demo import names
from ppplanner.extensions import db
from ppplanner.models import (
    BusinessUnit,
    CompanyGroup,
    Contract,
    ContractStatus,
    Customer,
    CustomerKind,
    DocumentState,
    FinancialYear,
    GLAccount,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    InvoiceVat,
    LineKind,
    NumberSeries,
    PaymentState,
    Pool,
    PriceLine,
    Rate,
    Resource,
    ResourceType,
    VatCode,
)
from ppplanner.models.audit import Change
from ppplanner.money import cents

SEED = 100_000
RESOURCES, CUSTOMERS, CONTRACTS = 500, 20_000, 100_000
EACH = CONTRACTS // RESOURCES
#: Days around today with a booking every 33 hours, and how many bookings that makes.
DENSE_BEFORE, DENSE_AFTER, DENSE_STEP = 40, 50, timedelta(hours=33)
DENSE = timedelta(days=DENSE_BEFORE + DENSE_AFTER) // DENSE_STEP
#: The others lie before, a week each.
SPARSE_STEP = timedelta(days=7)
BATCH = 5_000
BRANDS = ("Ford Transit", "Renault Master", "Peugeot Boxer", "Volkswagen Crafter", "Iveco Daily")
S = ContractStatus


@dataclass(frozen=True)
class Ground:
    """What the demo has made, which everything large stands on, by keys."""

    group_id: int
    company_id: int
    vat_code_id: int
    type_id: int
    #: The first free keys.
    customer_id: int
    resource_id: int
    contract_id: int
    line_id: int
    invoice_id: int
    #: Pools with their business unit; accounts that take revenue, by business unit.
    pools: Sequence[tuple[int, int]]
    accounts: dict[int, int]
    #: Price ranges with the price of a day.
    rates: Sequence[Rate]
    contract_number: int
    customer_number: int
    #: In which all its invoices are numbered.
    year: FinancialYear


def make_large() -> None:
    """Fill the database that holds the demo firm, and commit."""
    random = Random(SEED)
    ground = _ground()
    _write(Customer, _customers(ground, random))
    _write(Resource, _resources(ground))
    contracts = list(_contracts(ground, random))
    # From the last one back: the check for overlaps on SQLite then looks at nothing in vain.
    _write(Contract, reversed(contracts))
    lines = list(_price_lines(ground, contracts, random))
    _write(PriceLine, lines)
    invoices = list(_invoices(ground, contracts, lines))
    _write(Invoice, (invoice for invoice, _line in invoices))
    _write(InvoiceLine, (line for _invoice, line in invoices))
    _write(InvoiceVat, (_vat_of(invoice, line) for invoice, line in invoices))
    _confirm(ground, len(invoices))
    _write(Change, _changes(contracts))
    db.session.commit()
    _settle()


def _write(model: Any, rows: Iterable[dict[str, Any]]) -> None:
    waiting = iter(rows)
    while batch := list(islice(waiting, BATCH)):
        db.session.execute(insert(model.__table__), batch)


def _settle() -> None:
    """Let PostgreSQL count keys on from the last one, and know at once what it would find out soon
    by itself: how much there is.
    """
    if db.engine.dialect.name != "postgresql":
        return
    for table in ("customers", "resources", "contracts", "price_lines", "invoices"):
        sequence = f"pg_get_serial_sequence('{table}', 'id')"
        db.session.execute(text(f"select setval({sequence}, (select max(id) from {table}))"))
    db.session.execute(text("analyze"))
    db.session.commit()


def _ground() -> Ground:
    def following(column: Any) -> int:
        return int(db.session.scalar(select(func.max(column))) or 0) + 1

    units = db.session.scalars(select(BusinessUnit)).all()
    accounts = select(GLAccount.business_unit_id, GLAccount.id).where(GLAccount.default_revenue)
    pools = select(Pool.id, Pool.business_unit_id).order_by(Pool.id)
    return Ground(
        group_id=db.session.scalars(select(CompanyGroup.id)).first() or 0,
        company_id=units[0].company_id,
        vat_code_id=db.session.scalars(select(VatCode.id).filter_by(code="21")).one(),
        type_id=db.session.scalars(select(ResourceType.id).order_by(ResourceType.id)).first() or 0,
        customer_id=following(Customer.id),
        resource_id=following(Resource.id),
        contract_id=following(Contract.id),
        line_id=following(PriceLine.id),
        invoice_id=following(Invoice.id),
        pools=db.session.execute(pools).tuples().all(),
        accounts=dict(db.session.execute(accounts).tuples().all()),
        rates=db.session.scalars(select(Rate).order_by(Rate.id)).all(),
        contract_number=following(Contract.number),
        customer_number=following(Customer.number),
        year=_year(units[0].company_id),
    )


def _year(company_id: int) -> FinancialYear:
    """One of its own, of before the demo: a single long series measures as well as many."""
    year = FinancialYear(
        company_id=company_id, name="OLD", starts_on=date(2000, 1, 1), ends_on=date(2000, 12, 31)
    )
    db.session.add(year)
    db.session.flush()
    return year


def _customers(ground: Ground, random: Random) -> Iterator[dict[str, Any]]:
    for index in range(CUSTOMERS):
        language = random.choice(("nl", "nl", "fr"))
        postcode, city = random.choice(names.PLACES[language])
        yield {
            "id": ground.customer_id + index,
            "group_id": ground.group_id,
            "number": ground.customer_number + index,
            **(_firm(random, index) if index % 5 < 3 else _person(random, language)),
            "street": f"{random.choice(names.STREETS[language])} {random.randrange(1, 240)}",
            "postcode": postcode,
            "city": city,
            "language": language,
            "email": f"customer{index}@mail.example",
            "phone": f"+32 4{random.randrange(70, 99)} 55 {index % 100:02} {index // 100 % 100:02}",
        }


def _firm(random: Random, index: int) -> dict[str, Any]:
    trade, fancy = random.choice(names.DUTCH_TRADES), random.choice(names.DUTCH_FANCIES)
    name = f"{trade} {fancy} {index} {random.choice(names.DUTCH_FORMS)}"
    vat_number = f"BE 0{700_000_000 + index}"
    return {
        "kind": CustomerKind.BUSINESS,
        "name": name,
        "company_name": name,
        "first_name": "",
        "last_name": "",
        "vat_number": vat_number,
        "vat_key": vat_number.replace(" ", ""),
    }


def _person(random: Random, language: str) -> dict[str, Any]:
    first = random.choice(names.FIRST_NAMES[language])
    last = random.choice(names.LAST_NAMES[language])
    return {
        "kind": CustomerKind.PRIVATE,
        "name": f"{last} {first}",
        "company_name": "",
        "first_name": first,
        "last_name": last,
        "vat_number": "",
        "vat_key": None,
    }


def _resources(ground: Ground) -> Iterator[dict[str, Any]]:
    for index in range(RESOURCES):
        brand, model = BRANDS[index % len(BRANDS)].split()
        yield {
            "id": ground.resource_id + index,
            "code": f"L{index:03}",
            "licence_plate": f"9-LRG-{index:03}",
            "brand": brand,
            "model": model,
            "type_id": ground.type_id,
            "pool_id": ground.pools[index % len(ground.pools)][0],
            "price_range_id": ground.rates[index % len(ground.rates)].price_range_id,
        }


def _contracts(ground: Ground, random: Random) -> Iterator[dict[str, Any]]:
    """All contracts of all resources in the order of their start, as numbers would have gone."""
    bookings = sorted(
        (starts_at, ends_at, index)
        for index in range(RESOURCES)
        for starts_at, ends_at in _periods(random)
    )
    for number, (starts_at, ends_at, index) in enumerate(bookings):
        yield {
            "id": ground.contract_id + number,
            "number": ground.contract_number + number,
            "business_unit_id": ground.pools[index % len(ground.pools)][1],
            "customer_id": ground.customer_id + random.randrange(CUSTOMERS),
            "resource_id": ground.resource_id + index,
            "starts_at": starts_at,
            "ends_at": ends_at,
            "status": _status(starts_at, ends_at, random),
            "created_at": min(now(), starts_at - timedelta(days=10)),
        }


def _periods(random: Random) -> Iterator[tuple[datetime, datetime]]:
    """The bookings of one resource: one in each step, so that none overlap; some touch."""
    midnight = now().replace(hour=0, minute=0, second=0, microsecond=0)
    dense = midnight - timedelta(days=DENSE_BEFORE)
    for number in range(EACH - DENSE, 0, -1):
        start = dense - number * SPARSE_STEP + timedelta(hours=random.randrange(6, 10))
        yield start, start + timedelta(hours=random.choice((9, 33, 57, 105, 144)))
    for number in range(DENSE):
        start = dense + number * DENSE_STEP
        yield start, start + timedelta(hours=random.choice((10, 18, 24, 30, 33)))


def _status(starts_at: datetime, ends_at: datetime, random: Random) -> ContractStatus:
    if random.random() < 0.05:
        return S.CANCELLED
    if starts_at > now():
        return random.choice((S.CONFIRMED, S.CONFIRMED, S.IN_PREPARATION))
    if ends_at > now():
        return S.OPEN
    if ends_at > now() - timedelta(days=7):
        return S.CHECKED_IN
    return random.choice((S.INVOICED, S.COMPLETED))


def _price_lines(
    ground: Ground, contracts: Sequence[dict[str, Any]], random: Random
) -> Iterator[dict[str, Any]]:
    """The rent of each contract, and of every fourth some kilometres."""
    key = ground.line_id
    for contract in contracts:
        shared = {
            "contract_id": contract["id"],
            "vat_code_id": ground.vat_code_id,
            "gl_account_id": ground.accounts[contract["business_unit_id"]],
        }
        rate = ground.rates[contract["resource_id"] % len(ground.rates)]
        days = (contract["ends_at"] - contract["starts_at"]).days + 1
        rent = {"kind": LineKind.RENT, "rate_id": rate.id, "description": "Rent"}
        price = {"units": Decimal(days), "unit_price": rate.price}
        yield {"id": key, "position": 0, **shared, **rent, **price}
        key += 1
        if contract["id"] % 4 == 0:
            more = {"kind": LineKind.EXTRA, "rate_id": None, "description": "Kilometres"}
            price = {"units": Decimal(random.randrange(20, 400)), "unit_price": Decimal("0.25")}
            yield {"id": key, "position": 1, **shared, **more, **price}
            key += 1


def _invoices(
    ground: Ground, contracts: Sequence[dict[str, Any]], lines: Sequence[dict[str, Any]]
) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """An invoice with its line for the rent of each contract that is invoiced or completed."""
    rents = {line["contract_id"]: line for line in lines if line["kind"] is LineKind.RENT}
    billed = [each for each in contracts if each["status"] in (S.INVOICED, S.COMPLETED)]
    for index, contract in enumerate(billed):
        line = rents[contract["id"]]
        yield (
            _invoice(ground, contract, index, cents(line["units"] * line["unit_price"])),
            _invoice_line(ground.invoice_id + index, line),
        )


def _invoice(ground: Ground, contract: dict[str, Any], index: int, net: Decimal) -> dict[str, Any]:
    """As a draft: a confirmed one would take no lines any more."""
    number, day = index + 1, contract["ends_at"].date()
    vat = cents(net * 21 / 100)
    paid = index % 10 > 0
    return {
        "id": ground.invoice_id + index,
        "payment_state": PaymentState.FULLY_PAID if paid else PaymentState.NOT_PAID,
        "company_id": ground.company_id,
        "business_unit_id": contract["business_unit_id"],
        "customer_id": contract["customer_id"],
        "contract_id": contract["id"],
        "reference": f"{ground.year.name}-{number:06}",
        "invoice_date": day,
        "due_date": day + timedelta(days=30),
        "net": net,
        "vat": vat,
        "gross": net + vat,
        "balance": Decimal(0) if paid else net + vat,
        "payment_reference": f"{number:012}",
        "created_at": contract["ends_at"],
        "confirmed_at": contract["ends_at"],
    }


def _confirm(ground: Ground, count: int) -> None:
    last = today() - timedelta(days=1)
    series = NumberSeries(
        financial_year=ground.year,
        kind=InvoiceKind.INVOICE,
        next_number=count + 1,
        last_date=last,
    )
    db.session.add(series)
    db.session.flush()
    large = update(Invoice).where(Invoice.id >= ground.invoice_id)
    number = Invoice.id - ground.invoice_id + 1
    confirmed = {"state": DocumentState.CONFIRMED, "series_id": series.id, "number": number}
    db.session.execute(large.values(confirmed), execution_options={"synchronize_session": False})


def _vat_of(invoice: dict[str, Any], line: dict[str, Any]) -> dict[str, Any]:
    shared = {"vat_code_id": line["vat_code_id"], "percentage": line["vat_percentage"]}
    return {"invoice_id": invoice["id"], **shared, "base": invoice["net"], "vat": invoice["vat"]}


def _invoice_line(invoice_id: int, line: dict[str, Any]) -> dict[str, Any]:
    same = ("description", "units", "unit_price", "vat_code_id", "gl_account_id")
    return {
        "invoice_id": invoice_id,
        "price_line_id": line["id"],
        "position": 1,
        "net": cents(line["units"] * line["unit_price"]),
        "vat_percentage": Decimal(21),
        **{name: line[name] for name in same},
    }


def _changes(contracts: Sequence[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Of each contract that it was made, and that its status changed."""
    for contract in contracts:
        shared = {"entity": "contracts", "record_id": contract["id"], "actor": "benchmark"}
        shared["at"] = contract["created_at"]
        yield {**shared, "action": "created", "field": "", "old": None, "new": None}
        change = {"action": "changed", "field": "status", "old": "in_preparation"}
        yield {**shared, **change, "new": str(contract["status"])}
