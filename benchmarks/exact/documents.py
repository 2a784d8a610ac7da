"""Confirmed invoices of a company with their lines, VAT and PDFs, written in bulk."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import func, insert, select, text, update
from stdnum.be import ogm_vcs

from ppplanner.batches import batches
from ppplanner.clock import now, today
from ppplanner.extensions import db
from ppplanner.models import (
    BusinessUnit,
    DocumentState,
    FinancialYear,
    GLAccount,
    Invoice,
    InvoiceDocument,
    InvoiceKind,
    InvoiceLine,
    InvoiceVat,
    NumberSeries,
)
from ppplanner.money import cents
from tests.factories import make_vat_code

#: The percentage of all their lines.
VAT = 21


@dataclass(frozen=True)
class _Ground:
    """What all invoices of a company stand on, by keys."""

    unit: BusinessUnit
    gl_account_id: int
    vat_code_id: int
    customer_ids: Sequence[int]
    #: How its references begin: no two companies have one alike.
    prefix: str
    first_id: int


def make_invoices(
    unit: BusinessUnit, customer_ids: Sequence[int], count: int, pdf_bytes: int | None
) -> None:
    """So many invoices, each of another amount, shared among the customers; with PDFs of that size,
    or none. As drafts, since a confirmed one would take no lines any more; then all are confirmed.
    """
    ground = _ground(unit, customer_ids)
    invoices = [_invoice(ground, index) for index in range(count)]
    _write(Invoice, invoices)
    _write(InvoiceLine, (_line(ground, invoice) for invoice in invoices))
    _write(InvoiceVat, (_vat(ground, invoice) for invoice in invoices))
    _confirm(ground, count)
    if pdf_bytes is not None:
        _write(InvoiceDocument, (_document(invoice, pdf_bytes) for invoice in invoices))
    _settle()


def _ground(unit: BusinessUnit, customer_ids: Sequence[int]) -> _Ground:
    account = select(GLAccount.id).filter_by(business_unit_id=unit.id, default_revenue=True)
    return _Ground(
        unit=unit,
        gl_account_id=db.session.scalars(account).one(),
        vat_code_id=make_vat_code(str(VAT)).id,
        customer_ids=customer_ids,
        prefix=f"T{unit.company_id}",
        first_id=(db.session.scalar(select(func.max(Invoice.id))) or 0) + 1,
    )


def _write(model: Any, rows: Iterable[dict[str, Any]]) -> None:
    for batch in batches(list(rows)):
        db.session.execute(insert(model.__table__), batch)


def _invoice(ground: _Ground, index: int) -> dict[str, Any]:
    key, day = ground.first_id + index, today()
    net = Decimal(5_000 + index) / 100
    vat = cents(net * VAT / 100)
    return {
        "id": key,
        "company_id": ground.unit.company_id,
        "business_unit_id": ground.unit.id,
        "customer_id": ground.customer_ids[index % len(ground.customer_ids)],
        "reference": f"{ground.prefix}-{index + 1:06}",
        "invoice_date": day,
        "due_date": day + timedelta(days=30),
        "net": net,
        "vat": vat,
        "gross": net + vat,
        "balance": net + vat,
        "payment_reference": f"{key:010}{ogm_vcs.calc_check_digits(f'{key:010}')}",
        "created_at": now(),
        "confirmed_at": now(),
    }


def _line(ground: _Ground, invoice: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "invoice_id": invoice["id"],
        "position": 1,
        "description": "Rent of a van",
        "units": Decimal(1),
        "unit_price": invoice["net"],
        "net": invoice["net"],
        "vat_code_id": ground.vat_code_id,
        "vat_percentage": Decimal(VAT),
        "gl_account_id": ground.gl_account_id,
    }


def _vat(ground: _Ground, invoice: Mapping[str, Any]) -> dict[str, Any]:
    shared = {"vat_code_id": ground.vat_code_id, "percentage": Decimal(VAT)}
    return {
        "invoice_id": invoice["id"],
        **shared,
        "base": invoice["net"],
        "vat": invoice["vat"],
    }


def _document(invoice: Mapping[str, Any], size: int) -> dict[str, Any]:
    content = f"%PDF-1.7\n{invoice['reference']}\n".encode().ljust(size, b"%")
    digest = hashlib.sha256(content).hexdigest()
    return {"invoice_id": invoice["id"], "sha256": digest, "content": content}


def _confirm(ground: _Ground, count: int) -> None:
    """Under numbers of a year that is over: a single long series does as well as many."""
    year = FinancialYear(
        company_id=ground.unit.company_id,
        name=ground.prefix,
        starts_on=date(2000, 1, 1),
        ends_on=date(2000, 12, 31),
    )
    series = NumberSeries(
        financial_year=year, kind=InvoiceKind.INVOICE, next_number=count + 1, last_date=today()
    )
    db.session.add(series)
    db.session.flush()
    confirmed = {
        "state": DocumentState.CONFIRMED,
        "series_id": series.id,
        "number": Invoice.id - ground.first_id + 1,
    }
    theirs = update(Invoice).where(Invoice.company_id == ground.unit.company_id)
    db.session.execute(theirs.values(confirmed), execution_options={"synchronize_session": False})


def _settle() -> None:
    """Let PostgreSQL count keys on from the last one, and know at once how much there is."""
    if db.engine.dialect.name == "postgresql":
        sequence = "pg_get_serial_sequence('invoices', 'id')"
        db.session.execute(text(f"select setval({sequence}, (select max(id) from invoices))"))
        db.session.commit()
        db.session.execute(text("analyze"))
