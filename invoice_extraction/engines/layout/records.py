"""The rows of an item table as records: what stands in which column, and the words that name them."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from invoice_extraction.engines.layout.candidates import Amount, Layout
from invoice_extraction.engines.layout.columns import MONEY, Column, Head, column_of, edges, head
from invoice_extraction.engines.layout.lines import Segment
from invoice_extraction.normalise import amounts

Piece = tuple[Segment, int, int]
"""A part of a segment's text."""

_MAX_GAP_ROWS = 14
"""So many rows without an item end a table."""

_ASKEW = 18.0
"""In points: so far apart may a column's head stand on two pages."""

_PENDING_ROWS = 2
"""An amount that stands so few rows below its quantity and price is theirs."""

_MAX_WRAPPED = 4
_ENDS = ("net", "gross", "tax", "amount_due")
_BELOW = ("allowance",)
"""Rows with one of these end a table too, unless a quantity or a price makes them an item."""
_PERCENT = re.compile(r"(?<![\d.,])[-−]?\d{1,2}(?:[.,]\d{1,3})?\s?%")
_CODE = re.compile(r"^(?=.*\d)[A-Z0-9][A-Z0-9./_-]*$")
_DETAIL = re.compile(r"^[^\W\d_][\w./ -]{1,28}:|^[•*-]\s")
"""What begins a line of details below an item rather than the rest of its name."""


@dataclass
class Record:
    """One row, or rows that belong together, while it is gathered.

    `mended` is True where its amount is not the one printed but the product of quantity and price.
    """

    page: int
    row: int
    money: dict[Column, Amount] = field(default_factory=dict)
    cells: dict[str, Amount] = field(default_factory=dict)
    unit: Piece | None = None
    code: Piece | None = None
    texts: list[Piece] = field(default_factory=list)
    wrapped: list[Piece] = field(default_factory=list)
    lead: list[Piece] = field(default_factory=list)
    mended: bool = False

    @property
    def is_counted(self) -> bool:
        """True where a quantity or a price stands in it."""
        return "quantity" in self.cells or "unit_price" in self.cells

    @property
    def is_product(self) -> bool:
        """True where both stand in it."""
        return "quantity" in self.cells and "unit_price" in self.cells


@dataclass(frozen=True, slots=True)
class Gathered:
    """The records of all item tables of a document, the heads' money columns, right to left."""

    records: tuple[Record, ...]
    columns: tuple[Column, ...]


def gather(layout: Layout, by_row: dict[tuple[int, int], list[Amount]]) -> Gathered:
    """Return the records below each head of an item table."""
    records: list[Record] = []
    found: dict[Column, Column] = {}
    current: Head | None = None
    pending: Record | None = None
    lead: list[Piece] = []
    since = 0
    index = -1
    for row in layout.rows:
        index += 1
        if current is not None and index <= current.last:
            continue
        place = (row[0].page, row[0].row)
        if place not in by_row or current is None:
            begun = head(layout, index, by_row)
            if begun is not None:
                current, pending, lead, since = begun, None, [], 0
                found.update((c, _same(c, found.values())) for c in begun.named(*MONEY))
                continue
        if current is None:
            continue
        since += 1
        numbers = by_row.get(place, [])
        record = _record(row, numbers, current)
        record.money = {found[column]: amount for column, amount in record.money.items()}
        if since > _MAX_GAP_ROWS or _ends(row, layout, record, len(numbers), begun=bool(records)):
            current = pending = None
            continue
        if record.money:
            if pending is not None and pending.page == record.page and not record.is_counted:
                record = _joined(pending, record)
            if not record.texts and not lead and records and _is_named(records[-1]):
                # What was taken for the rest of the name above is the name of this one.
                lead, records[-1].wrapped = records[-1].wrapped[-1:], records[-1].wrapped[:-1]
            record.lead = lead
            records.append(record)
            pending, lead, since = None, [], 0
        elif record.is_counted and (record.texts or not pending):
            pending = record
        elif pending is not None and row[0].row - pending.row <= _PENDING_ROWS:
            pending.wrapped += record.texts
        else:
            pending = None
            if records and not lead and _goes_on(records[-1], record):
                records[-1].wrapped += record.texts
            else:
                lead = lead + [piece for piece in record.texts if not _DETAIL.match(piece[0].text)]
    return Gathered(tuple(records), _merged(found.values()))


