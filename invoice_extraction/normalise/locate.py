"""Where a printed text stands among a document's words."""

import re
import time
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from rapidfuzz import fuzz

from invoice_extraction.model.document import Box, Page, Word
from invoice_extraction.model.extraction import RelativeBox
from invoice_extraction.normalise import amounts, currency, dates
from invoice_extraction.normalise.amounts import MINUSES, NumberStyle
from invoice_extraction.normalise.dates import DateOrder

Match = Literal["similar", "exact", "whole"]
"""How a text has to stand there: "whole" as words of its own, "exact" perhaps as a part of a word,
"similar" perhaps with a few other letters."""

_NOT_PLAIN = re.compile(r"[\W_]+")

LITERAL, NORMALISED, EQUAL = 1.0, 0.95, 0.9
"""Quality of a match: letter by letter; without case and punctuation; another print of the value. A
similar text has less."""

_FUZZY_MIN_LENGTH = 8
_FUZZY_MAX_LENGTH = 200
_FUZZY_BOUND = 88.0
"""Below it two different names of a like length begin to match."""
_FUZZY_TRIPLES = 4
"""One of so many triples of letters at least stands on a page where a similar text does."""

_MOST = 40
"""Occurrences of one text on a page that are looked at; "1" stands there a hundred times."""

SECONDS = 5.0
"""CPU time for locating all values of one document."""

_LABEL = re.compile(r"(?:[:#=([,;|*\"'“„»№]|n[°º]|(?<![^\W_])(?:no|nr|num)\.)$", re.IGNORECASE)
"""What may stand before an identifier in its own word: "No.4711" and "Ref:4711", not "A-4711"."""
_BEHIND = re.compile(r"[^\w]*$|[,;:)\]|\"'”“«*]")

_CREDIT = re.compile(r"CR\.?", re.IGNORECASE)


