"""Changing prices with a spreadsheet: first a plan that changes nothing, then the deed.

One price range a row, one rate type a column; further columns say where all its rates are booked.
Columns that the file does not have stay as they are; an empty cell withdraws the rate, or the code.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import PriceRange, RateType
from ppplanner.services.files.cells import as_amount, as_text
from ppplanner.services.files.sheets import Row, Value, read_rows
from ppplanner.services.pricing.codes import CODES, codes_in_words, refuse_unknown
from ppplanner.services.pricing.price_ranges import RateData, price_fault, save_rate, withdraw_rate

NAME = "name"
#: What a heading stands for: a RateType, one of CODES, or NAME.
Headings = Mapping[str, str]
#: Of a price.
DECIMALS = 4


@dataclass(frozen=True)
class NewPrice:
    """A price in EUR that the file changes; None is not offered."""

    rate_type: RateType
    old: Decimal | None
    new: Decimal | None


@dataclass(frozen=True)
class NewCode:
    """A code that the file gives all rates of a price range; "" takes it away."""

    field: str
    old: str
    new: str


@dataclass(frozen=True)
class PlannedRow:
    """What becomes of one row; `number` is the one that the spreadsheet shows beside it."""

    number: int
    name: str
    price_range: PriceRange | None = None
    prices: Sequence[NewPrice] = ()
    codes: Sequence[NewCode] = ()
    fault: str = ""


@dataclass(frozen=True)
class Plan:
    """What reading the file would do: the rows that change something, and those refused."""

    rows: Sequence[PlannedRow]

    @property
    def changed(self) -> list[PlannedRow]:
        return [row for row in self.rows if (row.prices or row.codes) and not row.fault]

    @property
    def refused(self) -> list[PlannedRow]:
        return [row for row in self.rows if row.fault]

    @property
    def fingerprint(self) -> str:
        """The same as long as it would do the same."""
        told = [(row.number, row.name, row.prices, row.codes, row.fault) for row in self.rows]
        return sha256(repr(told).encode()).hexdigest()[:16]


def plan_prices(content: bytes, headings: Headings, ranges: Sequence[PriceRange]) -> Plan:
    """What the file would change of these price ranges. `headings` are in small letters.

    Raises DomainError for a file that cannot be read at all.
    """
    titles, *rows = read_rows(content)
    columns = _columns(titles, headings)
    known = {price_range.name.casefold(): price_range for price_range in ranges}
    return Plan([_plan(row, columns, known) for row in rows])


def carry_out(plan: Plan) -> None:
    """Do what the plan says. The caller commits."""
    for row in plan.changed:
        assert row.price_range
        for each in row.prices:
            _set_price(row.price_range, each)
        for code in row.codes:
            for rate in row.price_range.rates:
                setattr(rate, code.field, code.new or None)
    db.session.flush()


def _columns(titles: Row, headings: Headings) -> dict[int, str]:
    """What stands in which column. Raises DomainError when the names or all others lack."""
    texts = [str(cell or "").strip().casefold() for cell in titles.cells]
    columns = {place: headings[text] for place, text in enumerate(texts) if text in headings}
    if NAME not in columns.values() or len(columns) < 2:
        raise DomainError(
            _(
                "The first row must name the columns: the name, and at least one rate type. Export"
                " the list of price ranges and change that file."
            )
        )
    return columns


def _plan(row: Row, columns: Mapping[int, str], known: dict[str, PriceRange]) -> PlannedRow:
    """A price range that was planned is no longer among the known ones: it comes once a file."""
    cells = {each: _cell(row, place) for place, each in columns.items()}
    try:
        name = as_text(cells.pop(NAME))
        price_range = known.pop(name.casefold(), None)
        if price_range is None:
            fault = _("There is no price range of this name, or the file has it twice.")
            return PlannedRow(row.number, name, fault=fault)
        prices, codes = list(_prices(price_range, cells)), list(_codes(price_range, cells))
    except DomainError as error:
        return PlannedRow(row.number, as_text(row.cells[0]), fault=str(error))
    return PlannedRow(row.number, name, price_range, prices, codes)


def _cell(row: Row, place: int) -> Value:
    return row.cells[place] if place < len(row.cells) else None


def _prices(price_range: PriceRange, cells: Mapping[str, Value]) -> Iterator[NewPrice]:
    for rate_type in RateType:
        if rate_type not in cells:
            continue
        rate, new = price_range.rate(rate_type), as_amount(cells[rate_type], DECIMALS)
        old = rate.price if rate else None
        if new is not None and (fault := price_fault(new)):
            raise DomainError(fault)
        if new != old:
            if new is not None and not price_range.rates:
                raise DomainError(_("It has no rate yet: give it the first one on its own page."))
            yield NewPrice(rate_type, old, new)


def _codes(price_range: PriceRange, cells: Mapping[str, Value]) -> Iterator[NewCode]:
    for field in CODES:
        if field not in cells:
            continue
        old, new = codes_in_words(price_range, field), as_text(cells[field])
        if new != old:
            if new:
                refuse_unknown(field, new, price_range.group_id)
            yield NewCode(field, old, new)


def _set_price(price_range: PriceRange, new: NewPrice) -> None:
    """A rate that is new is booked as the first one of its price range is."""
    if new.new is None:
        withdraw_rate(price_range, new.rate_type)
        return
    like = price_range.rate(new.rate_type) or price_range.rates[0]
    data = RateData(
        new.new,
        like.vat_code,
        like.gl_code,
        like.cost_centre_code,
        like.cost_carrier_code,
        rolls_up=like.rolls_up,
        surcharges=like.surcharges,
        invoice_text=like.invoice_text,
    )
    save_rate(price_range, new.rate_type, data)