def _merged(columns: Iterable[Column]) -> tuple[Column, ...]:
    return tuple(sorted(dict.fromkeys(columns), key=lambda column: -column.x1))


def _same(column: Column, known: Iterable[Column]) -> Column:
    """Return the column of an earlier page that is this one, itself where none is: scans lie askew."""
    for other in known:
        if other.name == column.name and abs(other.x1 - column.x1) <= _ASKEW:
            return other
    return column


def _ends(row: list[Segment], layout: Layout, record: Record, numbers: int, *, begun: bool) -> bool:
    """True for the row of a sum, and for the heads of another table, such as that of the taxes."""
    if not begun:
        return False
    # "Delivery" with a quantity is an item; a discount whose amount stands elsewhere is an item's.
    ends = (*_ENDS, *_BELOW) if numbers == 1 and record.money else _ENDS
    found = 0
    for segment in row:
        letters = sum(c.isalpha() for c in segment.text)
        for label in layout.labels_in(segment):
            named = sum(c.isalpha() for c in segment.text[label.start : label.end])
            if label.start <= 2 and label.fields[0] in ends and named * 2 >= letters:
                found += 1
    return found > (0 if numbers else 1)


def _record(row: list[Segment], numbers: list[Amount], head: Head) -> Record:
    record = Record(row[0].page, row[0].row)
    taken: dict[int, int] = {}
    nearest: dict[Column, float] = {}
    for number in numbers:
        start, end = edges(number)
        column = column_of(start, end, head.columns)
        if column is None or column.name in ("position", "code"):
            continue
        distance = min(abs(end - column.x1), abs(start - column.x0))
        if nearest.get(column, 1e9) < distance:
            continue
        if column.name in MONEY:
            # A whole number can be an amount where it is set flush with the head.
            if not number.is_money and distance > 6:
                continue
            record.money[column] = number
        else:
            record.cells[column.name] = number
        nearest[column] = distance
        taken.setdefault(id(number.segment), number.start)
    for percent in _percents(row):
        start, end = edges(percent)
        column = column_of(start, end, head.columns)
        if column is not None and column.name in ("discount", "tax_rate"):
            record.cells[column.name] = percent
            taken.setdefault(id(percent.segment), percent.start)
    for segment in row:
        _add_text(record, segment, taken.get(id(segment)), head)
    _add_unit(record, row)
    if not record.texts and record.money:
        record.texts = _behind(record)
    return record


def _behind(record: Record) -> list[Piece]:
    """Return the words behind the quantity and its unit: "1 Pers. Frühstück" names the item too."""
    quantity = record.cells.get("quantity")
    if quantity is None:
        return []
    segment = quantity.segment
    start = quantity.end
    if record.unit is not None and record.unit[0] is segment:
        start = record.unit[2]
    start += len(segment.text[start:]) - len(segment.text[start:].lstrip())
    end = min(
        (
            n.start
            for n in (*record.cells.values(), *record.money.values())
            if n.segment is segment and n.start > start
        ),
        default=len(segment.text),
    )
    return [(segment, start, end)] if sum(c.isalpha() for c in segment.text[start:end]) > 2 else []


def _percents(row: list[Segment]) -> Iterator[Amount]:
    for segment in row:
        if "%" not in segment.text:
            continue
        for match in _PERCENT.finditer(segment.text):
            value = amounts.percent(match[0])
            if value is not None:
                yield Amount(segment, match.start(), match.end(), match[0], value, False, None)


def _add_text(record: Record, segment: Segment, taken: int | None, head: Head) -> None:
    """Put a segment's words where they belong: the name of the item, its code or its unit."""
    stop = len(segment.text) if taken is None else taken
    text = segment.text[:stop].rstrip()
    if sum(c.isalpha() for c in text) < 2 and not (taken is None and len(text) > 3):
        return
    piece = (segment, 0, len(text))
    x0, _, x1, _ = segment.box(*piece[1:])
    column = column_of(x0, x1, head.columns, of_number=False)
    name = column.name if column is not None else "description"
    below_name = any(
        c.name == "description" and x0 < c.x1 + 5 and x1 > c.x0 - 5 for c in head.columns
    )
    if name in ("code", "position") and not below_name:
        if record.code is None and _CODE.match(text):
            record.code = piece
        elif " " in text and not _CODE.match(text):
            record.texts.append(piece)
    elif name == "unit" and len(text) <= 12:
        record.unit = piece
    elif sum(c.isalpha() for c in text) > 1:
        record.texts.append(piece)


