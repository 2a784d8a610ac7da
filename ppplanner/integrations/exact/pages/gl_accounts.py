"""Finding a GL account in Exact, and importing it into a business unit (mission S31, S32)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from ppplanner.blueprints.htmx import finish, go_to
from ppplanner.blueprints.records import find
from ppplanner.errors import DomainError
from ppplanner.i18n import _, _l
from ppplanner.models import BusinessUnit
from ppplanner.permissions import allowed, require, visible

from ..connect import connection_for, connection_of
from ..models import ExactConnection
from ..records import GLAccountKind
from ..searching import units_to_import_to, why_no_gl_accounts
from ..sync import gl_accounts as sync
from .blueprint import bp
from .finder import MOST_HITS, asked, person_at, picked, typed
from .ledger_finder import Hit, Words, show

WORDS = Words(
    _l("A hit becomes a GL account of the business unit. Nothing of it ever changes in Exact."),
    _l("Exact has no GL account like that. Try a part of the name, or have it made there."),
)


@bp.get("/gl_accounts/search")
@require("exact.search")
def search_gl_accounts() -> Response:
    """Look in the books of a business unit's company; what the unit has already says so."""
    units = _units()
    unit = _chosen(units, request.args.get("unit_id", type=int))
    unit_id, connection_id = unit.id, _link_id(unit)

    def look(text: str) -> Sequence[Hit]:
        """What takes revenue stands first."""
        hits = list(islice(person_at(connection_id).gl_accounts(text), MOST_HITS))
        hits.sort(key=lambda one: one.kind != GLAccountKind.REVENUE)
        known = sync.known_accounts(connection_id, unit_id, hits)
        blocked = _("blocked in Exact")
        return [
            Hit(one.id, one.code, one.name, one.id in known, blocked if one.blocked else "")
            for one in hits
        ]

    return show(
        WORDS,
        look,
        search_url=url_for(".search_gl_accounts"),
        import_url=url_for(".import_gl_account"),
        units=units,
        unit=unit,
    )


@bp.post("/gl_accounts/import")
@require("exact.search")
def import_gl_account() -> ResponseReturnValue:
    """Import a hit, or open the one that the business unit has already."""
    unit = _chosen(_units(), request.form.get("unit_id", type=int))
    unit_id, connection_id, exact_id = unit.id, _link_id(unit), picked("exact_id")
    if exact_id is None:
        url = url_for(".search_gl_accounts", unit_id=unit_id, q=typed(request.form))
        return redirect(url, 303)
    found = asked(lambda: sync.find_gl_account(person_at(connection_id), exact_id))
    unit = find(BusinessUnit, unit_id, lock=False)
    imported = sync.import_gl_account(connection_id, unit, found)
    if imported.known:
        url = url_for("ledger.gl_accounts_edit", record_id=imported.account.id)
        return go_to(url, _("%(record)s was known already: here it is.", record=imported.account))
    message = _("%(record)s is imported from Exact.", record=imported.account)
    return finish(url_for("ledger.gl_accounts"), message)


def _units() -> list[BusinessUnit]:
    """Those that accounts can be imported to. Raises DomainError when there are none."""
    if not allowed("ledger.edit"):
        abort(403)
    if units := units_to_import_to():
        return units
    link = connection_for(current_user, visible(ExactConnection))
    reason = why_no_gl_accounts(link)
    raise DomainError(reason or _("There is no business unit whose GL accounts you may add."))


def _chosen(units: Sequence[BusinessUnit], unit_id: int | None) -> BusinessUnit:
    """The one that is asked for, by default the first."""
    if unit_id is None:
        return units[0]
    return next((unit for unit in units if unit.id == unit_id), None) or abort(404)


def _link_id(unit: BusinessUnit) -> int:
    link = connection_of(unit.company_id)
    assert link
    return link.id