class Budget:
    """CPU time of one thread, of which what is begun at first use may take `seconds`."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._began: float | None = None

    @property
    def is_spent(self) -> bool:
        """True when the time is over."""
        # The thread's own time: what other threads of a worker do is not counted.
        now = time.thread_time()
        if self._began is None:
            self._began = now
        return now - self._began > self._seconds


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
    numbers: dict[Decimal, list[int]] | None = None
    days: list[tuple[int, int, date]] | None = None
    triples: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class _Span:
    words: _Words
    first: int
    last: int
    quality: float

    def text(self) -> str:
        return " ".join(w.text for w in self.words.page.words[self.first : self.last + 1])


@dataclass(frozen=True, slots=True)
class _Sought:
    """What is looked for; `needle` is the text as plain letters and digits."""

    text: str
    needle: str
    value: Decimal | date | None
    match: Match
    unsigned: bool


class Index:
    """Finds texts among the words of some pages, a page's words made ready on its first search.

    `style`, `order` and `language` say how these pages write numbers and dates.
    """

    def __init__(
        self,
        pages: Iterable[Page],
        style: NumberStyle = None,
        order: DateOrder = None,
        language: str | None = None,
        budget: Budget | None = None,
    ) -> None:
        self._pages = {page.number: page for page in pages if page.words}
        self._style = style
        self._order = order
        self._language = language
        self._budget = budget or Budget()
        self._words: dict[int, _Words] = {}
        self._seen: dict[tuple[_Sought, int], list[_Span]] = {}
        self._elsewhere: dict[tuple[_Sought, bool], _Span | None] = {}

    def find(
        self,
        text: str,
        *,
        value: Decimal | date | None = None,
        match: Match = "similar",
        unsigned: bool = False,
        page: int | None = None,
        near: Place | None = None,
        within: Place | None = None,
        last: bool = False,
    ) -> Place | None:
        """Return where `text` stands, None where it does not or the budget is spent.

        `value` makes another print of the same value a match, and a text of the same digits but
        another value none; `unsigned` lets the sign differ. Of several places one inside `within` is
        returned, else one on `page`, else one on the page of `near`, nearest to it; else the first, or
        with `last` the lowest.
        """
        needle = _plain(text)
        if not needle or self._budget.is_spent:
            return None
        sought = _Sought(text, needle, value, match, unsigned)
        if within is not None:
            inside = [s for s in self._spans(sought, within.page) if _is_inside(s, within)]
            if inside:
                return _place(min(inside, key=_preference(near, last)))
        hinted = [n for n in (page, near.page if near else None) if n is not None]
        for number in dict.fromkeys(hinted):
            spans = self._spans(sought, number)
            if spans:
                return _place(min(spans, key=_preference(near, last)))
        found = self._first(sought, last)
        if found is None and value is None and match == "similar":
            found = self._similar(sought, hinted or list(self._pages))
        return _place(found) if found is not None else None

    def find_all(
        self, text: str, *, value: Decimal | date | None = None, match: Match = "exact"
    ) -> list[Place]:
        """Return each place where `text` stands, or another print of `value` with any sign.

        In the order of the pages and, on each, of its words; none once the budget is spent.
        """
        needle = _plain(text)
        if not needle or self._budget.is_spent:
            return []
        sought = _Sought(text, needle, value, match, unsigned=True)
        return [_place(span) for number in self._pages for span in self._spans(sought, number)]

    def find_word(self, matches: Callable[[str], bool], *, page: int | None = None) -> Place | None:
        """Return the first word, on `page` if it stands there, that `matches`; None if none does."""
        for number in sorted(self._pages, key=lambda n: n != page):
            if self._budget.is_spent:
                return None
            for n, word in enumerate(self._pages[number].words):
                if matches(word.text):
                    return _place(_Span(self._words_of(number), n, n, NORMALISED))
        return None

    def _first(self, sought: _Sought, last: bool) -> _Span | None:
        """Return the best span of all pages; known from before where the same was sought."""
        key = (sought, last)
        if key not in self._elsewhere:
            best: _Span | None = None
            for number in sorted(self._pages, reverse=last):
                if self._budget.is_spent:
                    return None
                spans = self._spans(sought, number)
                if not spans:
                    continue
                found = min(spans, key=_preference(None, last))
                if best is None or found.quality > best.quality:
                    best = found
                if best.quality == LITERAL:
                    break
            self._elsewhere[key] = best
        return self._elsewhere[key]

    def _spans(self, sought: _Sought, number: int) -> list[_Span]:
        """Return where a page prints what is sought."""
        key = (sought, number)
        if key not in self._seen:
            self._seen[key] = self._searched(sought, number) if number in self._pages else []
        return self._seen[key]

    def _searched(self, sought: _Sought, number: int) -> list[_Span]:
        words, value = self._words_of(number), sought.value
        spans = [span for span in _occurrences(words, sought) if self._means(span, sought)]
        if not spans and isinstance(value, Decimal):
            spans = [
                span for span in self._equal_numbers(words, value) if self._means(span, sought)
            ]
        if not spans and isinstance(value, date):
            spans = [_Span(words, a, b, EQUAL) for a, b, day in self._days(words) if day == value]
        return spans

    def _similar(self, sought: _Sought, numbers: Sequence[int]) -> _Span | None:
        for number in numbers:
            if self._budget.is_spent:
                return None
            if number in self._pages:
                found = _similar(self._words_of(number), sought.needle)
                if found is not None:
                    return found
        return None

    def _words_of(self, number: int) -> _Words:
        if number not in self._words:
            self._words[number] = _words(self._pages[number])
        return self._words[number]

    def _means(self, span: _Span, sought: _Sought) -> bool:
        """True where a span of the same letters and digits has the same value too, with its sign."""
        value = sought.value
        if value is None:
            return True
        text = span.text()
        if isinstance(value, date):
            days = dates.readings(text, self._language)
            # "1.12.2026" has the digits of "11.2.2026"; a text without a reading has but those.
            return not days or value in days
        numbers = self._numbers(text)
        # "DR12.50/2" has no one number: then the digits that match must do.
        if not numbers:
            return True
        return any(
            abs(number) == abs(value)
            and (sought.unsigned or not value or (value < 0) in _negative(span, number))
            for number in numbers
        )

    def _numbers(self, text: str) -> set[Decimal]:
        """Return what a text states: more than one where its separator could mean either."""
        found = amounts.parse(text, self._style)
        if found is None and "%" in text:
            found = amounts.percent(text, self._style)
        if found is not None:
            return {found}
        return {n for n in (amounts.parse(text, "."), amounts.parse(text, ",")) if n is not None}

    def _equal_numbers(self, words: _Words, value: Decimal) -> list[_Span]:
        if words.numbers is None:
            words.numbers = {}
            for n, word in enumerate(words.page.words):
                if any(c.isdigit() for c in word.text):
                    number = amounts.parse(word.text, self._style)
                    if number is not None:
                        words.numbers.setdefault(abs(number), []).append(n)
        return [_Span(words, n, n, EQUAL) for n in words.numbers.get(abs(value), ())[:_MOST]]

    def _days(self, words: _Words) -> list[tuple[int, int, date]]:
        """Return first word, last word and day of each date that can be read in one way."""
        if words.days is None:
            words.days = []
            texts, starts = [], []
            at = 0
            for word in words.page.words:
                starts.append(at)
                texts.append(word.text)
                at += len(word.text) + 1
            for start, end, found in dates.find(" ".join(texts), self._language):
                day = dates.settled(found, self._order)
                if day is not None:
                    first = bisect_right(starts, start) - 1
                    words.days.append((first, bisect_right(starts, end - 1) - 1, day))
        return words.days


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


def _occurrences(words: _Words, sought: _Sought) -> Iterator[_Span]:
    plain, starts, needle = words.plain, words.starts, sought.needle
    literal = " ".join(sought.text.split())
    texts = words.page.words
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
            if sought.match != "whole" or (
                _begins(texts[first].text, at - starts[first])
                and _ends(texts[last].text, end - starts[last])
            ):
                yield _completed(words, first, last, literal)
        at = plain.find(needle, at + 1)


def _completed(words: _Words, first: int, last: int, literal: str) -> _Span:
    """Return the span of a match, with the sign beside it ("€") where the text has one."""
    for start, end in ((first, last), (first, last + 1), (max(0, first - 1), last)):
        span = _Span(words, start, min(end, len(words.starts) - 1), LITERAL)
        if literal in span.text():
            return span
    return _Span(words, first, last, NORMALISED)


def _stands_apart(plain: str, at: int, at_word: bool) -> bool:
    """True where a match may begin or end: at a word's edge, or between a letter and a digit."""
    if at_word or at == 0 or at == len(plain):
        return True
    return plain[at - 1].isdigit() != plain[at].isdigit()


