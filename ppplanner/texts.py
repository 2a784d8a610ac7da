"""The catalogues of texts: what the code and the templates mark, and how it is said elsewhere.

    python -m ppplanner.texts

brings `translations/<language>/LC_MESSAGES/messages.po` of the core and of each add-on up to date,
tells how many texts wait for a translator, and compiles what is there. Catalogues are sorted and
name no files, days or tools, so that a diff shows texts only. English is the source and needs none.

Customers also read languages in which nobody works here: their catalogues hold what stands on
papers and in mails, and nothing else.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from io import BytesIO
from itertools import product
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from ppplanner.i18n import LANGUAGES, PAPER_LANGUAGES

CORE = Path(__file__).parent
ADDONS = sorted(path.parent for path in CORE.glob("integrations/*/addon.py"))
TRANSLATED = tuple(code for code in LANGUAGES if code != "en")
ONLY_ON_PAPER = tuple(code for code in PAPER_LANGUAGES if code not in LANGUAGES)
#: All there are: of which package, in which language.
CATALOGUES = (
    *product((CORE, *ADDONS), TRANSLATED),
    *((CORE, language) for language in ONLY_ON_PAPER),
)

Methods = tuple[tuple[str, str], ...]
METHODS: Methods = (("**.py", "python"), ("**/templates/**.html", "jinja2"))
#: Where the texts are that customers read.
ON_PAPER: Methods = (
    ("blueprints/fuel_words.py", "python"),
    ("documents/contract_conditions.py", "python"),
    ("documents/legal.py", "python"),
    ("services/collections/statements.py", "python"),
    ("services/invoices/proposals.py", "python"),
    ("services/mails/wording.py", "python"),
    ("services/pricing/excess.py", "python"),
    ("services/pricing/rent.py", "python"),
    ("templates/_macros/paper.html", "jinja2"),
    ("templates/documents/**.html", "jinja2"),
)
OPTIONS = {"**.html": {"silent": "false"}}
KEYWORDS = {
    "_": None,
    "_l": None,
    "N_": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
}
#: Add-ons have catalogues of their own; a simulator's pages play somebody else's.
LEFT_OUT = {"integrations", "simulator", "static", "translations"}

HEADER = """\
msgid ""
msgstr ""
"Language: {language}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: {plural}\\n"

"""


def marked(package: Path) -> Catalog:
    """The texts to translate of the core or of an add-on, without translations.

    An add-on's leave out what the core translates: both are looked up as one.
    """
    known = {_key(message) for message in texts(marked(CORE))} if package != CORE else set()
    catalog = Catalog()
    for message in texts(_extract(package)):
        if _key(message) not in known:
            catalog.add(message.id, context=message.context)
    return catalog


def on_paper() -> Catalog:
    """The texts to translate of papers and mails."""
    return _extract(CORE, ON_PAPER)


def _extract(package: Path, methods: Methods = METHODS) -> Catalog:
    catalog = Catalog()
    for text, context in _found(package, methods):
        catalog.add(text, context=context)
    return catalog


@cache
def _found(package: Path, methods: Methods) -> list[tuple[str | tuple[str, ...], str | None]]:
    """Texts with their contexts, as the code is now: it is read once, which takes a while."""
    found = extract_from_dir(
        package, methods, OPTIONS, KEYWORDS, directory_filter=lambda path: _searched(Path(path))
    )
    return [(text, context) for _file, _line, text, _comments, context in found]


def _searched(folder: Path) -> bool:
    return folder.name not in LEFT_OUT


def _key(message: Message) -> tuple[object, str | None]:
    return message.id, message.context


def texts(catalog: Catalog) -> Iterator[Message]:
    """The messages of a catalogue without its header."""
    return (message for message in catalog if message.id)


def po_file(package: Path, language: str) -> Path:
    return package / "translations" / language / "LC_MESSAGES" / "messages.po"


def read(path: Path, language: str) -> Catalog:
    """The catalogue in a file; an empty one when there is none yet."""
    if not path.exists():
        return Catalog(language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def written(catalog: Catalog) -> bytes:
    """How a catalogue looks as a file."""
    body = BytesIO()
    write_po(body, catalog, width=0, no_location=True, omit_header=True, sort_output=True)
    head = HEADER.format(language=catalog.locale, plural=catalog.plural_forms)
    return head.encode() + body.getvalue().strip() + b"\n"


def updated(package: Path, language: str) -> Catalog:
    """The catalogue with what is new, not translated yet, and without what is gone."""
    catalog = read(po_file(package, language), language)
    template = on_paper() if language in ONLY_ON_PAPER else marked(package)
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def waiting(catalog: Catalog) -> list[Message]:
    """The texts whose translation, or one of its plural forms, is missing or doubtful."""
    return [message for message in texts(catalog) if message.fuzzy or not all(forms(message))]


def forms(message: Message) -> tuple[str, ...]:
    """The translation: one, or one for each plural form of the language."""
    string = message.string or ""
    return (string,) if isinstance(string, str) else tuple(string)


def compile_stale() -> None:
    """Compile the catalogues that changed since; `./ppp setup` does the same."""
    for package, language in CATALOGUES:
        source = po_file(package, language)
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            _compile(source, compiled, language)


def _compile(source: Path, compiled: Path, language: str) -> None:
    draft = compiled.with_suffix(f".{os.getpid()}.mo")
    with draft.open("wb") as file:
        write_mo(file, read(source, language))
    draft.replace(compiled)


def main() -> None:
    for package, language in CATALOGUES:
        catalog, path = updated(package, language), po_file(package, language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(catalog))
        print(f"{path.relative_to(CORE.parent)}: {len(waiting(catalog))} to translate")
    compile_stale()


if __name__ == "__main__":
    main()
