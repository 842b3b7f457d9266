"""Who sells and who buys: names by letterhead, legal form, address blocks and what points at them."""

import re
from collections import Counter
from dataclasses import dataclass, replace

from invoice_extraction.engines.layout import labels as label_data
from invoice_extraction.engines.layout.candidates import SLIP, Label, Layout
from invoice_extraction.engines.layout.labels import Labels, fold, squash
from invoice_extraction.engines.layout.lines import Segment
from invoice_extraction.engines.layout.references import BESIDE, Found, places

_PARTS = re.compile(
    r"\s*[·•|●▪∙*]\s*|\s+[-–—]\s+|,\s+(?=[^,]*\d)|\s{2,}|,$|:$|\s+(?=Tel\b|Fax\b|USt)"
    # A registration number behind a name: "(730418-K)", "(Reg. No. 48213-P)".
    r"|\s*[(\[](?=[^)\]]*\d{4})[^)\]]*[)\]]?"
)
_POSTAL = re.compile(
    r"^(?:[A-Z]{1,2}\s?-?\s?)?\d{4,6}\s+(?:[-–]\s+)?[^\W\d_]{2,}"
    r"|\b[A-Z]\d[\dW]\s[A-Z\d]{4}\s+[^\W\d_]{3,}|\b[A-Z]{2}\.?,?\s+\d{5}(?:-\d{4})?\b"
    r"|\b[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2}\b|^\d{4}\s?[A-Z]{2}\b|\b\d{2}-\d{3}\s|[^\W\d_]{3,}[ ,-]+\d{5,6}\b"
    r"|^[A-Z]\d[\dW]\s?[A-Z\d]{4}$"
)
STREET = re.compile(
    r"(?:str\.|straße|strasse|straat|weg\b|platz|allee|laan\b|plein\b|gatan\b|vägen\b|vej\b|gade\b|katu\b|gata\b"
    r"|\b(?:street|road|avenue|rd|st|ave|lane|drive|blvd|boulevard|highway|square|rue|chemin|quai|calle|carrer|avenida"
    r"|av|avda|plaza|via|viale|piazza|corso|rua|praça|ul|ulica|aleja|plac|ulice|náměstí|nám|trg|cesta|utca|út|tér|krt"
    r"|strada|bulevardul|piața|tänav|mnt|iela|gatvė|pr|cad|caddesi|sok|sokak|mah|jalan|jln|jl|lorong|taman|tmn|bandar|lot|ul"
    r"|οδός|οδοσ|ул|бул)\b)",
    re.I,
)
"""The words of a street's name."""

_DOMAIN = re.compile(r"(?:www\.|@|https?://(?:www\.)?)([a-z0-9-]{3,})\.", re.I)
_CONTACT = re.compile(r"@|www\.|\b(?:tel|fax|phone|mail|web)\b", re.I)
_FREE_MAIL = frozenset(
    {"gmail", "gmx", "web", "outlook", "hotmail", "yahoo", "icloud", "googlemail", "example"}
)
_HONORIFICS = frozenset(
    {
        "herr",
        "frau",
        "herrn",
        "firma",
        "mr",
        "mrs",
        "ms",
        "dr",
        "company",
        "fa",
        "anherrn",
        "anfrau",
    }
)
_NUMBERED = re.compile(r"^[^\W\d_]{2,12}[\s.:#-]+[\d ]{5,}$")
"""A line that is only an identifier: "GLN 4304171000002"."""

_CAPITALS = re.compile(r"(?<!\w)[A-ZÄÖÜ]{2}(?!\w)")
_FORMS_BEFORE = frozenset(["uab", "vsi", "sia", "pt", "cv", "ou", "ooo"])
"""Legal forms that stand before a name: "UAB Ąžuolas", "PT Maju Jaya"."""

_UNLIKELY = re.compile(r"\d|\([^)]{4,}")
"""A number, or more than the "(M)" of a company's country, in brackets."""

_MAX_NAME = 70
_SECTION_ROWS = 4

_LETTERHEAD = 0.7
"""So much of a slip's height its letterhead takes at most, with the lines below its names."""

_LETTERHEAD_NAMES = 3
"""Names that a letterhead has at most above its address: the brand, the company, the branch."""

_SELLER_ENOUGH = 2.6
_PICTURE_ENOUGH = 1.8
"""On a slip, or a picture of unknown margins: who sells stands above all else there."""
_BUYER_ENOUGH = 0.5


