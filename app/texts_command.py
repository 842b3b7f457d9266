"""`python -m app texts`: brings the catalogues of the page's languages up to what the page says.

Texts that are new come without a translation, and texts that are gone leave; `make test` fails until all
are translated.
"""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from app.errors import STATUS
from app.languages import CATALOGUES, LANGUAGES
from app.routes.pages import labels, review, wording
from app.sentences import SENTENCES
from invoice_extraction.intake.unsupported import KINDS, refusal
from invoice_extraction.model import invoice
from invoice_extraction.model.invoice import Model

APP = Path(__file__).parent

_CALLS: dict[str, Any] = {"say": None, "many": (1, 2)}
_MARKS: dict[str, Any] = {"_": None, "gettext": None, "ngettext": (1, 2)}
SOURCES: tuple[tuple[str, str, Any, dict[str, Any]], ...] = (
    ("templates", "*.html", babel_extract, _MARKS),
    ("routes/pages", "*.py", "python", _CALLS),
    ("static/js", "*.js", "javascript", _CALLS),
)
"""Where texts are said, and by which calls."""

_FOR_PROGRAMS = re.compile(r"[`/_]|https?:|[A-Z][a-z]+-[A-Z]|If-Match|\b(?:GET|POST|PATCH)\b|curl")
"""What to do that is said to those who write programs: it stays English, and pages leave it out."""

_HEADER = """msgid ""
msgstr ""
"Language: {code}\\n"
"Plural-Forms: {plural}\\n"
"Content-Type: text/plain; charset=utf-8\\n"

"""
_OPTIONS = {
    **{"trimmed": "true", "newstyle_gettext": "true", "silent": "false"},  # of templates
    "parse_template_string": "true",  # of scripts
}
_DEEDS = ("corrected", "confirmed", "rejected", "reopened", "retried", "cancelled")
_PAGES = ("read", "not read", "blank", "unreadable", "not selected")


def run() -> int:
    """Write the catalogues anew; return the exit code."""
    template = texts()
    for code in LANGUAGES:
        if code != "en":
            _update(CATALOGUES / f"{code}.po", code, template)
    return 0


def texts() -> Catalog:
    """Return every text of the page, with the files that say it."""
    catalog = Catalog(charset="utf-8", fuzzy=False)
    for folder, pattern, method, keywords in SOURCES:
        for path in sorted((APP / folder).glob(pattern)):
            with path.open("rb") as file:
                for _, said, _, _ in extract(method, file, keywords, options=_OPTIONS):
                    catalog.add(said, locations=[(path.relative_to(APP.parent).as_posix(), 0)])
    for place, said in _tables():
        if said:
            catalog.add(said, locations=[(place, 0)])
    return catalog


def _tables() -> Iterator[tuple[str, str]]:
    """Return what stands in tables of the code, with its file."""
    for error in STATUS:
        yield "app/errors.py", error.title
        if not _FOR_PROGRAMS.search(error.hint):
            yield "app/errors.py", error.hint
    for sentence in SENTENCES:
        yield "app/sentences.py", sentence
    for refused in map(refusal, (*KINDS, "")):
        yield "invoice_extraction/intake/unsupported.py", refused.message
        yield "invoice_extraction/intake/unsupported.py", refused.hint
    for said in (*wording.STAGES.values(), *wording.HINTS.values(), "Reading"):
        yield "app/routes/pages/wording.py", said
    places = (place for row in review.PLACES for place in row)
    words: tuple[str, ...] = (
        *(*labels.ORDERS, *(word for ways in labels.ORDERS.values() for word in ways.values())),
        *(*review.STATES.values(), *review.ORIGINS.values(), *labels.GROUPS.values()),
        *(*labels.TABLE_TITLES.values(), *review.DOUBTS.values(), *places),
        *(level.capitalize() for level in review.LEVELS),
        *(name.replace("_", " ") for name in review.TYPES),
        *(name.replace("_", " ").capitalize() for name in (*review.TYPES, "document")),
        *(deed.capitalize() for deed in _DEEDS),
        *_PAGES,
        *sorted(_labels()),
    )
    for said in words:
        yield "app/routes/pages/review.py", said


def _labels() -> set[str]:
    """Return the labels of all values that an invoice can have."""
    models = [
        model
        for model in vars(invoice).values()
        if isinstance(model, type) and issubclass(model, Model)
    ]
    names = {name for model in models for name in model.model_fields}
    return {labels.label_of("", name) for name in names} | {
        *labels.LABELS.values(),
        *labels.NUMBERS.values(),
    }


def _update(path: Path, code: str, template: Catalog) -> None:
    with path.open("rb") as file:
        catalog = read_po(file, code)
    catalog.update(template, no_fuzzy_matching=True)
    catalog.obsolete.clear()
    path.write_bytes(written(catalog))


def written(catalog: Catalog) -> bytes:
    """Return a catalogue as it is committed: nothing in it depends on when it was written, or by whom."""
    file = io.BytesIO(_HEADER.format(code=catalog.locale, plural=catalog.plural_forms).encode())
    file.seek(0, io.SEEK_END)
    write_po(file, catalog, width=100, omit_header=True, sort_output=True, include_lineno=False)
    return file.getvalue()
