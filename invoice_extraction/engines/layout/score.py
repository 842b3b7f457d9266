"""How well a candidate fits a field, by what stands around it."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from invoice_extraction.engines.layout import labels as label_data
from invoice_extraction.engines.layout.candidates import Amount, Label, Layout, percentages
from invoice_extraction.engines.layout.lines import Segment

NO_TOTALS = ("no_total", "allowance", "charge", "carried")
"""Fields of labels beside amounts that are no sum of the document."""

ASIDE = "aside"
"""What an amount beside a tip or a former balance is besides: it comes on top of the total."""

TILL = ("handed", "change", "rounding")
"""Fields of labels beside amounts that are none either, and by which a till proves its total."""

SUMS = ("gross", "net", "tax", "amount_due", "paid", "gross_weak", *NO_TOTALS, *TILL)
"""Fields of labels that stand beside amounts."""

_ABOVE_ROWS = 40
"""So many rows below its header a table's number still belongs to it."""

_NEAR_ROWS = 2


_WIDEST_HEAD = 220.0
"""In points: what is wider than a column's head is a sentence."""

_TOTALS = ("gross", "net", "amount_due", "gross_weak")
_HEADED = ("gross", "gross_weak", "net", "tax")


_MOST_IN_ROW = 200
"""Amounts and labels of one row that are looked at: each is compared with each."""


@dataclass(frozen=True, slots=True)
class _Told:
    """What one label says of an amount: the field, and how much that weighs."""

    label: Label
    field: str
    weight: float


@dataclass(frozen=True, slots=True)
class Scored:
    """An amount and how well it fits each field, 0 to about 1.

    `rate` is the one percentage of its row, None where none is printed there, or several.
    """

    amount: Amount
    scores: dict[str, float]
    rate: Decimal | None = None


def sums(layout: Layout) -> list[Scored]:
    """Return each amount with its scores for the document's sums."""
    labels_by_row: dict[tuple[int, int], list[Label]] = defaultdict(list)
    for label in layout.labels:
        if any(field in SUMS for field in label.fields):
            labels_by_row[label.segment.page, label.segment.row].append(label)
    scored = []
    for place, in_row in _by_row(layout).items():
        found = in_row[:_MOST_IN_ROW]
        printed = percentages(" ".join(s.text for s in layout.row_at(*place)))
        rate = printed.pop() if len(printed) == 1 else None
        for position, amount in enumerate(found):
            left = _left(amount, labels_by_row.get(place, [])[:_MOST_IN_ROW], layout)
            above = _above(amount, labels_by_row, place)
            if left is None:
                scored.append(Scored(amount, {above.field: above.weight} if above else {}, rate))
                continue
            between = sum(_is_between(left.label, other, amount) for other in found[:position])
            weight = left.weight - 0.12 * between + (0.05 if position == len(found) - 1 else 0.0)
            scores = {left.field: weight}
            if left.label.fields[0] == "no_total":
                scores[ASIDE] = weight
            if left.field == "gross" and _is_share(left.label):
                scores = {"tax": weight, "gross": weight * 0.5}
            # "Total | 16.00 | 116.00": the columns' heads say which is the tax.
            if above and len(found) > 1 and above.field in ("net", "tax") and left.field in _HEADED:
                if above.field != left.field:
                    scores[left.field] = weight * 0.5
                scores[above.field] = max(scores.get(above.field, 0.0), 0.8)
            scored.append(Scored(amount, scores, rate))
    return scored


def _by_row(layout: Layout) -> dict[tuple[int, int], list[Amount]]:
    by_row: dict[tuple[int, int], list[Amount]] = defaultdict(list)
    for amount in layout.amounts:
        by_row[amount.segment.page, amount.segment.row].append(amount)
    return by_row


def _is_between(label: Label, other: Amount, amount: Amount) -> bool:
    return _after(label.segment, label.end, other) and (
        other.segment.x0 < amount.segment.x0
        or (other.segment is amount.segment and other.start < amount.start)
    )


def _after(segment: Segment, end: int, amount: Amount) -> bool:
    """True where the amount stands to the right of a place in a segment of the same row."""
    if amount.segment is segment:
        return amount.start >= end
    return amount.segment.x0 >= segment.x1 - 1


