"""Items without a table's head, as a till prints them: words on the left, amounts flush on the right.

What stands in a row is told by arithmetic: the number flush on the right is the amount, and two others whose
product it is are quantity and price, in whatever order and whether or not an "x" stands between them.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from itertools import accumulate, combinations, takewhile

from msgspec import structs

from invoice_extraction.engines.layout import labels as label_data
from invoice_extraction.engines.layout.candidates import Amount, Layout
from invoice_extraction.engines.layout.columns import Column, edges
from invoice_extraction.engines.layout.lines import Segment
from invoice_extraction.engines.layout.records import Piece, Record, is_code, letters
from invoice_extraction.normalise import amounts

COLUMN = Column("amount", 0.0, 0.0)
"""The one column of amounts that such a list has."""

_STOPS = ("gross", "net", "tax", "amount_due")
_PAYMENTS = ("paid", "handed")
_EDGES = 3
"""So many columns of numbers are tried as that of the amounts, in points apart:"""
_APART = 8.0

_MOST_NUMBERS = 8
"""Numbers of one row that are looked at: each is multiplied with each."""

_MOST = 10_000
"""A larger number is no quantity: an article's number stands beside its price."""

_MOST_NAMED = 3
"""Rows that name one item."""

_NUMBER = re.compile(r"(?<![^\W_xX])(?<![\d.,])\d+(?:[.,]\d+)*(?:[.,] \d{2}(?!\d))?")
"""A number of a row; "x10.00" holds one, and OCR sees a space in "16. 00"."""

_MONEY = re.compile(
    r"(?<![\w.,/:-])(?:\d+[.,]\d{2}-(?=\s?[A-Z]?(?:\s|$))|\d+[.,] \d{2}(?![\d.,:/%]))"
)
"""An amount as only a till prints it, or OCR reads it: "0,45-V" is negative, and its tax has the letter V."""

_TIMES = re.compile(
    r"(?<![^\W_])(?P<first>\d+(?:[.,] ?\d+)*)(?:\s?(?P<unit>[^\W\d_]{1,8}\.?))??"
    r"(?:\s?[×*@]|(?<=\d)\s?[xX](?![^\W\d_])|\s(?:[xX](?![^\W\d_])|[aàá](?=\s)))"
    r"\s*(?:[^\W\d_]{1,3}\.?|[^\w\s.,:;()#/+-])?\s?(?P<second>\d+(?:[.,] ?\d+)*)"
)
"""Quantity and price, "2 x 0,69", "4 Stk. x 4,21", or price and quantity, "7.15*3"."""

_LEADING = re.compile(
    r"^\W{0,2}(?P<count>\d{1,3})(?:(?P<times>\s?[xX×](?![a-z]))\s?|\s)(?=[^\W\d_]{2})"
)
"""The quantity that a name begins with: "1 Brezel", "2x Kaffee"."""

_MEASURE = re.compile(r"^(?:pcs?|stk|stck|szt|st|kg|g|ml|cl|dl|l|x)\b\.?$", re.IGNORECASE)
"""What a number may stand before that counts no items: a size."""

_TAX_WORDS = 3
"""So many words name a tax; more are a service that has to do with one."""

_MARK = 3
"""Characters of what stands behind an amount: the letter of its tax."""

_SIGNS = ("-", "+", "•", "*")
"""What a row begins with that is a part of the item above it."""

_CENT = Decimal("0.01")


