"""Names on the pages: what reads like one, and which of them a label points at."""

import re
from dataclasses import dataclass, replace

from invoice_extraction.engines.layout import labels as label_data
from invoice_extraction.engines.layout.candidates import Label, Layout
from invoice_extraction.engines.layout.labels import Labels, fold, squash
from invoice_extraction.engines.layout.lines import Segment

_PARTS = re.compile(
    r"\s*[·•|●▪∙*]\s*|\s+[-–—]\s+|,\s+(?=[^,]*\d)|\s{2,}|,$|:$|\s+(?=Tel\b|Fax\b|USt)"
    # A registration number behind a name: "(730418-K)", "(Reg. No. 48213-P)".
    r"|\s*[(\[](?=[^)\]]*\d{4})[^)\]]*[)\]]?"
)
HONORIFICS = frozenset(
    [
        "herr",
        "frau",
        "herrn",
        "firma",
        "mr",
        "mrs",
        "ms",
        "miss",
        "messrs",
        "dr",
        "company",
        "fa",
        "anherrn",
        "anfrau",
        "anfirma",
        "andie",
        "andas",
        "anden",
        "hr",
        "fru",
        "monsieur",
        "madame",
        "mme",
        "mlle",
        "msieurdame",
        "spettle",
        "spettabile",
        "egregio",
        "gentile",
        "gentmasigra",
        "gentilesigra",
        "egregiosig",
        "egrsig",
        "sig",
        "sigra",
        "senor",
        "senora",
        "sr",
        "sra",
        "senores",
        "dhr",
        "mevr",
        "deheer",
        "mevrouw",
        "pan",
        "pani",
        "panipan",
        "sayin",
        "yth",
        "kepadayth",
        "bapak",
        "ibu",
        "tuan",
        "puan",
        "exmosrs",
        "exmosr",
        "profdrdr",
        "profdr",
        "prof",
        "drdr",
        "dring",
        "arvoisa",
    ]
)

_WRITTEN_TO = HONORIFICS - {"dr", "company", "firma", "fa"}
"""Those that a business is not called by."""
"""What stands above or before a person's name, or a company's, on letters."""

_BEFORE_NAME = re.compile(
    r"(?:(?:attn?|attention|fao|f\.a\.o|z\.?\s?hd|zu händen(?: von)?|t\.?\s?a\.?\s?v|à l['’]attention de|all['’]attenzione di|c\.a"
    r"|a la atención de|a/c)\b[.:]*\s*)?"
    r"(?:(?:herrn?|frau|firma|mr|mrs|ms|miss|messrs|m/s|m/s|mme|mlle|madame|monsieur|spett\.?\s?le|sig\.?ra|sig|sra|dhr|mevr"
    r"|mevrouw|de heer|fru|sayın|bapak|tuan|puan|sr)\b[.:]?\s+)?(?=\S)",
    re.IGNORECASE,
)
_BEFORE = frozenset(
    """attn att attention fao f.a.o z zhd z.hd zu t t.a.v tav à all'attenzione all’attenzione c.a a a/c herr herrn frau
    firma mr mrs ms miss messrs m/s mme mlle madame monsieur spett spett.le sig sig.ra sra dhr mevr mevrouw de fru
    sayın bapak tuan puan sr""".split()
)
"""The first words of what may stand before a name."""

_ATTENTION = re.compile(
    r"(?:attn?|attention|fao|f\.a\.o|z\.?\s?hd|zu händen|t\.?\s?a\.?\s?v|à l['’]attention|all['’]attenzione|c\.a|c/o|a la atención|a/c)\b",
    re.IGNORECASE,
)
"""Who is meant within the company: "Attn: ...", "z. Hd. ...", "t.a.v. ..."."""

_CAPITALS = re.compile(r"(?<!\w)[A-ZÄÖÜ]{2}(?!\w)")
_FORMS_BEFORE = frozenset(["uab", "vsi", "sia", "pt", "cv", "ou", "ooo"])
"""Legal forms that stand before a name: "UAB Ąžuolas", "PT Maju Jaya"."""

PARTIES = ("seller", "buyer", "guest", "ship_to")
"""The fields of labels that name a party."""

LARGE = 1.3
"""Print so much higher than the usual is a title or a brand."""
_HEAD = 0.35
"""So much of a page its letterhead takes at most."""
_CENTRED = 12.0
"""Points by which the middles of two centred rows differ at most."""

