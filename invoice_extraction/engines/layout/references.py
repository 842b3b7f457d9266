"""Numbers, dates and identifiers by their labels."""

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from invoice_extraction.engines.layout import labels as label_data
from invoice_extraction.engines.layout.candidates import Day, Label, Layout
from invoice_extraction.engines.layout.labels import Labels, Token, squash
from invoice_extraction.engines.layout.lines import Segment

_ID_WORD = re.compile(r"^[#(]?(?=[^\s]*\d)[^\W_][\w./\\#*&+-]*$")
ID_HEAD = re.compile(r"^[A-Z]{1,6}[.-]?$")
"""Capitals that an identifier begins with, apart from its digits."""
_ID_NAME = re.compile(r"^(?=.{5,40}$)[A-Z]{2,}(?:[-_./][A-Z]+)+$")
"""An identifier without a digit: groups of capitals, "INV-CT-OCTET"."""
_SUM = re.compile(r"\d+[.,]\d{2}$")
_ORDER = re.compile(r"P\.?O\.?[\s#:-]*\d")
_LEAD = re.compile(
    r"^[\s:.#°º=*()/-]*(?:o\b[\s:.#°º=*()/-]*)?(?:(?:no|nr|n[°º]|number|nummer|num|sz|č|št)(?!\w)[\s.:#]*)?",
    re.IGNORECASE,
)
_TIME = re.compile(r"(?<![\d:.])[0-2]?\d:[0-5]\d(?!\d)")

_GROUPS = re.compile(r"\d{1,4}(?: \d{2,4})+(?= *$)")
"""A number printed in groups, "801 224 118", with nothing behind it."""

_PLACED = re.compile(
    r"[^\W\d_][^\d,;:]{1,30},(?: (?:den|am|the|le|il|lì|em|a|dnia|dne|den|d\.))?\s*$"
)
"""What stands before the date of a letter: "Köln, den", "Lyon, le"."""

_FLUSH = 8.0
"""Points by which the beginnings of what stands in one column differ at most."""

_ABBREVIATED = re.compile(r"[^\W\d_]{1,4}\. ?:\s*$")
"""The "doc.:" of "Data doc.:", which is a part of the label."""

_NO_NUMBER = re.compile(r"NO \d{3} \d{3} \d{3}(?!\d)|P\.? ?O\.? ?box\b", re.IGNORECASE)
"""A number of Norway's register, whose "NO" is the country, and a box at a post office."""

_AS_DATE = 0.6
"""The prior of a number that reads as a date ("9/10/2031", the ninth of October), where another is one."""

_LONGEST_TITLE = 7
"""Words of a title with its number at most."""
_TITLE_ENDS = 0.8
_HEADS = 3
"""Heads of columns that make a row a table's."""
_YEAR = re.compile(r"(?:19|20)\d\d$")
"""What ends a title, and is no number: "Rent, second quarter of 2026"."""

_TITLED = 0.6
"""The prior of a short code behind the document's title."""

_AFTER_COLON = 0.9
"""How near a date is to a label with more words and a colon between them."""

_ASIDE = re.compile(r"\([^()]*\)")

_LEAD_IN = 25
"""So many letters before a label make it part of a sentence."""

BESIDE = 0.97
"""How near a value is that stands on its label's own row."""


@dataclass(frozen=True, slots=True)
class Found:
    """A text that was found for a field: where it stands, and the prior that it is right.

    `more` are the places in rows below where it goes on.
    """

    text: str
    segment: Segment
    start: int
    end: int
    score: float
    value: date | None = None
    more: tuple[tuple[Segment, int, int], ...] = ()


def number(layout: Layout, strong: str, weak: str | None = None) -> Found | None:
    """Return the identifier beside the best label of a field, None where no label has one."""
    best: Found | None = None
    as_date: Found | None = None
    for label in layout.labels:
        field = label.fields[0] if label.fields[0] in (strong, weak) else None
        if field is None and strong in label.fields:
            field = strong
        if field is None:
            continue
        base = 0.9 if field == strong else 0.55
        if field == weak and _follows_title(layout, label):
            field, base = strong, 0.88
        if sum(c.isalpha() for c in label.segment.text[: label.start]) > _LEAD_IN:
            base -= 0.2
        if _NO_NUMBER.match(label.segment.text, label.start):
            continue
        named = _is_named(label)
        for segment, start, end, factor in places(layout, label):
            found = identifier(segment, start, end)
            if found is None and field == strong and factor >= BESIDE:
                found = _named(segment, start, end)
            if found is None:
                continue
            text = segment.text[found[0] : found[1]]
            if _is_date(layout, segment, found[0]):
                if field == strong and "/" in text and as_date is None:
                    as_date = Found(text, segment, found[0], found[1], _AS_DATE)
                continue
            if _SUM.match(text):
                continue
            if field == weak and not (named or _is_clear(text, segment, found[0])):
                if not _is_whole_title(label, segment, found):
                    continue
                score = _TITLED
            else:
                score = base * factor
            if best is None or score > best.score + 0.01:
                best = Found(text, segment, found[0], found[1], score)
            break
    if weak is not None and (best is None or best.score < _TITLED):
        titled = _behind_title(layout)
        if titled is not None and (best is None or best.segment is not titled.segment):
            best = titled
    return best if best is not None or len({d.text for d in layout.days}) < 2 else as_date


