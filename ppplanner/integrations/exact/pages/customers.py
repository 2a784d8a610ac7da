"""Finding a customer in Exact while somebody adds one."""

from __future__ import annotations

from uuid import UUID

from flask import Response, abort, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ppplanner.blueprints.customers.chosen import chosen, field_to_fill
from ppplanner.blueprints.htmx import render_page
from ppplanner.errors import DomainError
from ppplanner.i18n import _
from ppplanner.models import Customer, CustomerKind
from ppplanner.permissions import require

from .. import views
from ..connect import connection_for, get_connection, open_client
from ..errors import ExactError
from ..models import ExactConnection
from ..records import Account
from ..sync import customers as sync
from .blueprint import bp

HITS = 60


@bp.get("/customers/search")
@require("exact.search")
def search() -> Response:
    """Look in Exact while somebody adds a customer; `kind` says what a hit will become."""
    kind = _kind()
    text = request.args.get("q", "").strip()[:100]
    hits, known, trouble = _search(text) if text else ([], {}, "")
    fragment = "hits" if "q" in request.args else "dialog"
    return render_page(
        "exact/search.html",
        fragment,
        kind=kind,
        q=text,
        hits=hits,
        known=known,
        trouble=trouble,
        field=field_to_fill(),
    )


def _search(text: str) -> tuple[list[Account], dict[UUID, Customer], str]:
    connection_id = _search_connection().id
    try:
        client = open_client(connection_id, "person")
        hits = [hit for hit, _n in zip(client.search_accounts(text), range(HITS), strict=False)]
    except ExactError as error:
        return [], {}, " ".join(map(str, error.messages))
    known = sync.linked_customers(connection_id, [hit.id for hit in hits])
    return hits, known, ""


@bp.post("/customers/import")
@require("exact.search")
def import_customer() -> ResponseReturnValue:
    """Import a hit, or open the record of a customer who is known already (mission S13, S16)."""
    kind, connection_id = _kind(), _search_connection().id
    account_id = _account_id()
    try:
        account = sync.find_account(open_client(connection_id, "person"), account_id)
    except ExactError as error:
        raise DomainError(" ".join(map(str, error.messages))) from error
    imported = sync.import_account(get_connection(connection_id), account, kind)
    return chosen(imported.customer, _import_message(imported), request.form.get("field", ""))


def _import_message(imported: sync.Imported) -> str:
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
        return CustomerKind(request.values.get("kind", ""))
    except ValueError:
        abort(404)


def _account_id() -> UUID:
    try:
        return UUID(request.form.get("account_id", ""))
    except ValueError:
        abort(404)


def _search_connection() -> ExactConnection:
    connection = connection_for(current_user)
    if connection is None or not views.search_offered(connection):
        raise DomainError(
            _("Searching in Exact is switched off, or nobody is logged in with Exact.")
        )
    return connection
