"""What kind of document it is: by what it calls itself, else by what it is made of."""

import re
from collections import Counter
from dataclasses import dataclass

from invoice_extraction.engines.layout import labels as label_data
from invoice_extraction.engines.layout.candidates import SLIP, Layout
from invoice_extraction.engines.layout.lines import Segment
from invoice_extraction.model.invoice import INVOICE_TYPES

_LONGEST_TITLE = 12
"""Words; a longer text is a sentence."""

_ENOUGH = 2
"""Points of `Parts` from which a document without a title is an invoice or a receipt."""

_DECIMALS = re.compile(r"\d[.,]\d{2}(?!\d)")
_BOOK = 800
"""So many words name sums in passing."""

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
    votes, where, prominent = _titles(layout)
    if not votes:
        return None
    ranked = [kind for kind, _ in votes.most_common()]
    chosen = ranked[0]
    if chosen not in INVOICE_TYPES and chosen not in prominent:
        chosen = next((kind for kind in ranked if kind in INVOICE_TYPES), "")
    if not chosen:
        return None
    return Kind(chosen, where[chosen], 0.9 if votes[chosen] >= 6 else 0.75)


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
    points = 2 * parts.total + 2 * parts.number + 2 * parts.items
    if money:
        points += parts.tax + parts.tax_id + parts.account + parts.due + 2 * is_slip
    points += (money > 1) * paid + (money > 2 and money > _DENSE * words)
    if points >= (_ENOUGH if words < _BOOK else 2 * _ENOUGH):
        is_receipt = (is_slip or paid) and not (parts.number or parts.due or parts.account)
        return Kind("receipt" if is_receipt else "invoice", None, 0.6)
    if words < (_FEW_WORDS if layout.language else 2 * _FEW_WORDS) or (
        points == 1 and words < _MANY_WORDS
    ):
        return None
    return Kind("other", None, 0.7)


def _titles(layout: Layout) -> tuple[Counter[str], dict[str, Segment], set[str]]:
    """Return the votes for each type, where it is told first, and the types told by a clear title."""
    data = label_data.load()
    votes: Counter[str] = Counter()
    where: dict[str, Segment] = {}
    prominent: set[str] = set()
    heights = sorted(s.height for row in layout.rows for s in row)
    usual = heights[len(heights) // 2]
    endings = tuple(data.invoice_endings)
    for row in layout.rows:
        for segment in row:
            if segment.page != layout.rows[0][0].page:
                break
            words = [t.text for t in layout.tokens[id(segment)] if t.is_word]
            # "Order:" is a label of a number, no title.
            if not words or len(words) > _LONGEST_TITLE or segment.text.rstrip().endswith(":"):
                continue
            for size in (3, 2, 1):
                kind = data.types.get("".join(words[:size]))
                if kind is None and size == 1 and words[0].endswith(endings):
                    kind = "invoice"
                if kind is None:
                    continue
                alone = len(words) <= size
                weight = 1.0 + (2.0 if alone else 0.0)
                weight += 1.5 if segment.height > 1.25 * usual else 0.0
                weight += 1.0 if segment.top < 0.4 * layout.page_height else 0.0
                if alone or weight >= 2.0:
                    votes[kind] += int(weight * 2)
                    where.setdefault(kind, segment)
                # Alone in its row and before any invoice's title, or larger than the text.
                first = not any(found in INVOICE_TYPES for found in where)
                if alone and (segment.height > 1.25 * usual or (first and len(row) == 1)):
                    prominent.add(kind)
                break
    for label in layout.labels:
        if "invoice_number" in label.fields:
            text = label_data.squash(label.segment.text[label.start : label.end])
            for phrase, kind in data.types.items():
                if text.startswith(phrase):
                    votes[kind] += 2
                    where.setdefault(kind, label.segment)
                    break
    return votes, where, prominent
