"""What the link does when something happens in the core: it notes what Exact has to be told, in the
transaction of the person, who waits for nobody.
"""

from __future__ import annotations

from collections.abc import Iterator

from flask_login import current_user

from ppplanner.models import CostCarrier, CostCentre, Customer, Resource
from ppplanner.services.ledger import CostKind

from . import queueing
from .connect import connection_of
from .cost_ways import CostItem, cost_ways, links_of, made_in_exact
from .items import Record, item_of
from .jobs import send_soon
from .models import ExactConnection
from .resource_costs import give_own
from .settings import ExactSettings, SendMoment, exact_settings
from .sync import costs, customers

#: What we bring in ourselves is no news to Exact.
OURS = "exact"


def customer_saved(customer: Customer, *, origin: str, **_more: object) -> None:
    """With "on save", every customer goes, also one who never gets an invoice (mission S19)."""
    if origin == OURS:
        return
    for connection, settings in _links_of(customer.group_id):
        on_save = settings.customers_send_moment == SendMoment.ON_SAVE
        if settings.customers_send and on_save:
            _queue(connection, customer, news=customers.is_news(connection.id, customer))


def cost_item_saved(item: CostItem, *, origin: str, **_more: object) -> None:
    """Those made here go to each company's books, and so does a new name (mission S22)."""
    if origin == OURS:
        return
    for connection, settings in _links_of(item.group_id):
        sent = cost_ways(connection.company, type(item), settings).sent
        if sent:
            _queue(connection, item, news=costs.is_news(connection.id, item))


def resource_saved(resource: Resource, *, new: bool, **_more: object) -> None:
    """A new resource gets a cost centre and a cost carrier of its own, where its company wants that
    and they are made here (mission S23).
    """
    company = resource.pool.business_unit.company
    if not new or connection_of(company.id) is None:
        return
    settings = exact_settings.load(company.id)
    present: dict[CostKind, CostItem | None] = {
        CostCentre: resource.cost_centre,
        CostCarrier: resource.cost_carrier,
    }
    for model, item in present.items():
        wanted = item is None and cost_ways(company, model, settings).from_resources
        if wanted and not made_in_exact(company.group, model):
            give_own(resource, model)


def _links_of(group_id: int) -> Iterator[tuple[ExactConnection, ExactSettings]]:
    """The links of the group's companies that are switched on and have their administration."""
    for connection in links_of(group_id):
        settings = exact_settings.load(connection.company_id)
        if settings.enabled:
            yield connection, settings


def _queue(connection: ExactConnection, record: Record, *, news: bool) -> None:
    """Also what is as Exact knew it, while Exact is being told otherwise."""
    item = item_of(record)
    if not news and not queueing.is_on_its_way(connection.id, item):
        return
    queueing.queue(connection, item, by=_who())
    send_soon()


def _who() -> str:
    """The person at the screen; "" when a job saves."""
    return str(current_user.name) if current_user and current_user.is_authenticated else ""