def _begins(word: str, at: int) -> bool:
    """True where what begins behind `at` letters and digits of a word stands for itself."""
    return at == 0 or bool(_LABEL.search(word[: _reach(word, at + 1) - 1]))


def _ends(word: str, end: int) -> bool:
    """True where what ends with the letter or digit number `end` of a word stands for itself."""
    return bool(_BEHIND.match(word, _reach(word, end)))


def _reach(word: str, count: int) -> int:
    """Return the place in a word behind its letter or digit number `count`."""
    for place, c in enumerate(word):
        count -= len(_plain(c))
        if count <= 0:
            return place + 1
    return len(word)


def _negative(span: _Span, number: Decimal) -> set[bool]:
    """Return whether a number is negative as it is printed; both where its surroundings leave it open.

    The sign may stand in words of its own: "- 12.00", "-€ 12.00", "12.00 -", "12.00 CR", "( 12.00 )".
    """
    if number < 0:
        return {True}
    words = span.words.page.words
    here = words[span.first]
    before = _beside(words, span.first, -1)
    if before is not None and _is_mark(words[before].text):
        further = _beside(words, before, -1)
        before = further if further is not None else before
    after = _beside(words, span.last, 1)
    if before is not None:
        text = words[before].text
        if text and text[0] in MINUSES and not any(c.isdigit() for c in text) and len(text) < 5:
            # A dash may as well join a label and its number, or mark an item of a list.
            label = len(text) == 1 and _beside(words, before, -1) is not None
            is_money = any(c in ".,'" for c in here.text.strip(".,"))
            return {True, False} if label or not is_money else {True}
        # "(net 12.00)" is a remark, "(EUR 12.00)" an amount.
        opens = text == "(" or (text[:1] == "(" and _is_mark(text[1:]))
        if opens and (")" in span.text() or _closes(words, after)):
            return {True}
    if after is not None:
        text = words[after].text
        if len(text) == 1 and text in MINUSES:
            return {True, False} if _beside(words, after, 1) is not None else {True}
        if _CREDIT.fullmatch(text):
            return {True}
    return {False}


