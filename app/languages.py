"""The languages of the page: which one a reader gets, and its texts.

The English texts stand in the templates, scripts and tables themselves; `app/locale` holds what they are in
the other languages, and is read as it is: there is nothing to compile. `make texts` keeps it complete.
"""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from starlette.requests import Request

from app.sentences import SENTENCES

LANGUAGES: Mapping[str, str] = {
    "en": "English",
    "de": "Deutsch",
    "fr": "Français",
    "es": "Español",
}
"""What each language calls itself, by its code; the first is that of the texts."""

CATALOGUES = Path(__file__).parent / "locale"

CHOICE = "language"
"""The cookie with the language that a reader chose; without it their browser's is taken."""

VARY = "Accept-Language, Cookie"

_HABITS = {"en": "en-GB"}
"""How dates are written where the browser wants another language: 1/2/2026 is no January there."""

_TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|[0-9]{3}))?", re.ASCII)
_PLACE = re.compile(r"\\{(\w+)\\}", re.ASCII)
_DECIMAL = re.compile(r"-?\d+\.\d+", re.ASCII)
_QUOTED = re.compile(r"“[^”]*”")
_AMOUNTS = frozenset({"amount", "base", "one", "other", "rate", "says", "told"})
"""Places of sentences that hold amounts, where nothing is quoted there."""

_LONGEST = 1000
"""Characters of a sentence that is looked for among the forms; with more, that could take seconds."""

_MOST = 20
"""Languages of a browser that are looked at."""

_MOST_HABITS = 200
"""Tags of browsers whose way of writing numbers is remembered."""


@dataclass(frozen=True, eq=False)
class Language:
    """A language and its texts. `scripts` are those of the page's scripts: a text, or its plural forms.

    `decimal_sign` stands before the decimals of a number.
    """

    code: str
    texts: NullTranslations = field(default_factory=NullTranslations)
    scripts: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    decimal_sign: str = "."

    def say(self, english: str, /, **values: object) -> str:
        """Return a text, with the values in its {places}."""
        text = self.texts.gettext(english) if english else ""
        return text.format_map(values) if values else text

    def many(self, one: str, more: str, count: int) -> str:
        """Return the form of a text that a number of things takes; {count} is the number."""
        return self.texts.ngettext(one, more, count).format(count=count)

    def told(self, sentence: str | None) -> str:
        """Return what the library or the service said in English; as it is where it is not known."""
        return self._found(sentence) or sentence or ""

    def amount(self, text: str) -> str:
        """Return an amount with the decimal sign of the language, and any other text as it is."""
        return text.replace(".", self.decimal_sign) if _DECIMAL.fullmatch(text) else text

    def has(self, sentence: str) -> bool:
        """Return whether what was said in English is known in this language."""
        return self.code == "en" or self._found(sentence) is not None

    def _found(self, sentence: str | None) -> str | None:
        if not sentence or self.code == "en":
            return None
        text = self.texts.gettext(sentence)
        if text != sentence:
            return text
        if len(sentence) > _LONGEST:
            return None
        for form in _forms():
            if found := form.pattern.fullmatch(sentence):
                places = {
                    name: self.amount(said) if name in form.amounts else said
                    for name, said in found.groupdict().items()
                }
                return self.say(form.text, **places)
        return None


def language_of(request: Request) -> Language:
    """Return the language that the reader chose, else the first of their browser's that there is.

    Numbers are written as where the reader is: with a point in "de-CH" and "es-MX".
    """
    code = request.cookies.get(CHOICE, "")
    if code not in LANGUAGES:
        codes = (tag.partition("-")[0] for tag in _accepted(request))
        code = next((one for one in codes if one in LANGUAGES), "en")
    return _writing(code, _decimal_sign(habits_of(request, code)))


def habits_of(request: Request, code: str) -> str:
    """Return whose way of writing dates and numbers the reader is used to, as "de-AT"."""
    own = (tag for tag in _accepted(request) if tag.partition("-")[0] == code)
    return next((tag for tag in own if _TAG.fullmatch(tag)), _HABITS.get(code, code))


def _accepted(request: Request) -> list[str]:
    """Return the tags of Accept-Language (RFC 9110, 12.5.4), the most wanted first."""
    weighted = []
    for entry in request.headers.get("accept-language", "").split(",")[:_MOST]:
        tag, _, parameters = entry.strip().partition(";")
        weight = re.fullmatch(r"\s*q=([01](?:\.\d{0,3})?)\s*", parameters)
        weighted.append((-float(weight[1]) if weight else -1.0, tag.strip()))
    return [_cased(tag) for weight, tag in sorted(weighted, key=lambda one: one[0]) if weight]


def _cased(tag: str) -> str:
    """Return a tag as tags are written, "de-Latn-AT"; browsers may send it in any case."""
    primary, *rest = tag.split("-")
    parts = [part.title() if len(part) == 4 else part.upper() for part in rest]
    return "-".join([primary.lower(), *parts])


@cache
def _writing(code: str, decimal_sign: str) -> Language:
    known = language(code)
    return (
        known if known.decimal_sign == decimal_sign else replace(known, decimal_sign=decimal_sign)
    )


@lru_cache(_MOST_HABITS)
def _decimal_sign(tag: str) -> str:
    """Return what stands before decimals where such a tag is from; one without a region is its language's."""
    code = tag.partition("-")[0]
    if tag in (code, "en-GB", "en-US"):
        return "." if code == "en" else ","
    from babel.core import Locale, UnknownLocaleError  # as in `language`
    from babel.numbers import get_decimal_symbol

    try:
        return "." if get_decimal_symbol(Locale.parse(tag, sep="-")) == "." else ","
    except UnknownLocaleError:
        return _decimal_sign(code)


@cache
def language(code: str) -> Language:
    """Return a language by its code; its catalogue is read once."""
    if code == "en":
        return Language("en")
    from babel.messages.mofile import write_mo  # 35 ms to import; English needs neither
    from babel.messages.pofile import read_po

    with (CATALOGUES / f"{code}.po").open("rb") as file:
        catalogue = read_po(file, code)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    scripts: dict[str, str | tuple[str, ...]] = {}
    for message in catalogue:
        if message.string and any(
            place.endswith((".js", "errors.py")) for place, _ in message.locations
        ):
            name = message.id if isinstance(message.id, str) else message.id[0]
            text = message.string
            scripts[name] = text if isinstance(text, str) else tuple(text)
    return Language(code, GNUTranslations(compiled), scripts, decimal_sign=_decimal_sign(code))


@dataclass(frozen=True, slots=True)
class _Form:
    """A sentence with places, what matches it, and which of its places hold amounts."""

    text: str
    pattern: re.Pattern[str]
    amounts: frozenset[str]


@cache
def _forms() -> list[_Form]:
    """Return the sentences with places."""
    return [
        _Form(
            form,
            re.compile(_PLACE.sub(r"(?P<\1>.+?)", re.escape(form)), re.DOTALL),
            _AMOUNTS.intersection(re.findall(r"\{(\w+)\}", _QUOTED.sub("", form))),
        )
        for form in SENTENCES
        if "{" in form
    ]