def _add_unit(record: Record, row: list[Segment]) -> None:
    """Find the unit beside the quantity: "3 Stk.", or the short word to the right of it."""
    quantity = record.cells.get("quantity")
    if quantity is None or record.unit is not None:
        return
    segment, end = quantity.segment, quantity.end
    rest = segment.text[end:]
    word = rest.split(" ")[1] if rest.startswith(" ") and len(rest) > 1 else ""
    if word and _is_unit(word):
        record.unit = (segment, end + 1, end + 1 + len(word))
        return
    right = [s for s in row if s.x0 >= segment.x1]
    others = [piece for piece in record.texts if not right or piece[0] is not right[0]]
    if not rest and others and right and _is_unit(right[0].text) and right[0].x0 - segment.x1 < 40:
        record.unit = (right[0], 0, len(right[0].text))
        record.texts = others


def _is_unit(text: str) -> bool:
    return len(text) <= 12 and " " not in text and text[0].isalpha()


def _joined(pending: Record, record: Record) -> Record:
    """Return the record whose amount is set a row lower than its quantity and price."""
    return Record(
        pending.page,
        record.row,
        record.money,
        {**pending.cells, **record.cells},
        pending.unit or record.unit,
        pending.code or record.code,
        pending.texts,
        pending.wrapped + record.texts if not pending.texts else [],
    )


def _goes_on(record: Record, row: Record) -> bool:
    """True where a row without numbers is the rest of the item's name on the row above, or all of it."""
    if not row.texts or len(record.wrapped) >= _MAX_WRAPPED:
        return False
    piece = row.texts[0]
    other = piece[0]
    if _DETAIL.match(other.text) or other.page != record.page:
        return False
    named = record.texts
    if not _is_named(record):
        if not record.wrapped and not record.lead and other.row - record.row == 1:
            return True
        named = record.wrapped or record.texts
    if not named:
        return False
    last, first = (record.wrapped or named)[-1][0], named[0][0]
    height = max(last.height, 6.0)
    return -0.5 * height <= other.top - last.bottom <= 0.75 * height and abs(
        other.x0 - first.x0
    ) < max(4.0, 0.5 * height)


def description(record: Record) -> list[Piece]:
    """Return the pieces that name the item: its own words and the rest of them below; else those above.

    Where its own row holds only a code, the line below names it.
    """
    texts = record.texts
    if not texts:
        return record.lead[:1] or _first_name(record.wrapped)
    own = max(texts, key=letters)
    if is_code(own) and record.wrapped:
        return _first_name(record.wrapped)
    return [own, *record.wrapped]


def _is_named(record: Record) -> bool:
    """True where a record's own row names it."""
    return not all(is_code(text) for text in record.texts)


def _first_name(pieces: list[Piece]) -> list[Piece]:
    return [piece for piece in pieces if not is_code(piece)][:1] or pieces[:1]


def letters(piece: Piece) -> int:
    """Return how many letters a piece has."""
    segment, start, end = piece
    return sum(c.isalpha() for c in segment.text[start:end])


def is_code(piece: Piece) -> bool:
    """True for a number of an article, which names nothing: "WA60 - 6/48", "GZ250"."""
    segment, start, end = piece
    digits = sum(c.isdigit() for c in segment.text[start:end])
    return digits >= letters(piece)


def fits(record: Record, amount: Amount) -> bool:
    """True where quantity times price, less the discount, makes the amount, or half of it is unknown."""
    if not record.is_product:
        return True
    quantity, price = record.cells["quantity"], record.cells["unit_price"]
    product = quantity.value * price.value
    options = [product]
    discount = record.cells.get("discount")
    if discount is not None:
        options.append(product * (100 - abs(discount.value)) / 100)
        options.append(product - abs(discount.value))
    tolerance = max(Decimal("0.02"), abs(quantity.value) * Decimal("0.005"))
    return any(abs(option - amount.value) <= tolerance for option in options)