class _Row:
    """A row above the first sum, its text as one."""

    def __init__(self, segments: list[Segment], money: list[Amount], layout: Layout) -> None:
        self.segments = segments
        self.money = money
        self.layout = layout

    @property
    def place(self) -> tuple[int, int]:
        return (self.segments[0].page, self.segments[0].row)

    @cached_property
    def text(self) -> str:
        return amounts.plain_digits(" ".join(s.text for s in self.segments))

    def piece(self, start: int, end: int) -> Piece:
        """Return what stands from `start` to `end` of the text, as a part of the segment it begins in."""
        at = 0
        for segment in self.segments:
            if start <= at + len(segment.text):
                return segment, max(start - at, 0), min(end - at, len(segment.text))
            at += len(segment.text) + 1
        raise IndexError(start)

    def parts(self, start: int, end: int) -> list[Piece]:
        """Return what stands there, as a part of each segment that it lies in."""
        at, found = 0, []
        for segment in self.segments:
            first, last = max(start - at, 0), min(end - at, len(segment.text))
            if first < last:
                found.append((segment, first, last))
            at += len(segment.text) + 1
        return found

    def number(self, start: int, end: int, value: Decimal) -> Amount:
        """Return a number of the text."""
        segment, first, last = self.piece(start, end)
        text = segment.text[first:last]
        return Amount(segment, first, last, text, value, "." in text or "," in text, None)

    @cached_property
    def times(self) -> "_Product | None":
        """What is multiplied in the row, None where nothing is."""
        for match in _TIMES.finditer(self.text):
            first = self._numbers(match.start("first"), match.end("first"))
            second = self._numbers(match.start("second"), match.end("second"))
            is_priced = any(_has_cents(n) for n in (*first[:1], *second[:1]))
            if first and second and is_priced and min(first[0].value, second[0].value) < _MOST:
                unit = None
                if match["unit"] is not None:
                    unit = self.piece(*match.span("unit"))
                return _Product(first, second, unit, match.span())
        return None

    def _numbers(self, start: int, end: int) -> list[Amount]:
        """Return what the number in the text can mean: "2.000" is two or two thousand."""
        digits = self.text[start:end].replace(" ", "")
        found = {amounts.number(digits, style) for style in (self.layout.style, ",", ".")}
        return [self.number(start, end, value) for value in found if value is not None]

    def pairs(self, amount: Amount) -> Iterator[tuple[Amount, Amount]]:
        """Yield two numbers left of an amount whose product it is, nearest to it first."""
        spans = []
        for match in _NUMBER.finditer(self.text):
            segment, start, _ = self.piece(*match.span())
            if (segment.x0, start) < (amount.segment.x0, amount.start):
                spans.append(match.span())
        for one, other in combinations(reversed(spans[-_MOST_NUMBERS:]), 2):
            for second in self._numbers(*one):
                for first in self._numbers(*other):
                    if _makes(first, second, amount.value):
                        yield first, second

    @cached_property
    def worded(self) -> list[Piece]:
        """Its words."""
        return self.words((), None)

    @cached_property
    def names(self) -> list[Piece]:
        """Its words, where they are no code."""
        return [piece for piece in self.worded if not is_code(piece)]

    def words(self, cut: Sequence[Piece], before: Amount | None) -> list[Piece]:
        """Return the words left of an amount without what is cut out of them."""
        found: list[Piece] = []
        for segment in self.segments:
            end = len(segment.text)
            if before is not None and segment.x0 >= before.segment.x0:
                if segment is not before.segment:
                    break
                end = before.start
            spans = sorted((s, e) for where, s, e in cut if where is segment)
            start = 0
            for first, last in [*spans, (end, end)]:
                found += _worded(segment, start, min(first, end))
                start = max(start, last)
        return found


@dataclass(frozen=True, slots=True)
class _Product:
    """Two factors, each as what its print can mean, and where both stand in the row's text."""

    first: list[Amount]
    second: list[Amount]
    unit: Piece | None
    span: tuple[int, int]

    def making(self, amount: Amount) -> tuple[Amount, Amount] | None:
        """Return the factors whose product is the amount, None where it is not."""
        for first in self.first:
            for second in self.second:
                if _follows(amount, second) and _makes(first, second, amount.value):
                    return first, second
        return None


