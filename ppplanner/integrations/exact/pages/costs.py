"""Cost centres and cost carriers: found in Exact and imported (mission S24, S25), or sent there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from ppplanner.blueprints.htmx import finish, go_to
from ppplanner.blueprints.ledger.listings import COST_CARRIERS, COST_CENTRES
from ppplanner.blueprints.lists.listing import Listing
from ppplanner.blueprints.lists.selection import selected_ids
from ppplanner.blueprints.scope import chosen_group
from ppplanner.clock import today
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import _, _l, ngettext
from ppplanner.models import CostCarrier, CostCentre
from ppplanner.permissions import allowed, require
from ppplanner.services.ledger import CostKind

from .. import cost_sending
from ..connect import get_connection
from ..cost_ways import COST_MODELS
from ..mapping import COST_KINDS
from ..models import ExactConnection
from ..records import CostItem
from ..searching import link_for_costs, why_no_cost_items
from ..sync import cost_imports as sync
from ..views.reached import within_reach
from .blueprint import bp
from .finder import MOST_HITS, asked, person_at, picked, typed
from .ledger_finder import Hit, Words, show

MODELS = {model.__tablename__: model for model in COST_MODELS}
WORDS: Mapping[CostKind, Words] = {
    CostCentre: Words(
        _l("A hit becomes a cost centre here."),
        _l("Exact has no cost centre like that. Try a part of the name, or have it made there."),
    ),
    CostCarrier: Words(
        _l("A hit becomes a cost carrier here."),
        _l("Exact has no cost carrier like that. Try a part of the name, or have it made there."),
    ),
}


@bp.get("/<any(cost_centres,cost_carriers):name>/search")
@require("exact.search")
def search_costs(name: str) -> Response:
    """Look in Exact; what is known here already says so."""
    model = MODELS[name]
    connection = _link(model)
    connection_id, group_id = connection.id, connection.company.group_id
    day = today(connection.company.timezone)

    def hit(one: CostItem, known: bool) -> Hit:
        ended = one.ended_on is not None and one.ended_on <= day
        return Hit(one.id, one.code, one.name, known, _("ended in Exact") if ended else "")

    def look(text: str) -> Sequence[Hit]:
        items = person_at(connection_id).cost_items(COST_KINDS[model], text)
        hits = list(islice(items, MOST_HITS))
        known = sync.known_items(connection_id, group_id, model, hits)
        return [hit(one, one.id in known) for one in hits]

    return show(
        WORDS[model],
        look,
        search_url=url_for(".search_costs", name=name),
        import_url=url_for(".import_cost_item", name=name),
    )


@bp.post("/<any(cost_centres,cost_carriers):name>/import")
@require("exact.search")
def import_cost_item(name: str) -> ResponseReturnValue:
    """Import a hit, or open the one that is known already."""
    model = MODELS[name]
    connection_id, exact_id = _link(model).id, picked("exact_id")
    if exact_id is None:
        return redirect(url_for(".search_costs", name=name, q=typed(request.form)), 303)
    found = asked(lambda: sync.find_cost_item(person_at(connection_id), model, exact_id))
    imported = sync.import_cost_item(get_connection(connection_id), model, found)
    if imported.known:
        url = url_for(f"ledger.{name}_edit", record_id=imported.item.id)
        return go_to(url, _("%(record)s was known already: here it is.", record=imported.item))
    message = _("%(record)s is imported from Exact.", record=imported.item)
    return finish(url_for(f"ledger.{name}"), message)


def _link(model: CostKind) -> ExactConnection:
    """The link to look in. Raises DomainError when there is none that may be used for this."""
    group = chosen_group()
    if not allowed("ledger.edit", group):
        abort(403)
    link = link_for_costs(group, model)
    if reason := why_no_cost_items(link, model):
        raise DomainError(reason)
    assert link
    return link


@bp.post("/cost_centres/send")
@require("exact.forward")
def send_cost_centres() -> ResponseReturnValue:
    return _send(COST_CENTRES)


@bp.post("/cost_carriers/send")
@require("exact.forward")
def send_cost_carriers() -> ResponseReturnValue:
    return _send(COST_CARRIERS)


def _send(listing: Listing) -> ResponseReturnValue:
    """Put those that are ticked on the way, as far as Exact does not know them, to the companies
    for which the person may.
    """
    model, ids = MODELS[listing.name], selected_ids(listing)
    items: Any = db.session.scalars(select(model).where(model.id.in_(ids)))
    links = within_reach("exact.forward")
    count = cost_sending.send(items, links, by=current_user.name)
    db.session.commit()
    url = url_for(f"ledger.{listing.name}")
    if not count:
        return finish(url, _("Exact knows them already, or they are not sent there."), "info")
    message = ngettext(
        "%(num)s is on its way to Exact.", "%(num)s are on their way to Exact.", count
    )
    return finish(url, message)