def _behind_title(layout: Layout) -> Found | None:
    """Return the identifier that ends a title: "Factura de venta 2026-118", "Facture acquittée n° 118".

    None where there is none, or where a label of another number stands before it.
    """
    data = label_data.load()
    for row in layout.rows:
        for segment in row:
            words = layout.tokens[id(segment)]
            if segment.page != layout.rows[0][0].page or len(segment.words) > _LONGEST_TITLE:
                continue
            if not words or not (_is_title(words[0], data) or _begins_title(words, data)):
                continue
            text = segment.text.rstrip()
            start = text.rfind(" ") + 1
            code = text[start:]
            labels = layout.labels_in(segment)
            is_other = any(
                "number" in f and not f.startswith("inv") for x in labels for f in x.fields
            )
            if is_other or not _ID_WORD.match(code) or not _is_clear(code, segment, start):
                continue
            if _YEAR.match(code):
                continue
            if not (_is_date(layout, segment, start) or _SUM.search(code)):
                return Found(code.lstrip("#"), segment, start, len(text), _TITLE_ENDS)
    return None


def _begins_title(words: list[Token], data: Labels) -> bool:
    return any("".join(t.text for t in words[:n]) in data.types for n in (2, 3))


def _is_named(label: Label) -> bool:
    """True for the "Invoice:" of "Invoice: A-1": what the document is called, and a colon."""
    return _is_type(label) and label.segment.text[label.end :].lstrip()[:1] == ":"


def _is_whole_title(label: Label, segment: Segment, found: tuple[int, int]) -> bool:
    """True for "Invoice AB-7": what the document is called and a code, with nothing around them."""
    text = segment.text
    if segment is not label.segment or label.start > 0 or found[1] < len(text.rstrip()):
        return False
    between = text[label.end : found[0]]
    is_code = any(c.isalpha() or c in "-/" for c in text[found[0] : found[1]])
    return is_code and not between.strip(" :.#°º") and _is_type(label)


def _is_type(label: Label) -> bool:
    return squash(label.segment.text[label.start : label.end]) in label_data.load().types


def _follows_title(layout: Layout, label: Label) -> bool:
    """True for the "Nr." of "Handelsrechnung (380) Nr. 4711", which says too little alone.

    The title may stand before it in its row, or right above it, with a date: "Facture du 4 mars 2031".
    """
    data = label_data.load()
    if squash(label.segment.text[label.start : label.end]) in data.types:
        return False
    if any(
        t.end <= label.start and _is_title(t, data) for t in layout.tokens[id(label.segment)][:2]
    ):
        return True
    if label.start > 1:
        return False
    before = [s for s in layout.row_of(label.segment) if s.x1 <= label.segment.x0][-1:]
    above = [s for s in layout.above(label.segment) if abs(s.x0 - label.segment.x0) < _FLUSH]
    dated = {id(day.segment) for day in layout.days}
    return any(
        (len(layout.tokens[id(s)]) <= 2 or id(s) in dated)
        and any(_is_title(t, data) for t in layout.tokens[id(s)][:2])
        for s in (*before, *above)
    )


def _is_title(token: Token, data: Labels) -> bool:
    return token.text in data.types or token.text.endswith(tuple(data.invoice_endings))


def _is_clear(text: str, segment: Segment, start: int) -> bool:
    """True where a text is an identifier in itself, as it must be beside a label that says little."""
    is_code = len(text) > 4 and text.isalnum() and text.isupper()
    return (is_code or sum(c.isdigit() for c in text) >= 3) and not segment.text[:start].endswith(
        "("
    )


