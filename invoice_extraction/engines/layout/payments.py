"""Whether a document says that it is paid already."""

import re
from collections.abc import Iterator, Sequence

from invoice_extraction.engines.layout import labels as label_data
from invoice_extraction.engines.layout.candidates import Layout
from invoice_extraction.engines.layout.labels import Token
from invoice_extraction.engines.layout.lines import Segment

_CARD = re.compile(r"[*xX•·]{4,}[ -]?\d{4}(?!\d)")
"""A card's number with all but its last digits hidden."""

_LONGEST = 5
"""Words of a phrase that tells of a payment."""

_NEAR = 3
"""So many words behind "Payment" tell how it is made: "Payment: by Visa"."""

_ENDS = re.compile(r"[.,!?;](?=\s|$)")
"""What parts the clauses of a text."""

_LABEL = re.compile(r"[.,!?;:|]")
"""What may stand right before a label in a text."""

_FLUSH = 8.0
"""Points by which the lines of one text begin apart at most."""


def is_paid(layout: Layout) -> bool:
    """Return whether a document says that it is paid.

    By a word of it, by a card or the like as the way of payment, or by a card with most of its digits hidden.
    """
    segments = [segment for row in layout.rows for segment in row]
    if _is_stamped(layout) or any(s.has_digits and _CARD.search(s.text) for s in segments):
        return True
    data = label_data.load()
    return any(
        any(_is_told(layout, segment, *hit) for hit in _hits(words, data.settled))
        or any(_is_instant(layout, segment, *hit) for hit in _hits(words, data.means))
        for segment in segments
        if (words := _words(layout, segment))
    )


def _is_stamped(layout: Layout) -> bool:
    """Return whether "Paid" stands somewhere for itself."""
    for label in layout.labels:
        text = label.segment.text
        if label.fields[0] == "paid" and not text.rstrip().endswith(":"):
            letters = sum(c.isalpha() for c in text)
            if letters == sum(c.isalpha() for c in text[label.start : label.end]):
                return True
    return False


def _is_told(layout: Layout, segment: Segment, start: int, end: int) -> bool:
    """Return whether a word of payment at a place means this document: "paid by Visa", not "if paid late"."""
    text = segment.text
    if text[end:].strip() == ":":
        return False
    if _has_amount(layout, segment):
        # An item, or a sum that is weighed with the others.
        return False
    first = max((m.end() for m in _ENDS.finditer(text, 0, start)), default=0)
    ends = _ENDS.search(text, end)
    last = ends.start() if ends is not None else len(text)
    words = [t for t in _words(layout, segment) if first <= t.start < last]
    unsettled = label_data.load().unsettled
    if any(not (start <= a and b <= end) for a, b in _hits(words, unsettled)):
        return False
    if first == 0 and text[:1].islower():
        # A sentence that began in the line above.
        return not any(
            any(_hits(_words(layout, one), unsettled))
            for one in layout.above(segment)
            if abs(one.x0 - segment.x0) < _FLUSH
        )
    return True


def _has_amount(layout: Layout, segment: Segment) -> bool:
    """Return whether an amount stands right of a text, as in a row of items or of sums."""
    beside = [s for s in layout.row_of(segment) if s.x0 >= segment.x1][:1]
    return any(a.is_money and a.start == 0 and a.segment in beside for a in layout.amounts)


def _is_instant(layout: Layout, segment: Segment, start: int, end: int) -> bool:
    """Return whether the way of payment that a label at a place tells is a card or the like.

    No word stands before the label: "Modes of payment" are several.
    """
    if any(map(str.isalpha, _LABEL.split(segment.text[:start])[-1])):
        return False
    data = label_data.load()
    words = [token for token in _words(layout, segment) if token.start >= end]
    if not words:
        beside = [s for s in layout.row_of(segment) if s.x0 >= segment.x1][:1]
        beside = beside or [s for s, _ in layout.below(segment)][:1]
        words = [token for one in beside for token in _words(layout, one)]
    if any(_hits(words, data.unsettled)):
        return False
    return any(_hits(words[:_NEAR], data.instant))


def _words(layout: Layout, segment: Segment) -> list[Token]:
    return [token for token in layout.tokens[id(segment)] if token.is_word]


def _hits(words: Sequence[Token], phrases: frozenset[str]) -> Iterator[tuple[int, int]]:
    """Yield where phrases begin and end among words that follow one another."""
    for n, first in enumerate(words):
        text = ""
        for token in words[n : n + _LONGEST]:
            text += token.text
            if text in phrases:
                yield first.start, token.end