def _closes(words: Sequence[Word], at: int | None) -> bool:
    return at is not None and words[at].text.startswith(")")


def _is_mark(text: str) -> bool:
    """True for a currency's sign or code alone."""
    return (
        currency.is_shared(text)
        or (not text[:1].isdigit() and text in currency.CODES)
        or (text.casefold() in currency.SIGNS)
    )


def _beside(words: Sequence[Word], at: int, step: int) -> int | None:
    """Return the next word in the page's order where it stands beside this one on its line."""
    other = at + step
    if not 0 <= other < len(words):
        return None
    left, right = (words[at], words[other]) if step > 0 else (words[other], words[at])
    height = max(words[at].bottom - words[at].top, 1.0)
    level = abs((left.top + left.bottom) - (right.top + right.bottom)) < height
    return other if level and -0.5 * height < right.x0 - left.x1 <= 0.8 * height else None


def _similar(words: _Words, needle: str) -> _Span | None:
    """Return a text with a few letters amiss. A number is never similar: its digits are its meaning."""
    if not _FUZZY_MIN_LENGTH <= len(needle) <= _FUZZY_MAX_LENGTH or len(words.plain) < len(needle):
        return None
    if sum(c.isdigit() for c in needle) * 3 > len(needle):
        return None
    if words.triples is None:
        words.triples = frozenset(_triples(words.plain))
    known = sum(triple in words.triples for triple in _triples(needle))
    if known * _FUZZY_TRIPLES < len(needle) - 2:
        return None
    found = fuzz.partial_ratio_alignment(needle, words.plain, score_cutoff=_FUZZY_BOUND)
    if found is None or found.dest_end <= found.dest_start:
        return None
    first = bisect_right(words.starts, found.dest_start) - 1
    last = bisect_right(words.starts, found.dest_end - 1) - 1
    return _Span(words, first, last, 0.8 * found.score / 100)


def _triples(text: str) -> Iterator[str]:
    return (text[n : n + 3] for n in range(len(text) - 2))


def _preference(near: Place | None, last: bool) -> Callable[[_Span], tuple[float, ...]]:
    """Return the order of the spans of one page, the best first."""

    def key(span: _Span) -> tuple[float, ...]:
        word = span.words.page.words[span.first]
        distance = 0.0
        if near is not None and near.page == span.words.page.number:
            distance = min(abs(_middle(word.box) - _middle(box)) for box in near.boxes)
        return (-span.quality, round(distance / 3), -word.top if last else word.top)

    return key


def _is_inside(span: _Span, place: Place) -> bool:
    word = span.words.page.words[span.first]
    return any(_inside(word, box) for box in place.boxes)


def _inside(word: Word, box: Box) -> bool:
    x, y = (word.x0 + word.x1) / 2, (word.top + word.bottom) / 2
    return box[0] - 1 <= x <= box[2] + 1 and box[1] - 1 <= y <= box[3] + 1


def _middle(box: Box) -> float:
    return (box[1] + box[3]) / 2


def _place(span: _Span) -> Place:
    words = [w for w in span.words.page.words[span.first : span.last + 1] if w.x1 > w.x0 or w.text]
    return Place(span.words.page.number, boxes(words), span.quality, span.text())


def legibility(page: Page, boxes: Iterable[Box]) -> float:
    """Return the lowest confidence of the page's words in the boxes; 1 where none has one.

    A factor of what is read there, because one wrong word makes the value wrong (measured, see
    benchmarks/README.md).
    """
    found = (
        word.confidence
        for box in boxes
        for word in page.words
        if word.confidence is not None and word.confidence < 1 and _inside(word, box)
    )
    return max(0.0, min(found, default=1.0))


def relative(page: Page, boxes: Iterable[Box]) -> tuple[RelativeBox, ...]:
    """Return boxes of a page in shares of it as people see it."""
    width, height = page.displayed_size
    return tuple(
        (_share(x0, width), _share(y0, height), _share(x1, width), _share(y1, height))
        for x0, y0, x1, y1 in map(page.displayed, boxes)
    )


def _share(length: float, whole: float) -> float:
    return round(min(1.0, max(0.0, length / whole)), 4) if whole else 0.0


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
