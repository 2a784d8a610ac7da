"""All that needs a person, of every kind, and trying it again."""

from __future__ import annotations

from typing import Any

from flask import Response, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import ColumnElement, Select, and_
from sqlalchemy.orm import joinedload

from ppplanner.addons.manifest import BulkAction
from ppplanner.blueprints.htmx import finish
from ppplanner.blueprints.lists.list_page import render_list
from ppplanner.blueprints.lists.listing import Column, Filter, Listing
from ppplanner.blueprints.lists.selection import selected_ids
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import _, _l, ngettext
from ppplanner.permissions import require

from ..attention import open_matters, try_again
from ..conditions import lacks_pdf
from ..models import ExactConnection, ExactOutboxEntry, WorkState
from ..views import entries
from ..views.companies import company_filter
from ..views.reached import seen
from .blueprint import bp

#: Among the states to choose from: booked, and Exact refuses the PDF.
INCOMPLETE = "incomplete"


def _matters() -> Select[Any]:
    return open_matters().where(seen())


def _in_state(value: str) -> ColumnElement[bool]:
    if value == INCOMPLETE:
        return lacks_pdf()
    return and_(ExactOutboxEntry.state == WorkState(value), ~lacks_pdf())


ATTENTION = Listing(
    name="exact_attention",
    title=_l("Exact: needs attention"),
    query=_matters,
    key=ExactOutboxEntry.id,
    columns=[
        entries.WHAT,
        entries.KIND,
        entries.STATE,
        entries.REASON,
        Column(
            "company",
            _l("Company"),
            value=lambda entry: entry.connection.company.name,
            wide="xl",
        ),
        Column(
            "settled_at",
            _l("Since"),
            show="moment",
            sort=ExactOutboxEntry.settled_at,
            wide="lg",
        ),
    ],
    sort="-settled_at",
    open=entries.page_of,
    label=lambda entry: entry.title,
    search=(ExactOutboxEntry.title,),
    search_hint=_l("Number, code or name"),
    filters=[
        entries.KIND_FILTER,
        Filter(
            "state",
            _l("State"),
            choices=[
                (WorkState.REFUSED.value, _l("Refused")),
                (WorkState.HELD.value, _l("On hold")),
                (INCOMPLETE, _l("Booked, PDF missing")),
            ],
            apply=_in_state,
            any=_l("All"),
        ),
        company_filter(ExactOutboxEntry.company_id),
    ],
    options=(joinedload(ExactOutboxEntry.connection).joinedload(ExactConnection.company),),
    bulk_actions=[
        BulkAction(
            "exact_attention",
            _l("Try Exact again"),
            "exact.again",
            "exact.forward",
            icon="refresh",
        )
    ],
    empty=_l("Nothing needs you: Exact has taken all that was sent."),
)


@bp.get("/attention")
@require("exact.view")
def attention() -> Response:
    return render_list(ATTENTION, "exact/list.html")


@bp.post("/attention/try-again")
@require("exact.forward")
def again() -> ResponseReturnValue:
    """For what is ticked in the list, or for the one record whose tile asks."""
    ids = selected_ids(ATTENTION)
    query = _matters().where(ExactOutboxEntry.id.in_(ids))
    count = try_again(list(db.session.scalars(query)), by=current_user.name)
    if not count:
        raise DomainError(_("There is nothing to try again: it has moved on meanwhile."))
    db.session.commit()
    message = ngettext(
        "%(num)s record is on its way to Exact again.",
        "%(num)s records are on their way to Exact again.",
        count,
    )
    return finish(url_for(".attention"), message)
