"""The items of an invoice: a table by its column heads, believed only where its arithmetic holds."""

from dataclasses import dataclass
from decimal import Decimal

from invoice_extraction.engines.layout import labels as label_data
from invoice_extraction.engines.layout.candidates import Amount, Layout
from invoice_extraction.engines.layout.decode import Sums
from invoice_extraction.engines.layout.labels import Labels, Token
from invoice_extraction.engines.layout.lines import Segment

_CENT = Decimal("0.02")
_ENDS = ("net", "gross", "tax", "amount_due")
_MAX_GAP_ROWS = 12


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the table; what is None is not printed or does not fit the amount."""

    description: tuple[Segment, int, int] | None
    quantity: Amount | None
    unit_price: Amount | None
    amount: Amount


@dataclass(frozen=True, slots=True)
class Items:
    """The rows and whether their amounts include the tax; `checked` where they add up to a sum."""

    rows: tuple[Item, ...]
    with_tax: bool
    checked: bool


@dataclass(frozen=True, slots=True)
class _Column:
    name: str
    x0: float
    x1: float


def items(layout: Layout, sums: Sums) -> Items | None:
    """Return the items, None where no table is found or its numbers prove nothing.

    They are believed when they add up to the net or gross total; where there is no total, when
    quantity times price makes the amount in every row.
    """
    found = _rows(layout)
    if not found:
        return None
    total = sum((item.amount.value for item in found), Decimal(0))
    net, gross = (sums.chosen.get(name) for name in ("net", "gross"))
    if net is not None and abs(total - net.amount.value) <= _CENT:
        return Items(tuple(found), with_tax=False, checked=True)
    if gross is not None and abs(total - gross.amount.value) <= _CENT:
        return Items(tuple(found), with_tax=net is not None, checked=True)
    if gross is None and all(item.quantity and item.unit_price for item in found):
        return Items(tuple(found), with_tax=False, checked=False)
    return None


def _rows(layout: Layout) -> list[Item]:
    data = label_data.load()
    by_row: dict[tuple[int, int], list[Amount]] = {}
    for amount in layout.amounts:
        by_row.setdefault((amount.segment.page, amount.segment.row), []).append(amount)
    items: list[Item] = []
    columns: list[_Column] = []
    above: list[Segment] = []
    since = 0
    for row in layout.rows:
        numbers = by_row.get((row[0].page, row[0].row), [])
        head = _head(row, layout, data)
        if head is not None:
            columns, above, since = head, [], 0
            continue
        if not columns:
            continue
        since += 1
        if since > _MAX_GAP_ROWS or _ends(row, layout, numbers, bool(items)):
            columns = []
            continue
        item = _item(row, numbers, columns, layout, above)
        if item is None:
            above += _below_head(row, columns)
            continue
        items.append(item)
        above, since = [], 0
    return items


def _head(row: list[Segment], layout: Layout, data: Labels) -> list[_Column] | None:
    """Return the columns that a row heads; None where it heads no item table."""
    columns: list[_Column] = []
    for segment in row:
        for name, start, end in _heads(layout.tokens[id(segment)], data):
            x0, _, x1, _ = segment.box(start, end)
            columns.append(_Column(name, x0, x1))
    names = {column.name for column in columns}
    if "amount" not in names and "unit_price" in names and "description" in names:
        # "Item | Price": the price of a row is its amount.
        last = max(range(len(columns)), key=lambda n: columns[n].x1)
        columns[last] = _Column("amount", columns[last].x0, columns[last].x1)
        names = {column.name for column in columns}
    if "amount" not in names or len(names) < 2 or not names & {"description", "quantity"}:
        return None
    # Of several amounts ("net", "total") the rightmost is the row's own.
    return columns


def _heads(tokens: list[Token], data: Labels) -> list[tuple[str, int, int]]:
    found = []
    n = 0
    while n < len(tokens):
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


def _ends(row: list[Segment], layout: Layout, numbers: list[Amount], begun: bool) -> bool:
    """True for the row of a sum, and for the heads of another table, such as that of the taxes."""
    labels = [
        label
        for segment in row
        for label in layout.labels_in(segment)
        if label.start <= 2 and any(field in _ENDS for field in label.fields)
    ]
    return begun and (bool(labels) if numbers else len(labels) > 1)


def _item(
    row: list[Segment],
    numbers: list[Amount],
    columns: list[_Column],
    layout: Layout,
    above: list[Segment],
) -> Item | None:
    placed: dict[str, Amount] = {}
    for number in numbers:
        column = _column_of(number, columns)
        if column is not None and (column.name != "amount" or number.is_money):
            placed[column.name] = number
    amount = placed.get("amount")
    if amount is None:
        return None
    quantity, price = placed.get("quantity"), placed.get("unit_price")
    if quantity and price and abs(quantity.value * price.value - amount.value) > _CENT:
        quantity = price = None
    description = _description(row, amount, columns, layout, above)
    return Item(description, quantity, price, amount)


def _column_of(number: Amount, columns: list[_Column]) -> _Column | None:
    """Return the column that a number stands in: set flush with its head, or below it."""
    x0, _, x1, _ = number.segment.box(number.start, number.end)
    best, nearest = None, 45.0
    for column in columns:
        distance = min(
            abs(x1 - column.x1),
            abs(x0 - column.x0),
            abs((x0 + x1) / 2 - (column.x0 + column.x1) / 2),
        )
        if distance < nearest:
            best, nearest = column, distance
    return best


def _description(
    row: list[Segment],
    amount: Amount,
    columns: list[_Column],
    layout: Layout,
    above: list[Segment],
) -> tuple[Segment, int, int] | None:
    """Return the text below the head of the descriptions, on this row or near it.

    `above` is what stands in that column since the last item: a text there names the item; else the
    text on the row below does. Where the table has no such head, or it is set over the middle of its
    column, it is the row's longest text.
    """
    own = _below_head(row, columns)
    if own:
        return _longest(own, amount)
    if above:
        return _longest(above[:1], amount)
    below = [s for r in layout.rows_below(row[0], 1) for s in _below_head(r, columns)]
    return _longest(below, amount) or _longest(_worded(row), amount)


def _below_head(row: list[Segment], columns: list[_Column]) -> list[Segment]:
    """Return the texts of a row in the column of the descriptions; all where none is headed so."""
    head = next((column for column in columns if column.name == "description"), None)
    if head is None:
        return _worded(row)
    return [s for s in _worded(row) if s.x0 <= head.x1 + 5 and s.x1 >= head.x0 - 5]


def _worded(texts: list[Segment]) -> list[Segment]:
    return [s for s in texts if sum(c.isalpha() for c in s.text) > 1]


def _longest(texts: list[Segment], amount: Amount) -> tuple[Segment, int, int] | None:
    longest = max(texts, key=lambda s: sum(c.isalpha() for c in s.text), default=None)
    if longest is None:
        return None
    return (longest, 0, amount.start if amount.segment is longest else len(longest.text))
