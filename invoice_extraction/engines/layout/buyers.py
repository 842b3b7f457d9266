"""Who buys: by labels, and by the address in the window of a letter."""

import re
from dataclasses import replace

from invoice_extraction.engines.layout.addresses import CONTACT, POSTAL, looks_like_address
from invoice_extraction.engines.layout.candidates import Label, Layout
from invoice_extraction.engines.layout.labels import squash
from invoice_extraction.engines.layout.lines import Segment
from invoice_extraction.engines.layout.names import (
    HONORIFICS,
    Name,
    in_section,
    is_mid_sentence,
    is_party,
    name_at,
    same,
)
from invoice_extraction.engines.layout.references import BESIDE, Found, places

_NUMBERED = re.compile(r"^[^\W\d_]{2,12}[\s.:#-]+[\d ]{5,}$")
"""A line that is only an identifier: "GLN 4304171000002"."""

_SECTION_ROWS = 4


def labelled(layout: Layout, by_segment: dict[int, list[Name]]) -> Found | None:
    """Return the buyer that a label points at, None where none does."""
    best: Found | None = None
    for label in layout.labels:
        if "buyer" not in label.fields:
            continue
        section = in_section(layout, label, by_segment) if label.start == 0 else None
        if section is not None:
            return Found(section.text, section.segment, section.start, section.end, 0.85)
        text = label.segment.text
        if is_mid_sentence(text, label.start) or text[: label.start].strip(" :.,-"):
            continue
        rest = text[label.end :]
        if all(x.fields == label.fields for x in layout.labels_in(label.segment)):
            # "Buyer/Recipient": two words for one.
            rest = text[layout.labels_in(label.segment)[-1].end :]
        short = label.end - label.start <= 4
        # "To" and "An" are words of sentences: as labels they stand alone or before a colon.
        if short and rest.strip() and not rest.lstrip().startswith(":"):
            continue
        if rest.strip() and not rest.lstrip().startswith((":", "-")) and rest[:1] != " ":
            continue
        where = places(layout, label)
        below = _below(layout, label)
        is_form = squash(text[label.start : label.end]).endswith("name")
        if rest.strip(" :.-"):
            options = where
        elif is_form and where and where[0][3] >= BESIDE:
            options = where[:1] + below
        else:
            options = below + [w for w in where if w[0] not in [b[0] for b in below]]
        for segment, start, stop, factor in options:
            name = name_at(
                layout, label.segment, label.end, [(segment, start, stop, factor)], by_segment
            )
            if name is not None and name.key in HONORIFICS:
                name = next(
                    (n for s, _ in layout.below(name.segment) for n in by_segment.get(id(s), ())),
                    None,
                )
            if name is None:
                continue
            score = (0.85 if len(text) > 3 else 0.7) * min(1.0, factor + 0.1)
            if squash(text[label.start : label.end]).endswith("name"):
                score += 0.05
            if segment is label.segment and rest.strip() and not rest.lstrip().startswith(":"):
                score *= 0.6
            if best is None or score > best.score + 0.01:
                best = Found(name.text, name.segment, name.start, name.end, score)
            break
    return best


def _below(layout: Layout, label: Label) -> list[tuple[Segment, int, int, float]]:
    """Return what stands right below a label, past lines that are labelled themselves ("No. 75")."""
    found = [(s, 0, len(s.text), f) for s, f in layout.below(label.segment, label.start)]
    at = label.segment
    for _ in range(_SECTION_ROWS):
        under = [
            s for s, f in layout.below(at, label.start if at is label.segment else 0) if f > 0.6
        ]
        under = [s for s in under if abs(s.x0 - label.segment.x0) < 25]
        if not under:
            break
        at = under[0]
        own = layout.labels_in(at)
        if not (own and own[0].start <= 1 and not is_party(own[0])) and not _NUMBERED.match(
            at.text
        ):
            found.append((at, 0, len(at.text), 0.75))
            break
    return found


def blocks(layout: Layout) -> list[tuple[Segment, ...]]:
    """Return the segments below each label of the buyer or of the place of delivery."""
    found = []
    for label in layout.labels:
        if not ("buyer" in label.fields or "ship_to" in label.fields):
            continue
        if label.segment.text[: label.start].strip(" :.,-") or (
            label.end - label.start <= 4 and len(label.segment.text) > label.end + 2
        ):
            continue
        block = [label.segment]
        current = label.segment
        for _ in range(6):
            under = [s for s, f in layout.below(current) if f > 0.6 and abs(s.x0 - current.x0) < 25]
            if not under:
                break
            current = under[0]
            block.append(current)
        found.append(tuple(block))
    return found


def addressed(
    layout: Layout, by_segment: dict[int, list[Name]], seller: Found | None
) -> Found | None:
    """Return the first line of the address block in the window of a letter (DIN 5008), left and high.

    The small line above it with the sender's address is no part of it.
    """
    left: list[Segment] = []
    right: list[Segment] = []
    for row in layout.rows:
        if row[0].page != layout.rows[0][0].page:
            break
        for segment in row:
            if 0.1 <= segment.top / layout.page_height <= 0.34:
                far = segment.x0 > layout.page_width * 0.45
                (right if far else left).append(segment)
    for segment in left:
        found = _in_window(layout, segment, by_segment, seller)
        if found is not None:
            return found
    # France and its neighbours set the window on the right, where others set the sender's details.
    for segment in right:
        lines = _block(layout, segment)
        if not any(_is_labelled(layout, s) or CONTACT.search(s.text) for s in lines):
            found = _in_window(layout, segment, by_segment, seller)
            if found is not None:
                return replace(found, score=0.6)
    return None


def _in_window(
    layout: Layout, first: Segment, by_segment: dict[int, list[Name]], seller: Found | None
) -> Found | None:
    """Return the name of the address block that begins with a segment, None where none does."""
    lines = _block(layout, first)
    if len(lines) < 3 or not any(POSTAL.search(s.text) for s in lines[1:6]):
        return None
    for line in lines:
        names = by_segment.get(id(line), [])
        if len(names) > 1 or not names or names[0].key in HONORIFICS:
            continue
        name = names[0]
        if (
            looks_like_address(line.text)
            or _is_labelled(layout, line)
            or (seller and same(seller.text, name.text))
        ):
            return None
        return Found(name.text, name.segment, name.start, name.end, 0.65)
    return None


def _is_labelled(layout: Layout, segment: Segment) -> bool:
    """True where a label begins a segment; within it, it is a word of a name ("Café du Port")."""
    return any(label.start <= 1 for label in layout.labels_in(segment))


def _block(layout: Layout, first: Segment) -> list[Segment]:
    """Return the lines set flush with a segment and right below it, with itself."""
    lines = [first]
    for _ in range(7):
        under = [s for s, _ in layout.below(lines[-1]) if abs(s.x0 - first.x0) < 4]
        if not under or under[0].top - lines[-1].bottom > 1.6 * max(first.height, 6):
            break
        lines.append(under[0])
    return lines
