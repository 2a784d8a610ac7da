"""What a step of the board did, in a few words: "C1042 to 1-ABC-234"."""

from __future__ import annotations

from datetime import datetime

from ppplanner.extensions import db
from ppplanner.formats import moment
from ppplanner.i18n import _, ngettext
from ppplanner.models import BoardStep, Contract, Resource
from ppplanner.services.planning.moves import State
from ppplanner.services.planning.undo import deeds


def in_words(step: BoardStep) -> str:
    """What the step did, when it was done first."""
    done = deeds(step)
    if len(done) != 1:
        return ngettext("%(num)s contract placed", "%(num)s contracts placed", len(done))
    contract = db.session.get(Contract, done[0].contract_id)
    if contract is None:
        return _("a contract that is no longer there")
    if done[0].before is None:
        return _("new contract %(contract)s", contract=contract)
    return move_in_words(contract, done[0].before, done[0].after)


def move_in_words(contract: Contract, before: State, after: State) -> str:
    """Where a contract went, or until when."""
    if before["resource_id"] != after["resource_id"]:
        return _placed(contract, after["resource_id"])
    if before["starts_at"] != after["starts_at"]:
        start = _local(contract, after["starts_at"])
        return _("%(contract)s to %(moment)s", contract=contract, moment=start)
    if before["ends_at"] != after["ends_at"]:
        end = _local(contract, after["ends_at"])
        return _("%(contract)s until %(moment)s", contract=contract, moment=end)
    return _("old price of %(contract)s", contract=contract)


def _placed(contract: Contract, resource_id: int | None) -> str:
    if resource_id is None:
        return _("%(contract)s without a resource", contract=contract)
    resource = db.session.get(Resource, resource_id)
    name = (resource.licence_plate or resource.code) if resource else _("a resource that is gone")
    return _("%(contract)s to %(resource)s", contract=contract, resource=name)


def _local(contract: Contract, text: str) -> str:
    return moment(contract.local(datetime.fromisoformat(text)))