@dataclass(frozen=True, slots=True)
class _Name:
    """A text that can be a party's name."""

    text: str
    segment: Segment
    start: int
    end: int
    key: str
    words: tuple[str, ...]
    more: tuple[tuple[Segment, int, int], ...] = ()
    """Where it goes on in the row below."""


@dataclass(frozen=True, slots=True)
class Parties:
    """The two names and which tax number is whose."""

    seller: Found | None
    buyer: Found | None
    seller_tax_id: Found | None
    buyer_tax_id: Found | None


def parties(layout: Layout, tax_ids: list[Found]) -> Parties:
    """Return who sells and who buys; None for one of whom the pages say too little."""
    data = label_data.load()
    names = [n for row in layout.rows for s in row for n in _names(s, layout, data)]
    names = _whole(names, layout, data)
    by_segment: dict[int, list[_Name]] = {}
    for name in names:
        by_segment.setdefault(id(name.segment), []).append(name)
    blocks = _buyer_blocks(layout)
    buyer = _labelled_buyer(layout, by_segment)
    seller = _seller(layout, names, by_segment, data, tax_ids, blocks, buyer)
    if buyer is None:
        buyer = _addressed(layout, by_segment, seller, data)
        if buyer is not None and seller is not None and _same(buyer.text, seller.text):
            buyer = None
    own, other = _whose(tax_ids, seller, buyer, blocks)
    return Parties(seller, buyer, own, other)


def _names(segment: Segment, layout: Layout, data: Labels) -> list[_Name]:
    """Return the parts of a segment that read like a name."""
    text = segment.text
    found = []
    at = 0
    # "Sold by: Oak Ltd" is a label and a name.
    ends = [x.end for x in layout.labels_in(segment) if text[x.end :].lstrip()[:1] == ":"]
    cuts = sorted([*(m.span() for m in _PARTS.finditer(text)), *((end, end) for end in ends)])
    for stop, following in [*cuts, (len(text), len(text))]:
        if stop < at:
            continue
        part = text[at:stop]
        start = at + len(part) - len(part.lstrip(" :,"))
        part = part.strip(" :,")
        at = following
        if not _can_be_a_name(part):
            continue
        words = _words(part)
        if _reads_like_a_name(part, words, data):
            found.append(_Name(part, segment, start, start + len(part), squash(part), words))
    return found


def _whole(names: list[_Name], layout: Layout, data: Labels) -> list[_Name]:
    """Return the names, a legal form that stands alone in a row as the end of the name above it."""
    found: list[_Name] = []
    for name in names:
        if found and all(len(w) < 3 or w in data.legal_forms for w in name.words):
            above = found[-1]
            if any(s is name.segment for s, _ in layout.below(above.segment)) and not above.more:
                text = f"{above.text} {name.text}"
                more = ((name.segment, name.start, name.end),)
                found[-1] = replace(
                    above, text=text, key=squash(text), words=above.words + name.words, more=more
                )
                continue
        found.append(name)
    return found


def _words(text: str) -> tuple[str, ...]:
    return tuple(t.text for t in label_data.tokens(text) if t.is_word)


def _can_be_a_name(text: str) -> bool:
    """True for a short text of letters for the most part."""
    if len(text) > _MAX_NAME or (len(text) > 45 and text.endswith((".", "!", "?"))):
        return False
    letters = sum(map(str.isalpha, text))
    if letters < 3 or sum(map(str.isdigit, text)) * 2 > letters:
        return False
    return not ("@" in text or "www." in text.lower() or "://" in text)


def _reads_like_a_name(text: str, words: tuple[str, ...], data: Labels) -> bool:
    if all(len(word) == 1 for word in words):
        # "I N V O I C E" is a title, spaced out.
        return False
    if not words or not (text[0].isupper() or text[0].isdigit() or _legal_form(text, words, data)):
        return False
    if squash(text) in data.phrases or squash(text) in data.types:
        return False
    if len(words) < 4 and (words[-1] in data.no_name or words[-1] in data.types):
        return False
    return words[0] not in data.no_name


