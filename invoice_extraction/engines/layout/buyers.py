"""Who buys: by labels, and by the address in the window of a letter."""

import re
from bisect import bisect_left
from dataclasses import dataclass

from invoice_extraction.engines.layout.addresses import (
    CONTACT,
    POSTAL,
    is_street,
    looks_like_address,
)
from invoice_extraction.engines.layout.candidates import SLIP, Label, Layout
from invoice_extraction.engines.layout.countries import is_country
from invoice_extraction.engines.layout.labels import squash
from invoice_extraction.engines.layout.lines import Segment
from invoice_extraction.engines.layout.names import (
    HONORIFICS,
    Name,
    addresses_somebody,
    is_mid_sentence,
    name_at,
)
from invoice_extraction.engines.layout.references import BESIDE, Found, heads_table, places
from invoice_extraction.engines.layout.sections import heads, party_name, section, speaks
from invoice_extraction.engines.layout.tax_numbers import TaxNumber

_WINDOW = (0.1, 0.34)
"""Where a letter's window begins and ends, in shares of the page's height."""

_BETWEEN = re.compile(r"\s*[·•|∙●]\s*|,\s+|\s+[-–—]\s+")
"""What parts name, street and town on one line."""

_PARTS = 6
"""How many segments right of a postal code are looked at for its town."""

_RIGHT = 0.45
"""What begins further right, in shares of the page's width, stands in a window on the right."""

_HEAD, _BESIDE, _LOOSE = 0.87, 0.85, 0.5
_SENT = 0.75
"""The prior of a name below the sender's line."""

_SHORT, _SHORT_WORD = 0.05, 4
"""What the prior loses behind a word of so few letters: "To:" may also tell where a payment goes."""

_SHORT_PAGE = 0.2
"""What the prior of an address loses that stands higher than a letter's window."""

_SPARE = 0.5
"""The prior of the one address above a letter's window that is not the seller's."""

_GUEST = 0.3
"""What the prior of a guest or patient loses: the bill may be their company's."""


@dataclass(frozen=True, slots=True)
class Window:
    """An address block in a letter's window; `is_clear` where it holds nothing else.

    `is_spare` where it stands above a window: it counts only as the one address that is not the seller's.
    """

    name: Found
    lines: tuple[Segment, ...]
    is_clear: bool
    is_spare: bool = False


def labelled(layout: Layout, by_segment: dict[int, list[Name]]) -> Found | None:
    """Return the buyer that a label points at, None where none does."""
    return _told(layout, by_segment, "buyer") or _told(layout, by_segment, "guest", _GUEST)


def delivered(layout: Layout, by_segment: dict[int, list[Name]]) -> Found | None:
    """Return who the goods are sent to, who buys where nobody else is told; None where nobody is."""
    return _told(layout, by_segment, "ship_to", _GUEST)


def _told(
    layout: Layout, by_segment: dict[int, list[Name]], field: str, less: float = 0.0
) -> Found | None:
    best: Found | None = None
    for label in layout.labels:
        if field not in label.fields:
            continue
        if not _counts(layout, label):
            continue
        found = _below_head(layout, label, by_segment) if heads(layout, label) else None
        if found is None and speaks(layout, label):
            found = _in_row(layout, label, by_segment)
        if found is None:
            continue
        name, score = found
        score -= less + (_SHORT if label.end - label.start <= _SHORT_WORD else 0.0)
        if best is None or score > best.score + 0.01:
            best = Found(name.text, name.segment, name.start, name.end, score, more=name.more)
    return best


def _counts(layout: Layout, label: Label) -> bool:
    """True for a label that can mean the buyer: on a till's slip, which says "To go", with a colon."""
    return layout.page_width >= SLIP * layout.page_height or ":" in label.segment.text[label.end :]


def _below_head(
    layout: Layout, label: Label, by_segment: dict[int, list[Name]]
) -> tuple[Name, float] | None:
    is_form = label.segment.key.endswith("name")
    is_told = label.segment.text.rstrip().endswith(":")
    beside = [place for place in places(layout, label) if place[3] == BESIDE]
    own = name_at(layout, label.segment, label.end, beside, by_segment)
    if own is not None and is_form:
        return own, _HEAD
    if layout.page_width >= SLIP * layout.page_height:
        name = party_name(layout, section(layout, label), by_segment)
        if name is not None:
            return name, _HEAD
    return (own, _HEAD if is_told else _BESIDE) if own is not None else None


