"""Printed dates to `date`; one that could be two days is told as both, never chosen by guess."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from typing import Literal

from invoice_extraction.normalise.amounts import plain_digits

DateOrder = Literal["dmy", "mdy"] | None
"""Whether day or month comes first in a document's numeric dates; None where nothing tells."""

LOCALES = (
    "en", "de", "fr", "es", "it", "nl", "pt", "pl", "cs", "sk", "da", "sv", "nb", "fi", "et", "lv",
    "lt", "hu", "ro", "hr", "sl", "tr", "el", "bg", "uk", "ru", "ca", "ga", "is", "id", "ms", "vi",
)  # fmt: skip
"""Languages whose month names are known."""

MONTH_FIRST_COUNTRIES = frozenset({"US", "PH", "PR", "GU"})
MONTH_FIRST_LANGUAGES = frozenset({"en-US", "en-PH", "es-US"})

_ISO = re.compile(r"(?<!\d)(?<!\d[-/.])(\d{4})([-/.]) ?(\d{1,2})\2 ?(\d{1,2})(?!\d|[-/.]\d)")
"""The year first, with or without spaces: "2026-03-05", "2026. 03. 05."."""
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_NUMERIC = re.compile(
    r"(?<![\d.,/-])(\d{1,2})\s?([./-])\s?(\d{1,2})\s?\2\s?(\d{4}|\d{2})(?:(?!\d|[./,-]\d)|(?<=\d{4})(?=[,.]?\d{2}:\d{2}))"
)
_PERIOD = re.compile(
    r"\d[.\s/]*[-\u2013\u2014]\s*\d{1,2}[./]\s?\d{1,2}[./]\s?\d{2,4}"
    r"|(?<![-/.:\d])\d{1,2}(?:st|nd|rd|th|\.|\s+[^\W\d_]{3,}\.?)?\s*[-\u2013\u2014]\s*\d{1,2}"
    r"(?:st|nd|rd|th|\.)?\s+(?:de\s+)?[^\W\d_]{3,}"
)
"""A first day, a dash and the date of the last: "01.02. - 05.02.2026", "12-15 March 2026"."""
_SEPARATED = re.compile(r"\d\s?[-./]\s?\d")
"""What stands in each date of numbers."""
_EAST_ASIAN = re.compile(r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]")
_TIME = re.compile(
    r"T?\b\d{1,2}[:h]\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:[ap]\.?m\b\.?)?(?:Z\b|[+-]\d{2}:?\d{2})?", re.I
)
_YEAR = r"(?:\d{4}|['’]\d{2}|\d{2})"
_MONTH = r"[^\W\d_]{3,20}"  # without an end, a word of 20,000 letters takes 15 s
_WORDED = re.compile(
    r"(?<!\d)(?P<day>\d{1,2})(?:st|nd|rd|th|er|º|ª|°)?[\s.,/-]*(?:de\s+|of\s+|d['’])?"
    rf"(?P<month>{_MONTH}(?:\s{_MONTH})?)\.?[\s.,/-]*(?:de\s+|del\s+|of\s+)?"
    rf"(?P<year>{_YEAR})(?!\d)"
)
_WORDED_MONTH_FIRST = re.compile(
    rf"(?P<month>{_MONTH})\.?[\s.,/-]*(?P<day>\d{{1,2}})(?:st|nd|rd|th)?"
    rf"(?:\s*[,.]\s*|[\s/-]+)(?P<year>{_YEAR})(?!\d)"
)
_WORDED_YEAR_FIRST = re.compile(
    rf"(?<!\d)(?P<year>\d{{4}})(?:\s?m\.)?[\s.,/-]+(?P<month>{_MONTH})\.?[\s./-]*(?P<day>\d{{1,2}})(?!\d)"
)
_LONGEST = 500  # characters
_NEAR_MONTH = re.compile(r"\d[\s\w.,'’/-]{0,8}?[^\W\d_]{3}|[^\W\d_]{3}\.?[\s.,/-]*\d")
"""A word beside a number: without one no date is written in words."""


def parse(text: str, order: DateOrder = None, language: str | None = None) -> date | None:
    """Return the one date that `text` states; None when there is none, several, or it is doubtful."""
    return settled(readings(text, language), order)


def settled(found: tuple[date, ...], order: DateOrder) -> date | None:
    """Return the one of a text's readings that `order` tells; None where it tells none."""
    if len(found) < 2 or order is None:
        return found[0] if len(found) == 1 else None
    day_first, other = found
    if order == "dmy":
        return day_first
    # The other may begin with the year ("26-03-04"): then no order of day and month tells.
    return other if (other.month, other.day) == (day_first.day, day_first.month) else None


def readings(text: str, language: str | None = None) -> tuple[date, ...]:
    """Return what the text can mean: one date, two, or none. The first of two is day first.

    The second of two is month first, or year first: "26-03-04". A text with several dates (a period)
    has no reading, nor has one that is far longer than a date.
    """
    if len(text) > _LONGEST:
        return ()
    text = plain_digits(text).strip()
    compact = _COMPACT.match(text)
    if compact:
        return _one(compact[1], compact[2], compact[3])
    if _PERIOD.search(text):
        return ()
    iso = {(y, m, d) for y, _, m, d in _ISO.findall(text)}
    if iso:
        return _one(*iso.pop()) if len(iso) == 1 else ()
    numeric = {(a, mark, b, y) for a, mark, b, y in _NUMERIC.findall(text)}
    if numeric:
        if len(numeric) > 1:
            return ()
        first, mark, second, year = numeric.pop()
        days = _one(year, second, first)
        others = _one(year, first, second)
        if _may_begin_with_year(first, mark, year):
            others = _one(first, second, year)
        return days if days == others else days + others
    east = _EAST_ASIAN.search(text)
    if east:
        return _one(*east.groups())
    return _worded(_TIME.sub(" ", text), language)


