"""The items of an invoice: a table by its head, or a list as a till prints it, where sums prove it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import accumulate, takewhile

from invoice_extraction.engines.layout import records, tills
from invoice_extraction.engines.layout.adjustments import (
    CENT,
    SIGNED,
    Adjustment,
    Way,
    entry,
    goals,
    way,
)
from invoice_extraction.engines.layout.candidates import Amount, Layout
from invoice_extraction.engines.layout.columns import Column
from invoice_extraction.engines.layout.decode import Sums
from invoice_extraction.engines.layout.records import Piece, Record

_BELOW_ROWS = 4
_FARTHEST_ROWS = 60
"""So many rows below the last item its list's sum stands, and that of all rows of a list."""

_Rows = dict[tuple[int, int], list[Amount]]


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the table; what is None is not printed or does not fit the amount.

    `description` is in parts where it is wrapped. `discount` is a percentage or an amount, as its text
    says. `mended` is True where the amount is not the printed one, which was misread, but quantity times
    price, which leads to the sum. `other` is the amount with the tax where the rows' are without it, and
    the other way round.
    """

    description: tuple[Piece, ...]
    code: Piece | None
    quantity: Amount | None
    unit: Piece | None
    unit_price: Amount | None
    discount: Amount | None
    tax_rate: Amount | None
    amount: Amount
    mended: bool = False
    other: Amount | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """The rows, none where a table is seen and its numbers prove nothing.

    `with_tax` says whether their amounts include the tax, None where nothing tells; `checked` is True
    where they lead to a sum of the document, by the `adjustments`. `subtotal` is their printed total.
    `certain` is False where each row is quantity times price, and together they lead to no sum: some are
    missing, or the sum is wrong.
    """

    rows: tuple[Item, ...]
    with_tax: bool | None = None
    checked: bool = False
    adjustments: tuple[Adjustment, ...] = ()
    subtotal: Amount | None = None
    certain: bool = True


def items(layout: Layout, sums: Sums) -> Items | None:
    """Return the items, None where the pages show none.

    They are believed where they lead to the net or gross total, or where their sum is printed below them;
    else, and not for certain where there is a total, when quantity times price makes the amount in every row.
    """
    by_row: _Rows = {}
    for amount in layout.amounts:
        by_row.setdefault((amount.segment.page, amount.segment.row), []).append(amount)
    gathered = records.gather(layout, by_row)
    by_column = (_proven(gathered.records, c, layout, by_row, sums) for c in gathered.columns)
    proven = [found for found in by_column if found is not None]
    if proven:
        return _both(proven)
    readings: Iterable[list[Record]] = tills.readings(layout, by_row)
    dated = tills.dated(layout) & by_row.keys()
    if len(dated) > 1:
        readings = list(readings)
        charges = tills.charges(readings, dated, by_row)
        if charges:
            rows = _untaxed(charges, layout, sums)
            return _told(rows, tills.COLUMN, Way((), None, None))
    lists = []
    for rows in readings:
        lists.append(rows)
        found = _listed(rows, layout, by_row, sums) if "gross" in sums.chosen else None
        if found is not None:
            return found
    for column in gathered.columns:
        rows = [r for r in gathered.records if column in r.money]
        products = [r for r in rows if r.is_product and records.fits(r, r.money[column])]
        for own in (products, rows):
            found = _repeated(own, column, layout, by_row, sums)
            if found is not None:
                return found
    for rows in lists:
        found = _repeated(rows, tills.COLUMN, layout, by_row, sums)
        if found is not None:
            return found
    for column in gathered.columns:
        rows = [r for r in gathered.records if column in r.money]
        if rows and all(r.is_product and records.fits(r, r.money[column]) for r in rows):
            return Items(tuple(_item(r, column) for r in rows), certain="gross" not in sums.chosen)
    return Items(()) if gathered.records else None


def _both(proven: list[Items]) -> Items:
    """Return the items by the column that quantity and price make, with the amounts of the other one.

    Of two columns that lead to sums, one with the tax and one without, either is right.
    """
    best = max(proven, key=lambda items: sum(item.quantity is not None for item in items.rows))
    for other in proven:
        if {best.with_tax, other.with_tax} == {True, False} and len(best.rows) == len(other.rows):
            pairs = zip(best.rows, other.rows, strict=True)
            rows = tuple(replace(item, other=beside.amount) for item, beside in pairs)
            return replace(best, rows=rows)
    return best


def _proven(
    gathered: Sequence[Record],
    column: Column,
    layout: Layout,
    by_row: _Rows,
    sums: Sums,
    *,
    signed: bool = False,
) -> Items | None:
    """Return the rows with an amount in a column, where those lead to a sum; else None.

    Where they are `signed`, a discount among them is one of them: a till takes it from an item.
    """
    rows = [record for record in gathered if column in record.money]
    if any(record.money[column].is_money for record in rows):
        # Beside amounts with decimals a whole number is a page's or a part of an address.
        rows = [record for record in rows if record.money[column].is_money]
    rows = _own(rows, column, layout)
    if not rows:
        return None
    lines: list[Record] = []
    among: list[Adjustment] = []
    entries = [entry(layout.row_at(r.page, r.row), r.money[column], layout) for r in rows]
    # A charge of the document stands below all items: those with a quantity, and those called nothing else.
    items = (n for n, r in enumerate(rows) if r.is_counted or entries[n].kind not in SIGNED)
    last_item = max(items, default=-1)
    for n, (record, told) in enumerate(zip(rows, entries, strict=True)):
        amount = record.money[column]
        if signed and amount.value < 0 and told.kind != "rounding":
            lines.append(record)
        elif told.kind == "allowance" or (amount.value < 0 and not record.is_counted):
            among.append(Adjustment("allowance", amount, told.reason))
        elif told.kind == "charge" and lines and n > last_item:
            among.append(Adjustment("charge", amount, told.reason))
        elif told.kind == "rounding":
            among.append(Adjustment("rounding", amount, told.reason))
        else:
            lines.append(record)
    last = (rows[-1].page, rows[-1].row)
    choices = [(lines, among)] if among else []
    for own, between in [(rows, []), *choices]:
        if not own:
            continue
        total = sum((record.money[column].value for record in own), Decimal(0))
        total += sum((_signed(one) for one in between), Decimal(0))
        if among and total == 0:
            # What takes all away again is a payment.
            continue
        found = way(total, layout, by_row, last, sums, between)
        if found is not None:
            if among and own is rows and not _all_negative(rows, column):
                # The same total: what is taken away among the items is none of them.
                again = sum((record.money[column].value for record in lines), Decimal(0))
                again += sum((_signed(one) for one in among), Decimal(0))
                if lines and again == total:
                    return _told(lines, column, found, among)
            return _told(_untaxed(own, layout, sums), column, found)
    return None


def _listed(rows: list[Record], layout: Layout, by_row: _Rows, sums: Sums) -> Items | None:
    """Return the rows of a till's list that lead to a sum, discounts among them with their sign.

    Where all do not, the list is what stands above the sum: payments and taxes may follow it.
    """
    found = _proven(rows, tills.COLUMN, layout, by_row, sums, signed=True)
    if found is not None and found.with_tax is False:
        # No till: prices without tax are an invoice's, and so are its discounts.
        found = _proven(rows, tills.COLUMN, layout, by_row, sums)
    if found is not None:
        return found
    own: list[Record] = []
    total = Decimal(0)
    for record in rows:
        amount = record.money[tills.COLUMN].value
        if len(own) > 1 and amount == total:
            continue
        own.append(record)
        total += amount
        for goal, with_tax in goals(sums):
            if len(own) > 1 and abs(total - goal) <= CENT:
                return _told(own, tills.COLUMN, Way((), with_tax, None))
    return None


def _repeated(
    rows: list[Record], column: Column, layout: Layout, by_row: _Rows, sums: Sums
) -> Items | None:
    """Return the rows of a list whose sum is printed below them, whatever it is called.

    Three rows that add up to what is printed right below are no chance, nor are two that are proven by
    their quantity and price.
    """
    at = {(row[0].page, row[0].row): n for n, row in enumerate(layout.rows)}
    totals = list(accumulate(record.money[column].value for record in rows))
    proven = len(list(takewhile(lambda r: r.is_product and records.fits(r, r.money[column]), rows)))
    for n in range(len(rows), 1, -1):
        own, total, are_proven = rows[:n], totals[n - 1], n <= proven
        if not total or (n == 2 and not are_proven):
            continue
        below = at[own[-1].page, own[-1].row] + 1
        ends = n == len(rows) or (are_proven and not rows[n].is_product)
        far = _FARTHEST_ROWS if ends else _BELOW_ROWS
        places = ((row[0].page, row[0].row) for row in layout.rows[below : below + far])
        for amount in (amount for place in places for amount in by_row.get(place, ())):
            # A payment has the other sign.
            if amount.is_money and amount.value in (total, -total):
                subtotal = amount if amount.value == total else None
                return _told(_untaxed(own, layout, sums), column, Way((), None, subtotal))
    return None


def _untaxed(rows: Sequence[Record], layout: Layout, sums: Sums) -> Sequence[Record]:
    """Return the rows of an account without its taxes, where no sum tells what those are."""
    return rows if "tax" in sums.chosen else tills.untaxed(rows, tills.dated(layout))


def _told(
    rows: Sequence[Record], column: Column, found: Way, among: Sequence[Adjustment] = ()
) -> Items:
    if column is tills.COLUMN:
        rows = tills.settled(rows)
    return Items(
        tuple(_item(record, column) for record in rows),
        found.with_tax,
        True,
        (*among, *found.adjustments),
        found.subtotal,
    )


def _signed(one: Adjustment) -> Decimal:
    return -abs(one.amount.value) if one.kind == "allowance" else one.amount.value


def _all_negative(rows: Sequence[Record], column: Column) -> bool:
    return all(record.money[column].value <= 0 for record in rows)


def _own(rows: list[Record], column: Column, layout: Layout) -> list[Record]:
    """Return the rows of items: without those that repeat the sum of the rows before them.

    Such a row is carried forward where an item with a quantity follows; else the items end there.
    """
    own: list[Record] = []
    running = Decimal(0)
    for n, record in enumerate(rows):
        amount = record.money[column]
        told = entry(layout.row_at(record.page, record.row), amount, layout)
        if told.kind == "carried" and amount.value in (running, Decimal(0)):
            continue
        if own and amount.value == running and not record.is_counted:
            if any(later.is_counted for later in rows[n + 1 :]):
                continue
            if len(own) > 1 or own[0].is_counted:
                break
        own.append(record)
        running += amount.value
    return own


def _item(record: Record, column: Column) -> Item:
    amount = record.money[column]
    cells = record.cells if records.fits(record, amount) else {}
    return Item(
        tuple(records.description(record)),
        record.code,
        cells.get("quantity"),
        record.unit if "quantity" in cells else None,
        cells.get("unit_price"),
        cells.get("discount"),
        record.cells.get("tax_rate"),
        amount,
        record.mended,
    )