def _in_row(
    layout: Layout, label: Label, by_segment: dict[int, list[Name]]
) -> tuple[Name, float] | None:
    text = label.segment.text
    if is_mid_sentence(text, label.start):
        return None
    own = [place for place in places(layout, label) if place[0] is label.segment]
    name = name_at(layout, label.segment, label.end, own, by_segment)
    if name is None or text[name.end :].lstrip().startswith(":"):
        return None
    if "guest" in label.fields and ":" not in text[label.end : name.start]:
        # "Passenger charge", "Guest room"
        return None
    return name, _HEAD if ":" in text[label.end : name.start] else _LOOSE


def blocks(layout: Layout) -> list[tuple[Segment, ...]]:
    """Return the segments of each labelled block of the buyer or of the place of delivery."""
    found = []
    for label in layout.labels:
        if not {"buyer", "guest", "ship_to"} & set(label.fields) or not _counts(layout, label):
            continue
        if heads(layout, label):
            rows = section(layout, label)
            found.append((label.segment, *(segment for row in rows for segment in row)))
        elif speaks(layout, label):
            found.append((label.segment, *_block(layout, label.segment, {})[1:]))
    return found


def windows(layout: Layout, by_segment: dict[int, list[Name]]) -> list[Window]:
    """Return the address blocks in the window of a letter (DIN 5008), those on the left first.

    The small line above it with the sender's address is no part of it. France and its neighbours set the
    window on the right, where others set the sender's details: there only a clear one counts.
    """
    found: list[Window] = []
    seen: set[int] = set()
    counted: set[int] = set()
    tails: set[int] = set()
    addresses = 0
    page = layout.rows[0][0].page
    senders = [
        s
        for row in layout.rows
        if row[0].page == page
        for s in row
        if _is_senders(layout, s, by_segment)
    ]
    for row in layout.rows:
        if row[0].page != page:
            break
        if row[0].top < _WINDOW[1] * layout.page_height and heads_table(row):
            continue
        for segment in row:
            if segment.top > _WINDOW[1] * layout.page_height or id(segment) in seen:
                continue
            is_high = segment.top < _WINDOW[0] * layout.page_height
            if id(segment) not in by_segment and segment.key not in HONORIFICS:
                addresses += is_high and id(segment) not in counted and _is_town(layout, segment)
                continue
            lines = _block(layout, segment, by_segment)
            is_spare = False
            if is_high:
                # A short page's head: the sender's address comes first, then the one it is sent to.
                if id(segment) in tails:
                    continue
                if id(segment) not in counted:
                    addresses += any(_is_town(layout, line) for line in lines)
                    counted |= {id(line) for line in lines}
                if segment.key not in HONORIFICS:
                    tails |= {id(line) for line in lines[1:]}
                is_spare = addresses < 2 and not any(addresses_somebody(s.text) for s in lines[:3])
            is_first = _is_senders(layout, segment, by_segment)
            is_sent = is_first or any(_is_right_above(one, segment) for one in senders)
            lines = _addressee(layout, lines[is_first:], by_segment, is_sent=is_sent)
            name = party_name(layout, [[line] for line in lines], by_segment) if lines else None
            if name is None:
                continue
            seen |= set() if is_spare else {id(line) for line in lines}
            is_right = segment.x0 > layout.page_width * _RIGHT
            is_clear = is_sent or not any(
                _is_labelled(layout, s) or CONTACT.search(s.text) for s in lines
            )
            is_spare = is_spare or (is_right and not is_clear)
            if is_spare:
                is_clear = is_clear or _is_told_by_tax(layout, lines)
                score = _SPARE
            else:
                score = _SENT if is_sent else 0.6 if is_right else 0.65
                score -= _SHORT_PAGE if is_high else 0.0
            place = Found(name.text, name.segment, name.start, name.end, score, more=name.more)
            found.append(Window(place, tuple(lines), is_clear, is_spare))
    return sorted(found, key=lambda one: -one.name.score)


def _is_heading(layout: Layout, segment: Segment) -> bool:
    """True for a line that tells the document's number or one of its dates."""
    fields = layout.labels_in(segment)[0].fields
    return fields[0].startswith("invoice_number") or "date" in fields[0]


def _is_told_by_tax(layout: Layout, lines: list[Segment]) -> bool:
    """True where the only labelled lines of a block are those of tax numbers, and none is a contact."""
    fields = [layout.labels_in(s)[0].fields for s in lines if _is_labelled(layout, s)]
    is_contact = any(CONTACT.search(s.text) for s in lines)
    return not is_contact and all("tax_id" in f or "buyer_tax_id" in f for f in fields)