_LETTERS = re.compile(r"[^\W\d_]{2}")
_MAX_NAME = 70
_WORD = re.compile(r"\S+")
_SENTENCE = 6
"""So many words are more than a name has."""

_LINKS = frozenset(
    [
        "&",
        "+",
        "and",
        "und",
        "et",
        "y",
        "e",
        "of",
        "de",
        "du",
        "der",
        "di",
        "for",
        "für",
        "og",
        "och",
        "van",
        "von",
        "i",
        "a",
    ]
)
"""Small words within a company's name."""


@dataclass(frozen=True, slots=True)
class Name:
    """A text that can be a party's name."""

    text: str
    segment: Segment
    start: int
    end: int
    key: str
    words: tuple[str, ...]
    more: tuple[tuple[Segment, int, int], ...] = ()
    """Where it goes on in the row below."""


def names(layout: Layout) -> list[Name]:
    """Return what reads like a name, in reading order."""
    data = label_data.load()
    return _whole(
        [n for row in layout.rows for s in row for n in _in(s, layout, data)], layout, data
    )


def by_segment(found: list[Name]) -> dict[int, list[Name]]:
    """Return the names by the identity of the segment they begin in."""
    grouped: dict[int, list[Name]] = {}
    for name in found:
        grouped.setdefault(id(name.segment), []).append(name)
    return grouped


def _in(segment: Segment, layout: Layout, data: Labels) -> list[Name]:
    """Return the parts of a segment that read like a name."""
    text = segment.text
    found: list[Name] = []
    if not _LETTERS.search(text):
        return found
    labels = layout.labels_in(segment)
    at = 0
    # "Sold by: Oak Ltd" is a label and a name.
    ends = [x.end for x in labels if text[x.end :].lstrip(" .")[:1] == ":"]
    cuts = sorted([*(m.span() for m in _PARTS.finditer(text)), *((end, end) for end in ends)])
    for stop, following in [*cuts, (len(text), len(text))]:
        if stop < at:
            continue
        part = text[at:stop]
        start = at + len(part) - len(part.lstrip(" .:,"))
        part = part.lstrip(".").strip(" :,")
        at = following
        if part[: part.find(" ")].casefold().strip(".:") in _BEFORE:
            lead = _BEFORE_NAME.match(part)
            start, part = (start + lead.end(), part[lead.end() :]) if lead else (start, part)
        label = next((x for x in labels if x.start == start), None)
        if label is not None and is_party(label) and data.no_name.issuperset(_words(part)[:1]):
            # "Client Oak Ltd": the first word is no name's.
            start, part = _behind(text, label, start + len(part))
        elif label is not None and "seller" in label.fields and " " in text[start : label.end]:
            # "Operated by Oak Ltd": so is a phrase.
            start, part = _behind(text, label, start + len(part))
        if part.count(" ") + 1 >= _SENTENCE:
            within = _company_in(part, data)
            if within is not None:
                start, part = start + within[0], part[within[0] : within[1]]
        if not _can_be_a_name(part):
            continue
        own = _words(part)
        if _reads_like_a_name(
            part, own, data, is_brand=part[0].islower() and _is_brand(segment, layout)
        ):
            found.append(Name(part, segment, start, start + len(part), squash(part), own))
    return found


def _behind(text: str, label: Label, end: int) -> tuple[int, str]:
    """Return what stands behind a label up to a place, and where it begins."""
    part = text[label.end : end].lstrip(" :.,")
    return end - len(part), part


def _company_in(text: str, data: Labels) -> tuple[int, int] | None:
    """Return where a company's name stands in a sentence: "Lumo is a brand of Oak Trading Ltd, London".

    It is the words with capitals before a legal form; None where none of them is in the sentence.
    """
    words = list(_WORD.finditer(text))
    if len(words) < _SENTENCE:
        return None
    last = next(
        (
            n
            for n, w in enumerate(words)
            if n and len(w[0]) > 2 and w[0][0].isupper() and squash(w[0]) in data.legal_forms
        ),
        None,
    )
    if last is None:
        return None
    first = last
    while (
        first
        and (words[first - 1][0][0].isupper() or words[first - 1][0].casefold() in _LINKS)
        and not words[first - 1][0].endswith((",", ":", "."))
    ):
        first -= 1
    while first < last and words[first][0].casefold() in _LINKS:
        first += 1
    if first == last or not any(w[0][0].islower() and w[0].casefold() not in _LINKS for w in words):
        return None
    return words[first].start(), words[last].start() + len(words[last][0].rstrip(",;:"))


