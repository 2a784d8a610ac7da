"""A contract on paper, in the language of its customer: printed anew each time, as it stands."""

from __future__ import annotations

from flask import current_app
from flask_babel import get_locale
from sqlalchemy.orm import joinedload, selectinload

from ppplanner.clock import now
from ppplanner.documents.contract_conditions import conditions
from ppplanner.documents.read_then_print import read_then_print
from ppplanner.documents.sheet import country_abroad, logo_address
from ppplanner.errors import NotFound
from ppplanner.extensions import db
from ppplanner.i18n import _, in_language
from ppplanner.models import BusinessUnit, Contract, PriceLine
from ppplanner.services.pricing.vat import add_up

TEMPLATE = "documents/contract.html"
PARTS = (
    joinedload(Contract.customer),
    joinedload(Contract.driver),
    joinedload(Contract.resource),
    joinedload(Contract.business_unit).joinedload(BusinessUnit.company),
    selectinload(Contract.handovers),
    selectinload(Contract.lines).joinedload(PriceLine.vat_code),
)


def make_contract_pdf(contract_id: int) -> bytes:
    """The PDF of a contract. Raises NotFound. It must be called outside any transaction."""
    return read_then_print(lambda: contract_html(_load(contract_id)))


def contract_html(contract: Contract) -> str:
    """The page to print. It needs nothing from elsewhere."""
    with in_language(contract.customer.language):
        template = current_app.jinja_env.get_template(TEMPLATE)
        return template.render(
            contract=contract,
            company=contract.business_unit.company,
            logo=logo_address(contract.business_unit.company),
            unit=contract.business_unit,
            customer=contract.customer,
            country=country_abroad(contract.customer, contract.business_unit.company),
            driver=contract.driver,
            language=get_locale().language,
            totals=add_up(contract.lines),
            conditions=list(conditions(contract)),
            printed_at=contract.local(now()),
        )


def _load(contract_id: int) -> Contract:
    contract = db.session.get(Contract, contract_id, options=PARTS)
    if contract is None:
        raise NotFound(_("This contract does not exist (any more)."))
    return contract
