"""Series: where they start, on which level, and what a change of it means."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from ppplanner.clock import today
from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.models import (
    BusinessUnit,
    Company,
    Delivery,
    FinancialYear,
    Invoice,
    InvoiceKind,
    NumberSeries,
)
from ppplanner.services.firm.financial_years import close_year, find_year, reopen_year
from ppplanner.services.firm.invoice_settings import NumberingLevel
from ppplanner.services.invoices.confirming import confirm_invoice
from ppplanner.services.invoices.crediting import credit_in_full
from ppplanner.services.invoices.numbering_level import save_invoice_settings
from ppplanner.services.invoices.series import (
    begin_series,
    earlier_years,
    series_to_begin,
    take_series,
)
from tests.factories import make_company, make_contract, make_invoice, make_unit
from tests.parallel import at_once

YEAR = str(today().year)


def year_of(unit: BusinessUnit) -> FinancialYear:
    year = find_year(unit, today())
    assert year
    return year


def number_on(company: Company, level: NumberingLevel, own_credit_series: bool = True) -> None:
    save_invoice_settings(
        company,
        numbering=level,
        own_credit_series=own_credit_series,
        delivery=Delivery.MAIL,
        mail_by_itself=False,
    )


def invoice_of(unit: BusinessUnit) -> str:
    """The number of one more invoice."""
    return make_invoice(make_contract(unit=unit)).reference


def credited(unit: BusinessUnit) -> tuple[str, str]:
    """The numbers of one more invoice and of the credit note that takes it back."""
    invoice = make_invoice(make_contract(unit=unit))
    note = credit_in_full(invoice, on=today())
    confirm_invoice(note)
    return invoice.reference, note.reference


def test_a_series_starts_where_somebody_says(app: Flask) -> None:
    unit = make_unit()
    begin_series(year_of(unit), InvoiceKind.INVOICE, 500)
    assert [invoice_of(unit) for _ in range(2)] == [f"{YEAR}-00500", f"{YEAR}-00501"]


def test_only_a_series_that_has_given_none_is_asked_about(app: Flask) -> None:
    unit = make_unit()
    draft = make_invoice(make_contract(unit=unit), confirmed=False)
    (new,) = series_to_begin([draft])
    assert (new.year, new.kind, new.start) == (year_of(unit), InvoiceKind.INVOICE, 1)
    assert new.first_reference == f"{YEAR}-00001"
    invoice_of(unit)
    assert series_to_begin([draft]) == []


def test_no_series_of_a_closed_year_is_asked_about(app: Flask) -> None:
    draft = make_invoice(confirmed=False)
    close_year(year_of(draft.business_unit))
    assert series_to_begin([draft]) == []


def test_a_series_that_has_begun_starts_nowhere_else(app: Flask) -> None:
    unit = make_unit()
    invoice_of(unit)
    with pytest.raises(Invalid, match="start_number") as refusal:
        begin_series(year_of(unit), InvoiceKind.INVOICE, 500)
    assert "the next one is 2" in str(refusal.value.fields["start_number"])


@pytest.mark.parametrize("start", [0, -1, 10_000_000, 2**63])
def test_numbers_begin_at_one_or_higher_and_fit(app: Flask, start: int) -> None:
    with pytest.raises(Invalid, match="start_number"):
        begin_series(year_of(make_unit()), InvoiceKind.INVOICE, start)


def test_credit_notes_have_numbers_of_their_own_or_share_those_of_invoices(app: Flask) -> None:
    apart, together = make_unit(), make_unit()
    number_on(together.company, NumberingLevel.COMPANY, own_credit_series=False)
    assert credited(apart) == (f"{YEAR}-00001", f"CN{YEAR}-00001")
    assert credited(together) == (f"{YEAR}-00001", f"{YEAR}-00002")
    assert invoice_of(together) == f"{YEAR}-00003"


def test_units_of_a_company_share_a_series(app: Flask) -> None:
    company = make_company()
    units = [make_unit(company), make_unit(company)]
    assert [invoice_of(unit) for unit in units] == [f"{YEAR}-00001", f"{YEAR}-00002"]


def test_units_that_number_for_themselves_put_their_code_in_front(app: Flask) -> None:
    company = make_company()
    units = [make_unit(company, code=code) for code in ("GENT", "LUIK")]
    number_on(company, NumberingLevel.BUSINESS_UNIT)
    assert [invoice_of(unit) for unit in units] == [f"GENT-{YEAR}-00001", f"LUIK-{YEAR}-00001"]
    assert credited(units[0]) == (f"GENT-{YEAR}-00002", f"GENT-CN{YEAR}-00001")


def test_companies_of_a_group_share_a_series(app: Flask) -> None:
    units = [make_unit(), make_unit()]
    for unit in units:
        number_on(unit.company, NumberingLevel.GROUP)
    references = [invoice_of(unit) for unit in (*units, units[0])]
    assert references == [f"{YEAR}-00001", f"{YEAR}-00002", f"{YEAR}-00003"]


def test_a_company_that_joins_its_group_gives_no_number_twice(app: Flask) -> None:
    """Both levels call their documents alike, so the group goes on after what the company has."""
    unit = make_unit()
    assert [invoice_of(unit) for _ in range(3)][-1] == f"{YEAR}-00003"
    number_on(unit.company, NumberingLevel.GROUP)
    draft = make_invoice(make_contract(unit=unit), confirmed=False)
    assert series_to_begin([draft])[0].start == 4
    assert invoice_of(unit) == f"{YEAR}-00004"


def test_nobody_returns_to_a_series_that_others_have_overtaken(app: Flask) -> None:
    unit = make_unit()
    invoice_of(unit)
    number_on(unit.company, NumberingLevel.GROUP)
    number_on(unit.company, NumberingLevel.COMPANY)  # nothing has been numbered meanwhile
    number_on(unit.company, NumberingLevel.GROUP)
    invoice_of(unit)
    with pytest.raises(Invalid, match="numbering") as refusal:
        number_on(unit.company, NumberingLevel.COMPANY)
    assert "would repeat some" in str(refusal.value.fields["numbering"])


def test_a_company_with_more_numbers_than_its_group_joins_it_next_year(app: Flask) -> None:
    first, second = make_unit(), make_unit()
    number_on(first.company, NumberingLevel.GROUP)
    invoice_of(first)
    for _ in range(3):
        invoice_of(second)
    with pytest.raises(Invalid, match="numbering"):
        number_on(second.company, NumberingLevel.GROUP)


def test_a_start_that_another_document_has_is_refused(app: Flask) -> None:
    unit = make_unit()
    invoice_of(unit)
    number_on(unit.company, NumberingLevel.GROUP)
    begin_series(year_of(unit), InvoiceKind.INVOICE, 1)
    with pytest.raises(Invalid, match="start_number"):
        invoice_of(unit)


def test_a_closed_year_stays_closed_on_another_level(app: Flask) -> None:
    unit = make_unit()
    close_year(year_of(unit))
    number_on(unit.company, NumberingLevel.BUSINESS_UNIT)
    assert find_year(unit, today()) is None
    assert find_year(unit, today().replace(year=today().year + 1)) is not None


def test_years_that_are_there_already_are_left_alone(app: Flask) -> None:
    unit = make_unit()
    number_on(unit.company, NumberingLevel.BUSINESS_UNIT)
    count = len(db.session.scalars(select(FinancialYear)).all())
    number_on(unit.company, NumberingLevel.COMPANY)
    number_on(unit.company, NumberingLevel.BUSINESS_UNIT)
    assert len(db.session.scalars(select(FinancialYear)).all()) == count


def test_a_year_that_is_over_is_worth_a_look(app: Flask) -> None:
    this, last = (
        make_invoice(confirmed=False, invoice_date=day)
        for day in (today(), today() - timedelta(days=366))
    )
    assert [year.name for year in earlier_years([this, last, last])] == [str(today().year - 1)]


def test_who_closes_a_year_waits_for_who_confirms_in_it(app: Flask) -> None:
    """And the other way around: nothing gets a number after the year is closed."""
    unit = make_unit()
    drafts = [make_invoice(make_contract(unit=unit), confirmed=False).id for _ in range(6)]
    year_id = year_of(unit).id

    def close() -> str:
        close_year(db.session.get_one(FinancialYear, year_id))
        return "closed"

    def confirm(key: int) -> str:
        invoice = db.session.get_one(Invoice, key)
        confirm_invoice(invoice)
        return invoice.reference

    tasks = [lambda key=key: confirm(key) for key in drafts]
    results = at_once(app, [*tasks[:3], close, *tasks[3:]])
    given = [result for result in results if isinstance(result, str) and result != "closed"]
    refused = [result for result in results if isinstance(result, Invalid)]
    assert len(given) + len(refused) == len(drafts)
    assert sorted(given) == [f"{YEAR}-{number:05}" for number in range(1, len(given) + 1)]
    reopen_year(db.session.get_one(FinancialYear, year_id))
    db.session.commit()
    assert invoice_of(unit) == f"{YEAR}-{len(given) + 1:05}"


def test_the_series_is_read_as_it_is_now(app: Flask) -> None:
    unit = make_unit()
    invoice_of(unit)
    db.session.commit()
    stale = db.session.scalars(select(NumberSeries)).one()
    key = unit.id
    at_once(app, [lambda: invoice_of(db.session.get_one(BusinessUnit, key))])
    assert take_series(year_of(unit), InvoiceKind.INVOICE) is stale
    assert stale.next_number == 3
