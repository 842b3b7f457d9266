"""Items without a table's head, as a till prints them: words on the left, amounts flush on the right."""

import re
from collections import Counter
from decimal import Decimal

from invoice_extraction.engines.layout.candidates import Amount, Layout
from invoice_extraction.engines.layout.columns import Column, edges
from invoice_extraction.engines.layout.lines import Segment
from invoice_extraction.engines.layout.records import Piece, Record

_COUNTED = re.compile(
    r"^\W*(?P<quantity>\d+(?:[.,]\d+)?)\s*(?P<unit>[^\W\d_]{1,8}\.?)?\s*[xX×*@à]\s*(?P<price>[^\d\s]{0,3}\s?\d[\d.,]*)"
)
"""What a till prints of a quantity: "2 x 0,69", "4 Stk. x 4,21"."""

_STOPS = ("gross", "net", "tax", "amount_due", "paid", "carried")
COLUMN = Column("amount", 0.0, 0.0)
"""The one column of amounts that such a list has."""


def gather(layout: Layout, by_row: dict[tuple[int, int], list[Amount]]) -> list[Record]:
    """Return the rows above the first sum whose amounts are set flush on the right."""
    rows = _above_sums(layout, by_row)
    ends = Counter(
        round(edges(numbers[-1])[1] / 4) for row in rows if (numbers := _money(row, by_row))
    )
    if not ends:
        return []
    edge = ends.most_common(1)[0][0] * 4
    records: list[Record] = []
    named: list[Piece] = []
    counted: Record | None = None
    for row in rows:
        place = (row[0].page, row[0].row)
        money = _money(row, by_row)
        amount = money[-1] if money and abs(edges(money[-1])[1] - edge) <= 7 else None
        count = _counted(row, by_row.get(place, []))
        if amount is None:
            if count is None:
                named = _words(row, None)
            elif records and not records[-1].cells and _makes(count, records[-1].money[COLUMN]):
                records[-1].cells = count.cells
                records[-1].unit = count.unit
            else:
                counted = count
            continue
        record = Record(*place, money={COLUMN: amount})
        if count is not None and _makes(count, amount):
            record.cells, record.unit, record.texts = count.cells, count.unit, named
        else:
            record.texts = _words(row, amount)
            if counted is not None and _makes(counted, amount):
                record.cells, record.unit = counted.cells, counted.unit
            if not record.texts:
                record.texts = named
        counted, named = None, []
        if record.texts and not _is_reference(record.texts[0][0], layout):
            records.append(record)
    return records


def _is_reference(segment: Segment, layout: Layout) -> bool:
    """True for "Receipt no. 522 19.80": a number's or a date's label begins it, no item does."""
    return any(
        label.start <= 1 and label.fields[0].endswith(("_number", "_date", "tax_id", "iban"))
        for label in layout.labels_in(segment)
    )


def _above_sums(layout: Layout, by_row: dict[tuple[int, int], list[Amount]]) -> list[list[Segment]]:
    """Return the rows up to the first sum that stands below an amount without a label."""
    found: list[list[Segment]] = []
    begun = False
    for row in layout.rows:
        if by_row.get((row[0].page, row[0].row)):
            if _is_sum(row, layout):
                if begun:
                    break
                continue
            begun = begun or any(a.is_money for a in by_row[row[0].page, row[0].row])
        found.append(row)
    return found


def _is_sum(row: list[Segment], layout: Layout) -> bool:
    for segment in row:
        letters = sum(c.isalpha() for c in segment.text)
        for label in layout.labels_in(segment):
            named = sum(c.isalpha() for c in segment.text[label.start : label.end])
            if label.start <= 2 and label.fields[0] in _STOPS and named * 2 >= letters:
                return True
    return False


def _money(row: list[Segment], by_row: dict[tuple[int, int], list[Amount]]) -> list[Amount]:
    return [a for a in by_row.get((row[0].page, row[0].row), ()) if a.is_money]


def _counted(row: list[Segment], numbers: list[Amount]) -> Record | None:
    """Return quantity, unit and price of a row that begins with them, None for any other."""
    for segment in row:
        # The parts of "4 Stk. x 4,21" may stand apart: they are read as one text.
        text = " ".join(s.text for s in row[row.index(segment) :])
        match = _COUNTED.match(text)
        if match is None:
            continue
        placed = [n for n in numbers if n.segment in row[row.index(segment) :]]
        if len(placed) < 2:
            return None
        record = Record(segment.page, segment.row)
        record.cells = {"quantity": placed[0], "unit_price": placed[1]}
        if match["unit"] is not None and match.end("unit") <= len(segment.text):
            record.unit = (segment, match.start("unit"), match.end("unit"))
        return record
    return None


def _makes(count: Record, amount: Amount) -> bool:
    product = count.cells["quantity"].value * count.cells["unit_price"].value
    return abs(product - amount.value) <= Decimal("0.02")


def _words(row: list[Segment], amount: Amount | None) -> list[Piece]:
    """Return the words of a row, left of its amount."""
    found: list[Piece] = []
    for segment in row:
        end = len(segment.text)
        if amount is not None and segment.x0 >= amount.segment.x0:
            if segment is not amount.segment:
                break
            end = amount.start
        text = segment.text[:end].rstrip()
        if sum(c.isalpha() for c in text) > 1:
            found.append((segment, 0, len(text)))
        if amount is not None and segment is amount.segment:
            break
    return found
