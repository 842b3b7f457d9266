"""What kind of document it is: by what it calls itself, else by what it is made of."""

import re
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from invoice_extraction.engines.layout import labels as label_data
from invoice_extraction.engines.layout.candidates import SLIP, Label, Layout
from invoice_extraction.engines.layout.labels import Labels
from invoice_extraction.engines.layout.lines import Segment
from invoice_extraction.model.invoice import INVOICE_TYPES

_LONGEST_TITLE = 12
"""Words; a longer text is a sentence."""

_LONGEST_KIND = 5
"""Words of a document's name: "aviz de însoțire a mărfii"."""

_BESIDE_NUMBER = 2
"""Words beside a number in a title: "Quotation No. 1204 of 3 May"."""

_LARGE = 1.25
"""Of the usual height, from which a text stands out."""

_ENOUGH = 2
"""Points of `Parts` from which a document without a title is an invoice or a receipt."""

_DECIMALS = re.compile(r"\d[.,]\d{2}(?!\d)")
_BOOK = 800
"""So many words name sums in passing."""

_STEPS = 3
"""Different amounts in rows on end that each lead to a balance, from which that is no chance.

Prices do the same where one article follows another of its price: 4.00 for one, 8.00 for two.
"""

_SUMS_OF_BILLS = frozenset({"gross", "net", "tax", "amount_due", "handed", "change", "tax_id"})
_FEW_WORDS = 15
_MANY_WORDS = 120
_DENSE = 0.04
"""Amounts per word: a bill is made of them, a text names some."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A document type, where it is told (None: by the whole), and the prior that it is right."""

    name: str
    title: Segment | None
    score: float


@dataclass(frozen=True, slots=True)
class _Titles:
    """What the first page says of its type.

    `votes` for each type, and `where` it is told first; `prominent` are those told by a clear title,
    `alone` those by one that is clear where nothing calls itself an invoice.
    """

    votes: Counter[str]
    where: dict[str, Segment]
    prominent: set[str]
    alone: set[str]


@dataclass(frozen=True, slots=True)
class Parts:
    """What was found of an invoice's parts."""

    total: bool
    number: bool
    tax: bool
    tax_id: bool
    items: bool
    account: bool
    due: bool
    buyer: bool


def titled(layout: Layout) -> Kind | None:
    """Return what the document calls itself on its first page, None where it bears no title.

    A title that is no invoice's has to stand for itself: "Delivery note" in a line of details is a
    reference.
    """
    titles = _titles(layout)
    ranked = [kind for kind, _ in titles.votes.most_common()]
    if not INVOICE_TYPES.intersection(ranked):
        standing = titles.prominent | titles.alone
    else:
        standing = titles.prominent
    ranked.sort(key=lambda kind: kind not in titles.prominent)
    for kind in ranked:
        if kind in INVOICE_TYPES or kind in standing:
            return Kind(kind, titles.where[kind], 0.9 if titles.votes[kind] >= 6 else 0.75)
    return None


def built(layout: Layout, parts: Parts) -> Kind | None:
    """Return the kind of a document without a title: bill, receipt, or another thing altogether.

    None where too little can be read to tell. It is "other" only where it has next to nothing of an
    invoice: refusing an invoice would be the worst answer.
    """
    texts = [segment for row in layout.rows for segment in row]
    words = sum(len(segment.words) for segment in texts)
    # "25,50kn" names money too, though not in a way that an amount is read from.
    money = sum(len(_DECIMALS.findall(segment.text)) for segment in texts)
    paid = any(
        label.fields[0] in ("paid", "no_total", "handed", "change") for label in layout.labels
    )
    is_slip = layout.page_width < SLIP * layout.page_height and not parts.buyer
    if not parts.items and _is_ledger(layout):
        return Kind("statement", None, 0.8)
    points = 2 * parts.total + 2 * parts.number + 2 * parts.items
    if money:
        points += parts.tax + parts.due + 2 * is_slip
        # Letters have a letterhead too, and forms, menus and price lists have amounts.
        if points or words < _MANY_WORDS:
            points += (money > 1) * paid + (money > 2 and money > _DENSE * words)
        if points:
            points += parts.tax_id + parts.account
    if points >= (_ENOUGH if words < _BOOK else 2 * _ENOUGH):
        is_receipt = (is_slip or paid) and not (parts.number or parts.due or parts.account)
        return Kind("receipt" if is_receipt else "invoice", None, 0.6)
    if words < (_FEW_WORDS if layout.language else 2 * _FEW_WORDS):
        return None
    if words < _MANY_WORDS and (points == 1 or _names_sums(layout)):
        return None
    return Kind("other", None, 0.7)


