"""What a company prints at the foot of each invoice, in the languages of its customers."""

from __future__ import annotations

from collections.abc import Mapping

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import PAPER_LANGUAGES, _
from ppplanner.models import Company

#: In characters, in each language.
LONGEST = 1000


def terms_in(company: Company, language: str) -> str:
    """The terms for a customer: in their language, else those for everybody else."""
    return company.invoice_terms_in.get(language) or company.invoice_terms


def save_terms(company: Company, for_all: str, in_languages: Mapping[str, str]) -> Company:
    """Give a company its terms: those for everybody, and by language those that differ.

    Raises Invalid. The caller commits.
    """
    typed = {language: in_languages.get(language, "").strip() for language in PAPER_LANGUAGES}
    if max(map(len, (for_all, *typed.values()))) > LONGEST:
        raise Invalid(for_all=_("Use at most %(max)d characters.", max=LONGEST))
    company.invoice_terms = for_all.strip()
    company.invoice_terms_in = {language: text for language, text in typed.items() if text}
    db.session.flush()
    return company
