"""Tax numbers on the pages: by their labels, and by forms that say so themselves."""

import re
from dataclasses import dataclass

from invoice_extraction.engines.layout.candidates import Label, Layout
from invoice_extraction.engines.layout.lines import Segment
from invoice_extraction.engines.layout.references import ID_HEAD, Found, places

_VAT = re.compile(
    r"(?<![A-Z0-9])(ATU\s?\d{8}|BE\s?[01]?\d{3}[. ]?\d{3}[. ]?\d{3}|BG\s?\d{9,10}"
    r"|CHE[-\s]?\d{3}\.?\d{3}\.?\d{3}(?:\s(?:MWST|TVA|IVA))?|CY\s?\d{8}[A-Z]|CZ\s?\d{8,10}"
    r"|DE\s?\d{3}\s?\d{3}\s?\d{3}|DK\s?\d{2}\s?\d{2}\s?\d{2}\s?\d{2}|EE\s?\d{9}|EL\s?\d{9}"
    r"|ES[- ]?[A-Z0-9]-?\d{7}-?[A-Z0-9]|FI\s?\d{7}-?\d|FR\s?[A-Z0-9]{2}\s?\d{3}\s?\d{3}\s?\d{3}"
    r"|GB\s?\d{3}\s?\d{4}\s?\d{2}|HR\s?\d{11}|HU\s?\d{8}|IE\s?\d[A-Z0-9+*]\d{5}[A-Z]{1,2}|IT\s?\d{11}"
    r"|LT\s?(?:\d{12}|\d{9})|LU\s?\d{8}|LV\s?\d{11}|MT\s?\d{8}|NL\s?\d{4}\.?\d{2}\.?\d{3}\.?B\.?\d{2}"
    r"|PL\s?\d{3}-?\d{3}-?\d{2}-?\d{2}|PT\s?\d{9}|RO\s?\d{4,10}|SE\s?\d{6}-?\d{4}(?:\s?01)?|SI\s?\d{8}"
    r"|SK\s?\d{10}|NO\d{9}|NO\s?\d{3}\s?\d{3}\s?\d{3}\s?MVA"
    # Not the Union's: Canada's and India's
    r"|\d{5}\s?\d{4}\s?RT\s?\d{4}|\d{2}[A-Z]{5}\d{4}[A-Z][1-9A-Z]Z[0-9A-Z])(?![A-Z0-9])"
)
"""A number of a tax on sales that is known by its form."""

_TAX_VALUE = re.compile(r"^[A-Z]{0,3}[\d][\dA-Z .\-/]*$|^[A-Z]{2,5}\d[\dA-Z]*$|^[A-Z0-9-]{8,18}$")


_NEAR = 16
"""Characters before an account's number that the word IBAN may stand in."""

_FORM_TOLD = 0.1
"""What a form of its own adds: a VAT number goes before the company's number at the tax office."""


@dataclass(frozen=True, slots=True)
class TaxNumber:
    """A tax number; `is_buyers` where its label says so: "Your VAT number"."""

    found: Found
    is_buyers: bool = False


def tax_numbers(layout: Layout) -> list[TaxNumber]:
    """Return the tax numbers on the pages in reading order."""
    numbers: list[TaxNumber] = []
    seen: set[tuple[int, int]] = set()
    for label in layout.labels:
        is_buyers = "buyer_tax_id" in label.fields
        if not is_buyers and "tax_id" not in label.fields:
            continue
        for segment, start, end, factor in places(layout, label)[:2]:
            # A label's value goes up to where another kind of text begins.
            text = segment.text[start:end]
            # The "MWST" of a Swiss number is a part of it, and a label elsewhere.
            known = _VAT.search(segment.text[start:])
            if known is not None and known.start() < 4:
                first, last = start + known.start(), start + known.end()
                factor += _FORM_TOLD
            else:
                leading = _leading_number(text.upper() if layout.by_ocr else text)
                if leading is None:
                    continue
                first, last = start, start + len(leading)
            if (id(segment), first) not in seen:
                seen.add((id(segment), first))
                printed = segment.text[first:last].strip()
                one = Found(printed, segment, first, last, 0.85 * factor)
                numbers.append(TaxNumber(one, is_buyers or _follows_buyer(layout, label)))
            break
    for row in layout.rows:
        for segment in row:
            for match in _VAT.finditer(segment.text) if segment.has_digits else ():
                if (id(segment), match.start()) not in seen and not _is_account(segment, match):
                    seen.add((id(segment), match.start()))
                    one = Found(match[0], segment, match.start(), match.end(), 0.87)
                    numbers.append(TaxNumber(one))
    return sorted(numbers, key=_place)


def _is_account(segment: Segment, match: re.Match[str]) -> bool:
    """True for what stands right behind the word IBAN."""
    return "IBAN" in segment.text[max(0, match.start() - _NEAR) : match.start()].upper()


def _place(number: TaxNumber) -> tuple[int, int, float, int]:
    found = number.found
    return found.segment.page, found.segment.row, found.segment.x0, found.start


def _follows_buyer(layout: Layout, label: Label) -> bool:
    """True for the label in "Customer / VAT number: ...": the buyer stands before it in its row."""
    return any(
        "buyer" in one.fields and one.start <= 1 and one.end <= label.start
        for one in layout.labels_in(label.segment)
    )


def _leading_number(text: str) -> str | None:
    words: list[str] = []
    for word in text.split(" "):
        clean = word.strip(",;()")
        if not clean or not (
            any(c.isdigit() for c in clean) or (not words and ID_HEAD.match(clean))
        ):
            break
        if not _TAX_VALUE.match(clean) and not (not words and ID_HEAD.match(clean)):
            break
        words.append(clean)
        if clean != word:
            break
    joined = " ".join(words)
    return joined if sum(c.isdigit() for c in joined) >= 6 else None