def heads_table(row: Sequence[Segment]) -> bool:
    """Return whether a row holds the heads of a table: what stands below them is no label's value."""
    columns = label_data.load().columns
    return len(row) >= _HEADS and sum(s.key in columns for s in row) >= _HEADS


def places(layout: Layout, label: Label) -> list[tuple[Segment, int, int, float]]:
    """Return where a label's value can stand, best first: segment, start, end, how near it is.

    The rest of its segment up to the next label; when that is empty the next segments to the right;
    then what stands below it.
    """
    segment = label.segment
    behind = label.end
    end = len(segment.text)
    for following in layout.labels_in(segment):
        if following.start < behind:
            continue
        if segment.text[behind : following.start].strip(" .") != "/":
            end = following.start
            break
        # "No. / Date: 4711 / 14.03.2026": the values follow all the labels.
        behind = following.end
    start = behind + _lead(segment.text[behind:end])
    if _ABBREVIATED.match(segment.text[start:end]):
        start = end
    found: list[tuple[Segment, int, int, float]] = []
    if segment.text[start:end].strip(" :.-()#"):
        found.append((segment, start, end, 1.0))
    else:
        right = [s for s in layout.row_of(segment) if s.x0 >= segment.x1]
        for other in right[:3]:
            lead = _lead(other.text)
            if other.text[lead:].strip():
                if any(_is_all(x) for x in layout.labels_in(other)[:1] if x.start <= lead):
                    break
                found.append((other, lead, len(other.text), BESIDE))
                break
    found += [(s, 0, len(s.text), f) for s, f in layout.below(segment, label.start)]
    return found


def _lead(text: str) -> int:
    """Return how long the punctuation and the "No." before a value are."""
    match = _LEAD.match(text)
    return match.end() if match else 0


def _is_all(label: Label) -> bool:
    """True where a label is the whole of its segment, or a colon follows it: a label, no value."""
    text = label.segment.text
    rest = text[label.end :]
    letters = sum(c.isalpha() for c in text)
    own = sum(c.isalpha() for c in text[label.start : label.end])
    return rest.lstrip().startswith(":") or own * 5 >= letters * 4


def preceding(layout: Layout) -> tuple[Found | None, Found | None]:
    """Return number and date of the invoice that a credit note corrects (BG-3).

    The date is the one beside the number or right below it.
    """
    found = number(layout, "preceding_number")
    if found is None:
        return None, None
    for day in layout.days:
        if _belongs(day, found):
            return found, _dated(day, 0.8)
    return found, None


def _belongs(day: Day, other: Found) -> bool:
    a, b = day.segment, other.segment
    if a.page != b.page:
        return False
    if a.row == b.row:
        return a.x0 >= b.x0
    near = 0 < a.top - b.bottom <= 2.5 * max(b.height, 6.0)
    return near and min(abs(a.x0 - b.x0), abs(a.x1 - b.x1)) < 30


def issue_date(
    layout: Layout, invoice: Found | None, corrected: Found | None = None
) -> Found | None:
    """Return the date of issue: labelled, or the only date at the top of the first page.

    Of dates beside a word that says little ("vom") the one beside the invoice's number is meant:
    "Invoice 4711 of 5 March". The date beside the number of a `corrected` invoice is that one's.
    """
    labelled = _labelled_days(layout)
    if corrected is not None:
        for field, days in labelled.items():
            labelled[field] = [day for day in days if not _belongs(day, corrected)]
    if labelled["issue_date"]:
        return _dated(labelled["issue_date"][0], 0.95)
    weak = labelled["date_weak"]
    beside = [d for d in weak if invoice is not None and _on_one_row(d.segment, invoice.segment)]
    placed = [d for d in layout.days if _is_placed(d)]
    if placed and not beside and len({d.text for d in placed}) == 1:
        return _dated(placed[0], 0.8)
    if weak:
        return _dated((beside or weak)[0], 0.9 if beside else 0.8)
    other = {id(d) for f in ("due_date", "other_date") for d in labelled[f]}
    free = [d for d in layout.days if id(d) not in other]
    head = [
        d
        for d in free
        if d.segment.page == layout.days[0].segment.page
        and d.segment.top < layout.page_height * 0.45
    ]
    # A till prints the time of the sale with its day.
    rows = {(d.segment.page, d.segment.row) for d in free}
    times = {at for at in rows if any(_TIME.search(s.text) for s in layout.row_at(*at))}
    timed = [d for d in free if (d.segment.page, d.segment.row) in times]
    for days, score in ((head, 0.7), (timed, 0.65), (free, 0.6)):
        if len({d.value or d.text for d in days}) == 1:
            return _dated(days[0], score)
    return None


