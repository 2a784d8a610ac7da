"""What stands on each company's papers, and goes along with its mails: logo, terms, conditions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from io import BytesIO
from typing import Any

from flask import Response, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from sqlalchemy import select
from wtforms import TextAreaField
from wtforms.validators import Length

from ppplanner.addons.manifest import Text
from ppplanner.blueprints.faults import SureForm, attempt
from ppplanner.blueprints.form_fields import choice_field
from ppplanner.blueprints.htmx import finish, go_to, render_form, render_page
from ppplanner.blueprints.lists.list_page import render_list
from ppplanner.blueprints.lists.listing import Column, Listing
from ppplanner.blueprints.records import find
from ppplanner.blueprints.settings import bp
from ppplanner.blueprints.stale import StaleAware, stale
from ppplanner.extensions import db
from ppplanner.i18n import PAPER_LANGUAGES, _, _l
from ppplanner.models import Company, CompanyFile, FileKind
from ppplanner.permissions import require
from ppplanner.security import takes_files
from ppplanner.services.firm import company_files
from ppplanner.services.firm.invoice_terms import LONGEST, save_terms

EDIT = "organisation.edit"
TOO_LONG = _l("Use at most %(max)d characters.")


def _terms_field(label: Text, description: Text = "") -> TextAreaField:
    return TextAreaField(
        label,
        [Length(max=LONGEST, message=TOO_LONG)],
        filters=[lambda text: (text or "").strip()],
        description=description,
    )


class TermsForm(StaleAware):
    for_all = _terms_field(
        _l("In every language"), _l("For customers for whose language nothing stands below.")
    )
    nl, fr, en, de = (_terms_field(PAPER_LANGUAGES[each]) for each in ("nl", "fr", "en", "de"))


class LogoForm(FlaskForm):
    file = FileField(
        _l("Picture"),
        [FileRequired(_l("Choose a file."))],
        description=_l("PNG, JPEG or SVG, at most 300 kB. It is printed at most 80 by 20 mm."),
    )


class ConditionsForm(FlaskForm):
    language = choice_field(
        _l("For customers who read"),
        choices=lambda: [("", _("Any other language")), *PAPER_LANGUAGES.items()],
    )
    file = FileField(
        _l("PDF"),
        [FileRequired(_l("Choose a file."))],
        description=_l("At most 2 MB. It goes along with each invoice that is mailed."),
    )


def _files(kind: FileKind) -> Callable[[Sequence[Company]], dict[int, str]]:
    """For a column: of each company, which files of a kind it has."""

    def load(companies: Sequence[Company]) -> dict[int, str]:
        ids = [company.id for company in companies]
        query = select(CompanyFile.company_id, CompanyFile.language).where(
            CompanyFile.company_id.in_(ids), CompanyFile.kind == kind
        )
        found: dict[int, list[str]] = {}
        for company_id, language in db.session.execute(query.order_by(CompanyFile.language)):
            found.setdefault(company_id, []).append(language_words(language))
        return {key: ", ".join(words) for key, words in found.items()}

    return load


def language_words(language: str) -> str:
    return PAPER_LANGUAGES.get(language) or _("Any other language")


def _has_logo(companies: Sequence[Company]) -> dict[int, str]:
    return dict.fromkeys(_files(FileKind.LOGO)(companies), _("Yes"))


PAPERS = Listing(
    name="papers",
    title=_l("Papers"),
    query=lambda: select(Company),
    key=Company.id,
    columns=[
        Column("name", _l("Company"), sort=Company.name),
        Column("logo", _l("Logo"), load=_has_logo),
        Column("conditions", _l("General conditions"), load=_files(FileKind.CONDITIONS), wide="sm"),
    ],
    sort="name",
    open=lambda company: url_for(".papers_of", company_id=company.id),
    empty=_l("Here stand your companies. Add the first one under Organisation."),
)


@bp.get("/papers/")
@require(EDIT)
def papers() -> Response:
    return render_list(PAPERS)


@bp.get("/papers/<int:company_id>")
@require(EDIT)
def papers_of(company_id: int) -> Response:
    company = find(Company, company_id)
    return render_page(
        "settings/papers.html",
        "content",
        company=company,
        logo=company_files.logo(company_id),
        conditions=company_files.all_conditions(company_id),
        languages=PAPER_LANGUAGES,
        language_words=language_words,
    )


@bp.route("/papers/<int:company_id>/terms", methods=["GET", "POST"])
@require(EDIT)
def terms(company_id: int) -> ResponseReturnValue:
    company = find(Company, company_id)
    values = {"for_all": company.invoice_terms, **company.invoice_terms_in}
    form, template = TermsForm(data=values), "settings/terms.html"
    if form.is_submitted() and stale(form, values):
        return render_page(template, "dialog", 409, form=form, company=company)
    if form.validate_on_submit() and attempt(form, lambda: _save_terms(company, form)):
        return finish(url_for(".papers_of", company_id=company_id), _("The terms are saved."))
    return render_form(template, form, "dialog", company=company)


def _save_terms(company: Company, form: TermsForm) -> Company:
    return save_terms(
        company, form.for_all.data, {each: form[each].data for each in PAPER_LANGUAGES}
    )


@bp.route("/papers/<int:company_id>/logo", methods=["GET", "POST"])
@require(EDIT)
@takes_files
def choose_logo(company_id: int) -> ResponseReturnValue:
    company, form = find(Company, company_id), LogoForm()

    def keep() -> CompanyFile:
        return company_files.keep_logo(company, *_uploaded(form))

    if form.validate_on_submit() and attempt(form, keep):
        return go_to(url_for(".papers_of", company_id=company_id), _("The logo is saved."))
    return _file_page(company, form, _("Logo"), ".png,.jpg,.jpeg,.svg")


@bp.route("/papers/<int:company_id>/conditions", methods=["GET", "POST"])
@require(EDIT)
@takes_files
def choose_conditions(company_id: int) -> ResponseReturnValue:
    company, form = find(Company, company_id), ConditionsForm()

    def keep() -> CompanyFile:
        return company_files.keep_conditions(company, form.language.data, *_uploaded(form))

    if form.validate_on_submit() and attempt(form, keep):
        return go_to(url_for(".papers_of", company_id=company_id), _("The conditions are saved."))
    return _file_page(company, form, _("General conditions"), ".pdf")


def _uploaded(form: Any) -> tuple[str, bytes]:
    return form.file.data.filename or "", form.file.data.read()


def _file_page(company: Company, form: FlaskForm, subject: str, accept: str) -> Response:
    return render_form(
        "settings/company_file.html",
        form,
        "content",
        company=company,
        subject=subject,
        accept=accept,
    )


@bp.get("/papers/files/<int:file_id>")
@require(EDIT)
def company_file(file_id: int) -> Response:
    """A file as it was chosen. A browser shows it and does nothing that may stand in it."""
    file = find(CompanyFile, file_id)
    answer = send_file(BytesIO(file.content), file.media_type, download_name=file.filename)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'"
    answer.cache_control.private = True
    answer.cache_control.no_store = True
    return answer


@bp.route("/papers/files/<int:file_id>/remove", methods=["GET", "POST"])
@require(EDIT)
def remove_company_file(file_id: int) -> ResponseReturnValue:
    file, form = find(CompanyFile, file_id), SureForm()
    url = url_for(".papers_of", company_id=file.company_id)
    if form.validate_on_submit():
        company_files.remove_file(file)
        db.session.commit()
        return finish(url, _("The file is removed."))
    return render_form("settings/remove_file.html", form, "dialog", file=file, url=url)
