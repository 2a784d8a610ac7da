"""What a customer agrees to beside the price, as far as the price list knows it."""

from __future__ import annotations

from collections.abc import Iterator

from ppplanner.formats import money, number, price
from ppplanner.i18n import _
from ppplanner.models import Contract
from ppplanner.services.collections import deposits


def conditions(contract: Contract) -> Iterator[str]:
    """The conditions of a contract, a sentence each, in the present language."""
    if deposit := deposits.expected(contract):
        yield _("A deposit of %(amount)s is left at check-out.", amount=money(deposit))
    resource = contract.resource
    if resource is None:
        return
    prices = resource.price_range
    if prices and prices.km_per_day is not None:
        yield _(
            "%(count)s km are included for each day. Each extra kilometre costs %(price)s without"
            " VAT.",
            count=number(prices.km_per_day),
            price=price(prices.km_price),
        )
    if prices and resource.tank_litres and prices.fuel_price:
        yield _(
            "It comes back with as much fuel as it left with. Each litre that is missing costs"
            " %(price)s without VAT.",
            price=price(prices.fuel_price),
        )
    yield _("When it comes back later than agreed, the period as it went can be charged.")