@dataclass
class _Item:
    """A record on its way: the row of its amount, the rows of words above it, what it may have cost."""

    row: _Row
    amount: Amount | None
    above: list[_Row]
    factors: tuple[Amount, Amount] | None = None
    product: _Product | None = None
    own: bool = True
    texts: list[Piece] = field(default_factory=list)


def readings(layout: Layout, by_row: dict[tuple[int, int], list[Amount]]) -> Iterator[list[Record]]:
    """Yield what the rows above the first sum can be read as, the likeliest first.

    Readings differ in the edge that the amounts are flush with, and in whether an amount is taken for
    misread, or overlooked, that is not the product beside it: such a record is `mended`.
    """
    rows = [
        _Row(row, by_row.get((row[0].page, row[0].row), []), layout)
        for row in _above_sums(layout, by_row)
    ]
    for edge in _edges(rows):
        items, after = _items(rows, edge)
        lists = [(items, after)]
        if (end := _end(items)) < len(items):
            lists.insert(0, (items[:end], items[end].above))
        for listed, below in lists:
            _name(listed, below)
            named = [i for i in listed if i.texts and not _is_reference(i.texts[0][0], layout)]
            if plain := [_record(item, item.amount) for item in named if item.amount is not None]:
                yield _without_parts(plain)
            mended = [record for item in named if (record := _mended(item)) is not None]
            if any(record.mended for record in mended):
                yield _without_parts(mended)


def _end(items: list[_Item]) -> int:
    """Return how many items stand above the first amount that is the sum of those before it, else all."""
    total = Decimal(0)
    for n, item in enumerate(items):
        value = item.amount.value if item.amount is not None else Decimal(0)
        if n > 1 and value == total and item.factors is None:
            return n
        total += value
    return len(items)


def _above_sums(layout: Layout, by_row: dict[tuple[int, int], list[Amount]]) -> list[list[Segment]]:
    """Return the rows up to the first sum that stands below an amount without a label at its row's end."""
    found: list[list[Segment]] = []
    begun = False
    for row in layout.rows:
        numbers = by_row.get((row[0].page, row[0].row), ())
        if numbers:
            if _is_called(row, layout, _PAYMENTS):
                continue
            if _is_called(row, layout, _STOPS):
                if begun:
                    break
                continue
            begun = begun or any(a.is_money and _is_last(a, row) for a in numbers)
        found.append(row)
    return found


def _is_last(amount: Amount, row: list[Segment]) -> bool:
    """True where no more than a tax's letter follows an amount in its row."""
    behind = amount.segment.text[amount.end :] + "".join(
        s.text for s in row if s.x0 > amount.segment.x0
    )
    return len(behind.strip()) <= _MARK


def _is_called(row: list[Segment], layout: Layout, names: Sequence[str]) -> bool:
    """True where a label of one of these fields is most of a segment."""
    for segment in row:
        letters = sum(c.isalpha() for c in segment.text)
        for label in layout.labels_in(segment):
            named = sum(c.isalpha() for c in segment.text[label.start : label.end])
            if label.start <= 2 and label.fields[0] in names and named * 2 >= letters:
                return True
    return False


def _edges(rows: list[_Row]) -> list[float]:
    """Return where most rows' last amounts end, in points; of two alike the one further to the right."""
    ends: Counter[int] = Counter()
    for row in rows:
        last = next((a for a in reversed(row.money) if a.is_money), None)
        if last is not None:
            ends[round(edges(last)[1] / 4)] += 1
    found: list[float] = []
    for end, _ in sorted(ends.items(), key=lambda found: (found[1], found[0]), reverse=True):
        if all(abs(end * 4.0 - other) > _APART for other in found):
            found.append(end * 4.0)
    return found[:_EDGES]


