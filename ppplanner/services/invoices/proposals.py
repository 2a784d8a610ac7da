"""What an invoice of a contract would hold: all that is due, less what is invoiced already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ppplanner.i18n import _, in_language
from ppplanner.models import Contract, Invoice, PriceLine, VatCode
from ppplanner.money import line_net
from ppplanner.services.pricing.due import Days, follows_days, share
from ppplanner.services.pricing.invoiced import Holding, Holdings, holdings, remains
from ppplanner.services.pricing.rent import charged_days, text_of_days, text_of_part
from ppplanner.services.pricing.vat import add_up

#: The finest part of a unit that an invoice shows.
FINEST = Decimal("0.001")
LONGEST_TEXT = 200
NOTHING = Holding()


@dataclass(frozen=True)
class ProposedLine:
    """A line of an invoice to be made, in EUR without VAT; its days, where it charges days."""

    price_line: PriceLine
    description: str
    first_day: date | None
    last_day: date | None
    units: Decimal
    unit_price: Decimal
    discount: Decimal
    net: Decimal

    @property
    def vat_code(self) -> VatCode:
        """The customer's own, where there is one: intra-community, say."""
        return self.price_line.contract.customer.vat_code or self.price_line.vat_code

    @property
    def vat_percentage(self) -> Decimal:
        return self.vat_code.percentage


@dataclass(frozen=True)
class Proposal:
    """What an invoice would hold; `invoiced_net` is what others hold already (EUR)."""

    lines: Sequence[ProposedLine]
    invoiced_net: Decimal
    #: Nothing remains to invoice after it.
    complete: bool

    @property
    def net(self) -> Decimal:
        return sum((line.net for line in self.lines), Decimal(0))

    @property
    def gross(self) -> Decimal:
        return add_up(self.lines).gross


def propose(
    contract: Contract,
    until: date | None = None,
    *,
    besides: Invoice | None = None,
    held: Holdings | None = None,
) -> Proposal:
    """What the contract has not been invoiced for: rent up to and including the day `until` (None:
    to its end), and all that is due at once.

    What the invoice `besides` holds counts as not invoiced. `held` spares a query to those who know
    it (`pricing.invoiced.holdings`, of many contracts at once).
    """
    held = holdings([contract.id], besides) if held is None else held
    days = charged_days(contract)
    found = [(line, _proposed(line, days, until, held.get(line.id))) for line in contract.lines]
    known = (held[line.id].net for line in contract.lines if line.id in held)
    return Proposal(
        lines=[proposed for _line, proposed in found if proposed],
        invoiced_net=sum(known, Decimal(0)),
        complete=all(_is_done(line, proposed, held.get(line.id)) for line, proposed in found),
    )


def _is_done(line: PriceLine, proposed: ProposedLine | None, held: Holding | None) -> bool:
    """Whether nothing of the line remains after the invoice that is proposed."""
    if proposed is None:
        return not remains(line, held)
    return line.net == proposed.net + (held or NOTHING).net


def _proposed(
    line: PriceLine, days: Days, until: date | None, held: Holding | None
) -> ProposedLine | None:
    if follows_days(line):
        return _part(line, days, until, held)
    if not remains(line, held):
        return None
    return _whole(line, None) if held is None else _difference(line, line.net - held.net)


def _part(
    line: PriceLine, days: Days, until: date | None, held: Holding | None
) -> ProposedLine | None:
    """The days until `until` that are not invoiced yet. A difference in the price of the others
    comes along with them, or after the last one.
    """
    asked = days.until(until)
    covered = held.covers(days) if held else []
    fresh = asked.left_by(covered) if asked else None
    if fresh == days and held is None:
        return _whole(line, days)
    if asked is None or (fresh is None and asked != days):
        return None
    part = days.count_in([asked, *covered])
    net = share(line.net, part, days.count) - (held or NOTHING).net
    if fresh is None:
        return _difference(line, net) if net else None
    return _days_of(line, fresh, net, days.count) if net or held is None else None


def _whole(line: PriceLine, days: Days | None) -> ProposedLine:
    return ProposedLine(
        price_line=line,
        description=line.description,
        first_day=days.first if days else None,
        last_day=days.last if days else None,
        units=line.units,
        unit_price=line.unit_price,
        discount=line.discount,
        net=line.net,
    )


def _days_of(line: PriceLine, days: Days, net: Decimal, of_days: int) -> ProposedLine:
    """So many units at the line's price, where that comes to `net`: days at a price per day, say.
    Otherwise one at that amount, which says of what it is a part.
    """
    units = (line.units * days.count / of_days).quantize(FINEST)
    price, discount, text = line.unit_price, line.discount, text_of_days(line, days)
    if line_net(units, price, discount) != net:
        units, price, discount = Decimal(1), net, Decimal(0)
        text = text_of_part(line, days)
    text = text[:LONGEST_TEXT]
    return ProposedLine(line, text, days.first, days.last, units, price, discount, net)


def _difference(line: PriceLine, net: Decimal) -> ProposedLine:
    """What the line comes to more, or less, than was invoiced of it."""
    with in_language(line.contract.customer.language):
        text = _("Difference: %(line)s", line=line.description)[:LONGEST_TEXT]
    return ProposedLine(line, text, None, None, Decimal(1), net, Decimal(0), net)
