"""What stands on the pages: labels, amounts and dates, each with its place."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from string import ascii_letters

import msgspec
from msgspec.structs import replace

from invoice_extraction.engines.layout import labels as label_data
from invoice_extraction.engines.layout.countries import named_countries
from invoice_extraction.engines.layout.labels import HEAD as _HEAD
from invoice_extraction.engines.layout.labels import Labels, Token, tokens
from invoice_extraction.engines.layout.lines import Segment, rows
from invoice_extraction.model.document import Document
from invoice_extraction.model.hints import SellerHints
from invoice_extraction.model.options import Options
from invoice_extraction.normalise import amounts, currency, dates
from invoice_extraction.normalise.amounts import NUMBER, NumberStyle
from invoice_extraction.normalise.dates import DateOrder

SLIP = 0.65
"""A page so narrow for its height came out of a till."""

_CURRENCY_BEFORE = re.compile(r"(?:([^\W\d_]{1,3}\.?|[^\W\d_]{0,3}[^\w\s.,:;()#*/'+-]))\s?[-−]?$")
_CURRENCY_AFTER = re.compile(r"^\s?([^\W\d_]{2,3}\b|[^\w\s.,:;()#*/'+%-])")
_NEAR = 40  # characters on either side that say what a number is
_TAX_LETTER = re.compile(r"^\s?\*?[A-Z]?\*?(?=\s|$)")
_DECIMALS = re.compile(r"[.,]\d{2}$")
_WHOLE = re.compile(r"^[.,][-−–]{1,2}")
_PERCENT = re.compile(r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,3})?)\s?%")
_INTO_NUMBER = re.compile(r"[-_/](?:[A-Z]+[-_/]?)*\d|(?<![^\W\d_]{5})(?<=[^\W\d_])\d")
"""What follows the "PO" of "PO-7781", "PO-A-7781" and "PO7781": a number's own beginning, no label."""
_BEFORE_PART, _AFTER_PART = re.compile(r"[A-Z0-9][-_/]$"), re.compile(r"[-_/][A-Z0-9]")
"""What stands round the "PI" of "INV-PI-IMG": a part of a number, no label."""
_INSIDE = ("/", "#", "_")
_SIGN = ("-", "−", "–", "+", "(", ")")
_GROUPED = re.compile(r"(?<![\d.,])[1-9]\d{0,2}([.,])\d{3}(?:\1\d{3})*(?![\d.,])")
_FRACTION = re.compile(r"\d[.,]\d{1,2}(?![\d.,/-])(?!\s?%)")
_THOUSANDS = re.compile(r"[-−(]?[1-9]\d{0,2}(?:[., '’\u00a0\u202f]\d{3})+[)-]?$")
_AROUND = " -)€" + ascii_letters
"""What may stand behind an amount's digits."""
_SEVERAL = 3
"""So many numbers that could be thousands are."""
_BARE_RATE = re.compile(r"(?<![\d.,/-])\d{1,2}(?:[.,]\d{1,2})?(?![\d.,/-])")
_MOST_RATES = 50
"""More percentages than these are no taxes' rates, but for the usual ones."""
USUAL_RATES = frozenset(
    Decimal(rate)
    for rate in [
        "5",
        "5.5",
        "6",
        "7",
        "7.7",
        "8",
        "8.1",
        "9",
        "10",
        "12",
        "13",
        "13.5",
        "14",
        "15",
        "16",
        "17",
        "18",
        "19",
        "20",
        "21",
        "22",
        "23",
        "24",
        "25",
        "27",
    ]
)
"""Rates of VAT and GST in use, which a column headed "%" holds without the sign."""


class Label(msgspec.Struct, frozen=True):
    """A phrase of the data that stands in a segment, from `start` to `end` of its text."""

    fields: tuple[str, ...]
    segment: Segment
    start: int
    end: int


class Amount(msgspec.Struct, frozen=True):
    """A number that can be money. `is_money` where its print says so: two decimals, or a currency."""

    segment: Segment
    start: int
    end: int
    text: str
    value: Decimal
    is_money: bool
    currency: str | None


class Day(msgspec.Struct, frozen=True):
    """A date; `value` is None where day and month could be either way round."""

    segment: Segment
    start: int
    end: int
    text: str
    value: date | None