def _left(amount: Amount, labels: list[Label], layout: Layout) -> _Told | None:
    """Return what the nearest label to the left in the amount's row says."""
    before = [label for label in labels if _after(label.segment, label.end, amount)]
    if not before:
        return None
    before.sort(key=lambda label: (label.segment.x0, label.start))
    label = before[-1]
    if len(before) > 1 and _is_tax_within(before[-2], label):
        before.pop()
        label = before[-1]
    while label.fields[0] == "tax" and len(before) > 1:
        # "Total incl. VAT 119.00": the tax is only what the total includes.
        earlier = before[-2]
        if earlier.segment is not label.segment or earlier.fields[0] not in _TOTALS:
            break
        between = label.segment.text[earlier.end : label.start]
        if any(c.isdigit() for c in between) and "%" not in between:
            break
        before.pop()
        label = earlier
    return _Told(label, _qualified(label, amount, layout), _weight(label))


def _is_tax_within(label: Label, total: Label) -> bool:
    """True for "VAT @20% included in total", where the label next to the amount is not its own."""
    if label.segment is not total.segment or label.fields[0] != "tax":
        return False
    if total.fields[0] not in _TOTALS or label.start > 1:
        return False
    data = label_data.load()
    between = label_data.tokens(label.segment.text[label.end : total.start])
    return any(token.text in data.with_tax for token in between)


def _qualified(label: Label, amount: Amount, layout: Layout) -> str:
    """Return the label's field, corrected by a word after it: "Total excl. VAT" is the net sum."""
    field = _sum_of(label)
    data = label_data.load()
    is_total_of_tax = field == "tax" and _begins_as_total(label, data)
    if field not in _TOTALS and not is_total_of_tax:
        return field
    end = amount.start if amount.segment is label.segment else len(label.segment.text)
    # "Netto a pagare" is what is left to pay, whatever it says of a net sum.
    start = label.end if field == "amount_due" else label.start
    for token in layout.tokens[id(label.segment)]:
        if start <= token.start < end:
            if token.text in data.without_tax:
                return "net"
            if token.text in data.with_tax and field in ("net", "tax"):
                return "gross"
    return field


def _is_share(label: Label) -> bool:
    """True for "incl. 19 % VAT", which may head the total or its tax alone."""
    text = label.segment.text[label.start : label.end]
    return "%" in text and label_data.tokens(text)[0].text in label_data.load().with_tax


def _begins_as_total(label: Label, data: label_data.Labels) -> bool:
    """True for the "Total (GST" of "Total (GST incl)", which is no total of a tax there."""
    first = label_data.tokens(label.segment.text[label.start : label.end])[0]
    entry = data.phrases.get(first.text)
    return entry is not None and "gross" in entry[0]


def _sum_of(label: Label) -> str:
    return "no_total" if label.fields[0] in NO_TOTALS else label.fields[0]


def _weight(label: Label) -> float:
    """Return how much a label at this place of its segment says: a word in a sentence says little."""
    text = label.segment.text
    lead = text[: label.start].strip(" :*+-=.()")
    letters = sum(c.isalpha() for c in text)
    covered = sum(c.isalpha() for c in text[label.start : label.end])
    share = covered / letters if letters else 1.0
    weight = 1.0 if share > 0.5 else 0.7 if share > 0.3 else 0.45
    if sum(c.isalpha() for c in lead) > 3:
        weight -= 0.2 if " " in lead else 0.1
    return weight - 0.4 if "gross_weak" in label.fields else weight


def _above(
    amount: Amount, labels: dict[tuple[int, int], list[Label]], place: tuple[int, int]
) -> _Told | None:
    """Return what the nearest label above in the amount's column says."""
    page, row = place
    x0, x1 = amount.segment.x0, amount.segment.x1
    for distance in range(1, _ABOVE_ROWS):
        for label in labels.get((page, row - distance), ()):
            segment = label.segment
            if segment.x0 > x1 or segment.x1 < x0 or segment.x1 - segment.x0 > _WIDEST_HEAD:
                continue
            # A row's own label ("Total 12.00") heads no column.
            if not any(c.isdigit() for c in segment.text[label.end :]):
                return _Told(label, _sum_of(label), 0.75 if distance <= _NEAR_ROWS else 0.35)
    return None
