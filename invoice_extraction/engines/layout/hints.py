"""What is known of a seller, used on its documents: its own labels, and where its values stand."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from invoice_extraction.engines.layout import names
from invoice_extraction.engines.layout.addresses import is_street
from invoice_extraction.engines.layout.candidates import Label, Layout
from invoice_extraction.engines.layout.labels import squash, tokens
from invoice_extraction.engines.layout.lines import Segment
from invoice_extraction.engines.layout.references import Found, identifier
from invoice_extraction.model.hints import SellerHints, Spot

FIELDS: Mapping[str, str] = {
    "/invoice_number": "invoice_number",
    "/issue_date": "issue_date",
    "/due_date": "due_date",
    "/purchase_order_reference": "purchase_order",
    "/buyer_reference": "buyer_reference",
    "/buyer/name": "buyer",
    "/totals/gross": "gross",
    "/totals/net": "net",
    "/totals/tax": "tax",
    "/totals/amount_due": "amount_due",
}
"""The fields that hints tell the words beside of, and what labels call them."""

SPOTTED = (
    "/invoice_number",
    "/issue_date",
    "/due_date",
    "/purchase_order_reference",
    "/buyer/name",
)
"""Fields of a document's head, which stand in one place; sums stand where the items end."""

DATES = ("/issue_date", "/due_date")

_NEAR = (0.03, 0.007)
"""By so much of a page's width and height a place differs from one document to the next at most."""

_SURE = 0.92


def labelled(found: Layout, known: SellerHints) -> Layout:
    """Return the candidates with the seller's own labels; of a field that has one, no other counts."""
    own: list[Label] = []
    times = Counter(squash(phrase) for phrases in known.labels.values() for phrase in phrases)
    for pointer, phrases in known.labels.items():
        for phrase in phrases:
            # What stands beside two fields tells neither.
            if times[squash(phrase)] == 1:
                own += _labels(found, FIELDS[pointer], phrase)
    told = {field for label in own for field in label.fields}
    if "invoice_number" in told:
        told.add("invoice_number_weak")
    covered = {(id(x.segment), n) for x in own for n in range(x.start, x.end)}
    kept = []
    for label in found.labels:
        fields = tuple(field for field in label.fields if field not in told)
        if fields and (id(label.segment), label.start) not in covered:
            kept.append(Label(fields, label.segment, label.start, label.end))
    order = {id(s): n for n, s in enumerate(s for row in found.rows for s in row)}
    return replace(
        found, labels=sorted((*kept, *own), key=lambda x: (order[id(x.segment)], x.start))
    )


def _labels(found: Layout, field: str, phrase: str) -> list[Label]:
    words = [token.text for token in tokens(phrase) if token.is_word]
    labels = []
    for row in found.rows:
        for segment in row:
            own = [token for token in found.tokens[id(segment)] if token.is_word]
            for n in range(len(own) - len(words) + 1):
                if [token.text for token in own[n : n + len(words)]] == words:
                    labels.append(
                        Label((field,), segment, own[n].start, own[n + len(words) - 1].end)
                    )
                    break
    return labels


def spotted(
    found: Layout, known: SellerHints | None, pointer: str, read: Found | None
) -> Found | None:
    """Return what stands where a field's value stood before, of a field that no label tells; else `read`."""
    if known is None or pointer not in known.spots or pointer in known.labels:
        return read
    there = [
        one
        for spot in known.spots[pointer]
        for row in found.rows
        if row[0].page == spot.page
        for segment in row
        if (one := _at(found, segment, spot, pointer)) is not None
    ]
    return there[0] if there else read


def _at(found: Layout, segment: Segment, spot: Spot, pointer: str) -> Found | None:
    if abs(segment.top / found.page_height - spot.y) > _NEAR[1]:
        return None
    for start in segment.starts:
        left = segment.box(start, start + 1)[0]
        if abs(left / found.page_width - spot.x) > _NEAR[0]:
            continue
        if pointer in DATES:
            for day in found.days:
                if day.segment is segment and day.start == start and day.value:
                    return Found(day.text, segment, start, day.end, _SURE, day.value)
        elif pointer == "/buyer/name":
            for name in names.names(found):
                if (name.segment, name.start) == (segment, start) and not is_street(name.text):
                    return Found(name.text, segment, start, name.end, _SURE, more=name.more)
        else:
            place = identifier(segment, start, len(segment.text))
            if place is not None and place[0] == start:
                return Found(segment.text[start : place[1]], segment, start, place[1], _SURE)
    return None


def printed(found: Layout, text: str | None) -> Found | None:
    """Return where a known name or number is printed, None where it is not: it may be in a logo."""
    key = squash(text or "")
    for row in found.rows if key else ():
        for segment in row:
            if key not in segment.key:
                continue
            ends = [match.end() for match in re.finditer(r"\S+", segment.text)]
            for start in segment.starts:
                for end in ends:
                    if end > start and squash(segment.text[start:end]) == key:
                        return Found(segment.text[start:end], segment, start, end, _SURE)
    return None
