"""The columns of an item table: its head, and the column that a number or a text stands in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from invoice_extraction.engines.layout import labels as label_data
from invoice_extraction.engines.layout.candidates import Amount, Layout
from invoice_extraction.engines.layout.labels import HEAD, Labels, Token
from invoice_extraction.engines.layout.lines import Segment

MONEY = ("amount", "gross")
"""Columns that a row's own amount stands in."""

_NUMBERS = (*MONEY, "quantity", "unit_price", "discount", "tax_rate", "tax", "position", "code")
_FURTHEST = 45.0
"""In points: a number further from every head stands in no column."""

_LONGEST = 90
"""Characters; a row with more is no part of a head."""

_STACKED = 2
"""A head is set on so many rows more, above and below the one with most words."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its head, "quantity" or "amount" among others; x0 and x1 are the head's, in points."""

    name: str
    x0: float
    x1: float


@dataclass(frozen=True, slots=True)
class Head:
    """The columns and the index in `Layout.rows` of the last row that the head is set on."""

    columns: tuple[Column, ...]
    last: int

    def named(self, *names: str) -> list[Column]:
        """Return the columns of these names from right to left."""
        found = [column for column in self.columns if column.name in names]
        return sorted(found, key=lambda column: -column.x1)


def head(layout: Layout, index: int, numbered: Iterable[tuple[int, int]]) -> Head | None:
    """Return the head of an item table on a row and those right above and below; None for no head.

    `numbered` are page and number of the rows that hold amounts: no head does.
    """
    data = label_data.load()
    row = layout.rows[index]
    columns = _columns(row, layout, data)
    if len(columns) < 2:
        return None
    last = index
    for step in (*range(-1, -1 - _STACKED, -1), *range(1, 1 + _STACKED)):
        if not 0 <= index + step < len(layout.rows):
            continue
        other = layout.rows[index + step]
        if other[0].page != row[0].page or (other[0].page, other[0].row) in numbered:
            continue
        if abs(other[0].middle - row[0].middle) > 1.8 * abs(step) * max(row[0].height, 6.0):
            continue
        more = _columns(other, layout, data)
        if len(more) * 3 < len(other) or len(more) > len(columns) + 1:
            continue
        if not more or sum(len(segment.text) for segment in other) > _LONGEST:
            continue
        columns += more
        last = max(last, index + step)
    names = {column.name for column in columns}
    if not names & set(MONEY) and "unit_price" in names and "description" in names:
        # "Item | Price": the price of a row is its amount.
        right = max(range(len(columns)), key=lambda n: columns[n].x1)
        columns[right] = Column("amount", columns[right].x0, columns[right].x1)
        names = {column.name for column in columns}
    if not names & set(MONEY) or not names & {"description", "quantity", "unit_price"}:
        return None
    return Head(tuple(columns), last)


def column_of(
    start: float, end: float, columns: Sequence[Column], *, of_number: bool = True
) -> Column | None:
    """Return the column that something from x `start` to `end` is set flush with or below; else None."""
    best, nearest = None, _FURTHEST
    for column in columns:
        if of_number and column.name not in _NUMBERS:
            continue
        distance = min(
            abs(end - column.x1),
            abs(start - column.x0),
            abs((start + end) / 2 - (column.x0 + column.x1) / 2),
        )
        if distance < nearest:
            best, nearest = column, distance
    return best


def edges(amount: Amount) -> tuple[float, float]:
    """Return where an amount begins and ends, in points."""
    x0, _, x1, _ = amount.segment.box(amount.start, amount.end)
    return x0, x1


def _columns(row: list[Segment], layout: Layout, data: Labels) -> list[Column]:
    columns: list[Column] = []
    for segment in row:
        found = _heads(layout.tokens[id(segment)], data)
        if not found:
            continue
        letters = sum(c.isalpha() for c in segment.text)
        named = sum(sum(c.isalpha() for c in segment.text[a:b]) for _, a, b in found)
        # Words of a sentence head no column.
        if letters > 40 or named * 2 < letters:
            continue
        for name, start, end in found:
            x0, _, x1, _ = segment.box(start, end)
            columns.append(Column(name, x0, x1))
    return columns


def _heads(tokens: list[Token], data: Labels) -> list[tuple[str, int, int]]:
    found = []
    begins = _begins()
    n = 0
    while n < len(tokens):
        if tokens[n].text[:HEAD] not in begins:
            n += 1
            continue
        text, best = "", None
        for m in range(n, min(n + 5, len(tokens))):
            text += tokens[m].text
            if text in data.columns:
                best = (data.columns[text], tokens[n].start, tokens[m].end, m)
        if best is None:
            n += 1
            continue
        found.append(best[:3])
        n = best[3] + 1
    return found


@cache
def _begins() -> frozenset[str]:
    """Return the first letters of all heads, up to HEAD of them."""
    return frozenset(key[:n] for key in label_data.load().columns for n in range(1, HEAD + 1))
