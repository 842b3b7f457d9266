"""What stands between the items and the document's sums: discounts, charges, rounding."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from invoice_extraction.engines.layout.candidates import Amount, Label, Layout
from invoice_extraction.engines.layout.decode import Sums
from invoice_extraction.engines.layout.lines import Segment

CENT = Decimal("0.02")
_FARTHEST_ROWS = 30
SIGNED = ("allowance", "charge", "rounding")
_SUMS = ("gross", "net", "tax", "amount_due", "paid", "no_total", "handed", "change", "carried")


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One amount that is taken away from the items' total or added to it.

    `kind` is "allowance", "charge" or "rounding"; `reason` where its words stand.
    """

    kind: str
    amount: Amount
    reason: tuple[Segment, int, int] | None


@dataclass(frozen=True, slots=True)
class Way:
    """How the items' total leads to a sum of the document.

    `with_tax` is None where the sum is the only one, so that nothing tells. `subtotal` is where the
    items' total itself is printed, None where it is not or the sum is all there is.
    """

    adjustments: tuple[Adjustment, ...]
    with_tax: bool | None
    subtotal: Amount | None


@dataclass(frozen=True, slots=True)
class _Entry:
    amount: Amount
    kind: str | None
    reason: tuple[Segment, int, int] | None


def way(
    total: Decimal,
    layout: Layout,
    by_row: dict[tuple[int, int], list[Amount]],
    last: tuple[int, int],
    sums: Sums,
    own: Iterable[Adjustment] = (),
) -> Way | None:
    """Return how `total` leads to the net or the gross sum by what is printed below; None where it does not.

    `last` are page and number of the last item's row; `own` were printed among the items and are part
    of `total` already.
    """
    wanted = goals(sums)
    before = tuple(own)
    for goal, with_tax in wanted:
        if abs(total - goal) <= CENT:
            return Way(before, with_tax, None)
    entries = _entries(layout, by_row, last)
    for goal, with_tax in wanted:
        found = _chain(total, goal, entries, with_tax=with_tax)
        if found is not None:
            return Way((*before, *found[0]), with_tax, found[1])
    if not wanted:
        for entry in entries:
            if abs(entry.amount.value - total) <= CENT:
                return Way(before, None, entry.amount)
    return None


def goals(sums: Sums) -> list[tuple[Decimal, bool | None]]:
    """Return the sums that items can lead to, and whether those hold the tax."""
    chosen = {name: found.amount.value for name, found in sums.chosen.items()}
    net, tax = chosen.get("net"), chosen.get("tax")
    # Nothing is due where all is paid: that is no sum of the items.
    gross = chosen.get("gross", chosen.get("amount_due") or None)
    found: list[tuple[Decimal, bool | None]] = []
    if net is not None:
        found.append((net, False if gross is not None and gross != net else None))
    if gross is not None and gross != net:
        taxed = net is not None or bool(tax) or len(sums.bands) > 0
        found.append((gross, True if taxed else None))
        if net is None and tax:
            found.append((gross - tax, False))
        elif net is None and sums.bands:
            found.append((sum((b.taxable.value for b in sums.bands), Decimal(0)), False))
    return found


def _chain(
    total: Decimal, goal: Decimal, entries: list[_Entry], *, with_tax: bool | None
) -> tuple[tuple[Adjustment, ...], Amount | None] | None:
    running = total
    taken: list[Adjustment] = []
    unknown: list[_Entry] = []
    subtotal: Amount | None = None
    for entry in entries:
        value = entry.amount.value
        if abs(value - running) <= CENT:
            subtotal = subtotal or entry.amount
            continue
        if abs(running - goal) <= CENT:
            break
        kind = entry.kind
        if kind == "rounding" and with_tax is False:
            continue
        if kind is None and value < 0 and abs(value) < abs(running):
            kind = "allowance"
        if kind in SIGNED and value != 0:
            running += -abs(value) if kind == "allowance" else value
            taken.append(Adjustment(kind, entry.amount, entry.reason))
        elif kind is None and value != 0:
            unknown.append(entry)
    if taken and abs(running - goal) <= CENT:
        return tuple(taken), subtotal
    # One row whose words are not known is a charge where it is just what is missing.
    for entry in unknown:
        if abs(running + entry.amount.value - goal) <= CENT and entry.reason is not None:
            return (*taken, Adjustment("charge", entry.amount, entry.reason)), subtotal
        if abs(running - entry.amount.value - goal) <= CENT and entry.reason is not None:
            return (*taken, Adjustment("allowance", entry.amount, entry.reason)), subtotal
    return None


def _entries(
    layout: Layout, by_row: dict[tuple[int, int], list[Amount]], last: tuple[int, int]
) -> list[_Entry]:
    """Return the amounts at the right of the rows below the items, and what each is called."""
    entries = []
    rows = 0
    for row in layout.rows:
        place = (row[0].page, row[0].row)
        if place <= last:
            continue
        rows += 1
        if rows > _FARTHEST_ROWS:
            break
        money = [a for a in by_row.get(place, ()) if a.is_money]
        if money:
            entries.append(entry(row, money[-1], layout))
    return entries


def entry(row: list[Segment], amount: Amount, layout: Layout) -> _Entry:
    """Return an amount with the words to its left, and the kind that they tell."""
    before = [s for s in row if s.x0 <= amount.segment.x0]
    labels = [
        label
        for segment in before
        for label in layout.labels_in(segment)
        if segment is not amount.segment or label.end <= amount.start
    ]
    label = _telling(labels)
    worded = [s for s in before if sum(c.isalpha() for c in s.text) > 2]
    segment = label.segment if label is not None else worded[-1] if worded else None
    reason = None
    if segment is not None:
        end = amount.start if segment is amount.segment else len(segment.text)
        if any(c.isalpha() for c in segment.text[:end]):
            reason = (segment, 0, end)
    return _Entry(amount, label.fields[0] if label is not None else None, reason)


def _telling(labels: list[Label]) -> Label | None:
    clear = [label for label in labels if _is_clear(label)]
    for wanted in (SIGNED, _SUMS):
        for label in clear:
            if label.fields[0] in wanted:
                return label
    return None


def _is_clear(label: Label) -> bool:
    """True where a label begins its segment or is most of it: not a word in an item's name."""
    text = label.segment.text
    letters = sum(c.isalpha() for c in text)
    return (
        label.start <= 2 or 2 * sum(c.isalpha() for c in text[label.start : label.end]) >= letters
    )
