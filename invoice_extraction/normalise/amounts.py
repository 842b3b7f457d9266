"""Printed amounts to Decimal, digits kept; a doubtful separator is None, never a guess."""

import re
import unicodedata
from collections.abc import Iterable
from decimal import Decimal
from typing import Literal

NumberStyle = Literal[",", "."] | None
"""The decimal mark of a document; None where its amounts do not tell."""

LIMIT = Decimal(10) ** 15
"""No invoice states so much; a larger number is an identifier that was taken for an amount."""

SPACES = "\u0020\u00a0\u2009\u202f\u2007"
APOSTROPHES = "'’´`"
MINUSES = "-\u2212\u2010\u2011\u2012\u2013\u2014"

# A number with its separators. A space joins groups only before exactly three digits.
NUMBER = re.compile(
    rf"(?<!\d)(?:(?<!\w)[.,](?=\d{{1,2}}(?!\d)))?"
    rf"\d+(?:(?:[.,{APOSTROPHES}]|[{SPACES}](?=\d{{3}}(?!\d)))\d+)*"
)
_WHOLE_MARK = re.compile(rf"[.,][{MINUSES}]{{1,2}}(?=\s|$|[^\d])|[.,]$")
_CREDIT = re.compile(r"(?<![^\W\d_])CR\.?$", re.IGNORECASE)
_TWO_DECIMALS = re.compile(r"(?<![\d.,])\d{1,3}(?:([.,'’ ]?)\d{3}){0,6}([.,])\d{2}(?![\d]|[.,]\d)")
_FOREIGN_MARKS = str.maketrans({"٫": ".", "٬": ",", "，": ",", "．": "."})


def parse(text: str, style: NumberStyle = None) -> Decimal | None:
    """Return the one number that `text` states, its printed decimals kept.

    Currency marks may stand around it; parentheses, a minus before or after it and a trailing CR
    make it negative. None when there is no number, more than one, or when its only separator could
    mean either ("1.234") and `style` does not say.
    """
    text = plain_digits(text).strip()
    found = NUMBER.findall(text)
    if len(found) != 1:
        return None
    value = number(found[0], style)
    if value is None:
        return None
    return -value if _is_negative(text, found[0]) else value


def number(digits: str, style: NumberStyle = None) -> Decimal | None:
    """Return the value of bare digits and separators; None where they are doubtful or malformed."""
    for mark in APOSTROPHES:
        digits = digits.replace(mark, "'")
    marks = [c for c in digits if not c.isdigit()]
    if not marks:
        return _limited(digits)
    last = marks[-1]
    if last not in ".,":
        return (
            _limited("".join(digits.split()).replace("'", "")) if _grouped(digits, last) else None
        )
    whole, _, decimals = digits.rpartition(last)
    if len(set(marks)) > 2:
        return None
    others = marks[:-1]
    if others and others[-1] != last:
        # Two different marks: the last is the decimal one, the other groups.
        grouping = others[-1]
        if last in others or not _grouped(whole, grouping):
            return None
        return _limited(_bare(whole) + "." + decimals)
    if others:
        # The same mark twice can only group.
        return _limited(_bare(digits)) if _grouped(digits, last) else None
    if len(decimals) != 3 or len(whole) > 3 or whole in ("", "0"):
        return _limited((whole or "0") + "." + decimals)
    if style is None:
        return None
    return _limited(whole + "." + decimals) if style == last else _limited(whole + decimals)


def percent(text: str, style: NumberStyle = None) -> Decimal | None:
    """Return a percentage as printed ("19 %" is 19); the number before the sign where several stand."""
    text = plain_digits(text)
    head, sign, _ = text.partition("%")
    found = NUMBER.findall(head if sign else text)
    if not found or (len(found) > 1 and not sign):
        return None
    # No rate has thousands: a separator can only be the decimal mark.
    value = number(found[-1], "," if "," in found[-1] else ".")
    if value is None or value > 1000:
        return None
    return -value if _is_negative(head.strip(), found[-1]) else value


def style_of(texts: Iterable[str]) -> NumberStyle:
    """Return the decimal mark that the amounts among `texts` agree on, None where they do not.

    Only amounts with two decimals count, and those with a grouping mark twice: "12.50" is clear in
    itself, and what it tells is how "1.234" beside it is meant. A few against many are taken for
    foreign matter (a version number, a clause).
    """
    votes = {",": 0, ".": 0}
    # One search for all of them; no amount goes over the mark between two.
    for group, mark in _TWO_DECIMALS.findall("\0".join(texts)):
        if group != mark:
            votes[mark] += 2 if group else 1
    comma, dot = votes[","], votes["."]
    if comma > 3 * dot:
        return ","
    return "." if dot > 3 * comma else None


def style_by_decimals(text: str, decimals: int) -> NumberStyle:
    """Return the decimal mark that an amount of a currency with so many decimals must have.

    "12,345" of a currency without decimals groups by its comma; with three, the dot of "12.345" is the
    decimal mark. None where the decimals do not tell: "12,345" with three is written either way.
    """
    marks = {c for c in plain_digits(text) if c in ".,"}
    if len(marks) != 1:
        return None
    mark = marks.pop()
    if decimals == 0:
        return "." if mark == "," else ","
    return "." if decimals == 3 and mark == "." else None


def plain_digits(text: str) -> str:
    """Return the text with digits of every script as 0 to 9."""
    if text.isascii():
        return text
    text = text.translate(_FOREIGN_MARKS)
    return "".join(
        str(unicodedata.decimal(c)) if not c.isascii() and c.isdecimal() else c for c in text
    )


def _is_negative(text: str, digits: str) -> bool:
    before, _, after = text.partition(digits)
    after = _WHOLE_MARK.sub("", after, count=1) if after[:1] in ".," else after
    before, after = before.strip(), after.strip()
    if "(" in before and ")" in after:
        return True
    if after and after[0] in MINUSES:
        return True
    if _CREDIT.search(after):
        return True
    # A minus may stand before or behind the currency mark, but a dash in a word is none.
    return bool(before) and (before[-1] in MINUSES or (before[0] in MINUSES and len(before) < 6))


def _grouped(digits: str, mark: str) -> bool:
    """True for 1.234.567 and for the Indian 7,08,000: only then does `mark` group."""
    parts = digits.split() if mark in SPACES else digits.split(mark)
    if len(parts) < 2:
        return True
    head, *middle, tail = parts
    if len(tail) != 3 or not 1 <= len(head) <= 3 or not all(p.isdigit() for p in parts):
        return False
    if all(len(p) == 3 for p in middle):
        return True
    return len(head) <= 2 and all(len(p) == 2 for p in middle)


def _bare(digits: str) -> str:
    return "".join(c for c in digits if c.isdigit())


def _limited(digits: str) -> Decimal | None:
    value = Decimal(digits)
    return value if value < LIMIT else None
