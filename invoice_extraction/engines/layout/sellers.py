"""Who sells: letterhead, legal form, footer, and what points at a name."""

import re
from collections import Counter

from invoice_extraction.engines.layout import labels as label_data
from invoice_extraction.engines.layout.addresses import (
    CONTACT,
    POSTAL,
    has_street,
    looks_like_address,
)
from invoice_extraction.engines.layout.buyers import Window
from invoice_extraction.engines.layout.candidates import SLIP, Layout
from invoice_extraction.engines.layout.labels import Labels
from invoice_extraction.engines.layout.lines import Segment
from invoice_extraction.engines.layout.names import (
    LARGE,
    Name,
    addresses_somebody,
    has_legal_form,
    is_mid_sentence,
    name_at,
    same,
)
from invoice_extraction.engines.layout.references import Found, places
from invoice_extraction.engines.layout.sections import heads, party_name, section
from invoice_extraction.engines.layout.tax_numbers import TaxNumber

_DOMAIN = re.compile(r"(?:www\.|@|https?://(?:www\.)?)([a-z0-9-]{3,})\.")
_FREE_MAIL = frozenset(
    {"gmail", "gmx", "web", "outlook", "hotmail", "yahoo", "icloud", "googlemail", "example"}
)
_MOST_DOMAINS = 50
"""Each name is compared with so many addresses of sites and mail at most."""
_UNLIKELY = re.compile(r"\d|\([^)]{4,}")
"""A number, or more than the "(M)" of a company's country, in brackets."""

_LETTERHEAD = 0.7
"""So much of a slip's height its letterhead takes at most, with the lines below its names."""

_LETTERHEAD_NAMES = 3
"""Names that a letterhead has at most above its address: the brand, the company, the branch."""

_SELLER, _PAYEE = 3.0, 2.2
"""What a label adds that names the seller, or who is paid."""

_ADDRESSED = 0.13
"""What stands lower than so much of the page is in the window of a letter, no letterhead."""

_WRITTEN_TO = 1.5
"""What a name loses that somebody is written to by."""

_SMALL_LETTERS = 1.0
"""What a brand without a capital loses, which may be handwriting."""

_GREETING = 1.0
"""What "Enjoy your meal!" loses."""

_SELLER_ENOUGH = 2.6
_OTHER_ENOUGH = 2.0
"""Where somebody else is the buyer."""
_PICTURE_ENOUGH = 1.8
"""On a slip, or a picture of unknown margins: who sells stands above all else there."""