def _flush(row: _Row, edge: float) -> Amount | None:
    """Return the amount that ends at the edge, None where none does."""
    near = max(7.0, 1.5 * max(s.height for s in row.segments))
    for amount in reversed(row.money):
        counts = amount.is_money or (row.layout.is_whole and amount.text == amount.segment.text)
        if counts and abs(edges(amount)[1] - edge) <= near:
            return structs.replace(amount, is_money=True)
    for match in _MONEY.finditer(row.text):
        segment, start, end = row.piece(*match.span())
        value = amounts.parse(match[0].replace(" ", ""))
        if value is None or abs(segment.box(start, end)[2] - edge) > near:
            continue
        if not any(a.segment is segment and a.start < end and start < a.end for a in row.money):
            return row.number(*match.span(), value)
    return None


def _items(rows: list[_Row], edge: float) -> tuple[list[_Item], list[_Row]]:
    """Return the items by their amounts flush with an edge, and the rows of words below the last."""
    items: list[_Item] = []
    above: list[_Row] = []
    counted: _Row | None = None
    for row in rows:
        amount = _flush(row, edge)
        product = row.times
        if amount is None and product is None:
            if row.worded:
                above.append(row)
            continue
        last = items[-1] if items else None
        if amount is None:
            if last and last.amount and not last.factors and product is not None:
                last.factors = product.making(last.amount)
                if last.factors:
                    last.product, last.own = product, False
                    continue
            if counted is not None:
                items.append(_Item(counted, None, above, product=counted.times))
                above = []
            counted = row
            continue
        item = _Item(row, amount, above, product=product)
        if product is not None:
            item.factors = product.making(amount)
        elif counted is not None and counted.times is not None:
            item.factors = counted.times.making(amount)
            if item.factors:
                item.product, item.own, counted = counted.times, False, None
        if counted is not None:
            items.append(_Item(counted, None, above, product=counted.times))
            item.above = []
        items.append(item)
        above, counted = [], None
    if counted is not None:
        items.append(_Item(counted, None, above, product=counted.times))
        above = []
    _pair(items)
    return items, above


def _pair(items: list[_Item]) -> None:
    """Find quantity and price among the numbers of a row, in the order that the clear rows have."""
    first_is_price: Counter[bool] = Counter()
    found: list[tuple[_Item, tuple[Amount, Amount]]] = []
    for item in items:
        if item.amount is None:
            continue
        pair = item.factors or next(item.row.pairs(item.amount), None)
        if pair is None:
            continue
        found.append((item, pair))
        clear = _first_is_price(*pair)
        if clear is not None:
            first_is_price[clear] += 1
    usual = first_is_price[True] > first_is_price[False]
    for item, (first, second) in found:
        clear = _first_is_price(first, second)
        item.factors = (second, first) if (usual if clear is None else clear) else (first, second)


def _follows(amount: Amount, other: Amount) -> bool:
    """True where an amount stands behind another number, or on another row."""
    if amount.segment.row != other.segment.row:
        return True
    return (amount.segment.x0, amount.start) > (other.segment.x0, other.start)


def _first_is_price(first: Amount, second: Amount) -> bool | None:
    """True where the second number is the quantity, None where either can be: a price has cents."""
    if first.value == 1 or second.value == 1:
        return second.value == 1 and first.value != 1
    cents = _has_cents(first)
    return None if cents == _has_cents(second) else cents


def _has_cents(number: Amount) -> bool:
    return amounts.plain_digits(number.text).replace(" ", "")[-3:-2] in (".", ",")


def _makes(first: Amount, second: Amount, value: Decimal) -> bool:
    return abs(first.value * second.value - abs(value)) <= Decimal("0.02")


