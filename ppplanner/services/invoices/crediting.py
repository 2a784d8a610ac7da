"""Credit notes: they take back a confirmed invoice, wholly or in part, never more than is left."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from sqlalchemy import select

from ppplanner.clock import today
from ppplanner.errors import DomainError, Invalid
from ppplanner.extensions import db
from ppplanner.formats import money
from ppplanner.i18n import _
from ppplanner.models import DocumentState, Invoice, InvoiceKind, InvoiceLine
from ppplanner.money import cents
from ppplanner.services.invoices.credited import left_of_lines, left_of_rates
from ppplanner.services.invoices.frozen import refuse_confirmed
from ppplanner.services.invoices.holding import hold
from ppplanner.services.invoices.totals import total
from ppplanner.services.renting.lifecycle import Step, advance, may
from ppplanner.services.typed_days import check_year

#: Above the amounts of the lines: what is wrong with all of them together.
TOGETHER = "amounts"


def credit(
    invoice: Invoice, amounts: Mapping[int, Decimal], *, on: date, again: bool = False
) -> Invoice:
    """Make the draft of a credit note. The caller commits.

    `amounts` says by the keys of lines how much to take back of each: EUR without VAT, signed as
    the line is. With `again` the contract can be invoiced for it once more. Raises DomainError for
    what cannot be credited, Invalid for amounts above what is left.
    """
    hold(invoice)
    refuse_uncreditable(invoice)
    note = Invoice(
        kind=InvoiceKind.CREDIT_NOTE,
        company=invoice.company,
        business_unit=invoice.business_unit,
        customer=invoice.customer,
        contract=invoice.contract,
        credited_invoice=invoice,
        final=False,
    )
    _fill(note, amounts, on, again)
    db.session.add(note)
    total(note)
    db.session.flush()
    return note


def change_credit(
    note: Invoice, amounts: Mapping[int, Decimal], *, on: date, again: bool = False
) -> None:
    """Let the draft of a credit note take back these amounts instead. Raises as `credit` does."""
    invoice = _hold_both(note)
    refuse_confirmed(note)
    note.lines.clear()
    db.session.flush()
    _fill(note, amounts, on, again)
    total(note)
    db.session.flush()
    assert note.credited_invoice is invoice


def credit_in_full(invoice: Invoice, *, on: date, again: bool = False) -> Invoice:
    """Make the draft of a credit note on all that is left. The caller commits."""
    return credit(invoice, left_of_lines(invoice), on=on, again=again)


def check(note: Invoice) -> None:
    """Look once more whether a draft takes back no more than is left, before it gets its number.

    Raises DomainError or Invalid. The caller confirms it, and commits.
    """
    invoice = _hold_both(note)
    amounts = {line.credited_line_id or 0: -line.net for line in note.lines}
    if len(amounts) < len(note.lines):
        raise DomainError(_("This credit note names a line of its invoice twice."))
    _refuse_excess(invoice, note, amounts)
    _check_date(invoice, note.invoice_date)
    total(note)
    db.session.flush()


def free_contract(note: Invoice) -> None:
    """Let the contract be invoiced once more for what a confirmed credit note gives back to it."""
    contract = note.contract
    gives_back = any(line.price_line_id for line in note.lines)
    if contract and gives_back and may(contract, Step.REOPEN):
        advance(contract, Step.REOPEN)


def refuse_uncreditable(invoice: Invoice) -> None:
    """Raises DomainError for a document of which no credit note can be made now."""
    if invoice.is_draft:
        raise DomainError(_("A draft needs no credit note: change it, or discard it."))
    if invoice.is_credit_note:
        raise DomainError(_("A credit note cannot be credited: make a new invoice instead."))
    if draft_of(invoice):
        raise DomainError(
            _("There is a draft credit note on this invoice: confirm, change or discard that one.")
        )
    if is_credited(invoice):
        raise DomainError(_("All of this invoice has been credited."))


def draft_of(invoice: Invoice) -> Invoice | None:
    """The credit note on an invoice that waits for its number: one at a time, so that nobody
    credits what a colleague is about to credit.
    """
    query = select(Invoice).filter_by(credited_invoice_id=invoice.id, state=DocumentState.DRAFT)
    return db.session.scalar(query.limit(1))


def is_credited(invoice: Invoice) -> bool:
    """Whether credit notes have taken back all of it, drafts included."""
    return not any(left_of_lines(invoice).values())


def _hold_both(note: Invoice) -> Invoice:
    hold(note)
    if note.credited_invoice is None:
        raise DomainError(_("This credit note says on no line which invoice it takes back."))
    return note.credited_invoice


def _fill(note: Invoice, amounts: Mapping[int, Decimal], on: date, again: bool) -> None:
    invoice = note.credited_invoice
    assert invoice
    taken = {line_id: amount for line_id, amount in amounts.items() if amount}
    _refuse_excess(invoice, note, taken)
    _check_date(invoice, on)
    note.invoice_date = note.due_date = on
    lines = [line for line in invoice.lines if line.id in taken]
    note.lines = [
        _credit_line(line, taken[line.id], position, again)
        for position, line in enumerate(lines, start=1)
    ]


def _credit_line(line: InvoiceLine, amount: Decimal, position: int, again: bool) -> InvoiceLine:
    """The line with all its units turned round, or one piece of the amount."""
    whole = amount == line.net
    return InvoiceLine(
        credited_line=line,
        price_line_id=line.price_line_id if again else None,
        position=position,
        description=line.description,
        first_day=line.first_day,
        last_day=line.last_day,
        units=-line.units if whole else Decimal(-1),
        unit_price=line.unit_price if whole else amount,
        discount=line.discount if whole else Decimal(0),
        net=-amount,
        vat_code=line.vat_code,
        vat_percentage=line.vat_percentage,
        gl_account=line.gl_account,
        cost_centre=line.cost_centre,
        cost_carrier=line.cost_carrier,
    )


def _refuse_excess(invoice: Invoice, note: Invoice, amounts: Mapping[int, Decimal]) -> None:
    left = left_of_lines(invoice, beside=note)
    if not amounts.keys() <= left.keys():
        raise DomainError(_("A line of this credit note does not stand on its invoice."))
    faults = {
        f"line_{line_id}": fault
        for line_id, amount in amounts.items()
        if (fault := _fault(amount, left[line_id]))
    }
    if faults:
        raise Invalid(**faults)
    if sum(amounts.values()) <= 0:
        raise Invalid(
            **{TOGETHER: _("A credit note gives money back: credit an amount above zero.")}
        )
    _refuse_excess_of_rates(invoice, note, amounts)


def _fault(amount: Decimal, left: Decimal) -> str:
    """What is wrong with crediting an amount of a line; "" for nothing."""
    if not left:
        return _("All of this line has been credited.")
    if not _lies_within(amount, left):
        return _("Of this line %(left)s is left to credit.", left=money(left))
    if amount != cents(amount):
        return _("Type at most %(count)s decimals.", count=2)
    return ""


def _refuse_excess_of_rates(
    invoice: Invoice, note: Invoice, amounts: Mapping[int, Decimal]
) -> None:
    """A discount that stands on a line of its own must not be forgotten: neither of a VAT rate nor
    of the whole more can be credited than is left.
    """
    left = {rate: share.base for rate, share in left_of_rates(invoice, beside=note).items()}
    taken = dict.fromkeys(left, Decimal(0))
    for line in invoice.lines:
        taken[line.vat_code_id, line.vat_percentage] += amounts.get(line.id, 0)
    whole = sum(left.values(), Decimal(0)), sum(taken.values(), Decimal(0))
    for available, wanted in [*((left[rate], taken[rate]) for rate in left), whole]:
        if not _lies_within(wanted, available):
            raise Invalid(
                **{
                    TOGETHER: _(
                        "With the discounts only %(left)s is left to credit: take back less, or"
                        " the discount as well.",
                        left=money(available),
                    )
                }
            )


def _lies_within(amount: Decimal, left: Decimal) -> bool:
    return min(left, Decimal(0)) <= amount <= max(left, Decimal(0))


def _check_date(invoice: Invoice, on: date) -> None:
    if on < invoice.invoice_date:
        raise Invalid(
            invoice_date=_("A credit note cannot be dated before the invoice that it takes back.")
        )
    if on > today():
        check_year("invoice_date", on, today())
