"""Drafts of invoices: made of a contract or of nothing, given other dates, thrown away."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from sqlalchemy import Select, select

from ppplanner.clock import today
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.formats import day
from ppplanner.i18n import N_, Message, _
from ppplanner.models import (
    BusinessUnit,
    Contract,
    ContractStatus,
    CostCarrier,
    CostCentre,
    Customer,
    CustomerStatus,
    Invoice,
    InvoiceLine,
)
from ppplanner.services.invoices.frozen import refuse_confirmed
from ppplanner.services.invoices.proposals import Proposal, ProposedLine, propose
from ppplanner.services.invoices.totals import total
from ppplanner.services.ledger import cost_item
from ppplanner.services.locking import lock
from ppplanner.services.pricing.invoiced import waits
from ppplanner.services.typed_days import check_year


def contracts_to_invoice() -> Select[Contract]:
    """The contracts of which something remains to invoice."""
    return select(Contract).where(Contract.status != ContractStatus.CANCELLED, waits())


def draft_from_contract(
    contract: Contract,
    *,
    invoice_date: date,
    due_date: date | None = None,
    until: date | None = None,
    final: bool = True,
) -> Invoice:
    """Make a draft of what the contract has not been invoiced for: rent up to and including the day
    `until` (None: to its end), and all that is due at once. The caller commits.

    Without `due_date` the customer's payment term gives it. The draft is `final` only when nothing
    remains after it. Raises DomainError when nothing is left, or less than nothing; Invalid for
    impossible dates.
    """
    lock(contract)
    proposal = propose(contract, until)
    _refuse_nothing(contract, proposal, until)
    invoice = _new_draft(contract.business_unit, contract.customer, invoice_date, due_date)
    invoice.contract, invoice.invoiced_until = contract, until
    invoice.final = final and proposal.complete
    add_proposed(invoice, proposal.lines)
    return _keep(invoice)


def draft_for_customer(
    customer: Customer,
    unit: BusinessUnit,
    *,
    invoice_date: date,
    due_date: date | None = None,
) -> Invoice:
    """Make an empty draft of no contract, for lines that people add (`draft_lines`). The caller
    commits. Raises Invalid for impossible dates, or a customer of another company group.
    """
    if customer.group_id != unit.company.group_id:
        raise Invalid(
            customer_id=_(
                "%(name)s belongs to another company group than %(unit)s.",
                name=customer.full_name,
                unit=unit.name,
            )
        )
    if customer.status is CustomerStatus.INACTIVE:
        raise Invalid(customer_id=_("%(name)s is no longer a customer.", name=customer.full_name))
    invoice = _new_draft(unit, customer, invoice_date, due_date)
    invoice.final = False
    return _keep(invoice)


def add_proposed(invoice: Invoice, lines: Iterable[ProposedLine]) -> None:
    """Put what a contract proposes at the end of a draft's lines."""
    start = max((line.position for line in invoice.lines), default=0) + 1
    for position, line in enumerate(lines, start):
        invoice.lines.append(_invoice_line(line, position))


def due_on(payment_days: int, invoice_date: date) -> date:
    """The due date that a payment term gives; no later than the last day that there is."""
    return invoice_date + min(timedelta(days=payment_days), date.max - invoice_date)


def set_dates(invoice: Invoice, invoice_date: date, due_date: date) -> None:
    """Give a draft its dates. Raises Invalid."""
    lock(invoice)
    refuse_confirmed(invoice)
    _check_dates(invoice_date, due_date)
    invoice.invoice_date, invoice.due_date = invoice_date, due_date
    db.session.flush()


def discard_draft(invoice: Invoice) -> None:
    """Throw a draft away; what it held can be invoiced again. The caller commits."""
    lock(invoice)
    refuse_confirmed(invoice)
    db.session.delete(invoice)
    db.session.flush()


def _new_draft(
    unit: BusinessUnit, customer: Customer, invoice_date: date, due_date: date | None
) -> Invoice:
    due_date = due_date or due_on(customer.payment_days, invoice_date)
    _check_dates(invoice_date, due_date)
    return Invoice(
        company_id=unit.company_id,
        business_unit=unit,
        customer=customer,
        invoice_date=invoice_date,
        due_date=due_date,
    )


def _keep(invoice: Invoice) -> Invoice:
    total(invoice)
    db.session.add(invoice)
    db.session.flush()
    return invoice


def _refuse_nothing(contract: Contract, proposal: Proposal, until: date | None) -> None:
    if contract.status is ContractStatus.CANCELLED:
        raise DomainError(Message(N_("A cancelled contract cannot be invoiced.")))
    if not proposal.lines:
        raise DomainError(_nothing_left(proposal, until))
    if proposal.net < 0:
        raise DomainError(
            Message(
                N_("Less is due than was invoiced: credit a part of an earlier invoice instead.")
            )
        )


def _nothing_left(proposal: Proposal, until: date | None) -> Message:
    if until and not proposal.complete:
        text = N_("There is nothing to invoice up to and including %(day)s.")
        return Message(text, {"day": day(until)})
    return Message(N_("Everything on this contract has been invoiced, or it has no price yet."))


def _check_dates(invoice_date: date, due_date: date) -> None:
    if due_date < invoice_date:
        raise Invalid(due_date=_("The due date cannot lie before the invoice date."))
    check_year("invoice_date", invoice_date, today())
    check_year("invoice_date", due_date, invoice_date)


def _invoice_line(line: ProposedLine, position: int) -> InvoiceLine:
    source = line.price_line
    group = source.contract.business_unit.company.group
    return InvoiceLine(
        price_line_id=source.id,
        position=position,
        description=line.description,
        first_day=line.first_day,
        last_day=line.last_day,
        units=line.units,
        unit_price=line.unit_price,
        discount=line.discount,
        net=line.net,
        vat_code=line.vat_code,
        vat_percentage=line.vat_percentage,
        gl_account=source.gl_account,
        cost_centre=cost_item(CostCentre, group, (), source.cost_centre),
        cost_carrier=cost_item(CostCarrier, group, (), source.cost_carrier),
    )
