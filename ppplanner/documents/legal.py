"""What the law wants an invoice to say where no VAT is charged, and a credit note where some is."""

from __future__ import annotations

from flask_babel.speaklater import LazyString

from ppplanner.i18n import _l
from ppplanner.models import Invoice, VatTreatment

#: Articles 226 (11) and (11a) of the VAT directive; the words for a reverse charge are its own, in
#: each language.
MENTIONS: dict[VatTreatment, LazyString] = {
    VatTreatment.INTRA_COMMUNITY: _l("Reverse charge: article 196 of Directive 2006/112/EC."),
    VatTreatment.EXPORT: _l("Not subject to Belgian VAT: supplied outside the European Union."),
    VatTreatment.EXEMPT: _l("Exempt from VAT."),
}
#: Belgian royal decree no. 4 of 29 December 1969, article 4: the customer gives back the VAT that
#: the credit note takes off.
GIVEN_BACK = _l("VAT to be paid back to the State in so far as it was deducted before.")


def legal_texts(invoice: Invoice) -> list[str]:
    """A sentence for each VAT code of the invoice that wants one, in the customer's language; and
    one for a Belgian credit note with VAT.

    What the firm says of its VAT code itself is taken as it is; only a reverse charge is always
    named in the words of the customer's language.
    """
    codes = [total.vat_code for total in invoice.vat_totals]
    found = (_said(code.treatment, code.legal_text) for code in codes)
    texts = list(dict.fromkeys(filter(None, found)))
    gives_back = invoice.is_credit_note and invoice.vat and invoice.company.country == "BE"
    return [*texts, str(GIVEN_BACK)] if gives_back else texts


def _said(treatment: VatTreatment, own: str) -> str:
    mention = str(MENTIONS.get(treatment, ""))
    if treatment is VatTreatment.INTRA_COMMUNITY:
        return f"{mention} {own}".strip()
    return own or mention