def _legal_form(text: str, words: tuple[str, ...], data: Labels) -> bool:
    """True for a company's name.

    Two letters ("AS", "DA") are a word in some language: they end the name, or are its only capitals.
    """
    if len(words) < 2:
        return False
    joined = ("".join(words[-2:]), "".join(words[-3:]))
    told = () if text.isupper() else {fold(w) for w in _CAPITALS.findall(text)}
    inside = (word for word in words[1:-1] if len(word) > 2 or word in told)
    return words[0] in _FORMS_BEFORE or any(
        w in data.legal_forms for w in (*inside, words[-1], *joined)
    )


def _seller(
    layout: Layout,
    names: list[_Name],
    by_segment: dict[int, list[_Name]],
    data: Labels,
    tax_ids: list[Found],
    blocks: list[tuple[Segment, ...]],
    buyer: Found | None,
) -> Found | None:
    times = Counter(name.key for name in names)
    domains = {
        m[1].lower().replace("-", "")
        for row in layout.rows
        for s in row
        for m in _DOMAIN.finditer(s.text)
    } - _FREE_MAIL
    in_buyer = {id(s) for block in blocks for s in block}
    pointed = _pointed(layout, by_segment)
    heights = sorted(s.height for row in layout.rows for s in row)
    usual = heights[len(heights) // 2] if heights else 10.0
    first_page = layout.rows[0][0].page if layout.rows else 1
    tax_rows = {(f.segment.page, f.segment.row) for f in tax_ids if id(f.segment) not in in_buyer}
    contacts = _contact_rows(layout, in_buyer)
    is_slip = layout.page_width < SLIP * layout.page_height
    enough = _PICTURE_ENOUGH if is_slip or layout.by_ocr else _SELLER_ENOUGH
    best: tuple[float, _Name] | None = None
    order = 0
    for name in names:
        segment = name.segment
        words = name.words
        score = 0.0
        if _legal_form(name.text, words, data):
            score += 2.0
        is_street = bool(STREET.search(name.text) or _POSTAL.search(name.text))
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
        if segment.height > 1.3 * usual and segment.top < layout.page_height * 0.35:
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
        if any(
            _looks_like_address(s.text) for s, _ in layout.below(segment)
        ) or _looks_like_address(segment.text[name.end :]):
            score += 0.8
        if id(segment) in in_buyer:
            score -= 3.0
        if buyer is not None and _same(buyer.text, name.text):
            score -= 4.0
        if layout.labels_in(segment) and (id(segment), name.start) not in pointed:
            score -= 1.2 if begins_labelled or is_value else 0.4
        if is_street:
            score -= 2.0
        if len(words) > 6 or _is_sentence(words, layout, data):
            score -= 1.0
        if _UNLIKELY.search(name.text):
            score -= 0.8
        if ":" in name.text:
            score -= 1.5
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
        and (_CONTACT.search(segment.text) or _looks_like_address(segment.text))
    }


def _pointed(layout: Layout, by_segment: dict[int, list[_Name]]) -> dict[tuple[int, int], float]:
    """Return the names that a label points at as the one who is paid."""
    found: dict[tuple[int, int], float] = {}
    for label in layout.labels:
        weight = 3.0 if "seller" in label.fields else 2.2 if "payee" in label.fields else 0.0
        if not weight or _is_mid_sentence(label.segment.text, label.start):
            continue
        name = None
        if weight == 3.0 and label.start == 0:
            name = _in_section(layout, label, by_segment)
        name = name or _name_at(layout, label.segment, label.end, places(layout, label), by_segment)
        if name is not None:
            found[id(name.segment), name.start] = weight
    return found


def _in_section(layout: Layout, label: Label, by_segment: dict[int, list[_Name]]) -> _Name | None:
    """Return the name of a form's section: below its head stand labels, one of which is "Name"."""
    below = layout.rows_below(label.segment, _SECTION_ROWS)
    for row in below:
        for segment in row:
            for own in layout.labels_in(segment):
                if _is_party(own) and own.start == 0 and "name" not in own.fields:
                    return None
                if "name" in own.fields and own.start == 0:
                    return _name_at(layout, segment, own.end, places(layout, own), by_segment)
    return None


def _is_party(label: Label) -> bool:
    return any(field in ("seller", "buyer", "ship_to") for field in label.fields)


def _is_mid_sentence(text: str, start: int) -> bool:
    return sum(c.isalpha() for c in text[:start]) > 12


