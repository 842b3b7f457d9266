"""Labels: the phrases that stand beside an invoice's values, one data file for each language.

Adding a language is adding a file: `en.toml` says how one is written.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import NamedTuple

HEAD = 4
"""So many letters of a word tell whether a phrase can begin with it."""

_LONG = 5
"""From so many letters on a word is known though one of them was misread."""

_NUMBERS = ("nummer", "nummeret", "numero")
_COMPOUND = 11
"""Letters from which on a word may be a compound."""

_TOKEN = re.compile(r"\d+(?:[.,]\d+)?\s?%|[^\W\d_]+|\d[\d.,/-]*|[#№]")
_BETWEEN = re.compile(r"[^\w#]+|_")

_DIGITS_IN_WORD = re.compile(
    r"\b(?=\w*[^\W\d_]{2})(?:[^\W\d_]|0(?=[^\W\d_]{2}))(?:[^\W\d_]|[01])+\b"
)
"""A word of letters, and of no digits but those that look like some."""

_LIKE = str.maketrans("01", "ol")

_STROKED = str.maketrans({"ø": "o", "đ": "d", "ł": "l", "ı": "i", "æ": "ae", "œ": "oe", "№": "no"})
"""Letters that Unicode does not take apart, and that OCR and old tills write plainly."""


class Token(NamedTuple):
    """A word, a number, a percentage or "#" of a text, folded; `start` and `end` in the text.

    `is_word` is True for letters and "#", which phrases are made of.
    """

    text: str
    start: int
    end: int
    is_word: bool


@dataclass(frozen=True, slots=True)
class Labels:
    """All languages' phrases.

    `phrases` maps a folded phrase to the fields it labels and the languages that say so; `columns`
    to the column of an item table it heads; `own_fields` maps a phrase that means one thing in one language
    and another in the next ("PVM"), and a language, to its fields there; `types` to the document type it names; `legal_forms`, `no_name`,
    `without_tax` and `with_tax` are folded words, `settled`, `unsettled`, `means` and `instant` folded phrases
    of what is paid already, of what takes that back ("if paid"), of the way it is paid and of those ways that pay at once; `invoice_endings` the ends of compound
    words that name an invoice ("Mietrechnung"); `common` maps a frequent
    word to its languages. `heads` holds the first letters of all phrases, up to HEAD of
    them. `words` maps the phrases' words and the frequent ones to their languages; `misread` maps a long
    word of a phrase with one letter left open ("t?tal") to the words that fit.
    """

    phrases: dict[str, tuple[tuple[str, ...], tuple[str, ...]]]
    own_fields: dict[tuple[str, str], tuple[str, ...]]
    columns: dict[str, str]
    types: dict[str, str]
    legal_forms: frozenset[str]
    no_name: frozenset[str]
    without_tax: frozenset[str]
    with_tax: frozenset[str]
    settled: frozenset[str]
    unsettled: frozenset[str]
    means: frozenset[str]
    instant: frozenset[str]
    invoice_endings: frozenset[str]
    common: dict[str, tuple[str, ...]]
    heads: frozenset[str]
    words: dict[str, frozenset[str]]
    misread: dict[str, tuple[str, ...]]
    longest: int
    compounds: tuple[str, ...]

    def compound(self, word: str) -> tuple[str, ...] | None:
        """Return the fields of a word whose end alone is a label: "Frachtrechnungsnummer", "Frachtrechnung".

        None for a phrase of the data and for all other words.
        """
        if len(word) < _COMPOUND or word in self.phrases or not word.endswith(self.compounds):
            return None
        return next(self.phrases[end][0] for end in self.compounds if word.endswith(end))


def fold(text: str) -> str:
    """Return the text in one case and without accents, as phrases are compared."""
    text = text.casefold()
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKD", text.translate(_STROKED))
    return "".join(c for c in text if not unicodedata.combining(c))


def tokens(text: str) -> list[Token]:
    """Return the words and numbers of a text in their order."""
    found = []
    # Of ASCII each letter folds to one: the whole text at once.
    is_plain = text.isascii()
    for match in _TOKEN.finditer(text.lower() if is_plain else text):
        word = match[0] if is_plain else fold(match[0])
        found.append(Token(word, *match.span(), word[0].isalpha() or word == "#"))
    return found


def squash(phrase: str) -> str:
    """Return a phrase without spaces and punctuation."""
    return fold(_BETWEEN.sub("", phrase))


def as_letters(text: str) -> str:
    """Return a text by OCR with letters for the digits that look like them: "INV0ICE", "Bi11", "Te1"."""
    return _DIGITS_IN_WORD.sub(lambda match: match[0].translate(_LIKE), text)


def mended(token: Token, language: str | None, data: Labels) -> Token:
    """Return a token of a text by OCR as the label's word it is with one letter misread, if it is one.

    Of several words the one that most languages have is meant. Where the language is known, it has it.
    """
    if not token.is_word or len(token.text) < _LONG or token.text in data.words:
        return token
    fitting = {word for form in _open(token.text) for word in data.misread.get(form, ())}
    if language is not None:
        fitting = {word for word in fitting if language in data.words[word]}
    ranked = sorted(fitting, key=lambda word: -len(data.words[word]))
    if not ranked or (len(ranked) > 1 and len(data.words[ranked[0]]) == len(data.words[ranked[1]])):
        return token
    return token._replace(text=ranked[0])


def _open(word: str) -> list[str]:
    """Return a word's forms with one letter left open."""
    return [word[:n] + "?" + word[n + 1 :] for n in range(len(word))]