def find(text: str, language: str | None = None) -> Iterator[tuple[int, int, tuple[date, ...]]]:
    """Yield start, end and readings of each date in a longer text (digits of ASCII only)."""
    taken: list[tuple[int, int]] = []
    patterns = [_ISO, _NUMERIC] if _SEPARATED.search(text) else []
    if not text.isascii():
        patterns.append(_EAST_ASIAN)
    if _NEAR_MONTH.search(text):
        patterns += [_WORDED_YEAR_FIRST, _WORDED, _WORDED_MONTH_FIRST]
    for pattern in patterns:
        at = 0
        while (match := pattern.search(text, at)) is not None:
            start, end = match.span()
            found = () if _overlaps(start, end, taken) else readings(match[0], language)
            # What is none may hold one: "17.00 Uhr Rechnung 24. Januar 2026".
            at = end if found else start + 1
            if found:
                taken.append((start, end))
                yield start, end, found


def _overlaps(start: int, end: int, taken: list[tuple[int, int]]) -> bool:
    return any(start < b and a < end for a, b in taken)


def order_of(
    texts: Iterable[str], language: str | None = None, country: str | None = None
) -> DateOrder:
    """Return which comes first in this document, by its own dates, else by country or language.

    "13/05/2026" tells that the day comes first. Dots are written day first wherever they are used.
    """
    day_first = month_first = dotted = 0
    # One search for all of them; no date goes over the mark between two.
    for first, mark, second, year in _NUMERIC.findall("\0".join(texts)):
        if _may_begin_with_year(first, mark, year):
            continue
        if int(first) > 12 >= int(second):
            day_first += 1
        elif int(second) > 12 >= int(first):
            month_first += 1
        elif mark == ".":
            dotted += 1
    if day_first or month_first:
        if day_first and month_first:
            return None
        return "dmy" if day_first else "mdy"
    if dotted:
        return "dmy"
    if country:
        if country in MONTH_FIRST_COUNTRIES:
            return "mdy"
        return None if country == "CA" else "dmy"
    if language:
        if language in MONTH_FIRST_LANGUAGES:
            return "mdy"
        # Plain English is written on both sides of the Atlantic.
        return None if language == "en" else "dmy"
    return None


def month(name: str, language: str | None = None) -> int | None:
    """Return the month (1 to 12) that a name or its short form means in any known language.

    None where languages disagree ("listopad" is November in Czech, October in Croatian) and
    `language` does not settle it.
    """
    folded = _fold(name)
    if language:
        own = _months(language.partition("-")[0])
        if folded in own:
            return own[folded]
    return _all_months().get(folded)


def _may_begin_with_year(first: str, mark: str, last: str) -> bool:
    """True for "26-03-04", which is ISO 8601 without its century where it is not day first."""
    return mark == "-" and len(last) == 2 and int(first) > 12


def _worded(text: str, language: str | None) -> tuple[date, ...]:
    found: set[date] = set()
    for pattern in (_WORDED_YEAR_FIRST, _WORDED, _WORDED_MONTH_FIRST):
        for match in pattern.finditer(text):
            number = _month_in(match["month"], language)
            if number is not None:
                found.update(_one(match["year"].lstrip("'’"), str(number), match["day"]))
        if found:
            break
    return tuple(found) if len(found) == 1 else ()


def _month_in(words: str, language: str | None) -> int | None:
    for word in words.split():
        number = month(word, language)
        if number is not None:
            return number
    return None


def _one(year: str, month: str, day: str) -> tuple[date, ...]:
    full = int(year)
    if len(year) == 2:
        full += 2000 if full < 80 else 1900
    if not 1900 <= full <= 2199:
        return ()
    try:
        return (date(full, int(month), int(day)),)
    except ValueError:
        return ()


def _fold(name: str) -> str:
    name = unicodedata.normalize("NFKD", name.strip(". ").casefold())
    return "".join(c for c in name if not unicodedata.combining(c))


@cache
def _months(language: str) -> dict[str, int]:
    """Month names of one language, folded, in every width and form; {} for one that is not known."""
    from babel import Locale  # 45 ms to import; only dates in words need it

    if language not in LOCALES:
        return {}
    names: dict[str, int] = {}
    for forms in Locale.parse(language).months.values():
        for width in ("wide", "abbreviated"):
            for number, name in forms.get(width, {}).items():
                folded = _fold(name)
                if len(folded) > 2 and folded.isalpha():
                    names[folded] = number
                    if len(folded) > 5 and language in ("en", "de", "fr", "es", "it", "nl", "pt"):
                        names.setdefault(folded[:3], number)
    if language == "en":
        names["sept"] = 9
    if language == "de":
        names |= {"jänner": 1, "janner": 1, "maerz": 3, "mrz": 3, "marz": 3}
    return names


@cache
def _all_months() -> dict[str, int]:
    """Month names of all languages, without those that mean different months."""
    names: dict[str, int] = {}
    doubtful: set[str] = set()
    for language in LOCALES:
        for name, number in _months(language).items():
            if names.setdefault(name, number) != number:
                doubtful.add(name)
    for name in doubtful:
        del names[name]
    return names