def _name_at(
    layout: Layout,
    own: Segment,
    end: int,
    found: list[tuple[Segment, int, int, float]],
    by_segment: dict[int, list[_Name]],
) -> _Name | None:
    for segment, start, stop, _ in found:
        for name in by_segment.get(id(segment), ()):
            if name.start >= start - 1 and name.end <= stop + 1:
                if segment is not own or name.start >= end:
                    return name
            elif segment is own and name.start < end < name.end and name.end - end > 3:
                text = name.text[end - name.start :].strip(" :,.-#")
                if len(text) > 2:
                    return _Name(
                        text, segment, name.end - len(text), name.end, squash(text), _words(text)
                    )
    return None


def _labelled_buyer(layout: Layout, by_segment: dict[int, list[_Name]]) -> Found | None:
    best: Found | None = None
    for label in layout.labels:
        if "buyer" not in label.fields:
            continue
        section = _in_section(layout, label, by_segment) if label.start == 0 else None
        if section is not None:
            return Found(section.text, section.segment, section.start, section.end, 0.85)
        text = label.segment.text
        if _is_mid_sentence(text, label.start) or text[: label.start].strip(" :.,-"):
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
            name = _name_at(
                layout, label.segment, label.end, [(segment, start, stop, factor)], by_segment
            )
            if name is not None and name.key in _HONORIFICS:
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
        if not (own and own[0].start <= 1 and not _is_party(own[0])) and not _NUMBERED.match(
            at.text
        ):
            found.append((at, 0, len(at.text), 0.75))
            break
    return found


def _buyer_blocks(layout: Layout) -> list[tuple[Segment, ...]]:
    """Return the segments below each label of the buyer or of the place of delivery."""
    blocks = []
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
        blocks.append(tuple(block))
    return blocks


def _addressed(
    layout: Layout, by_segment: dict[int, list[_Name]], seller: Found | None, data: Labels
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
        if not any(_is_labelled(layout, s) or _CONTACT.search(s.text) for s in lines):
            found = _in_window(layout, segment, by_segment, seller)
            if found is not None:
                return replace(found, score=0.6)
    return None


def _in_window(
    layout: Layout, first: Segment, by_segment: dict[int, list[_Name]], seller: Found | None
) -> Found | None:
    """Return the name of the address block that begins with a segment, None where none does."""
    lines = _block(layout, first)
    if len(lines) < 3 or not any(_POSTAL.search(s.text) for s in lines[1:6]):
        return None
    for line in lines:
        names = by_segment.get(id(line), [])
        if len(names) > 1 or not names or names[0].key in _HONORIFICS:
            continue
        name = names[0]
        if (
            _looks_like_address(line.text)
            or _is_labelled(layout, line)
            or (seller and _same(seller.text, name.text))
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


def _looks_like_address(text: str) -> bool:
    """True for a line with a postal code, or with a street's word and a number."""
    if not any(map(str.isdigit, text)):
        return False
    return bool(_POSTAL.search(text) or STREET.search(text))


def _whose(
    tax_ids: list[Found],
    seller: Found | None,
    buyer: Found | None,
    blocks: list[tuple[Segment, ...]],
) -> tuple[Found | None, Found | None]:
    """Return the seller's and the buyer's tax number."""
    in_buyer = {id(s) for block in blocks for s in block}
    theirs: list[Found] = []
    own: list[Found] = []
    for found in tax_ids:
        text = found.segment.text.casefold()
        near_buyer = (
            buyer is not None
            and found.segment.page == buyer.segment.page
            and abs(found.segment.x0 - buyer.segment.x0) < 20
            and 0 < found.segment.row - buyer.segment.row <= 7
        )
        if (
            seller is not None
            and near_buyer
            and found.segment.row - seller.segment.row in range(0, 7)
            and abs(found.segment.x0 - seller.segment.x0) < 20
        ):
            near_buyer = buyer is not None and seller.segment.row < buyer.segment.row
        told = any(
            w in text for w in ("customer", "kunde", "buyer", "client", "your vat", "ihre ust")
        )
        (theirs if id(found.segment) in in_buyer or near_buyer or told else own).append(found)
    keys = {squash(f.text) for f in theirs}
    own = [f for f in own if squash(f.text) not in keys] if len(keys) < len(tax_ids) else own
    return (
        max(own, key=lambda f: f.score, default=None),
        theirs[0] if theirs else None,
    )


def _same(a: str, b: str) -> bool:
    one, two = squash(a), squash(b)
    return one == two or (min(len(one), len(two)) > 5 and (one in two or two in one))