def _name(items: list[_Item], after: list[_Row]) -> None:
    """Give each item its words: those of its row, else those of the rows above, or of those below."""
    for item in items:
        cut: list[Piece] = []
        if item.own and item.factors is not None:
            cut += [(n.segment, n.start, n.end) for n in item.factors]
        if item.own and item.product is not None and (item.factors or item.amount is None):
            # Behind quantity and price stands the amount, however it was misread.
            end = item.product.span[1] if item.amount else len(item.row.text)
            cut += item.row.parts(item.product.span[0], end)
        # "1 U&G 1.5L" is a code, by its digits, unless nothing else names the item.
        words = item.row.words(cut, item.amount)
        item.texts = [p for p in words if not is_code(p)] or (words if not item.above else [])
    nameless = [n for n, item in enumerate(items) if not item.texts]
    blocks = [_names(item.above) for item in items]
    all_nameless = len(nameless) == len(items) > 1
    usual = min(max((len(blocks[n]) for n in nameless if n), default=1) or 1, _MOST_NAMED)
    below = _names(after) if all_nameless and _is_below(items, after) else None
    for n in nameless:
        if below is not None:
            items[n].texts = (blocks[n + 1] if n + 1 < len(items) else below)[:_MOST_NAMED]
        else:
            # Above the first item stands more than its name, and between others what belongs to those.
            items[n].texts = blocks[n][-(_MOST_NAMED if n and all_nameless else usual) :]


def _is_below(items: list[_Item], after: list[_Row]) -> bool:
    """True where each item's name is below its amount: as many rows follow the last as each other."""
    usual = max(len(item.above) for item in items[1:])
    return (
        len(after) == usual > 1
        and all(item.above for item in items[1:])
        and not any(row.layout.labels_in(s) for row in after for s in row.segments)
    )


def _names(rows: list[_Row]) -> list[Piece]:
    """Return what names something in each of the rows."""
    return [max(row.names, key=letters) for row in rows if row.names]


def _text(piece: Piece) -> str:
    segment, start, end = piece
    return segment.text[start:end]


def _record(item: _Item, amount: Amount) -> Record:
    record = Record(*item.row.place, money={COLUMN: amount})
    record.texts, record.wrapped = item.texts[:1], item.texts[1:]
    if item.factors is not None:
        record.cells = dict(zip(("quantity", "unit_price"), item.factors, strict=True))
        record.unit = item.product.unit if item.product is not None else None
    return record


def _mended(item: _Item) -> Record | None:
    """Return the record with the product for its amount, where another one or none is printed."""
    if item.product is None or item.factors is not None:
        return None if item.amount is None else _record(item, item.amount)
    first, second = item.product.first[0], item.product.second[0]
    start, end = item.product.span
    printed = item.amount or item.row.number(start, end, first.value)
    item = replace(
        item, factors=(second, first) if _first_is_price(first, second) else (first, second)
    )
    value = (first.value * second.value).quantize(_CENT)
    for amount in item.row.money:
        if amount.value == value and _follows(amount, second):
            return _record(item, amount)
    record = _record(item, structs.replace(printed, value=value, is_money=True))
    record.mended = True
    return record


def dated(layout: Layout) -> set[tuple[int, int]]:
    """Return page and number of the rows that begin with a date."""
    dates = {id(day.segment) for day in layout.days if day.start <= 1}
    return {(row[0].page, row[0].row) for row in layout.rows if id(row[0]) in dates}


def charges(
    lists: Sequence[list[Record]],
    dated: set[tuple[int, int]],
    by_row: dict[tuple[int, int], list[Amount]],
) -> list[Record]:
    """Return the charges of an account whose dated charges and credits come to the same; [] for no account.

    Charges stand left of credits; `dated` are the places of the rows that begin with a date.
    """
    for found in lists:
        own = {(record.page, record.row) for record in found}
        if 2 * len(own & dated) < len(found):
            continue
        end = edges(found[0].money[COLUMN])[1]
        credits = [by_row[place][-1] for place in sorted(dated - own)]
        credits = [c for c in credits if c.is_money and edges(c)[1] > end + _APART]
        near = [c for c in credits if abs(edges(c)[1] - edges(credits[0])[1]) <= _APART]
        total = sum((record.money[COLUMN].value for record in found), Decimal(0))
        # What follows may be another table.
        for n, paid in enumerate(accumulate(abs(c.value) for c in near), 1):
            if paid == total and len(found) + n > 2:
                return found
    return []


