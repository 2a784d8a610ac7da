"""The files of a company: its logo, and its general conditions in the languages of customers."""

from __future__ import annotations

from sqlalchemy import select

from ppplanner.errors import Invalid
from ppplanner.extensions import db
from ppplanner.i18n import PAPER_LANGUAGES, _
from ppplanner.models import Company, CompanyFile, FileKind
from ppplanner.plain_text import one_line
from ppplanner.services.firm.logos import logo_type
from ppplanner.services.locking import lock

#: In bytes: they go along with each invoice that is mailed.
LARGEST_CONDITIONS = 2_000_000
PDF = "application/pdf"


def logo(company_id: int) -> CompanyFile | None:
    return _file(company_id, FileKind.LOGO)


def keep_logo(company: Company, filename: str, content: bytes) -> CompanyFile:
    """Keep a picture as the company's logo, in place of the one before. Raises Invalid."""
    return _keep(company, FileKind.LOGO, "", filename, logo_type(content), content)


def conditions(company_id: int, language: str) -> CompanyFile | None:
    """The general conditions for a customer: in their language, else those for everybody else."""
    found = {file.language: file for file in all_conditions(company_id)}
    return found.get(language) or found.get("")


def all_conditions(company_id: int) -> list[CompanyFile]:
    query = select(CompanyFile).filter_by(company_id=company_id, kind=FileKind.CONDITIONS)
    return list(db.session.scalars(query.order_by(CompanyFile.language)))


def keep_conditions(company: Company, language: str, filename: str, content: bytes) -> CompanyFile:
    """Keep a PDF as the conditions in a language, for "" those for everybody else. Raises
    Invalid.
    """
    if language and language not in PAPER_LANGUAGES:
        raise Invalid(language=_("Choose one from the list."))
    if len(content) > LARGEST_CONDITIONS:
        raise Invalid(
            file=_(
                "This file has %(size)s kB: use one of at most %(most)s kB, since it goes along"
                " with each mail.",
                size=len(content) // 1000,
                most=LARGEST_CONDITIONS // 1000,
            )
        )
    if not content.startswith(b"%PDF-") or b"%%EOF" not in content[-2048:]:
        raise Invalid(file=_("This is not a PDF, or it is damaged."))
    return _keep(company, FileKind.CONDITIONS, language, filename, PDF, content)


def remove_file(file: CompanyFile) -> None:
    """Forget a file. The caller commits."""
    db.session.delete(file)
    db.session.flush()


def _file(company_id: int, kind: FileKind, language: str = "") -> CompanyFile | None:
    query = select(CompanyFile).filter_by(company_id=company_id, kind=kind, language=language)
    return db.session.scalar(query)


def _keep(
    company: Company, kind: FileKind, language: str, filename: str, media_type: str, content: bytes
) -> CompanyFile:
    lock(company)  # two people at the same time keep one file
    if old := _file(company.id, kind, language):
        remove_file(old)
    file = CompanyFile(
        company_id=company.id,
        kind=kind,
        language=language,
        filename=one_line(filename)[-200:],
        media_type=media_type,
        content=content,
    )
    db.session.add(file)
    db.session.flush()
    return file
