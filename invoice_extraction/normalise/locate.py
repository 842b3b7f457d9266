"""Where a printed text stands among a document's words."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

from rapidfuzz import fuzz

from invoice_extraction.model.document import Box, Document, Page, Word
from invoice_extraction.normalise import amounts, dates
from invoice_extraction.normalise.amounts import NumberStyle

_NOT_PLAIN = re.compile(r"[\W_]+")

_LITERAL, _NORMALISED, _EQUAL = 1.0, 0.95, 0.9
"""Quality of a match: letter by letter; without case and punctuation; another print of the value."""

_FUZZY_MIN_LENGTH = 8
_FUZZY_MAX_LENGTH = 200
_FUZZY_BOUND = 88.0
"""Below it two different names of a like length begin to match."""

_MOST = 40
"""Occurrences of one text that are looked at; "1" stands on a page a hundred times."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text stands: its page, one box in points for each line of it, quality 0 to 1."""

    page: int
    boxes: tuple[Box, ...]
    quality: float
    text: str


@dataclass(slots=True)
class _Words:
    """A page's words as one string without spaces, case and punctuation."""

    page: Page
    plain: str
    starts: list[int]
    numbers: dict[Decimal, list[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Span:
    words: _Words
    first: int
    last: int
    quality: float

    def text(self) -> str:
        return " ".join(w.text for w in self.words.page.words[self.first : self.last + 1])


class Index:
    """Finds texts among the words of one document; built once, on the first search."""

    def __init__(self, document: Document, style: NumberStyle = None) -> None:
        self._document = document
        self._style = style

    def find(
        self,
        text: str,
        *,
        value: object = None,
        page: int | None = None,
        near: Place | None = None,
        within: Place | None = None,
        last: bool = False,
    ) -> Place | None:
        """Return where `text` stands, None where it does not.

        `value` (Decimal or date) makes another print of the same value a match, and a text of the
        same digits but another value none. Of several places the one on `page`, inside `within`,
        nearest to `near`, or with `last` the lowest is returned; else the first.
        """
        needle = _plain(text)
        if not needle:
            return None
        spans = [
            span
            for words in self._pages
            for span in _occurrences(words, needle, text)
            if self._means(span, value)
        ]
        if not spans and isinstance(value, Decimal):
            spans = [s for words in self._pages for s in self._equal_numbers(words, value)]
        if not spans and isinstance(value, date):
            spans = [s for words in self._pages for s in _equal_dates(words, value)]
        if not spans and value is None:
            spans = [s for words in self._pages for s in _similar(words, needle)]
        if not spans:
            return None
        best = min(spans, key=_preference(page, near, within, last))
        return _place(best)

    def find_word(self, matches: Callable[[str], bool], *, page: int | None = None) -> Place | None:
        """Return the first word, on `page` if it stands there, that `matches`; None if none does."""
        pages = sorted(self._pages, key=lambda words: words.page.number != page)
        for words in pages:
            for n, word in enumerate(words.page.words):
                if matches(word.text):
                    return _place(_Span(words, n, n, _NORMALISED))
        return None

    @cached_property
    def _pages(self) -> list[_Words]:
        return [_words(page) for page in self._document.pages if page.words]

    def _means(self, span: _Span, value: object) -> bool:
        if not isinstance(value, Decimal):
            return True
        text = span.text()
        found = amounts.parse(text, self._style)
        if found is None:
            found = amounts.percent(text, self._style) if "%" in text else None
        # "DR12.50/2" has no one number: then the digits that match must do.
        return found is None or abs(found) == abs(value)

    def _equal_numbers(self, words: _Words, value: Decimal) -> Iterator[_Span]:
        if not words.numbers:
            for n, word in enumerate(words.page.words):
                if any(c.isdigit() for c in word.text):
                    number = amounts.parse(word.text, self._style)
                    if number is not None:
                        words.numbers.setdefault(abs(number), []).append(n)
        for n in words.numbers.get(abs(value), ())[:_MOST]:
            yield _Span(words, n, n, _EQUAL)


def _plain(text: str) -> str:
    return _NOT_PLAIN.sub("", text).casefold()


def _words(page: Page) -> _Words:
    starts = []
    parts = []
    at = 0
    for word in page.words:
        part = _plain(word.text)
        starts.append(at)
        parts.append(part)
        at += len(part)
    return _Words(page, "".join(parts), starts)


def _occurrences(words: _Words, needle: str, text: str) -> Iterator[_Span]:
    plain, starts = words.plain, words.starts
    literal = " ".join(text.split())
    at = plain.find(needle)
    seen = 0
    while at >= 0 and seen < _MOST:
        end = at + len(needle)
        # A word without letters and digits has no length: the last word that starts at `at` has.
        first = bisect_right(starts, at) - 1
        last = bisect_right(starts, end - 1) - 1
        ends_at = starts[last + 1] if last + 1 < len(starts) else len(plain)
        if _stands_apart(plain, at, starts[first] == at) and _stands_apart(
            plain, end, ends_at == end
        ):
            seen += 1
            yield _completed(words, first, last, literal)
        at = plain.find(needle, at + 1)


def _completed(words: _Words, first: int, last: int, literal: str) -> _Span:
    """Return the span of a match, with the sign beside it ("€") where the text has one."""
    for start, end in ((first, last), (first, last + 1), (max(0, first - 1), last)):
        span = _Span(words, start, min(end, len(words.starts) - 1), _LITERAL)
        if literal in span.text():
            return span
    return _Span(words, first, last, _NORMALISED)


def _stands_apart(plain: str, at: int, at_word: bool) -> bool:
    """True where a match may begin or end: at a word's edge, or between a letter and a digit."""
    if at_word or at == 0 or at == len(plain):
        return True
    return plain[at - 1].isdigit() != plain[at].isdigit()


def _equal_dates(words: _Words, value: date) -> Iterator[_Span]:
    text, starts = [], []
    at = 0
    for word in words.page.words:
        starts.append(at)
        text.append(word.text)
        at += len(word.text) + 1
    for start, end, found in dates.find(" ".join(text)):
        if value in found:
            yield _Span(
                words, bisect_right(starts, start) - 1, bisect_right(starts, end - 1) - 1, _EQUAL
            )


def _similar(words: _Words, needle: str) -> Iterator[_Span]:
    """Find a text with a few letters amiss. A number is never similar: its digits are its meaning."""
    if not _FUZZY_MIN_LENGTH <= len(needle) <= _FUZZY_MAX_LENGTH or len(words.plain) < len(needle):
        return
    if sum(c.isdigit() for c in needle) * 3 > len(needle):
        return
    found = fuzz.partial_ratio_alignment(needle, words.plain, score_cutoff=_FUZZY_BOUND)
    if found is None or found.dest_end <= found.dest_start:
        return
    first = bisect_right(words.starts, found.dest_start) - 1
    last = bisect_right(words.starts, found.dest_end - 1) - 1
    yield _Span(words, first, last, 0.8 * found.score / 100)


def _preference(
    page: int | None, near: Place | None, within: Place | None, last: bool
) -> Callable[[_Span], tuple[float, ...]]:
    def key(span: _Span) -> tuple[float, ...]:
        word = span.words.page.words[span.first]
        number = span.words.page.number
        outside = within is not None and not (
            number == within.page and any(_inside(word, box) for box in within.boxes)
        )
        distance = 0.0
        if near is not None:
            distance = (
                min(abs(_middle(word.box) - _middle(box)) for box in near.boxes)
                if number == near.page
                else 1e6
            )
        place = number * 1e5 + word.top
        return (
            outside,
            page is not None and number != page,
            -span.quality,
            round(distance / 3),
            -place if last else place,
        )

    return key


def _inside(word: Word, box: Box) -> bool:
    x, y = (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2
    return box[0] - 1 <= x <= box[2] + 1 and box[1] - 1 <= y <= box[3] + 1


def _middle(box: Box) -> float:
    return (box[1] + box[3]) / 2


def _place(span: _Span) -> Place:
    words = [w for w in span.words.page.words[span.first : span.last + 1] if w.x1 > w.x0 or w.text]
    return Place(span.words.page.number, boxes(words), span.quality, span.text())


def boxes(words: list[Word]) -> tuple[Box, ...]:
    """Return one box in points for each line that the words, in their order, stand on."""
    lines: list[list[float]] = []
    for word in words:
        if lines:
            line = lines[-1]
            middle = (word.top + word.bottom) / 2
            # A step back to the left is a new line, even where two lines touch.
            if line[1] <= middle <= line[3] and word.x0 >= line[0]:
                line[:] = [
                    min(line[0], word.x0),
                    min(line[1], word.top),
                    max(line[2], word.x1),
                    max(line[3], word.bottom),
                ]
                continue
        lines.append([word.x0, word.top, word.x1, word.bottom])
    return tuple((a, b, c, d) for a, b, c, d in lines)
