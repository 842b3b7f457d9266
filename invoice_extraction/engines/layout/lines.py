"""Reading lines, rebuilt from the words' boxes: content order is not reading order."""

import re
from functools import cached_property

import msgspec
from msgspec.structs import replace

from invoice_extraction.engines.layout.labels import squash
from invoice_extraction.model.document import Box, Page, Word

_GAP = 1.1
"""A gap wider than so many heights of a word parts two columns; a space is a third of one."""

_EM = 0.95
"""The same in font sizes, where they are known: a box may be as low as the letters x and o, and
beside a full stop the space of a typewriter's font is nearly as wide."""


_DIGIT = re.compile(r"\d")

_LEVEL = 0.9
"""The share of a word's height that lies on the row that it is taken to."""

_MOST_WORDS = 100
"""So many words a row holds at most; printed ones hold 40. Longer ones are parted: what stands in a row
is compared with one another in many places, which for one of 12,000 words takes minutes."""

_LONGEST_WORD, _LONGEST_SEGMENT = 500, 1000
"""So many characters a word and a segment hold at most, for the same reason: words are cut, segments parted."""


class Segment(msgspec.Struct, frozen=True, dict=True):
    """Words that stand side by side without a column's gap between them, left to right.

    `text` is the words with one space between them. `row` counts the page's rows from the top, from 0. Coordinates are points.
    """

    words: tuple[Word, ...]
    page: int
    row: int
    x0: float
    top: float
    x1: float
    bottom: float
    text: str

    @cached_property
    def has_digits(self) -> bool:
        """True where a digit stands in it: without one there is no amount, date or number."""
        return _DIGIT.search(self.text) is not None

    @cached_property
    def key(self) -> str:
        """Its text as phrases are compared."""
        return squash(self.text)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where in `text` each word begins."""
        at, starts = 0, []
        for word in self.words:
            starts.append(at)
            at += len(word.text) + 1
        return tuple(starts)

    @property
    def height(self) -> float:
        """The height of the tallest word."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """The vertical middle."""
        return (self.top + self.bottom) / 2

    def box(self, start: int, end: int) -> Box:
        """Return the box of the words that hold the characters from `start` to `end` of `text`."""
        if start <= 0 and end >= len(self.text):
            return (self.x0, self.top, self.x1, self.bottom)
        words = [
            w
            for w, at in zip(self.words, self.starts, strict=True)
            if at < end and at + len(w.text) > start
        ]
        return (
            min(w.x0 for w in words),
            min(w.top for w in words),
            max(w.x1 for w in words),
            max(w.bottom for w in words),
        )


def rows(page: Page) -> list[list[Segment]]:
    """Return the page's rows from top to bottom, each as its segments from left to right.

    Words are on one row when their middles lie within the row's height: a large amount beside its
    small label is on the label's row, and a superscript is too.
    """
    gathered: list[list[Word]] = []
    middle = half = 0.0
    for word in sorted(map(_cut, page.words), key=lambda w: w.top + w.bottom):
        own = (word.top + word.bottom) / 2
        height = word.bottom - word.top
        if not gathered or len(gathered[-1]) >= _MOST_WORDS:
            gathered.append([])
        elif abs(own - middle) <= max(half, height * 0.35) or _levels(word, gathered[-1]):
            gathered[-1].append(word)
            continue
        else:
            gathered.append(_sunk(gathered[-1], word))
        gathered[-1].append(word)
        middle, half = own, height * 0.5
    return [_segments(words, page.number, n) for n, words in enumerate(gathered)]


def _cut(word: Word) -> Word:
    if len(word.text) <= _LONGEST_WORD:
        return word
    return replace(word, text=word.text[:_LONGEST_WORD])


def _sunk(row: list[Word], below: Word) -> list[Word]:
    """Take from a row the words that stand level with the first word below it, and return them.

    Of two columns the lower one's first row may reach into the other's.
    """
    sunk: list[Word] = []
    kept: list[Word] = []
    for word in row:
        shared = min(word.bottom, below.bottom) - max(word.top, below.top)
        is_level = shared >= _LEVEL * (word.bottom - word.top)
        (sunk if word.x0 >= below.x1 and is_level else kept).append(word)
    if not kept:
        return []
    row[:] = kept
    return sunk


def _levels(word: Word, row: list[Word]) -> bool:
    """True where a word stands on the line of the nearest word of a row.

    Of two columns side by side one may be set a little lower: its words are on one row with one
    another, wherever the row of the other column began.
    """
    nearest = min(row, key=lambda w: max(w.x0 - word.x1, word.x0 - w.x1))
    shared = min(word.bottom, nearest.bottom) - max(word.top, nearest.top)
    low, high = sorted((word.bottom - word.top, nearest.bottom - nearest.top))
    return shared >= 0.7 * low and high <= 2 * low


def _segments(words: list[Word], page: int, row: int) -> list[Segment]:
    words.sort(key=lambda w: w.x0)
    runs: list[list[Word]] = []
    length = 0
    for word in words:
        length += len(word.text) + 1
        if runs and length <= _LONGEST_SEGMENT:
            before = runs[-1][-1]
            height = min(before.bottom - before.top, word.bottom - word.top)
            if word.x0 - before.x1 <= max(_GAP * height, _EM * (word.size or 0.0), 4.0):
                runs[-1].append(word)
                continue
        runs.append([word])
        length = len(word.text)
    return [
        Segment(
            tuple(run),
            page,
            row,
            run[0].x0,
            min(w.top for w in run),
            max(w.x1 for w in run),
            max(w.bottom for w in run),
            " ".join([w.text for w in run]),
        )
        for run in runs
    ]
