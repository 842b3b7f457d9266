"""The blocks of the parties: what stands below "Bill to", and which line of it is the name."""

import math
import re

from invoice_extraction.engines.layout import labels as label_data
from invoice_extraction.engines.layout.addresses import is_street, looks_like_address
from invoice_extraction.engines.layout.candidates import Label, Layout
from invoice_extraction.engines.layout.lines import Segment
from invoice_extraction.engines.layout.names import (
    HONORIFICS,
    PARTIES,
    Name,
    has_legal_form,
    is_attention,
    is_party,
    name_at,
)
from invoice_extraction.engines.layout.references import places

_ROWS = 14
_WIDTH = 0.45
"""So much of a page's width a block takes at most, where nothing stands beside its head."""

_PARTED = 3.0
"""A gap of more heights than these ends a block."""

_NUMBERED = re.compile(r"^[^\W\d_]{2,12}[\s.:#-]+[\d ]{5,}$")
"""A line that is only an identifier: "GLN 4012345000009"."""

_TOLD = re.compile(r"^[^\W\d_][^:]{0,28}:(?:\s|$)")
"""A line that says itself what it holds: "Address: ...", whether or not a language knows the word."""

_NO_NAME = re.compile(
    rf"{_TOLD.pattern}|!$|\b(?:au capital de|cap\. soc|share capital)\b|^[^\W\d_][\w .'-]+,\s[A-Z]{{2}}$"
)
"""A line that says what it holds, a greeting, a company's capital, or a town and its state: "Portland, OR"."""

_NAMES = 3
"""Names that stand above a block's street at most: a person, the company, a department."""


def heads(layout: Layout, label: Label) -> bool:
    """Return whether a label has its segment for itself: what it names stands below or right of it."""
    text = label.segment.text
    if text[: label.start].strip(" :.,-(") or _heads_column(layout, label):
        return False
    if text.endswith(",") or label.segment.has_digits:
        # "Dear customer," greets, "Customer: 4711" has its value.
        return False
    return _is_all(layout, label.segment, *PARTIES)


def speaks(layout: Layout, label: Label) -> bool:
    """Return whether a name may follow a label in its own row.

    It begins its segment, is no head of a table's column, and no part of another label:
    "Customer VAT ID".
    """
    text = label.segment.text
    if text[: label.start].strip(" :.,-(") or _heads_column(layout, label):
        return False
    rest = text[label.end :]
    if rest.startswith(("'", "’")):
        return False
    if label.end - label.start <= 4 and not rest.lstrip(" .").startswith(":"):
        # "To" and "An" are words of sentences: as labels they stand alone or before a colon.
        return False
    following = next((x for x in layout.labels_in(label.segment) if x.start >= label.end), None)
    if following is None or is_party(following) or "name" in following.fields:
        return True
    return ":" in text[label.end : following.start] or following.start - label.end > 4


def _is_all(layout: Layout, segment: Segment, *fields: str) -> bool:
    """True where labels of these fields are all the letters of a segment."""
    text = segment.text
    told = (x for x in layout.labels_in(segment) if set(x.fields) & set(fields))
    letters = sum(map(str.isalpha, text))
    return 0 < letters == sum(sum(map(str.isalpha, text[x.start : x.end])) for x in told)


def _heads_column(layout: Layout, label: Label) -> bool:
    columns = label_data.load().columns
    row = layout.row_of(label.segment)
    return sum(s is not label.segment and s.key in columns for s in row) > 1


def section(layout: Layout, label: Label) -> list[list[Segment]]:
    """Return the rows below a head, in its column: to where another head or a wide gap ends them."""
    head = label.segment
    beside = layout.row_of(head)
    right = min(
        (s.x0 - 6 for s in beside if s.x0 >= head.x1),
        default=min(math.inf, head.x0 + _WIDTH * layout.page_width),
    )
    left = head.x0 - 12
    if not any(left <= s.x0 < head.x0 + 25 for s, _ in layout.below(head)):
        # Set flush on the right, or in the middle above its block.
        left = max((s.x1 for s in beside if s.x1 <= head.x0), default=0.0)
    rows: list[list[Segment]] = []
    bottom, height = head.bottom, max(head.height, 6.0)
    for row in layout.rows_below(head, _ROWS):
        inside = [s for s in row if left <= s.x0 < right]
        if not inside:
            continue
        if inside[0].top - bottom > _PARTED * height:
            break
        if any(_ends(layout, s, is_first=not rows) for s in inside):
            break
        rows.append(inside)
        bottom = max(s.bottom for s in inside)
    return rows


def _ends(layout: Layout, segment: Segment, *, is_first: bool) -> bool:
    """True for the head of another block; right below a head "Customer" stands for a name."""
    for label in layout.labels_in(segment):
        if is_party(label) and heads(layout, label):
            return not (is_first and _is_sample(layout, segment))
    return False


def _is_sample(layout: Layout, segment: Segment) -> bool:
    """True for what stands in a name's place in a sample: "Customer Name"."""
    return not segment.text.rstrip().endswith(":") and _is_all(
        layout, segment, "buyer", "date_weak"
    )


def party_name(
    layout: Layout, rows: list[list[Segment]], by_segment: dict[int, list[Name]]
) -> Name | None:
    """Return the name in a party's block; None where it holds none.

    Where a line is labelled as the name, it is that one. Of a person and a company above the same street it is
    the company.
    """
    if len(rows) > 1 and _is_sample(layout, rows[0][0]):
        line = rows[0][0]
        return Name(line.text, line, 0, len(line.text), line.key, ())
    found: list[Name] = []
    meant: Name | None = None
    has_street = False
    for row in rows:
        line = row[0]
        label = next((x for x in layout.labels_in(line) if x.start <= 1), None)
        if label is not None and "name" in label.fields and _is_told(line, label):
            name = name_at(layout, line, label.end, places(layout, label), by_segment)
            if name is not None and not found:
                return name
        if looks_like_address(line.text) or ((found or meant) and is_street(line.text)):
            has_street = True
            if found or meant:
                break
            continue
        if (label is not None and _is_told(line, label)) or _NUMBERED.match(line.text):
            continue
        own = [n for n in by_segment.get(id(line), ()) if n.key not in HONORIFICS]
        if own and is_attention(line.text):
            meant = meant or own[0]
        elif own and not _NO_NAME.search(line.text) and len(found) < _NAMES:
            found.append(own[0])
    if has_street:
        data = label_data.load()
        for name in found:
            if has_legal_form(name.text, name.words, data):
                return name
    if found:
        return found[0]
    return meant


def _is_told(line: Segment, label: Label) -> bool:
    """True where a label is all of a line, or a colon or a number follows it; else it is a name's word."""
    rest = line.text[label.end :].lstrip(" .")
    return not rest or rest[0] in ":#" or rest[0].isdigit() or any(map(str.isdigit, rest[:8]))