@dataclass(frozen=True)
class Layout:
    """A document as candidates; everything is in reading order: page, row, left to right."""

    rows: list[list[Segment]]
    tokens: dict[int, list[Token]]
    labels: list[Label]
    amounts: list[Amount]
    days: list[Day]
    rates: frozenset[Decimal]
    style: NumberStyle
    order: DateOrder
    language: str | None
    countries: frozenset[str]
    page_height: float
    page_width: float
    by_ocr: bool

    @cached_property
    def _labels_by_segment(self) -> dict[int, list[Label]]:
        found: dict[int, list[Label]] = {}
        for label in self.labels:
            found.setdefault(id(label.segment), []).append(label)
        return found

    @cached_property
    def _row_index(self) -> dict[tuple[int, int], int]:
        return {(row[0].page, row[0].row): n for n, row in enumerate(self.rows)}

    @cached_property
    def usual_height(self) -> float:
        """The height in points that half of the segments have at most."""
        heights = sorted(segment.height for row in self.rows for segment in row)
        return heights[len(heights) // 2] if heights else 10.0

    @cached_property
    def is_whole(self) -> bool:
        """True where money is printed without decimals throughout: "690" is an amount as "1 450" is one."""
        money = [amount.text.rstrip(_AROUND) for amount in self.amounts if amount.is_money]
        return bool(money) and not any(_DECIMALS.search(text) for text in money)

    def labels_in(self, segment: Segment) -> list[Label]:
        """Return the labels of one segment, left to right."""
        return self._labels_by_segment.get(id(segment), [])

    def row_of(self, segment: Segment) -> list[Segment]:
        """Return the row that a segment stands in."""
        return self.rows[self._row_index[segment.page, segment.row]]

    def row_at(self, page: int, row: int) -> list[Segment]:
        """Return a row by its page and its number on it."""
        return self.rows[self._row_index[page, row]]

    def rows_below(self, segment: Segment, count: int) -> list[list[Segment]]:
        """Return up to `count` rows below a segment's, on its page."""
        index = self._row_index[segment.page, segment.row]
        return [r for r in self.rows[index + 1 : index + 1 + count] if r[0].page == segment.page]

    def above(self, segment: Segment) -> list[Segment]:
        """Return what stands in the row right above a segment, where it is near."""
        index = self._row_index[segment.page, segment.row]
        row = self.rows[index - 1] if index else []
        return [
            s
            for s in row
            if s.page == segment.page and segment.top - s.bottom < 3 * max(segment.height, 6.0)
        ]

    def below(self, segment: Segment, start: int = 0) -> list[tuple[Segment, float]]:
        """Return what stands right below the text of a segment from `start` on, and how near.

        At most three heights further down, on the same page, in the same column.
        """
        x0 = segment.box(start, start + 1)[0] if start else segment.x0
        height = max(segment.height, 6.0)
        found = []
        index = self._row_index[segment.page, segment.row]
        for row in self.rows[index + 1 : index + 4]:
            if row[0].page != segment.page:
                break
            for other in row:
                gap = other.top - segment.bottom
                if gap > 3 * height or other.x1 < x0 or other.x0 > segment.x1:
                    continue
                aligned = abs(other.x0 - x0) < 6 or abs(other.x1 - segment.x1) < 6
                found.append((other, (0.85 if aligned else 0.65) - 0.05 * max(gap, 0) / height))
            if found:
                break
        return found


def layout(document: Document, options: Options, known: SellerHints | None = None) -> Layout:
    """Return the candidates of a document; what is `known` of its seller's numbers and dates helps."""
    data = label_data.load()
    all_rows = [row for page in document.pages if page.words for row in rows(page)]
    segments = [segment for row in all_rows for segment in row]
    texts = [segment.text for segment in segments]
    by_ocr = {page.number for page in document.pages if page.origin == "ocr"}
    token_map = {
        id(s): tokens(label_data.as_letters(s.text) if s.page in by_ocr else s.text)
        for s in segments
    }
    found = [label for s in segments for label in _labels(s, token_map[id(s)], data)]
    language = options.language or _language(token_map.values(), found, data)
    if by_ocr:
        for segment in segments:
            if segment.page in by_ocr:
                words = token_map[id(segment)]
                token_map[id(segment)] = [label_data.mended(w, language, data) for w in words]
        found = [label for s in segments for label in _labels(s, token_map[id(s)], data)]
        language = options.language or _language(token_map.values(), found, data)
    found = [_in_language(label, language, data) for label in found]
    countries = named_countries(texts, token_map.values())
    # Two countries are a seller's and a buyer's, and nothing says which is whose.
    country = next(iter(countries)) if len(countries) == 1 else None
    style = (
        amounts.style_of(texts)
        or (known.number_style if known else None)
        or _style_of_groups(texts)
    )
    order = (known.date_order if known else None) or dates.order_of(
        texts, language, country or _day_first(countries)
    )
    days = [day for s in segments for day in _days(s, order, language)]
    taken: dict[int, list[tuple[int, int]]] = {}
    for day in days:
        taken.setdefault(id(day.segment), []).append((day.start, day.end))
    first = next(page for page in document.pages if page.words)
    found_amounts = [a for s in segments for a in _amounts(s, style, country, taken.get(id(s), []))]
    return Layout(
        rows=all_rows,
        tokens=token_map,
        labels=found,
        amounts=_whole(found_amounts),
        days=days,
        rates=frozenset(_rates(texts)),
        countries=countries,
        style=style,
        order=order,
        language=language,
        page_height=first.height,
        page_width=first.width,
        by_ocr=first.number in by_ocr,
    )


def _style_of_groups(texts: list[str]) -> NumberStyle:
    """Return the decimal mark of a document whose amounts have none: "45.000" and "8.550" are thousands.

    None where a single one may have three decimals, or another form of number stands there.
    """
    marks = [mark for text in texts for mark in _GROUPED.findall(text)]
    if len(marks) < _SEVERAL or len(set(marks)) > 1 or any(_FRACTION.search(t) for t in texts):
        return None
    return "," if marks[0] == "." else "."


def _day_first(countries: frozenset[str]) -> str | None:
    """Return one of several countries that all write the day first; None where one does not."""
    if not countries or countries & {*dates.MONTH_FIRST_COUNTRIES, "CA"}:
        return None
    return min(countries)


def _labels(segment: Segment, found: list[Token], data: Labels) -> list[Label]:
    """Return the longest phrases, left to right, none over another."""
    labels: list[Label] = []
    n = 0
    while n < len(found):
        head = found[n]
        if not head.is_word:
            n += 1
            continue
        compound = data.compound(head.text)
        if compound is not None:
            labels.append(Label(compound, segment, head.start, head.end))
            n += 1
            continue
        if head.text[:_HEAD] not in data.heads:
            n += 1
            continue
        text, best, best_end = "", None, n
        for m in range(n, min(n + 8, len(found))):
            token = found[m]
            if not token.is_word:
                # "Total incl. 19 % VAT": a rate inside a phrase is no part of it.
                if token.text.endswith("%") and m > n:
                    continue
                break
            text += token.text
            if len(text) > data.longest or text[:_HEAD] not in data.heads:
                break
            entry = data.phrases.get(text)
            if entry is not None:
                best, best_end = entry[0], m
        if best is None:
            n += 1
            continue
        end = found[best_end].end
        is_part = (
            segment.text[head.start : end].isupper()
            and _AFTER_PART.match(segment.text, end)
            and _BEFORE_PART.search(segment.text[: head.start])
        )
        if not is_part and not _INTO_NUMBER.match(segment.text, end):
            labels.append(Label(best, segment, head.start, end))
        n = best_end + 1
    return labels


def _in_language(label: Label, language: str | None, data: Labels) -> Label:
    """Return the label with the document's own meaning first, of a phrase that has another elsewhere."""
    if language is None or len(label.fields) == 1:
        return label
    text = label_data.squash(label.segment.text[label.start : label.end])
    own = data.own_fields.get((text, language))
    if own is None:
        return label
    return replace(label, fields=own + tuple(f for f in label.fields if f not in own))


def _days(segment: Segment, order: DateOrder, language: str | None) -> list[Day]:
    if not segment.has_digits:
        return []
    text = segment.text
    days = []
    for start, end, found in dates.find(text, language):
        value = dates.settled(found, order)
        days.append(Day(segment, start, end, text[start:end], value))
    return days


def _amounts(
    segment: Segment, style: NumberStyle, country: str | None, taken: list[tuple[int, int]]
) -> list[Amount]:
    if not segment.has_digits:
        return []
    text = amounts.plain_digits(segment.text)
    found = []
    for match in NUMBER.finditer(text):
        start, end = match.span()
        if any(start < b and a < end for a, b in taken):
            continue
        amount = _amount(segment, text, start, end, style, country)
        if amount is not None:
            found.append(amount)
    return found


def _amount(
    segment: Segment, text: str, start: int, end: int, style: NumberStyle, country: str | None
) -> Amount | None:
    begin = max(0, start - _NEAR)
    before, after = text[begin:start], text[end : end + _NEAR]
    if after.lstrip().startswith("%") or after.startswith((":", "/")) or before.endswith(_INSIDE):
        return None
    if before.endswith(":") and not _DECIMALS.search(text[start:end]):
        return None
    code, first, last = None, start, end
    left = _CURRENCY_BEFORE.search(before)
    if left and _is_currency(left[1], country):
        code, first = left[1], begin + left.start(1)
    right = _CURRENCY_AFTER.match(after)
    if right and _is_currency(right[1], country):
        code, last = code or right[1], end + right.end()
    if code is None and before[-1:].isalnum():
        return None
    if last == end and after[:1].isalpha() and not _TAX_LETTER.match(after):
        return None
    if code is not None and (head := text[begin:first].rstrip()).endswith(_SIGN):
        # "-$45.00": the sign stands before the currency.
        first = begin + len(head) - 1
    if before.endswith(_SIGN):
        # A dash inside an identifier is no minus.
        if before[-2:-1].isalnum() and code is None:
            return None
        first = min(first, start - 1)
    if after.startswith(_SIGN):
        if after[1:2].isalnum():
            return None
        last = max(last, end + 1)
    whole = _WHOLE.match(after)
    if whole:
        last = max(last, end + whole.end())
    value = amounts.parse(text[first:last], style)
    if value is None:
        return None
    is_money = bool(_DECIMALS.search(text[start:end])) or code is not None or whole is not None
    return Amount(segment, first, last, segment.text[first:last], value, is_money, code)


def _whole(found: list[Amount]) -> list[Amount]:
    """Return the amounts, in a currency without decimals those in thousands as money too."""
    money = [amount for amount in found if amount.is_money]
    whole = sum(bool(_THOUSANDS.match(amount.text)) for amount in found)
    if any(_DECIMALS.search(amount.text.rstrip(_AROUND)) for amount in money):
        return found
    if not money and whole < _SEVERAL:
        return found
    return [a if a.is_money else replace(a, is_money=bool(_THOUSANDS.match(a.text))) for a in found]


def _is_currency(text: str, country: str | None) -> bool:
    if text.endswith(".") and text[:-1] in currency.CODES:
        # "CAD. 14" is a street's number.
        return False
    return currency.parse(text, country) is not None or currency.is_shared(text)


def percentages(text: str) -> set[Decimal]:
    """Return the percentages of a text that can be a tax's rate."""
    rates = {amounts.percent(printed) for printed in _PERCENT.findall(text)}
    return {rate for rate in rates if rate is not None and 0 < rate < 50}


def _rates(texts: list[str]) -> set[Decimal]:
    """Return the percentages; with a "%" anywhere also numbers that are a tax's usual rate."""
    # One search for all of them; no rate goes over the mark between two.
    text = "\0".join(texts)
    if "%" not in text:
        return set()
    found = percentages(text)
    if len(found) > _MOST_RATES:
        found &= USUAL_RATES
    bare = {amounts.percent(printed) for printed in _BARE_RATE.findall(text)}
    return found | {rate for rate in bare if rate in USUAL_RATES}


def _language(found: Iterable[list[Token]], labels: list[Label], data: Labels) -> str | None:
    """Return the language of most labels and frequent words, None where two are as likely."""
    votes: Counter[str] = Counter()
    for label in labels:
        text = label_data.squash(label.segment.text[label.start : label.end])
        entry = data.phrases.get(text)
        if entry is not None and len(entry[1]) == 1:
            votes[entry[1][0]] += 2
    for segment_tokens in found:
        for token in segment_tokens:
            for language in data.common.get(token.text, ()):
                votes[language] += 1
    ranked = votes.most_common(2)
    if not ranked or ranked[0][1] < 3 or (len(ranked) > 1 and ranked[0][1] < 1.3 * ranked[1][1]):
        return None
    return ranked[0][0]