def _is_ledger(layout: Layout) -> bool:
    """Return whether amounts lead from one balance to the next, row by row: an account's statement."""
    rows: dict[tuple[int, int], list[Decimal]] = {}
    for amount in layout.amounts:
        if amount.is_money:
            rows.setdefault((amount.segment.page, amount.segment.row), []).append(amount.value)
    balance = None
    steps: set[Decimal] = set()
    for values in rows.values():
        step = abs(values[0])
        if balance is not None and len(values) == 2 and abs(values[1] - balance) == step > 0:
            steps.add(step)
            if len(steps) >= _STEPS:
                return True
        else:
            steps = set()
        balance = values[-1]
    return False


def _names_sums(layout: Layout) -> bool:
    """Return whether it names sums as a bill does, though none of them could be read."""
    return len({label.fields[0] for label in layout.labels} & _SUMS_OF_BILLS) >= _ENOUGH


def _titles(layout: Layout) -> _Titles:
    data = label_data.load()
    titles = _Titles(Counter(), {}, set(), set())
    heights = sorted(s.height for row in layout.rows for s in row)
    usual = heights[len(heights) // 2]
    listed = _listed(layout)
    for row in layout.rows:
        if row[0].page != layout.rows[0][0].page:
            break
        for segment in row:
            words = [t.text for t in layout.tokens[id(segment)] if t.is_word]
            # "Order:" is a label of a number, no title.
            if not words or len(words) > _LONGEST_TITLE or segment.text.rstrip().endswith(":"):
                continue
            kind, size = _named(words, data)
            is_large = segment.height > _LARGE * usual
            rest = words[size:]
            is_label = ":" in segment.text and len(rest) > _BESIDE_NUMBER
            if kind is None or (not is_large and (is_label or id(segment) in listed)):
                continue
            if kind not in INVOICE_TYPES and any(map(_is_all_label, layout.labels_in(segment))):
                # "Statement date" is a label, no title.
                continue
            if rest[:size] == words[:size]:
                # A title, and once more as the label of its number: "Quotation Quotation No. 7".
                rest = []
            weight = 1.0 + (0.0 if rest else 2.0) + (1.5 if is_large else 0.0)
            weight += 1.0 if segment.top < 0.4 * layout.page_height else 0.0
            if not rest or weight >= 2.0:
                titles.votes[kind] += int(weight * 2)
                titles.where.setdefault(kind, segment)
            # Alone in its row and before any invoice's title, or larger than the text.
            first = not INVOICE_TYPES.intersection(titles.where)
            is_short = len(rest) <= _BESIDE_NUMBER and ":" not in segment.text
            is_told = kind not in INVOICE_TYPES and ":" in segment.text and segment.has_digits
            if (not rest and first and len(row) == 1 and not is_told) or (
                is_large and (not rest or (is_short and segment.has_digits))
            ):
                titles.prominent.add(kind)
            elif (is_short or is_told) and len(row) == 1 and weight >= 2.0:
                # "Order: 4711" is a reference where anything calls itself an invoice.
                titles.alone.add(kind)
    for label in layout.labels:
        if "invoice_number" in label.fields and id(label.segment) not in listed:
            text = label_data.squash(label.segment.text[label.start : label.end])
            ends = (text[:n] for n in range(len(text), 0, -1))
            kind = next((data.types[end] for end in ends if end in data.types), None)
            if kind is not None:
                titles.votes[kind] += 2
                titles.where.setdefault(kind, label.segment)
    return titles


def _is_all_label(label: Label) -> bool:
    """True where a label that says more than what a document is called is all of its segment."""
    text = label.segment.text
    is_all = label.start <= 1 and not text[label.end :].strip(" :.#")
    return (
        is_all and label_data.squash(text[label.start : label.end]) not in label_data.load().types
    )


def _named(words: list[str], data: Labels) -> tuple[str | None, int]:
    """Return the type that a text's first words name, and how many words; the longest name counts."""
    for size in range(min(_LONGEST_KIND, len(words)), 0, -1):
        kind = data.types.get("".join(words[:size]))
        if kind is not None:
            return kind, size
    is_compound = words[0].endswith(tuple(data.invoice_endings))
    return ("invoice", 1) if is_compound else (None, 0)


def _listed(layout: Layout) -> set[int]:
    """Return the texts (by id) right of which, in their row, two amounts of money stand."""
    money = Counter((a.segment.page, a.segment.row) for a in layout.amounts if a.is_money)
    return {id(s) for row in layout.rows if money[row[0].page, row[0].row] > 1 for s in row[:-1]}
