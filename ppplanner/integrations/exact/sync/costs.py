"""Cost centres and cost carriers in Exact: made there or found by their code, renamed there, and
named by the lines of bookings (mission S22, S26).

A code never changes in Exact, so a booking uses the code that Exact has, whatever ours has become.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ppplanner.extensions import db
from ppplanner.i18n import N_, Message
from ppplanner.models import CostCarrier, CostCentre, Invoice
from ppplanner.services.ledger import CostKind

from .. import mapping, outbox, steps
from ..client import ExactClient
from ..cost_ways import COST_MODELS, CostItem, cost_ways
from ..errors import ExactRejected
from ..incomplete import Incomplete, StaysHere
from ..items import KINDS
from ..mapping import COST_KINDS, CostCodes
from ..models import ExactCostLink
from ..outbox import Task
from ..records import CostItem as CostItemInExact
from ..records import NewCostItem
from ..steps import Made
from .asked import in_vain
from .cost_links import cost_item, keep_link, link_of, links_among

MODEL_OF: Mapping[str, CostKind] = {KINDS[model]: model for model in COST_MODELS}

CREATE, RENAME = "create_cost_item", "rename_cost_item"

NOT_IN_EXACT: Mapping[CostKind, str] = {
    CostCentre: N_(
        "Cost centre %(item)s is not in Exact. Have it made there with the same code, then try "
        "Exact again."
    ),
    CostCarrier: N_(
        "Cost carrier %(item)s is not in Exact. Have it made there with the same code, then try "
        "Exact again."
    ),
}
NOT_TAKEN: Mapping[CostKind, str] = {
    CostCentre: N_("Exact does not take cost centre %(item)s, and the booking has to name it."),
    CostCarrier: N_("Exact does not take cost carrier %(item)s, and the booking has to name it."),
}
GONE: Mapping[CostKind, str] = {
    CostCentre: N_(
        "Cost centre %(item)s is no longer in Exact, so the link is let go. Try Exact again: then "
        "it is found there or made anew."
    ),
    CostCarrier: N_(
        "Cost carrier %(item)s is no longer in Exact, so the link is let go. Try Exact again: then "
        "it is found there or made anew."
    ),
}


def push(client: ExactClient, task: Task) -> None:
    """Bring a cost centre or cost carrier into Exact, or its new name. Commits after each step.

    One that was deleted meanwhile is no matter. Raises ExactError, or Incomplete; StaysHere when it
    is not sent any more.
    """
    item = cost_item(MODEL_OF[task.kind], task.record_id)
    if item is None:
        return
    if not cost_ways(task.connection.company, type(item)).sent:
        raise StaysHere
    link = _ensure(client, task.connection_id, item)
    _tell_name(client, task, item, link)


def is_news(connection_id: int, item: CostItem) -> bool:
    """Whether Exact does not know it, or by another name. What is archived is no news by itself."""
    link = link_of(connection_id, item)
    if link is None:
        return item.active
    return link.name != mapping.new_cost_item(item).name


def codes_for(client: ExactClient, task: Task, invoice: Invoice) -> CostCodes:
    """What the booking of an invoice calls the cost centres and cost carriers of its lines; Exact
    has all of them afterwards. Commits.

    Raises Incomplete with all that Exact does not have and does not get, or ExactError.
    """
    missing: list[Message] = []
    centres, carriers = (_codes(client, task, invoice, model, missing) for model in COST_MODELS)
    if missing:
        raise Incomplete(*missing)
    return CostCodes(centres, carriers)


def _codes(
    client: ExactClient,
    task: Task,
    invoice: Invoice,
    model: CostKind,
    missing: list[Message],
) -> dict[int, str]:
    items = named_by(invoice, model)
    ways = cost_ways(task.connection.company, model) if items else None
    if ways is None or not ways.on_invoice:
        return {}
    codes = {key: link.code for key, link in links_among(task.connection_id, model, items).items()}
    if codes.keys() == items.keys():
        return codes
    for key in [key for key in items if key not in codes]:
        try:
            codes[key] = _ensure(client, task.connection_id, items[key], make=ways.sent).code
        except Incomplete as reason:
            missing += reason.messages
        except ExactRejected as error:
            own = _task_of(task.connection_id, model, key)
            outbox.note_attempt(own, "send", "refused", error.messages, error.texts)
            missing += [Message(NOT_TAKEN[model], {"item": str(items[key])}), *error.messages]
    db.session.commit()
    return codes


def _ensure(
    client: ExactClient, connection_id: int, item: CostItem, *, make: bool = True
) -> ExactCostLink:
    """The link of an item: the one it has; else with what Exact has under its code; else, with
    `make`, with what is made there. Commits. Raises Incomplete, ExactError.

    What is found keeps the name that it has in Exact, until ours changes; what an earlier try may
    have made there is told ours anew.
    """
    if link := link_of(connection_id, item):
        return link
    model, new = type(item), mapping.new_cost_item(item)
    own = _task_of(connection_id, model, item.id)
    absent = Message(NOT_IN_EXACT[model], {"item": str(item)})
    earlier = steps.sent_as(own, CREATE)
    codes = [earlier, new.code] if earlier else [new.code]
    db.session.commit()
    made = _find(client, model, codes) if make else _find_once(client, model, codes)
    if made is None and not make:
        raise Incomplete(absent)
    made = made or _make(client, own, model, new, codes)
    try:
        link = keep_link(connection_id, item, made, "" if earlier else new.name)
    except Incomplete:
        steps.forget(own, [CREATE])  # with another code it is made, whatever an earlier try did
        db.session.commit()
        raise
    db.session.commit()
    return link


def _find(client: ExactClient, model: CostKind, codes: Sequence[str]) -> Made | None:
    """What Exact has under the first of these codes that it has, in whatever case."""
    found = list(client.cost_items_by_code(COST_KINDS[model], codes))
    there = (one for code in codes for one in found if mapping.same_code(one.code, code))
    return next(map(_made, there), None)


def _find_once(client: ExactClient, model: CostKind, codes: Sequence[str]) -> Made | None:
    """The same, asked in vain only once in a run."""
    question = (model, *codes)
    if question in in_vain(client):
        return None
    found = _find(client, model, codes)
    if found is None:
        in_vain(client).add(question)
    return found


def _make(
    client: ExactClient, own: Task, model: CostKind, new: NewCostItem, codes: Sequence[str]
) -> Made:
    return steps.take(
        own,
        CREATE,
        look_up=lambda: _find(client, model, codes),
        send=lambda: _made(client.create_cost_item(COST_KINDS[model], new)),
        name=new.code,
    )


def _task_of(connection_id: int, model: CostKind, item_id: int) -> Task:
    """What its steps and its story are kept under, also when an invoice brings it along."""
    return Task(connection_id, KINDS[model], item_id)


def _made(found: CostItemInExact) -> Made:
    return Made(found.id, found.code)


def _tell_name(client: ExactClient, task: Task, item: CostItem, link: ExactCostLink) -> None:
    """A new name goes to the same record in Exact (domain C4). While it is on its way nobody knows
    the one that it has there. Commits.
    """
    model, name = type(item), mapping.new_cost_item(item).name
    if link.name == name:
        return
    made, known = Made(link.exact_id, link.code), link.name
    link.name = ""
    try:
        steps.repeat(
            task, RENAME, made, lambda: client.rename_cost_item(COST_KINDS[model], made.id, name)
        )
    except ExactRejected:
        link.name = known
        if gone := _let_go(client, task.connection_id, model, [item]):
            raise Incomplete(*gone) from None
        raise
    link.name = name
    db.session.commit()


def named_by(invoice: Invoice, model: CostKind) -> dict[int, CostItem]:
    """The cost centres, or cost carriers, of an invoice's lines, by id."""
    lines = invoice.lines
    items = [line.cost_centre if model is CostCentre else line.cost_carrier for line in lines]
    return {item.id: item for item in items if item}


def let_go_of_gone(client: ExactClient, task: Task, invoice: Invoice) -> list[Message]:
    """After Exact did not know something that a booking names: forget the links with what was
    deleted there, and learn the codes that were changed there. A sentence for each that is gone.
    Commits.
    """
    named = {model: named_by(invoice, model).values() for model in COST_MODELS}
    return [
        gone
        for model, items in named.items()
        for gone in _let_go(client, task.connection_id, model, items)
    ]


def _let_go(
    client: ExactClient, connection_id: int, model: CostKind, items: Iterable[CostItem]
) -> list[Message]:
    called = {item.id: str(item) for item in items}
    linked = [link.exact_id for link in links_among(connection_id, model, called).values()]
    db.session.commit()
    there = {one.id: one for one in client.cost_items_by_id(COST_KINDS[model], linked)}
    gone = []
    for key, link in links_among(connection_id, model, called).items():
        if found := there.get(link.exact_id):
            link.code = found.code
            continue
        db.session.delete(link)
        steps.forget(_task_of(connection_id, model, key), [CREATE])
        gone.append(Message(GONE[model], {"item": called[key]}))
    db.session.commit()
    return gone
