"""Finding a customer in Exact while somebody adds one."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ppplanner.blueprints.customers.chosen import chosen, field_to_fill
from ppplanner.blueprints.htmx import render_page
from ppplanner.errors import DomainError
from ppplanner.extensions import db
from ppplanner.i18n import _
from ppplanner.models import Customer, CustomerKind
from ppplanner.permissions import require, visible

from ..attention import let_held_go
from ..connect import connection_for, get_connection
from ..errors import ExactError
from ..models import ExactConnection
from ..records import Account
from ..searching import why_no_customers
from ..sync.customer_imports import Imported, find_account, import_account
from ..sync.customer_links import linked_customers
from .blueprint import bp
from .finder import LONGEST_SEARCH, MOST_HITS, asked, person_at, picked, typed
from .trouble import at_the_screen


@dataclass
class Found:
    """What a search brought: hits, those of them who are known here, or what went wrong."""

    hits: list[Account] = field(default_factory=list)
    known: dict[UUID, Customer] = field(default_factory=dict)
    trouble: str = ""

    @property
    def perhaps_more(self) -> bool:
        return len(self.hits) == MOST_HITS


@bp.get("/customers/search")
@require("exact.search")
def search() -> Response:
    """Look in Exact while somebody adds a customer; `kind` says what a hit will become."""
    kind, connection = _kind(), _connection_to_search()
    text = typed(request.args)
    return render_page(
        "exact/search.html",
        "hits" if "q" in request.args else "dialog",
        kind=kind,
        q=text,
        found=_search(connection, text) if text else Found(),
        field=field_to_fill(),
        longest=LONGEST_SEARCH,
    )


def _search(connection: ExactConnection, text: str) -> Found:
    connection_id = connection.id
    try:
        hits = list(islice(person_at(connection_id).search_accounts(text), MOST_HITS))
    except ExactError as error:
        return Found(trouble=at_the_screen(error))
    return Found(hits, linked_customers(connection_id, [hit.id for hit in hits]))


@bp.post("/customers/import")
@require("exact.search")
def import_customer() -> ResponseReturnValue:
    """Import a hit, or open the record of a customer who is known already (mission S13, S16).

    Enter in the search field means the first hit, provided that it is a hit of what is typed now;
    otherwise it means: search.
    """
    kind, connection_id = _kind(), _connection_to_search().id
    account_id = picked("account_id")
    if account_id is None:
        field, text = field_to_fill() or None, typed(request.form)
        return redirect(url_for(".search", kind=kind.value, field=field, q=text), 303)
    account = asked(lambda: find_account(person_at(connection_id), account_id))
    connection = get_connection(connection_id)
    imported = import_account(connection, account, kind)
    let_held_go(connection)  # it may have waited for the customer
    db.session.commit()
    return chosen(imported.customer, _import_message(imported))


def _import_message(imported: Imported) -> str:
    name = imported.customer.full_name
    messages = {
        None: _("%(name)s is imported from Exact.", name=name),
        "link": _("%(name)s was imported before: here is the record.", name=name),
        "vat_number": _(
            "%(name)s is known here by this VAT number: here is the record.", name=name
        ),
        "search_code": _("%(name)s came from here: this is the record.", name=name),
        "email": _("%(name)s is known here by this e-mail address: here is the record.", name=name),
        "name": _(
            "%(name)s is known here by this name and postcode: here is the record. "
            "It was not linked with Exact, as that may be somebody else.",
            name=name,
        ),
    }
    return messages[imported.known_by]


def _kind() -> CustomerKind:
    try:
        return CustomerKind(request.args.get("kind", ""))
    except ValueError:
        abort(404)


def _connection_to_search() -> ExactConnection:
    connection = connection_for(current_user, visible(ExactConnection))
    if reason := why_no_customers(connection):
        raise DomainError(reason)
    assert connection
    return connection
