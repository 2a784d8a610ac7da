"""The PDF of an invoice: what stands on it, and that it is made once, outside any transaction."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from ppplanner.clock import today
from ppplanner.documents import jobs, read_then_print
from ppplanner.documents.invoice_pdf import ensure_pdf, make_pdf
from ppplanner.documents.legal import legal_texts
from ppplanner.documents.printing import print_pdf
from ppplanner.documents.sheet import invoice_html
from ppplanner.errors import DomainError, NotFound
from ppplanner.extensions import db
from ppplanner.formats import day
from ppplanner.i18n import in_language
from ppplanner.jobs import enqueue
from ppplanner.models import Invoice, InvoiceDocument, InvoiceVat, VatCode, VatTreatment
from ppplanner.services import ledger
from ppplanner.services.firm import company_files
from ppplanner.services.firm.invoice_terms import save_terms
from ppplanner.services.invoices.written import written_communication
from tests.documents.bills import IBAN, bill, credit_note, line
from tests.documents.logos import COLOUR, LOGOS
from tests.documents.reading import codes, fonts, pages, shows, words
from tests.factories import make_customer, make_vat_code, number_of_year


def printed(invoice: Invoice) -> bytes:
    db.session.commit()
    invoice_id = invoice.id
    db.session.rollback()
    return make_pdf(invoice_id)


def kept(invoice_id: int) -> tuple[str, bytes]:
    document = db.session.get_one(InvoiceDocument, invoice_id)
    found = document.sha256, document.content
    db.session.rollback()
    return found


def confirmed_id(**values: Any) -> int:
    invoice = bill(**values)
    db.session.commit()
    invoice_id = invoice.id
    db.session.rollback()
    return invoice_id


def test_it_says_who_what_when_and_how_much(app: Flask) -> None:
    customer = make_customer(
        company_name="Bakkerij Peeters", vat_number="BE0403170701", language="en", city="Gent"
    )
    invoice = bill(customer=customer, name="Vroom NV")
    text = words(printed(invoice))
    for expected in (
        f"Invoice {number_of_year()}",
        "Vroom NV Havenlaan 86 1000 Brussel",
        "Bakkerij Peeters",
        "Your VAT number BE0403170701",
        "Period 1 Nov 2026 – 5 Nov 2026",
        "Ford Transit, 1 Nov 2026 to 5 Nov 2026 5 €100.00 21 % €500.00",
        "Total without VAT €500.00",
        "VAT €105.00",
        "Total to pay €605.00",
        f"IBAN {IBAN}",
        written_communication(invoice.payment_reference),
        "Pay in time.",
        f"{number_of_year()} · 1 / 1",
    ):
        assert expected in text


def test_its_text_comes_out_in_the_order_in_which_people_read(app: Flask) -> None:
    customer = make_customer(company_name="Bakkerij Peeters", language="en")
    text = words(printed(bill(line("Insurance"), customer=customer, name="Vroom NV")))
    parts = (
        "Vroom NV",
        f"Invoice {number_of_year()}",
        "Invoice date",
        "Bakkerij Peeters",
        "Description Quantity",
        "Insurance",
        "VAT rate Base",
        "Total to pay",
        "Please transfer",
        "Pay in time.",
    )
    assert sorted(parts, key=text.index) == list(parts)


def test_a_banking_app_reads_the_whole_transfer_from_the_code(app: Flask) -> None:
    invoice = bill(name="Vroom NV")
    read = codes(printed(invoice))
    assert [code.split("\n") for code in read] == [
        [
            *("BCD", "002", "1", "SCT", "GKCCBEBB", "Vroom NV", "BE71096123456769", "EUR605"),
            *("", invoice.payment_reference),
        ]
    ]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("nl", ("Factuur {number}", "1 nov 2026 – 5 nov 2026", "Te betalen € 605,00")),
        ("fr", ("Facture {number}", "1 nov. 2026 – 5 nov. 2026", "Total à payer 605,00 €")),
        ("de", ("Rechnung {number}", "01.11.2026 – 05.11.2026", "Zu zahlen 605,00 €")),
    ],
)
def test_it_speaks_the_language_of_the_customer_whoever_presses_the_button(
    app: Flask, language: str, expected: tuple[str, ...]
) -> None:
    customer = make_customer(language=language)
    with in_language("en"):
        text = words(printed(bill(customer=customer)))
    told = [each.format(number=number_of_year()) for each in expected]
    assert [each for each in told if each not in text] == []


def test_base_and_vat_stand_there_per_rate(app: Flask) -> None:
    text = words(printed(bill(line(vat_code=make_vat_code("6"), unit_price=Decimal("33.33")))))
    assert "21 % €500.00 €105.00 6 % €33.33 €2.00" in text
    assert "Total to pay €640.33" in text


def charged(treatment: VatTreatment, own: str = "") -> Invoice:
    """An invoice with one line under a VAT code that this treatment makes special."""
    code = VatCode(code="X", name="", treatment=treatment, legal_text=own)
    return Invoice(vat_totals=[InvoiceVat(vat_code=code, percentage=0, base=1, vat=0)])


@pytest.mark.parametrize(
    ("treatment", "own", "said"),
    [
        (VatTreatment.DOMESTIC, "", []),
        (VatTreatment.EXEMPT, "Exempt by article 44.", ["Exempt by article 44."]),
        (VatTreatment.EXEMPT, "", ["Exempt from VAT."]),
        (
            VatTreatment.EXPORT,
            "",
            ["Not subject to Belgian VAT: supplied outside the European Union."],
        ),
        (
            VatTreatment.INTRA_COMMUNITY,
            "Verlegd.",
            ["Reverse charge: article 196 of Directive 2006/112/EC. Verlegd."],
        ),
    ],
)
def test_no_vat_is_explained_by_the_article_of_the_law(
    app: Flask, treatment: VatTreatment, own: str, said: list[str]
) -> None:
    assert legal_texts(charged(treatment, own)) == said


def test_what_the_law_says_stands_on_the_paper(app: Flask) -> None:
    exempt = ledger.save_vat_code(
        code="EX", name="Exempt", percentage=Decimal(0), legal_text="Exempt by article 44."
    )
    text = words(printed(bill(vat_code=exempt)))
    assert "Exempt by article 44." in text
    assert "Total to pay €500.00" in text


@pytest.mark.parametrize(
    ("language", "words_of_the_law"),
    [
        ("en", "Reverse charge"),
        ("nl", "Btw verlegd"),
        ("fr", "Autoliquidation"),
        ("de", "Steuerschuldnerschaft des Leistungsempfängers"),
    ],
)
def test_a_reverse_charge_is_named_in_the_words_of_the_directive(
    app: Flask, language: str, words_of_the_law: str
) -> None:
    with in_language(language):
        assert legal_texts(charged(VatTreatment.INTRA_COMMUNITY))[0].startswith(words_of_the_law)


def test_prices_keep_their_decimals_and_a_discount_has_a_column(app: Flask) -> None:
    plain = words(printed(bill()))
    text = words(
        printed(
            bill(
                line(unit_price=Decimal("0.2345"), units=Decimal(312), discount=Decimal(5)),
            )
        )
    )
    assert "Insurance 312 €0.2345 5 % 21 % €69.51" in text
    assert "Discount" in text
    assert "Discount" not in plain


def test_sixty_lines_go_over_pages_that_repeat_the_headings(app: Flask) -> None:
    invoice = bill(*(line(f"Charge {number}") for number in range(60)))
    sheets = pages(printed(invoice))
    assert len(sheets) == 3
    for number, sheet in enumerate(sheets, start=1):
        assert "Description Quantity Unit price VAT Amount" in sheet
        assert f"{invoice.reference} · {number} / 3" in sheet
    assert "Charge 59" in sheets[-1]
    assert "Total to pay" in sheets[-1]


@pytest.mark.parametrize(
    ("language", "words_of_the_law"),
    [
        ("en", "to be paid back to the State"),
        ("nl", "terug te storten aan de Staat in de mate waarin ze oorspronkelijk in aftrek werd"),
        ("fr", "à reverser à l’État dans la mesure où elle a été initialement déduite"),
        ("de", "an den Staat zurückzuzahlen"),
    ],
)
def test_a_credit_note_says_what_becomes_of_the_vat_that_it_takes_off(
    app: Flask, language: str, words_of_the_law: str
) -> None:
    note = credit_note(bill())
    with in_language(language):
        assert words_of_the_law in legal_texts(note)[-1]
        assert not note.credited_invoice or not legal_texts(note.credited_invoice)


def test_a_credit_note_says_so_and_asks_for_no_money(app: Flask) -> None:
    pdf = printed(credit_note(bill()))
    text = words(pdf)
    assert f"Credit note CN{number_of_year()}" in text
    assert f"Credit on invoice {number_of_year()} of {day(today())}" in text
    assert "Total -€605.00" in text
    assert "You need not pay anything" in text
    assert codes(pdf) == []


def printed_as_prepaid(invoice: Invoice, amount: Decimal) -> bytes:
    """An invoice on paper as if so much had been paid when it was confirmed."""
    with db.session.no_autoflush:
        invoice.prepaid = amount
        html = invoice_html(invoice)
    db.session.rollback()
    return print_pdf(html)


def test_what_was_paid_before_is_taken_off(app: Flask) -> None:
    pdf = printed_as_prepaid(bill(), Decimal("205.00"))
    text = words(pdf)
    assert "Total with VAT €605.00 Paid already -€205.00 Total to pay €400.00" in text
    assert "Please transfer €400.00 by" in text
    assert "EUR400" in codes(pdf)[0]


def test_who_has_paid_all_is_asked_for_nothing(app: Flask) -> None:
    pdf = printed_as_prepaid(bill(), Decimal("605.00"))
    assert "Total to pay €0.00" in words(pdf)
    assert "It is paid already: there is nothing for you to do." in words(pdf)
    assert codes(pdf) == []


def test_the_terms_stand_there_in_the_language_of_the_customer(app: Flask) -> None:
    french, dutch = (bill(customer=make_customer(language=each)) for each in ("fr", "nl"))
    for each in (french, dutch):
        save_terms(each.company, "Pay in time.", {"fr": "Payez à temps.", "de": " "})
    assert "Payez à temps." in words(printed(french))
    assert "Pay in time." in words(printed(dutch))


def test_a_credit_note_has_no_terms_of_payment(app: Flask) -> None:
    note = credit_note(bill())
    save_terms(note.company, "Pay in time.", {})
    assert "Pay in time." not in words(printed(note))


@pytest.mark.parametrize("kind", ["png", "jpeg", "svg"])
def test_the_logo_of_the_company_stands_on_it(app: Flask, kind: str) -> None:
    invoice = bill()
    assert not shows(printed(invoice), COLOUR)
    company_files.keep_logo(invoice.company, f"logo.{kind}", LOGOS[kind])
    assert shows(printed(invoice), COLOUR)


def test_a_name_is_text_whatever_it_holds(app: Flask) -> None:
    name = '<img src="file:///etc/hostname"> & Zonen {{ 7 * 7 }}'
    text = words(printed(bill(customer=make_customer(company_name=name, language="en"))))
    assert name in text


def test_only_fonts_that_every_debian_has_are_used(app: Flask) -> None:
    assert fonts(printed(bill())) == {"DejaVu-Sans", "DejaVu-Sans-Bold"}


@pytest.mark.both_databases
def test_the_first_pdf_is_kept_for_good(app: Flask) -> None:
    invoice_id = confirmed_id()
    ensure_pdf(invoice_id)
    first = kept(invoice_id)
    db.session.get_one(Invoice, invoice_id).company.name = "Another name"
    db.session.commit()
    ensure_pdf(invoice_id)
    assert kept(invoice_id) == first
    assert make_pdf(invoice_id) != first[1]


@pytest.mark.both_databases
def test_no_transaction_is_open_while_it_prints(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_ones: list[tuple[bool, int]] = []

    def watch(html: str) -> bytes:
        open_ones.append((db.session().in_transaction(), db.engine.pool.checkedout()))  # type: ignore[attr-defined]
        return b"%PDF"

    invoice_id = confirmed_id()
    monkeypatch.setattr(read_then_print, "print_pdf", watch)
    ensure_pdf(invoice_id)
    assert open_ones == [(False, 0)]
    assert kept(invoice_id)[1] == b"%PDF"


def test_it_refuses_to_lose_what_is_not_committed(app: Flask) -> None:
    invoice = bill()
    with pytest.raises(RuntimeError, match="commit before"):
        ensure_pdf(invoice.id)


def test_a_draft_has_no_pdf(app: Flask) -> None:
    invoice_id = confirmed_id(confirmed=False)
    with pytest.raises(DomainError, match="confirm it first"):
        ensure_pdf(invoice_id)


def test_an_invoice_that_is_gone_has_no_pdf(app: Flask) -> None:
    with pytest.raises(NotFound):
        make_pdf(999)


@pytest.mark.both_databases
def test_of_two_made_at_the_same_moment_the_first_stays(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoice_id = confirmed_id()

    def overtaken(html: str) -> bytes:
        monkeypatch.setattr(read_then_print, "print_pdf", lambda _html: b"%PDF first")
        ensure_pdf(invoice_id)
        return b"%PDF second"

    monkeypatch.setattr(read_then_print, "print_pdf", overtaken)
    ensure_pdf(invoice_id)
    assert kept(invoice_id)[1] == b"%PDF first"


def test_the_clock_makes_what_a_crash_left_unmade(app: Flask, run_jobs: Callable[[], int]) -> None:
    done, left, draft = (
        confirmed_id(),
        confirmed_id(),
        confirmed_id(confirmed=False),
    )
    ensure_pdf(done)
    jobs.make_missing_pdfs()
    assert run_jobs() == 1
    assert kept(left)[1].startswith(b"%PDF")
    assert db.session.get(InvoiceDocument, draft) is None


def test_one_that_cannot_be_printed_stops_none_of_the_others(
    app: Flask, monkeypatch: pytest.MonkeyPatch, run_jobs: Callable[[], int]
) -> None:
    _bad, good = confirmed_id(name="Vroom NV"), confirmed_id()

    def stumble(html: str) -> bytes:
        if "Vroom NV" in html:
            raise OSError("no fonts")
        return print_pdf(html)

    monkeypatch.setattr(read_then_print, "print_pdf", stumble)
    jobs.make_missing_pdfs()
    with pytest.raises(OSError, match="no fonts"):
        run_jobs()
    assert kept(good)[1].startswith(b"%PDF")


def test_the_clock_does_not_queue_again_what_still_waits(
    app: Flask, run_jobs: Callable[[], int]
) -> None:
    confirmed_id()
    jobs.make_missing_pdfs()
    jobs.make_missing_pdfs()
    assert run_jobs() == 1


def test_a_job_makes_the_pdf_of_one_invoice(app: Flask, run_jobs: Callable[[], int]) -> None:
    invoice_id = confirmed_id()
    enqueue(jobs.make_invoice_pdf, invoice_id)
    assert run_jobs() == 1
    assert kept(invoice_id)[1].startswith(b"%PDF")