def _whole(parts: list[Name], layout: Layout, data: Labels) -> list[Name]:
    """Return the names, with the end that a row of its own has: a legal form, or the rest of a large brand."""
    found: list[Name] = []
    for name in parts:
        above = found[-1] if found else None
        if above is not None and not above.more:
            is_form = all(len(w) < 3 or w in data.legal_forms for w in name.words)
            is_below = any(s is name.segment for s, _ in layout.below(above.segment))
            if is_below and (is_form or _is_one_brand(above, name, layout)):
                text = f"{above.text} {name.text}"
                more = ((name.segment, name.start, name.end),)
                found[-1] = replace(
                    above, text=text, key=squash(text), words=above.words + name.words, more=more
                )
                continue
        found.append(name)
    return found


def _is_one_brand(above: Name, below: Name, layout: Layout) -> bool:
    """True for two rows of the same large print, one centred under the other."""
    one, other = above.segment, below.segment
    return (
        all(n.text == n.segment.text and _is_brand(n.segment, layout) for n in (above, below))
        and max(one.height, other.height) < LARGE * min(one.height, other.height)
        and abs((one.x0 + one.x1) - (other.x0 + other.x1)) < 2 * _CENTRED
        and other.top - one.bottom < one.height
        and len(above.text) + len(below.text) < _MAX_NAME
    )


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


def _is_brand(segment: Segment, layout: Layout) -> bool:
    """True for large print that stands alone in a row of the page's head."""
    return (
        segment.height > LARGE * layout.usual_height
        and segment.top < _HEAD * layout.page_height
        and len(layout.row_of(segment)) == 1
    )


def _reads_like_a_name(
    text: str, words: tuple[str, ...], data: Labels, *, is_brand: bool = False
) -> bool:
    if all(len(word) == 1 for word in words):
        # "I N V O I C E" is a title, spaced out.
        return False
    if not words or not (
        is_brand or text[0].isupper() or text[0].isdigit() or has_legal_form(text, words, data)
    ):
        return False
    if squash(text) in data.phrases or squash(text) in data.types:
        return False
    if len(words) < 4 and (words[-1] in data.no_name or words[-1] in data.types):
        return False
    return words[0] not in data.no_name


def has_legal_form(text: str, words: tuple[str, ...], data: Labels) -> bool:
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


def is_party(label: Label) -> bool:
    """Return whether a label names one of the parties."""
    return any(field in PARTIES for field in label.fields)


def addresses_somebody(text: str) -> bool:
    """Return whether a line begins as one writes to somebody: "Mrs A. Miller"."""
    return squash(text.partition(" ")[0]) in _WRITTEN_TO


def is_attention(text: str) -> bool:
    """Return whether a line of an address tells a person within the company."""
    return _ATTENTION.match(text) is not None


def is_mid_sentence(text: str, start: int) -> bool:
    """Return whether so much of a text stands before a place that it is within a sentence."""
    return sum(c.isalpha() for c in text[:start]) > 12


def name_at(
    layout: Layout,
    own: Segment,
    end: int,
    found: list[tuple[Segment, int, int, float]],
    by_segment: dict[int, list[Name]],
) -> Name | None:
    """Return the first name that stands in one of the places of a label's value.

    `own` is the label's segment, `end` where in it the label ends.
    """
    for segment, start, stop, _ in found:
        for name in by_segment.get(id(segment), ()):
            if name.start >= start - 1 and name.end <= stop + 1:
                if segment is not own or name.start >= end:
                    return name
            elif segment is own and name.start < end < name.end and name.end - end > 3:
                text = name.text[end - name.start :].strip(" :,.-#")
                if len(text) > 2:
                    return Name(
                        text, segment, name.end - len(text), name.end, squash(text), _words(text)
                    )
    return None


def same(a: str, b: str) -> bool:
    """Return whether two names are one, or one is the longer form of the other."""
    one, two = squash(a), squash(b)
    return one == two or (min(len(one), len(two)) > 5 and (one in two or two in one))
