"""Payment files for the refunds that customers wait for (domain 9.4)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date

from ppplanner.clock import now, today
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.formats import money
from ppplanner.i18n import _
from ppplanner.models import (
    Company,
    Contract,
    PaymentFile,
    RefundRequest,
    RefundState,
    User,
)
from ppplanner.services.collections import refund_limits, sepa
from ppplanner.services.collections.collection_settings import collection_settings
from ppplanner.services.collections.statements import refund_text
from ppplanner.services.iban import bic_of, is_iban
from ppplanner.services.invoices.holding import hold
from ppplanner.services.locking import lock_all
from ppplanner.services.typed_days import check_year


def make_payment_file(
    requests: Sequence[RefundRequest], *, day: date, by: User | None
) -> PaymentFile:
    """Put open requests of one company into a file for its bank; `day` is when the bank pays.

    All or none: raises DomainError with a sentence for each request that cannot be paid so, and
    for one that is in a file already. The caller commits.
    """
    _hold(requests)
    company = _company(requests)
    _refuse(requests)
    if day < today(company.timezone):
        raise Invalid(day=_("That day is over: choose today or a later one."))
    check_year("day", day, today(company.timezone))
    made_at = now()
    name = f"{made_at:%Y%m%d%H%M%S}-{secrets.token_hex(4)}"
    made = PaymentFile(
        company=company,
        name=name,
        content=_content(company, requests, name, day),
        made_at=made_at,
        made_by=by,
    )
    for request in requests:
        request.state, request.payment_file = RefundState.EXPORTED, made
    db.session.add(made)
    db.session.flush()
    return made


def why_not_payable(request: RefundRequest) -> str | None:
    """Why no file can hold the request, in a sentence; None when one can."""
    name = request.customer.full_name
    if request.state is not RefundState.OPEN:
        return _("The refund to %(name)s does not wait any more.", name=name)
    if not request.iban:
        return _("The refund to %(name)s has no IBAN: fill it in.", name=name)
    if not is_iban(request.iban):
        return _("The IBAN of the refund to %(name)s is wrong: check its digits.", name=name)
    if not sepa.is_reached(request.iban):
        return _("The account of %(name)s is outside SEPA: pay it by hand.", name=name)
    return _why_gone(request, name)


def _why_gone(request: RefundRequest, name: str) -> str | None:
    gone = refund_limits.gone(request)
    if not gone:
        return None
    if gone == request.amount:
        return _("There is nothing left to give back to %(name)s: withdraw the refund.", name=name)
    return _(
        "Only %(left)s of the %(amount)s for %(name)s is there: withdraw the refund, and ask for"
        " less.",
        left=money(request.amount - gone),
        amount=money(request.amount),
        name=name,
    )


def _hold(requests: Sequence[RefundRequest]) -> None:
    """Keep the requests, and then what they give back of, until the caller commits."""
    lock_all(RefundRequest, requests)
    lock_all(Contract, {each.contract for each in requests if each.contract})
    hold(*(each.invoice for each in requests))


def _company(requests: Sequence[RefundRequest]) -> Company:
    companies = {request.business_unit.company for request in requests}
    if len(companies) != 1:
        raise DomainError(_("A payment file is for one account: choose refunds of one company."))
    return companies.pop()


def _refuse(requests: Sequence[RefundRequest]) -> None:
    if reasons := [reason for request in requests if (reason := why_not_payable(request))]:
        raise DomainError(" ".join(reasons))


def _content(company: Company, requests: Sequence[RefundRequest], name: str, day: date) -> bytes:
    return sepa.credit_transfers(
        _payer(company),
        [_payment(request) for request in requests],
        name=name,
        day=day,
        version=sepa.Version(collection_settings.load(company.id).payment_file),
    )


def _payer(company: Company) -> sepa.Payer:
    bic = company.bic or (bic_of(company.iban) if company.iban else "")
    if not company.iban or not bic:
        raise DomainError(
            _(
                "%(company)s has no IBAN or no BIC: fill them in, in the settings of the company.",
                company=company,
            )
        )
    address = {
        "street_name": company.street,
        "postcode": company.postcode,
        "town": company.city,
        "country": company.country,
    }
    return sepa.Payer(company.name, company.iban, bic, address)


def _payment(request: RefundRequest) -> sepa.Payment:
    return sepa.Payment(
        reference=str(request),
        name=request.customer.full_name,
        iban=request.iban,
        amount=request.amount,
        text=refund_text(request),
    )
