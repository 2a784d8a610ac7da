"""What goes between us and Exact, and when: a dialog for each subject."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import abort, url_for
from flask.typing import ResponseReturnValue
from wtforms import Field

from ppplanner.blueprints.faults import attempt
from ppplanner.blueprints.htmx import finish, render_form, render_page
from ppplanner.blueprints.records import find
from ppplanner.blueprints.stale import StaleAware, inputs, stale
from ppplanner.i18n import _
from ppplanner.models import Company
from ppplanner.permissions import require
from ppplanner.services.ledger import uses

from .. import switching
from ..connect import connection_of
from ..cost_ways import made_in_exact
from ..settings import ExactSettings, Source, exact_settings
from ..switch_words import NAMES, why_idle
from ..switches import SUBJECTS, Subject, chosen, form_values
from ..views.switches import shown, tree
from .blueprint import bp


@bp.route("/companies/<int:company_id>/switches/<subject>", methods=["GET", "POST"])
@require("exact.configure")
def switches(company_id: int, subject: str) -> ResponseReturnValue:
    """Change the switches of one subject."""
    of = find(Company, company_id)
    about = next((each for each in _subjects(of) if each.key == subject), None) or abort(404)
    values = form_values(exact_settings.load(company_id))
    form = about.form(data=values)
    context: dict[str, Any] = {"company": of, "subject": about}
    if form.is_submitted() and stale(form, values):
        page = render_page
        return page("exact/switches.html", "dialog", 409, form=form, tree=tree(form), **context)
    if form.validate_on_submit() and attempt(form, lambda: _save(of, form)):
        return finish(url_for(".company", company_id=company_id), _("Saved; it holds from now on."))
    return render_form("exact/switches.html", form, "dialog", tree=tree(form), **context)


def _save(of: Company, form: StaleAware) -> bool:
    values = chosen(form, exact_settings.load(of.id))
    switching.save_settings(of, connection_of(of.id), values)
    return True


@dataclass(frozen=True)
class Told:
    """How a switch stands, on the page; `idle` says why it has no effect just now."""

    field: Field
    words: str
    idle: str


@dataclass(frozen=True)
class SubjectTile:
    """The switches of a subject, as they stand."""

    subject: Subject
    switches: list[Told]
    note: str


def subject_tiles(of: Company) -> Iterator[SubjectTile]:
    """All switches of a company that make sense for its group."""
    settings = exact_settings.load(of.id)
    values = form_values(settings)
    for subject in _subjects(of):
        form = subject.form(formdata=None, data=values)
        told = [Told(each, shown(each), _idle(each.name, settings)) for each in inputs(form)]
        yield SubjectTile(subject, told, _note(of, subject, settings))


def _subjects(of: Company) -> list[Subject]:
    """Of what a company group does without, there is no trace."""
    known = SUBJECTS.values()
    return [each for each in known if each.of is None or uses(of.group, each.of)]


def _idle(name: str, settings: ExactSettings) -> str:
    other = why_idle(name, settings)
    if other is None:
        return ""
    return _("It has no effect while “%(other)s” stands as it does.", other=NAMES[other])


def _note(of: Company, subject: Subject, settings: ExactSettings) -> str:
    """What a colleague company decides for the whole group (mission S24)."""
    if subject.of is None or getattr(settings, _source(subject)) == Source.EXACT:
        return ""
    if not made_in_exact(of.group, subject.of):
        return ""
    return _("Another company of the group imports them from Exact, so nobody makes them here.")


def _source(subject: Subject) -> str:
    assert subject.of
    return f"{subject.of.__tablename__}_source"
