"""The texts: everything a person reads is marked, and said in each language."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from flask import Flask
from flask_babel import force_locale
from flask_wtf import FlaskForm
from jinja2 import Environment
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField

from ppplanner import texts
from ppplanner.formats import day, moment, money
from ppplanner.i18n import LOCALES, _, ngettext
from ppplanner.texts import ADDONS, CATALOGUES, CORE, ONLY_ON_PAPER, TRANSLATED

pytestmark = pytest.mark.xdist_group("texts")  # all code is read once for all of them

PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
WORD = re.compile(r"[^\W\d_]{2,}")
#: What a person reads, or hears, of a tag itself.
READ_ALOUD = {"alt", "aria-label", "placeholder", "title"}
#: Names, which are the same in each language.
NAMES = {"BIC", "Exact", "IBAN", "Online", "ppplanner"}
#: An attribute in a piece of a tag, as macros and blocks have them.
ATTRIBUTE = re.compile(r"""[\w-]+=(["']).*?\1""")

each_package = pytest.mark.parametrize("package", [CORE, *ADDONS], ids=lambda path: path.name)
each_language = pytest.mark.parametrize("language", TRANSLATED)
each_catalogue = pytest.mark.parametrize(
    ("package", "language"), CATALOGUES, ids=[f"{one.name}-{two}" for one, two in CATALOGUES]
)


def sources(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def translated(package: Path, language: str) -> Iterator[Message]:
    """The texts that have a translation: another test looks for those that have none."""
    catalog = texts.read(texts.po_file(package, language), language)
    return (message for message in texts.texts(catalog) if all(texts.forms(message)))


@each_catalogue
def test_a_catalogue_is_as_its_update_writes_it(package: Path, language: str) -> None:
    as_updated = texts.written(texts.updated(package, language))
    is_so = texts.po_file(package, language).read_bytes() == as_updated
    assert is_so, "python -m ppplanner.texts brings the catalogues up to date"


@each_catalogue
def test_no_text_waits_for_a_translation(package: Path, language: str) -> None:
    catalog = texts.updated(package, language)
    assert [message.id for message in texts.waiting(catalog)] == []


@each_catalogue
def test_a_translation_fills_in_the_same_as_its_source(package: Path, language: str) -> None:
    for message in translated(package, language):
        named = [set(PLACEHOLDER.findall(source)) for source in sources(message)]
        for form in texts.forms(message):
            assert set.intersection(*named) <= set(PLACEHOLDER.findall(form)) <= set.union(*named)


@each_catalogue
def test_a_percent_sign_is_written_as_in_the_source(package: Path, language: str) -> None:
    for message in translated(package, language):
        for form in texts.forms(message):
            assert form.count("%%") == sources(message)[-1].count("%%"), form
            assert "%" not in PLACEHOLDER.sub("", form).replace("%%", ""), form


@each_catalogue
def test_a_translation_is_a_sentence_where_its_source_is_one(package: Path, language: str) -> None:
    for message in translated(package, language):
        for form in texts.forms(message):
            assert neat(form), form
            assert end(form) == end(sources(message)[-1]), form


def neat(text: str) -> bool:
    return text == text.strip() and not re.search(r"  |\n|\.\.\.| [.,]", text)


def end(text: str) -> str:
    return text[-1] if text[-1] in ".:?!…" else ""


@each_package
def test_the_english_source_is_neat(package: Path) -> None:
    for message in texts.texts(texts.marked(package)):
        for source in sources(message):
            assert neat(source), source


@each_package
def test_french_puts_hard_spaces_where_it_wants_spaces(package: Path) -> None:
    for message in translated(package, "fr"):
        for form in texts.forms(message):
            bare = re.sub(r"https?://\S+|\d:\d", "", form)
            assert not re.search(r"(?<!\u00a0)[:;?!»]|«(?!\u00a0)", bare), form


@each_language
def test_the_core_names_no_addon_in_any_language(language: str) -> None:
    for message in translated(CORE, language):
        for text in (*sources(message), *texts.forms(message)):
            assert not re.search(r"\bExact\b", text), text


@pytest.mark.parametrize("language", ONLY_ON_PAPER)
def test_a_language_of_papers_holds_what_customers_read_and_nothing_else(language: str) -> None:
    marked = {message.id for message in texts.texts(texts.on_paper())}
    held = {message.id for message in translated(CORE, language)}
    assert held == marked
    assert {"Total to pay", "Dear %(name)s,", "Rental contract", "per day"} <= held
    assert "Settings" not in held


def test_all_that_is_said_in_the_language_of_a_customer_is_in_the_catalogue_of_papers() -> None:
    speaking = {
        str(path.relative_to(CORE))
        for path in CORE.glob("services/**/*.py")
        if re.search(r"in_language\([\w.]*customer\.language\)", path.read_text())
    }
    assert speaking
    assert speaking <= {pattern for pattern, _method in texts.ON_PAPER}


def test_nobody_can_choose_to_work_in_a_language_of_papers(app: Flask) -> None:
    browser = app.test_client()
    browser.post("/switch/language", data={"language": "de"})
    assert "<h1>Log in</h1>" in browser.get("/login").text


class UnmarkedWords(HTMLParser):
    """Collects the words that a template says by itself."""

    def __init__(self, template: str) -> None:
        super().__init__()
        self.words: list[str] = []
        tokens = Environment().lex(template)
        self.feed("".join(text for _line, kind, text in tokens if kind == "data"))

    def handle_data(self, data: str) -> None:
        self.words += WORD.findall(ATTRIBUTE.sub("", data))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name in READ_ALOUD:
                self.words += WORD.findall(value or "")


def test_unmarked_words_are_found_between_tags_and_in_what_is_read_aloud() -> None:
    template = """<a title="Go {{ x }}" class="btn">{{ _("Marked") }} on</a>{# Said to us. #}"""
    assert UnmarkedWords(template).words == ["Go", "on"]


@each_package
def test_templates_have_no_words_that_are_not_marked(package: Path) -> None:
    templates = list((package / "templates").glob("**/*.html"))
    assert templates
    for template in templates:
        assert set(UnmarkedWords(template.read_text()).words) <= NAMES, template


@pytest.mark.parametrize(
    ("language", "words", "on_day", "at_moment", "amount"),
    [
        ("en", "Save", "3 Nov 2026", "03/11/2026, 14:05", "€1,234.50"),
        ("nl", "Opslaan", "3 nov 2026", "3/11/2026, 14:05", "€\u00a01.234,50"),
        ("fr", "Enregistrer", "3 nov. 2026", "3/11/2026 14:05", "1\u202f234,50\u00a0€"),
    ],
)
def test_words_days_and_amounts_are_in_the_persons_language(
    app: Flask, language: str, words: str, on_day: str, at_moment: str, amount: str
) -> None:
    when = datetime(2026, 11, 3, 13, 5, tzinfo=UTC)
    with app.test_request_context(), force_locale(LOCALES[language]):
        assert _("Save") == words
        assert (day(when.date()), moment(when)) == (on_day, at_moment)
        assert money(Decimal("1234.5")) == amount


def test_french_counts_nought_as_one(app: Flask) -> None:
    with app.test_request_context(), force_locale(LOCALES["fr"]):
        counted = [ngettext("%(num)s day", "%(num)s days", count) for count in (0, 1, 2)]
    assert counted == ["0 jour", "1 jour", "2 jours"]


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("nl", "Ongeldig getal."), ("fr", "N'est pas un entier valide.")],
)
def test_what_the_form_library_says_is_in_the_persons_language_too(
    app: Flask, language: str, sentence: str
) -> None:
    class Form(FlaskForm):
        count = IntegerField()

    with app.test_request_context(), force_locale(LOCALES[language]):
        form = Form(MultiDict({"count": "x"}))
        form.validate()
        assert form.errors == {"count": [sentence]}


@pytest.mark.parametrize(
    ("asked", "title"),
    [("nl-BE,nl;q=0.9", "Aanmelden"), ("fr", "Se connecter"), ("de", "Log in")],
)
def test_the_login_page_speaks_what_the_browser_asks(app: Flask, asked: str, title: str) -> None:
    page = app.test_client().get("/login", headers={"Accept-Language": asked})
    assert f"<h1>{title}</h1>" in page.text