def spare(layout: Layout, found: list[Window], numbers: list[TaxNumber]) -> Window | None:
    """Return the one of some windows that is left as the buyer's: an address beside another one's.

    None on a slip, where several are left, and where the page has no town, or no tax number, but this block's.
    """
    left = [w for w in found if w.is_clear]
    if len({squash(w.name.text) for w in left}) != 1 or layout.page_width < (
        SLIP * layout.page_height
    ):
        return None
    own = {id(line) for line in left[0].lines}
    page = left[0].name.segment.page
    others = (s for row in layout.rows if row[0].page == page for s in row if id(s) not in own)
    is_other = any(_names_town(s.text) for s in others)
    told = {id(number.found.segment) in own for number in numbers}
    return left[0] if is_other and told != {True} else None


def _is_senders(layout: Layout, segment: Segment, by_segment: dict[int, list[Name]]) -> bool:
    """True for the small line above an address with the sender's: "Oak Ltd · 3 Mill Road · Leeds"."""
    if not segment.has_digits or id(segment) not in by_segment:
        return False
    first, *others = _BETWEEN.split(segment.text)
    if (
        not others
        or not by_segment.get(id(segment))
        or is_street(first)
        or looks_like_address(first)
    ):
        return False
    if any(_is_right_above(one, segment, 1.0) for one in layout.above(segment)):
        # A line of an address, not the one above it.
        return False
    return any(POSTAL.search(part) for part in others)


def _is_right_above(line: Segment, first: Segment, heights: float = 2.5) -> bool:
    gap = first.top - line.bottom
    flush = line.page == first.page and line.top < first.top and abs(line.x0 - first.x0) < 4
    return flush and gap < heights * max(first.height, 6.0)


def _addressee(
    layout: Layout, lines: list[Segment], by_segment: dict[int, list[Name]], *, is_sent: bool
) -> list[Segment]:
    """Return the lines of an address block; none where it is no such block."""
    while lines and len(by_segment.get(id(lines[0]), ())) > 1:
        lines = lines[1:]
    if len(lines) < 3 or _is_labelled(layout, lines[0]):
        return []
    if looks_like_address(lines[0].text) or is_street(lines[0].text):
        return []
    if is_sent:
        return lines
    is_coded = any(POSTAL.search(_whole(layout, s)) for s in lines[1:7])
    return lines if is_coded or any(is_country(s.text) for s in lines[2:]) else []


def _is_town(layout: Layout, segment: Segment) -> bool:
    return POSTAL.search(_whole(layout, segment)) is not None


def _names_town(text: str) -> bool:
    """True for a line of an address, or one that holds all of it, with a postal code."""
    return any(POSTAL.search(part) for part in _BETWEEN.split(text))


def _whole(layout: Layout, segment: Segment) -> str:
    """Return a line with what stands a little right of it: the town behind its postal code."""
    text, end = segment.text, segment.x1
    row = layout.row_of(segment)
    first = bisect_left(row, end, key=lambda other: other.x0)
    for other in row[first : first + _PARTS]:
        if 0 <= other.x0 - end < 5 * max(segment.height, 6.0):
            text, end = f"{text} {other.text}", other.x1
    return text


def _is_labelled(layout: Layout, segment: Segment) -> bool:
    """True where a label begins a segment, and is all of it or has its value behind it.

    Else it is a word of a name: "Café du Port", "Client Services Ltd".
    """
    for label in layout.labels_in(segment)[:1]:
        rest = segment.text[label.end :].strip()
        return label.start <= 1 and (not rest or rest[0] in ":#" or any(map(str.isdigit, rest)))
    return False


def _block(layout: Layout, first: Segment, by_segment: dict[int, list[Name]]) -> list[Segment]:
    """Return the lines set flush with a segment and right below it, with itself."""
    lines = [first]
    for _ in range(7):
        under = [s for s, _ in layout.below(lines[-1]) if abs(s.x0 - first.x0) < 4]
        if under and (under[0].key in HONORIFICS or _is_senders(layout, under[0], by_segment)):
            # An address begins.
            break
        if not under or under[0].top - lines[-1].bottom > 1.6 * max(first.height, 6):
            break
        is_ended = len(lines) > 1 and _names_town(lines[-1].text)
        if is_ended and id(under[0]) in by_segment and not layout.by_ocr:
            # A town ends an address; the name below it begins another.
            break
        if is_ended and _is_labelled(layout, under[0]) and _is_heading(layout, under[0]):
            break
        lines.append(under[0])
    return lines