def untaxed(records: Sequence[Record], dated: set[tuple[int, int]]) -> Sequence[Record]:
    """Return the charges of an account without its taxes; all rows where most do not begin with a date.

    An account lists the tax of each day as a row like others: "TAX2", "Lodging tax".
    """
    if 2 * sum((record.page, record.row) in dated for record in records) < len(records):
        return records
    return [record for record in records if not _is_tax(record)] or records


def _is_tax(record: Record) -> bool:
    data = label_data.load()
    name = _text(record.texts[0]) if record.texts else ""
    words = [token.text for token in label_data.tokens(name) if token.is_word]
    return len(words) <= _TAX_WORDS and any("tax" in data.phrases.get(w, ((),))[0] for w in words)


def settled(records: Sequence[Record]) -> list[Record]:
    """Return the items of a list that a sum proves, with the quantities that begin their names."""
    _count(records)
    found: list[Record] = []
    for record in records:
        last = found[-1] if found else None
        if (
            last is not None
            and not last.money[COLUMN].value
            and "quantity" in last.cells
            and "quantity" not in record.cells
        ):
            # "1 Nuggets 0.00", and the size below it has the price.
            last.wrapped = [*last.wrapped, *record.texts]
            last.money, last.mended = record.money, record.mended
        else:
            found.append(record)
    return found


def _count(records: Sequence[Record]) -> None:
    """Take the quantity from the head of the names, where an "x" says so or most names have one."""
    found = {
        n: match
        for n, record in enumerate(records)
        if "quantity" not in record.cells and (match := _LEADING.match(_text(record.texts[0])))
    }
    counts = [Decimal(match["count"]) for match in found.values()]
    are_usual = len(found) > 1 and 2 * len(found) >= len(records)
    # 1, 2, 3: the rows are numbered.
    are_numbers = len(found) > 1 and counts == list(range(1, len(found) + 1))
    for n, match in found.items():
        if match["times"] is None and (are_numbers or not are_usual):
            continue
        segment, start, end = records[n].texts[0]
        if _MEASURE.match(segment.text[start + match.end() : end]):
            continue
        records[n].texts[0] = (segment, start + match.end(), end)
        first, last = start + match.start("count"), start + match.end("count")
        count = Amount(
            segment, first, last, segment.text[first:last], Decimal(match["count"]), False, None
        )
        records[n].cells = {"quantity": count}


def _without_parts(records: list[Record]) -> list[Record]:
    """Return the items without those that are parts of the one above them, and add up to it."""
    found: list[Record] = []
    n = 0
    while n < len(records):
        parts = list(takewhile(_is_part, records[n + 1 :]))
        total = sum((p.money[COLUMN].value for p in parts), Decimal(0))
        found.append(records[n])
        n += 1 + (len(parts) if total == records[n].money[COLUMN].value else 0)
    return found


def _is_part(record: Record) -> bool:
    segment, start, _ = record.texts[0]
    return segment.text[:start].strip() in _SIGNS or segment.text[:1] in _SIGNS


def _is_reference(segment: Segment, layout: Layout) -> bool:
    """True for "Receipt no. 522 19.80": a number's or a date's label begins it, no item does."""
    return any(
        label.start <= 1 and label.fields[0].endswith(("_number", "_date", "tax_id", "iban"))
        for label in layout.labels_in(segment)
    )


def _worded(segment: Segment, start: int, end: int) -> list[Piece]:
    """Return a part of a segment without its edges' spaces and signs, where it holds words."""
    if start:
        # "3xCola" without its quantity.
        start += len(segment.text[start:end]) - len(segment.text[start:end].lstrip("xX× "))
    text = segment.text[start:end]
    if sum(c.isalpha() for c in text) < 2:
        return []
    return [(segment, start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip()))]
