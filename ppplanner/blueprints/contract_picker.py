"""Contracts for the search-as-you-type fields."""

from __future__ import annotations

from flask import Response
from sqlalchemy import Select, String, cast, literal
from sqlalchemy.orm import contains_eager, joinedload

from ppplanner.blueprints.pickers import Option, answer_picker
from ppplanner.blueprints.scope import in_chosen_unit
from ppplanner.models import Contract, Customer

NUMBER = literal("C") + cast(Contract.number, String)


def answer_contracts(contracts: Select[Contract]) -> Response:
    """The newest of these contracts, of the business unit chosen in the top bar, that are found by
    number or customer.
    """
    query = (
        contracts.join(Contract.customer)
        .where(in_chosen_unit(Contract))
        .options(contains_eager(Contract.customer), joinedload(Contract.resource))
    )
    return answer_picker(query.order_by(Contract.number.desc()), (NUMBER, Customer.name), _option)


def _option(contract: Contract) -> Option:
    resource = contract.resource.title if contract.resource else ""
    return Option(contract.id, f"{contract} · {contract.customer.full_name}", resource)