def _is_placed(day: Day) -> bool:
    """True for the date of a letter, behind the place where it was written: "Köln, 22.04.2025"."""
    text = day.segment.text
    return day.end == len(text.rstrip()) and _PLACED.match(text[: day.start]) is not None


def _on_one_row(a: Segment, b: Segment) -> bool:
    return a.page == b.page and a.row == b.row


def due_date(layout: Layout, issued: Found | None) -> Found | None:
    """Return the labelled due date; None where it is before the date of issue."""
    for day in _labelled_days(layout)["due_date"]:
        if issued is None or issued.value is None or day.value is None or day.value >= issued.value:
            return _dated(day, 0.9)
    return None


def _labelled_days(layout: Layout) -> dict[str, list[Day]]:
    """Return the dates by what stands beside them, in reading order, the nearest label winning."""
    by_segment: dict[int, list[Day]] = defaultdict(list)
    for one in layout.days:
        by_segment[id(one.segment)].append(one)
    taken: dict[int, tuple[float, str]] = {}
    heads = {id(s) for row in layout.rows if heads_table(row) for s in row}
    for label in layout.labels:
        field = next(
            (f for f in label.fields if f in ("issue_date", "date_weak", "due_date", "other_date")),
            None,
        )
        if field is None or (field == "date_weak" and id(label.segment) in heads):
            # The days below the head of a table are those of its items.
            continue
        own = by_segment.get(id(label.segment), ())
        if field != "date_weak" and len(own) == 1 and own[0].start > label.end:
            # "Date of issue, as by Art. 12 of the Tax Act: 31.10.2026"
            text = _ASIDE.sub("", label.segment.text[label.end : own[0].start]).rstrip()
            if text.endswith(":") and taken.get(id(own[0]), (0.0, ""))[0] < _AFTER_COLON:
                taken[id(own[0])] = (_AFTER_COLON, field)
        for segment, start, end, factor in places(layout, label):
            beside = by_segment.get(id(segment), ())
            day = next((d for d in beside if start <= d.start < end), None)
            if day is None:
                continue
            # A date deep in a sentence is the label's only when it follows at once.
            if segment is label.segment and day.start - start > 12:
                break
            if factor > taken.get(id(day), (0.0, ""))[0]:
                taken[id(day)] = (factor, field)
            break
    found: dict[str, list[Day]] = defaultdict(list)
    for one in layout.days:
        if id(one) in taken:
            found[taken[id(one)][1]].append(one)
    return found


def identifier(segment: Segment, start: int, end: int) -> tuple[int, int] | None:
    """Return where an identifier stands at the beginning of a piece of text, None where none does."""
    text = segment.text[start:end]
    at = start + len(text) - len(text.lstrip(" :#.-("))
    grouped = _GROUPS.match(segment.text[:end], at)
    if grouped:
        return at, grouped.end()
    position, last = at, None
    for word in segment.text[at:end].split(" "):
        stop = position + len(word)
        clean = word.rstrip(",;:.)")
        if _ID_WORD.match(clean):
            if last is not None and not any(c.isdigit() for c in segment.text[at:last]):
                last = position + len(clean)
                break
            last = position + len(clean)
            break
        if not (ID_HEAD.match(word) and last is None):
            return None
        position = stop + 1
    if last is None:
        return None
    while segment.text[at] in "#(":
        at += 1
    return (at, last) if last > at else None


def order_in(reference: Found | None) -> Found | None:
    """Return a buyer's reference that names itself an order ("PO445"); None for any other."""
    if reference is None or not _ORDER.match(reference.text):
        return None
    return replace(reference, score=reference.score - 0.2)


def _named(segment: Segment, start: int, end: int) -> tuple[int, int] | None:
    """Return where an identifier of letters alone begins a piece of text, None where none does."""
    text = segment.text[start:end]
    at = start + len(text) - len(text.lstrip(" :#.-("))
    word = segment.text[at:end].partition(" ")[0].rstrip(",;:.)")
    return (at, at + len(word)) if _ID_NAME.match(word) else None


def _is_date(layout: Layout, segment: Segment, at: int) -> bool:
    return any(d.segment is segment and d.start <= at < d.end for d in layout.days)


def _dated(day: Day, score: float) -> Found:
    return Found(day.text, day.segment, day.start, day.end, score if day.value else 0.4, day.value)