def seller(
    layout: Layout,
    names: list[Name],
    by_segment: dict[int, list[Name]],
    numbers: list[TaxNumber],
    blocks: list[tuple[Segment, ...]],
    windows: list[Window],
    buyer: Found | None,
) -> Found | None:
    """Return who sells; None where the best name has too little that speaks for it.

    `blocks` are the segments of the buyer's address, `windows` are the blocks in
    a letter's window, `buyer` the one that a label tells.
    """
    data = label_data.load()
    times = Counter(name.key for name in names)
    text = "\n".join([s.text for row in layout.rows for s in row]).lower()
    told = dict.fromkeys(found.replace("-", "") for found in _DOMAIN.findall(text))
    domains = [domain for domain in told if domain not in _FREE_MAIL][:_MOST_DOMAINS]
    in_buyer = {id(s) for block in blocks for s in block}
    is_slip = layout.page_width < SLIP * layout.page_height
    addressed = {
        id(s)
        for w in windows
        if w.is_clear
        and not is_slip
        and w.lines[0].top > _ADDRESSED * layout.page_height
        and (buyer is None or buyer.score <= w.name.score or same(buyer.text, w.name.text))
        for s in w.lines
    }
    pointed = _pointed(layout, by_segment)
    first_page = layout.rows[0][0].page if layout.rows else 1
    tax_rows = {
        (n.found.segment.page, n.found.segment.row)
        for n in numbers
        if not n.is_buyers and id(n.found.segment) not in in_buyer
    }
    contacts = _contact_rows(layout, in_buyer)
    enough = _PICTURE_ENOUGH if is_slip or layout.by_ocr else _SELLER_ENOUGH
    if buyer is not None or any(w.is_clear for w in windows):
        enough = min(enough, _OTHER_ENOUGH)
    best: tuple[float, Name] | None = None
    order = 0
    for name in names:
        segment = name.segment
        words = name.words
        score = 0.0
        if has_legal_form(name.text, words, data):
            score += 2.0
        elif name.text[0].islower():
            score -= _SMALL_LETTERS
        is_street = has_street(name.text) or POSTAL.search(name.text) is not None
        begins_labelled = any(
            label.start <= name.start + 1 < label.end for label in layout.labels_in(segment)
        )
        is_value = segment.text[: name.start].rstrip().endswith(":")
        if segment.page == first_page:
            share = segment.top / layout.page_height
            if share < 0.2:
                score += 1.4 - 3 * share
            elif share < 0.35 and is_slip:
                score += 0.6
            elif share > 0.82:
                score += 0.5
            if order == 0:
                score += 0.8
            if order < _LETTERHEAD_NAMES and share < 0.4:
                near = sum((segment.page, segment.row + n) in contacts for n in range(1, 7))
                score += 0.5 * (near > 0) + 0.3 * (near > 2) + 0.3 * is_slip
            order += not (is_street or begins_labelled)
        else:
            score -= 0.8
        if segment.height > LARGE * layout.usual_height and segment.top < layout.page_height * 0.35:
            score += 0.7
        if times[name.key] > 1:
            score += 0.6
        score += pointed.get((id(segment), name.start), 0.0)
        if name.key and any(
            d in name.key
            or (len(name.key) > 3 and name.key in d)
            or (len(words[0]) > 3 and words[0] in d)
            for d in domains
        ):
            score += 1.3
        if any((segment.page, segment.row + n) in tax_rows for n in range(0, 6)):
            score += 0.5
        if any(looks_like_address(s.text) for s, _ in layout.below(segment)) or looks_like_address(
            segment.text[name.end :]
        ):
            score += 0.8
        if id(segment) in in_buyer:
            score -= 3.0
        if buyer is not None and same(buyer.text, name.text):
            score -= 4.0
        if layout.labels_in(segment) and (id(segment), name.start) not in pointed:
            score -= 1.2 if begins_labelled or is_value else 0.4
        if id(segment) in addressed:
            score -= 2.2
        if is_street:
            score -= 2.0
        if len(words) > 6 or _is_sentence(words, layout, data):
            score -= 1.0
        if _UNLIKELY.search(name.text):
            score -= 0.8
        if ":" in name.text:
            score -= 1.5
        if len(words) > 1 and name.text.endswith("!"):
            score -= _GREETING
        if addresses_somebody(segment.text):
            score -= _WRITTEN_TO
        if best is None or score > best[0] + 0.01:
            best = (score, name)
    if best is None or best[0] < enough:
        return None
    score, name = best
    sure = min(0.9, 0.4 + 0.1 * score)
    return Found(name.text, name.segment, name.start, name.end, sure, more=name.more)


def _is_sentence(words: tuple[str, ...], layout: Layout, data: Labels) -> bool:
    """True where two words are among the frequent ones of the document's language."""
    return sum(layout.language in data.common.get(word, ()) for word in words) > 1


def _contact_rows(layout: Layout, in_buyer: set[int]) -> set[tuple[int, int]]:
    """Return the rows of the letterhead with a street, a town, a telephone or a mail address."""
    return {
        (segment.page, segment.row)
        for row in layout.rows
        if row[0].page == layout.rows[0][0].page and row[0].top < _LETTERHEAD * layout.page_height
        for segment in row
        if id(segment) not in in_buyer
        and (CONTACT.search(segment.text) or looks_like_address(segment.text))
    }


def _pointed(layout: Layout, by_segment: dict[int, list[Name]]) -> dict[tuple[int, int], float]:
    """Return the names that a label points at as the one who is paid."""
    found: dict[tuple[int, int], float] = {}
    for label in layout.labels:
        weight = _SELLER if "seller" in label.fields else _PAYEE if "payee" in label.fields else 0.0
        text = label.segment.text
        is_told = text[label.end :].lstrip()[:1] == ":"
        if not weight or (not is_told and is_mid_sentence(text, label.start)):
            continue
        where = places(layout, label)
        if where and where[0][0] is label.segment:
            where = where[:1]
        name = None
        if weight == _SELLER and heads(layout, label):
            rows = section(layout, label)
            name = party_name(layout, rows, by_segment)
            if not rows and layout.below(label.segment):
                # Another head follows: this one's block is there.
                continue
        name = name or name_at(layout, label.segment, label.end, where, by_segment)
        if name is not None:
            found[id(name.segment), name.start] = weight
    return found
