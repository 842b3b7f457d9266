"""Whose document it is, of the sellers that hints tell."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from invoice_extraction.engines.layout.candidates import Layout
from invoice_extraction.engines.layout.hints import FIELDS, SPOTTED
from invoice_extraction.engines.layout.labels import squash, tokens
from invoice_extraction.engines.layout.lines import Segment
from invoice_extraction.engines.layout.parties import Parties
from invoice_extraction.errors import OptionError
from invoice_extraction.model.hints import SellerHints

_SHORT_ID = 7
_SHORT_NAME = 6
"""Less letters than these stand on other sellers' documents too."""

_PIECE = re.compile(r"[^\W_]+")


def of_seller(layout: Layout, known: Iterable[SellerHints], people: Parties) -> SellerHints | None:
    """Return what is known of the seller of a document, all in one; None where it is not known.

    `people` are those that the pages tell by themselves. A number that is printed goes before a name. The
    buyer's number does not count, and a name only where the pages tell no other seller.

    Raises:
        OptionError: A label or a spot is of no field that hints tell, or a label has no word.
    """
    hints = tuple(known)
    for hint in hints:
        _check(hint)
    page = _Page(layout)
    others = [
        h for h in hints if not (people.buyer and h.name and _same(h.name, people.buyer.text))
    ]
    by_number = [h for h in others if _is_numbered(h, page, people)]
    told = by_number or [h for h in others if _is_named(h, page, people)]
    if not told:
        return None
    keys = set(_numbers(told[0])) if by_number else {squash(told[0].name or "")}
    return _merged(
        [h for h in told if keys & set(_numbers(h) if by_number else [squash(h.name or "")])]
    )


class _Page:
    """The words of a document's pages in a row, without what parts them."""

    def __init__(self, layout: Layout) -> None:
        self._begins: dict[int, Segment] = {}
        pieces = []
        at = 0
        for row in layout.rows:
            for segment in row:
                for match in _PIECE.finditer(segment.text):
                    pieces.append(squash(match[0]))
                    self._begins[at] = segment
                    at += len(pieces[-1])
        self._text = "".join(pieces)

    def where(self, key: str) -> Iterator[Segment]:
        """Yield the segments in which a name or number begins, of whole words alone."""
        at = self._text.find(key)
        while at >= 0:
            end = at + len(key)
            if at in self._begins and (end in self._begins or end == len(self._text)):
                yield self._begins[at]
            at = self._text.find(key, at + 1)


def _is_numbered(hint: SellerHints, page: _Page, people: Parties) -> bool:
    return any(
        number not in people.buyers_numbers and id(segment) not in people.buyers_lines
        for number in _numbers(hint)
        for segment in page.where(number)
    )


def _is_named(hint: SellerHints, page: _Page, people: Parties) -> bool:
    if not hint.name or len(squash(hint.name)) < _SHORT_NAME:
        return False
    if people.seller is not None and not _same(hint.name, people.seller.text):
        return False
    return any(id(s) not in people.buyers_lines for s in page.where(squash(hint.name)))


def _same(one: str, two: str) -> bool:
    """Return whether two names are one, or one has all the words of the other on end."""
    a, b = (" ".join(squash(word) for word in _PIECE.findall(name)) for name in (one, two))
    return f" {a} " in f" {b} " or f" {b} " in f" {a} "


def _numbers(hint: SellerHints) -> list[str]:
    return [n for one in (*hint.tax_ids, *hint.ibans) if len(n := squash(one)) >= _SHORT_ID]


def _check(hint: SellerHints) -> None:
    for name, given, taken in (("labels", hint.labels, FIELDS), ("spots", hint.spots, SPOTTED)):
        strange = next((pointer for pointer in given if pointer not in taken), None)
        if strange is not None:
            raise OptionError(
                f"`{name}` of a hint holds {strange!r}: {', '.join(taken)} are taken."
            )
    for pointer, phrases in hint.labels.items():
        for phrase in phrases:
            if not any(token.is_word for token in tokens(phrase)):
                raise OptionError(f"`labels` of a hint at {pointer}: {phrase!r} has no word.")


def _merged(hints: list[SellerHints]) -> SellerHints:
    first, *others = hints
    for one in others:
        first = replace(
            first,
            name=first.name or one.name,
            labels={
                p: tuple(dict.fromkeys((*first.labels.get(p, ()), *one.labels.get(p, ()))))
                for p in {**first.labels, **one.labels}
            },
            spots={
                p: (*first.spots.get(p, ()), *one.spots.get(p, ()))
                for p in {**first.spots, **one.spots}
            },
            currency=first.currency or one.currency,
            number_style=first.number_style or one.number_style,
            date_order=first.date_order or one.date_order,
        )
    return first