def _misread(words: Iterable[str]) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for word in words:
        for form in _open(word) if len(word) >= _LONG else ():
            found[form] = (*found.get(form, ()), word)
    return found


def _compounds(
    phrases: dict[str, tuple[tuple[str, ...], tuple[str, ...]]], endings: Iterable[str]
) -> tuple[str, ...]:
    """Return the ends of compound words that label an invoice's number, the longest first."""
    numbers = (
        phrase
        for phrase, (fields, languages) in phrases.items()
        if fields[0] == "invoice_number" and phrase.endswith(_NUMBERS)
    )
    return tuple(sorted({*numbers, *(e for e in endings if e in phrases)}, key=len, reverse=True))


@cache
def load() -> Labels:
    """Return the labels of every language file, read once."""
    known: dict[str, set[str]] = {}
    phrases: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {}
    own: dict[tuple[str, str], tuple[str, ...]] = {}
    columns: dict[str, str] = {}
    types: dict[str, str] = {}
    words: dict[str, set[str]] = {
        name: set()
        for name in (
            *("legal_forms", "no_name", "without_tax", "with_tax", "invoice_endings"),
            *("settled", "unsettled", "means", "instant"),
        )
    }
    common: dict[str, tuple[str, ...]] = {}
    files = [f for f in resources.files(__name__).iterdir() if f.name.endswith(".toml")]
    # English last: where two languages share a phrase ("Total"), the first one's field stands first.
    for file in sorted(files, key=lambda f: (f.name == "en.toml", f.name)):
        data = tomllib.loads(file.read_text("utf-8"))
        language = data["language"]
        for field, texts in data["phrases"].items():
            for text in texts:
                key = squash(text)
                names, languages = phrases.get(key, ((), ()))
                names = names if field in names else (*names, field)
                languages = languages if language in languages else (*languages, language)
                phrases[key] = (names, languages)
                fields = own.get((key, language), ())
                own[key, language] = fields if field in fields else (*fields, field)
                for token in tokens(text):
                    if token.is_word:
                        known.setdefault(token.text, set()).add(language)
        for column, texts in data["columns"].items():
            for text in texts:
                columns.setdefault(squash(text), column)
        for kind, texts in data["types"].items():
            for text in texts:
                types.setdefault(squash(text), kind)
        for name, found in words.items():
            found |= {squash(w) for w in data["words"][name]}
        for word in data["words"]["common"]:
            key = squash(word)
            common[key] = (*common.get(key, ()), language)
    return Labels(
        phrases=phrases,
        own_fields={at: fields for at, fields in own.items() if len(phrases[at[0]][0]) > 1},
        columns=columns,
        types=types,
        common=common,
        heads=frozenset(key[:n] for key in phrases for n in range(1, HEAD + 1)),
        words={
            word: frozenset(known.get(word, ())) | frozenset(common.get(word, ()))
            for word in known.keys() | common.keys()
        },
        misread=_misread(sorted(known)),
        longest=max(len(key) for key in phrases),
        compounds=_compounds(phrases, words["invoice_endings"]),
        **{name: frozenset(found) for name, found in words.items()},
    )
